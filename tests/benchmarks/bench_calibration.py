"""How fast coils are calibrated, beside sigpy and BART's ``ecalib`` and ``cc``.

Run with ``pytest -m benchmark -s tests/benchmarks/bench_calibration.py``. Prints, asserts nothing
about time. Seconds are the least of several runs, on the clock and of the processor (all threads),
which a busy machine disturbs less. BART's include its start and its files.
"""

import resource
import subprocess
import time
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from sigpy.mri.app import EspiritCalib
from skimage.transform import resize

from core.acquisition import reference_image
from core.calibration import (
    apply_kernel,
    calibration_region,
    compress,
    espirit_maps,
    image_kernel,
    power,
    spirit_kernel,
    svd_compression,
)
from core.fourier import fft2c
from core.phantom import demo_scan
from core.phantom.coils import coil_sensitivities, complex_noise, smooth_phase
from docs.results import bart

pytestmark = pytest.mark.benchmark

SHAPE = (256, 256)


@dataclass(frozen=True)
class Seconds:
    wall: float
    processor: float


def least(function, n_runs=4):
    runs = []
    for _ in range(n_runs):
        start, worked = time.perf_counter(), processor_seconds()
        function()
        runs.append(Seconds(time.perf_counter() - start, processor_seconds() - worked))
    return Seconds(min(run.wall for run in runs), min(run.processor for run in runs))


def processor_seconds():
    """Of this process and of those it has run."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def show(name, function, ours=None, n_runs=4):
    function()
    taken = least(function, n_runs)
    ratio = "" if ours is None else f"  ours / this {ours.processor / taken.processor:.2f}"
    print(f"  {name:34} {taken.wall:8.4f} s on the clock {taken.processor:8.4f} s of work{ratio}")
    return taken


def head_scan(n_coils):
    """The demo head seen by 8 coils with some noise. `(coil, y, x)`."""
    scan = demo_scan()
    image = reference_image(scan, scan.n_slices // 2)
    magnitude = resize(image / image.max(), SHAPE).astype(np.float32)
    images = coil_sensitivities(n_coils, SHAPE) * magnitude * np.exp(1j * smooth_phase(SHAPE, 3))
    noise = complex_noise(images.shape, 0.003, np.random.default_rng(0))
    return fft2c(torch.from_numpy(images.astype(np.complex64))) + torch.from_numpy(noise)


def write_for_bart(stem, kspace):
    array = kspace.numpy().transpose(1, 2, 0)[:, :, None, :]
    stem.with_suffix(".hdr").write_text(f"# Dimensions\n{' '.join(map(str, array.shape))}\n")
    array.ravel("F").tofile(stem.with_suffix(".cfl"))


@pytest.mark.parametrize("n_coils", [8, 16])
def test_espirit_maps(n_coils, tmp_path):
    kspace = head_scan(n_coils)
    print(f"\nESPIRiT maps, {n_coils} x {SHAPE}, 24 lines, {torch.get_num_threads()} threads")
    region = calibration_region(kspace, (24, 24))
    ours = show("tlmri", lambda: espirit_maps(region, SHAPE))
    samples = kspace.numpy()
    show("sigpy", lambda: EspiritCalib(samples, crop=0, show_pbar=False).run(), ours, 2)
    if bart.is_installed():
        write_for_bart(tmp_path / "kspace", kspace)
        for option in ("-m1", "-m2"):
            command = ["bart", "ecalib", option, "-r24", "kspace", "maps"]
            show(" ".join(command[:4]), lambda c=command: run(c, tmp_path), ours)


def test_compression(tmp_path):
    kspace = head_scan(16)
    print(f"\nSVD compression from 16 coils to 8, {SHAPE}")
    ours = show("tlmri", lambda: compress(kspace, svd_compression(kspace)))
    if bart.is_installed():
        write_for_bart(tmp_path / "kspace", kspace)
        command = ["bart", "cc", "-S", "-A", "-p8", "kspace", "out"]
        show("bart cc -S -A", lambda: run(command, tmp_path), ours)


@pytest.mark.parametrize("n_coils", [8, 16])
def test_spirit(n_coils):
    kspace = head_scan(n_coils)
    print(f"\nSPIRiT, {n_coils} x {SHAPE}, kernel 7 x 7 from 24 x 24")
    region = calibration_region(kspace, (24, 24))
    kernel = spirit_kernel(region)
    matrices = image_kernel(kernel, SHAPE)
    show("kernel", lambda: spirit_kernel(region))
    show("matrices of the image", lambda: image_kernel(kernel, SHAPE))
    show("their fifth power", lambda: power(matrices, 5))
    show("one projection", lambda: apply_kernel(matrices, kspace))
    show("Fourier transform of the coils", lambda: fft2c(kspace))


def run(command, folder):
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
