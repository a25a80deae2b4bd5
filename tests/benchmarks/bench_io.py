"""How long opening a scan takes: `pytest -m benchmark -s tests/benchmarks/bench_io.py`.

Prints; asserts nothing about time. Each figure is from a fresh interpreter, since the first scan a
person opens also pays for importing nibabel.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest
from skimage.filters import gaussian

SHAPE = (256, 256, 190)
CODE = """
import sys, time
import core.io
from pathlib import Path
start = time.perf_counter()
scan = core.io.load(Path(sys.argv[1]))
first = time.perf_counter() - start
start = time.perf_counter()
core.io.load(Path(sys.argv[1]))
print(f"{first:.3f} {time.perf_counter() - start:.3f}")
"""
ORIENTATIONS = {
    "axial": np.diag([-1.0, 1.0, 1.0, 1.0]),
    "sagittal": np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]]),
}


def head_like(seed: int = 1) -> np.ndarray:
    """An int16 volume that compresses about as a head does: smooth tissue, noise, noisy air."""
    rng = np.random.default_rng(seed)
    coarse = gaussian(rng.normal(size=tuple(n // 2 for n in SHAPE)), 3)
    tissue = 600 + 4000 * np.kron(coarse, np.ones((2, 2, 2)))
    axes = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij", sparse=True)
    inside = sum((a / 0.8) ** 2 for a in axes) < 1
    return np.abs(np.where(inside, tissue, 0) + rng.normal(0, 12, SHAPE)).astype(np.int16)


@pytest.mark.benchmark
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_open_nifti(tmp_path: Path, suffix: str, orientation: str) -> None:
    path = tmp_path / f"scan{suffix}"
    nibabel.save(nibabel.Nifti1Image(head_like(), ORIENTATIONS[orientation]), path)
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(path)], capture_output=True, text=True, check=True
    )
    first, again = done.stdout.split()
    size = path.stat().st_size / 1e6
    print(
        f"\nopen {'x'.join(map(str, SHAPE))} int16 {suffix} ({size:.0f} MB, {orientation}): "
        f"{first} s the first time, {again} s again (aim: 1 s)"
    )
