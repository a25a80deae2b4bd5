"""How much memory and time a whole volume of several coils takes, by one worker and by several.

    pytest -m benchmark -s tests/benchmarks/bench_volume.py

A scan of 8 x 256 x 256 x 190 is written slice by slice in fastMRI's layout, 0.8 GB as complex64.
Child processes open it, reconstruct, score and write it as `tlmri recon` does, and say how far
their memory went. CG-SENSE runs on every slice with as many workers as there are cores, and on
some with one worker; L1-ESPIRiT and SPIRiT on some. Minutes on two cores; prints, asserts nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from core.fourier import fft2c
from core.phantom import coil_sensitivities, complex_noise, make_brain, smooth_phase
from core.phantom.scan import weighted_images

N_COILS, SHAPE, N_SLICES = 8, (256, 256), 190
NOISE = 2.0
SOME = range(0, N_SLICES, 10)
CODE = """
import json, re, sys, time
from pathlib import Path
import torch
from core import io
from core.masks import make_mask
from core.pipeline import choose_method, compare

def peak():  # of this program; getrusage's counts the one that started it too
    found = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024

scan_file, out, method, workers, slices = json.loads(sys.argv[1])
torch.set_num_threads(workers)
imports = peak()
scan = io.load(Path(scan_file))
load = peak()
mask = make_mask("poisson", scan.slice_shape, 4.0, 1)
start = time.perf_counter(), time.process_time()
done = list(compare(scan, slices, mask, [choose_method(method)], workers=workers))
wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
at_work = peak()
io.write_nifti(Path(out), {c.recon.source.slice_index: c.recon.image for c in done}, scan, "")
print(json.dumps({
    "bytes": scan.kspace.nbytes, "imports": imports, "load": load, "work": at_work,
    "write": peak(), "wall": wall, "processor": processor,
    "psnr_db": sum(c.score.psnr_db for c in done) / len(done),
}))
"""


def write_scan(path: Path) -> None:
    """A digital brain, its slices blended to 190, as eight coils see it."""
    images = weighted_images(make_brain(3), "t1")
    coils = coil_sensitivities(N_COILS, SHAPE) * np.exp(1j * smooth_phase(SHAPE, 3))
    with h5py.File(path, "w") as file:
        kspace = file.create_dataset("kspace", (N_SLICES, N_COILS, *SHAPE), np.complex64)
        for i, at in enumerate(np.linspace(0, len(images) - 1, N_SLICES)):
            below = min(int(at), len(images) - 2)
            image = images[below] + (at - below) * (images[below + 1] - images[below])
            clean = fft2c(torch.from_numpy((coils * image).astype(np.complex64))).numpy()
            noise = complex_noise(clean.shape, NOISE, np.random.default_rng([3, i]))
            kspace[i] = clean + noise


def run(scan_file: Path, method: str, workers: int, slices: range) -> dict[str, float]:
    out = scan_file.with_name("out.nii.gz")
    argument = json.dumps([str(scan_file), str(out), method, workers, list(slices)])
    done = subprocess.run(
        [sys.executable, "-c", CODE, argument],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": str(workers)},
    )
    return json.loads(done.stdout)


@pytest.mark.benchmark
@pytest.mark.timeout(7200)
def test_volume(tmp_path: Path) -> None:
    scan_file = tmp_path / "volume.h5"
    write_scan(scan_file)
    cores = os.cpu_count() or 1
    print(f"\n{N_COILS} x {SHAPE[0]} x {SHAPE[1]} x {N_SLICES}, Poisson-disc R=4, in MB")
    print(
        f"  {'method':12}{'workers':>8}{'slices':>7}{'wall':>10}{'processor':>11} a slice"
        f"{'scan':>7}{'opened':>8}{'peak':>7}{'beyond it':>10}{'a worker':>10}{'PSNR':>8}"
    )
    for method, workers, slices in (
        ("sense", 1, SOME),
        ("sense", cores, SOME),
        ("sense", cores, range(N_SLICES)),
        ("l1-espirit", cores, SOME),
        ("spirit", cores, SOME),
    ):
        found = run(scan_file, method, workers, slices)
        mega = {name: found[name] / 1e6 for name in ("bytes", "imports", "load", "work", "write")}
        beyond = mega["work"] - mega["load"]
        print(
            f"  {method:12}{workers:8}{len(slices):7}{found['wall'] / len(slices):8.2f} s"
            f"{found['processor'] / len(slices):9.2f} s {'':7}{mega['bytes']:7.0f}"
            f"{mega['load']:8.0f}{mega['write']:7.0f}{beyond:10.0f}{beyond / workers:10.0f}"
            f"{found['psnr_db']:8.2f}",
            flush=True,
        )
