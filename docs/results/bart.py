"""BART's ``pics`` on one undersampled slice: an outside check of compressed sensing.

Uecker et al., "Berkeley Advanced Reconstruction Toolbox", Proc. ISMRM 23, 2486 (2015).
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import Undersampled

WAVELET = "W:3:0"
"""L1 norm of wavelets along y and x; BART's own four-tap Daubechies, shifted at random."""

TOTAL_VARIATION = "T:3:0"

L2 = "Q"
"""Half the squared L2 norm of the image, solved by conjugate gradients."""


def is_installed() -> bool:
    """Whether there is a command ``bart``."""
    return shutil.which("bart") is not None


def version() -> str:
    """What ``bart version`` says."""
    done = subprocess.run(["bart", "version"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def pics(
    undersampled: Undersampled,
    regularisation: str,
    weight: float,
    n_iterations: int,
    *options: str,
    sens_maps: NDArray[np.complex64] | None = None,
) -> NDArray[np.complex64]:
    """Image of a slice in its normalised units, shape `(y, x)`.

    ``-w1`` keeps the data's scale, so that the weight means what it means here: both Fourier
    transforms are orthonormal. Without ``sens_maps``, shape `(coil, y, x)`, there must be one coil.
    """
    shape = undersampled.scan.slice_shape
    maps = np.ones((1, *shape), np.complex64) if sens_maps is None else sens_maps
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "kspace", _coils_last(undersampled.kspace.numpy()))
        _write(folder / "maps", _coils_last(maps))
        _write(folder / "pattern", undersampled.mask.samples)
        command = ["bart", "pics", "-w1", "-p", "pattern", "-i", str(n_iterations), *options]
        command += ["-R", f"{regularisation}:{weight:g}", "kspace", "maps", "image"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        image = np.fromfile(folder / "image.cfl", np.complex64)
    return image.reshape(shape, order="F")


def _coils_last(array: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """BART's axes (readout, phase 1, phase 2, coil) of an array (coil, y, x)."""
    return np.moveaxis(array, 0, -1)[:, :, None, :]


def _write(stem: Path, array: NDArray[np.generic]) -> None:
    """BART's pair of files: sizes as text, values column by column."""
    dims = " ".join(str(n) for n in (*array.shape, 1, 1))
    stem.with_suffix(".hdr").write_text(f"# Dimensions\n{dims}\n", encoding="ascii")
    array.astype(np.complex64).ravel("F").tofile(stem.with_suffix(".cfl"))
