"""Multi-coil scans with known maps, and BART's command on them."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.data import shepp_logan_phantom
from skimage.transform import resize

from core.fourier import fft2c
from core.phantom.coils import coil_sensitivities, complex_noise, smooth_phase
from docs.results import bart

needs_bart = pytest.mark.skipif(not bart.is_installed(), reason="needs the command bart")


@dataclass(frozen=True)
class KnownScan:
    """Fully sampled k-space `(coil, y, x)`, the maps it was made with, and where the object is."""

    kspace: torch.Tensor
    sens_maps: torch.Tensor
    inside: torch.Tensor


def known_scan(shape=(96, 80), n_coils=6, noise_sd=0.0):
    """A complex Shepp-Logan phantom seen by the coils of a head array.

    ``noise_sd`` is that of the real and of the imaginary part.
    """
    magnitude = resize(np.pad(shepp_logan_phantom(), 40), shape).astype(np.float32)
    image = magnitude * np.exp(1j * smooth_phase(shape, 5))
    maps = coil_sensitivities(n_coils, shape)
    kspace = fft2c(torch.from_numpy((maps * image).astype(np.complex64)))
    noise = complex_noise(tuple(kspace.shape), noise_sd, np.random.default_rng(7))
    inside = torch.from_numpy(magnitude > 0.05)
    return KnownScan(kspace + torch.from_numpy(noise), torch.from_numpy(maps), inside)


def colinearity(one, other):
    """Cosine of the angle between two sets of maps at each pixel. Shape `(y, x)`."""
    product = (one.conj() * other).sum(dim=0).abs()
    return product / (one.norm(dim=0) * other.norm(dim=0)).clamp_min(1e-9)


def run_bart(command, array, n_outputs=1):
    """Results of ``bart command in out...`` as arrays with BART's axes, ones at the end dropped."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = " ".join(str(n) for n in array.shape)
        (folder / "in.hdr").write_text(f"# Dimensions\n{sizes}\n", encoding="ascii")
        array.astype(np.complex64).ravel("F").tofile(folder / "in.cfl")
        outputs = [f"out{i}" for i in range(n_outputs)]
        subprocess.run(
            ["bart", *command.split(), "in", *outputs], cwd=folder, check=True, capture_output=True
        )
        return [_read(folder / output) for output in outputs]


def _read(stem):
    sizes = [int(n) for n in stem.with_suffix(".hdr").read_text().splitlines()[1].split()]
    while sizes[-1] == 1:
        sizes.pop()
    return np.fromfile(stem.with_suffix(".cfl"), np.complex64).reshape(sizes, order="F")


def as_bart(kspace):
    """A slice `(coil, y, x)` with BART's axes (readout, phase 1, phase 2, coil)."""
    return kspace.numpy().transpose(1, 2, 0)[:, :, None, :]
