"""How fast and how good CG-SENSE, L1-ESPIRiT and SPIRiT are, beside sigpy and BART.

Run on two cores of a quiet machine with

    OMP_NUM_THREADS=2 pytest -m benchmark -s tests/benchmarks/bench_parallel_imaging.py

Prints, asserts nothing about time. Every time is the least of some runs taken in turns, in
wall-clock and in processor seconds; only ratios within a run mean something. All have the same coil
maps, and BART's time includes its files. The real scan is used where ``../shared/data`` is beside
the checkout.
"""

import resource
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from core.acquisition import undersample
from core.calibration import calibration_of, calibration_region, espirit_maps
from core.coils import combine
from core.fourier import ifft2c
from core.masks import make_mask
from core.phantom import make_brain, simulate_scan
from core.recon.l1_espirit import L1EspiritParams, l1_espirit
from core.recon.sense import SenseParams, sense
from core.recon.spirit import SpiritParams, spirit
from core.recon.zero_filled import ZeroFilledParams, zero_filled
from core.types import Scan
from core.wavelets import WaveletTransform, proximal
from docs.results import bart
from tests.core.recon.images import magnitude

pytestmark = pytest.mark.benchmark

REAL = Path(__file__).resolve().parents[3] / "shared/data/kspace/loraks_MPRAGE_4ch.mat"
ROUNDS = 5


def clocks():
    """Wall-clock and processor seconds, those of finished child processes included."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter(), time.process_time() + children.ru_utime + children.ru_stime


def in_turns(functions):
    """Least wall-clock and processor seconds of each function, and its last result."""
    seconds = {name: [] for name in functions}
    results = {}
    for _ in range(ROUNDS):
        for name, function in functions.items():
            start = clocks()
            results[name] = function()
            seconds[name].append(np.subtract(clocks(), start))
    return {name: (*np.min(seconds[name], axis=0), results[name]) for name in functions}


def full_reference(scan, index):
    """Combination of the fully sampled coil images by maps of their own centre."""
    kspace = torch.from_numpy(scan.kspace[index])
    region = calibration_region(kspace, (24, 24))
    return combine(ifft2c(kspace), espirit_maps(region, scan.slice_shape).sens_maps).abs()


def psnr_db(undersampled, reference, magnitude):
    error = torch.as_tensor(np.abs(np.asarray(magnitude))) * undersampled.scale - reference
    return float(10 * torch.log10(reference.max() ** 2 / error.square().mean()))


def head(shape, acceleration=4.0):
    """A slice of the digital brain as eight coils see it, cut to a shape."""
    scan = simulate_scan(make_brain(3), "t1", 8, 0.005, 3)
    top, left = ((n - m) // 2 for n, m in zip(scan.slice_shape, shape, strict=True))
    middle = scan.kspace[[scan.n_slices // 2]]
    cut = middle[..., top : top + shape[0], left : left + shape[1]]
    small = Scan("head", kspace=np.ascontiguousarray(cut))
    undersampled = undersample(small, 0, make_mask("poisson", shape, acceleration, 1))
    calibration_of(undersampled)
    return undersampled


def show(undersampled, functions, ours):
    reference = full_reference(undersampled.scan, undersampled.slice_index)
    found = in_turns(functions)
    wall, processor, _ = found[ours]
    for name, (seconds, used, image) in found.items():
        quality = psnr_db(undersampled, reference, image)
        print(
            f"  {name:28} {seconds:7.3f} s wall ({seconds / wall:5.1f} x)  {used:7.3f} s processor "
            f"({used / processor:5.1f} x)  {quality:6.2f} dB"
        )


def given(undersampled):
    maps = calibration_of(undersampled).sens_maps.numpy()
    return undersampled.kspace.numpy(), maps, undersampled.mask.samples.astype(np.float32)


def sigpy_app(name, undersampled, weight, n_iterations, **settings):
    import sigpy.mri.app

    kspace, maps, samples = given(undersampled)
    app = getattr(sigpy.mri.app, name)(
        kspace, maps, weight, weights=samples, max_iter=n_iterations, show_pbar=False, **settings
    )
    return app.run()


def test_cg_sense():
    undersampled = head((256, 256))
    params = SenseParams(reg_weight=1e-2, n_iterations=30)
    maps = given(undersampled)[1]
    functions = {
        "tlmri": lambda: magnitude(sense, undersampled, params),
        "sigpy SenseRecon": lambda: sigpy_app("SenseRecon", undersampled, 1e-2, 30, tol=0),
    }
    if bart.is_installed():
        functions["bart pics -R Q"] = lambda: bart.pics(
            undersampled, bart.L2, 1e-2, 30, sens_maps=maps
        )
    print(f"\nCG-SENSE, 8 x 256 x 256, 30 iterations, {torch.get_num_threads()} threads")
    show(undersampled, functions, "tlmri")


def test_l1_espirit():
    undersampled = head((256, 256))
    maps = given(undersampled)[1]
    functions = {
        f"tlmri {name}": lambda name=name: magnitude(
            l1_espirit, undersampled, L1EspiritParams(reg_weight=1e-3, wavelet=name)
        )
        for name in ("db4", "db2")
    }
    functions["sigpy L1WaveletRecon"] = lambda: sigpy_app(
        "L1WaveletRecon", undersampled, 1e-3, 60, alpha=1
    )
    if bart.is_installed():
        functions["bart pics -R W"] = lambda: bart.pics(
            undersampled, bart.WAVELET, 1e-3, 60, sens_maps=maps
        )
    print(f"\nL1-ESPIRiT, 8 x 256 x 256, 60 iterations, {torch.get_num_threads()} threads")
    show(undersampled, functions, "tlmri db4")


def test_l1_spirit():
    undersampled = head((256, 192), 6.0)
    functions = {
        "tlmri pocs, 45 iterations": lambda: magnitude(
            spirit, undersampled, SpiritParams(n_iterations=45)
        ),
        "tlmri cg, 30 iterations": lambda: magnitude(
            spirit, undersampled, SpiritParams.presets()["cg"]
        ),
    }
    print(f"\nSPIRiT, 8 x 256 x 192, {torch.get_num_threads()} threads")
    show(undersampled, functions, "tlmri pocs, 45 iterations")


def test_wavelets():
    import sigpy

    print(f"\nThresholding of wavelets, {torch.get_num_threads()} threads")
    for shape in ((256, 256), (8, 256, 192)):
        image = torch.randn(shape, dtype=torch.complex64)
        transform = WaveletTransform(shape[-2:])
        array = image.numpy()
        theirs = sigpy.linop.Wavelet(shape, axes=(-2, -1), wave_name="db4")
        functions = {
            "tlmri": lambda i=image, t=transform: proximal(i, 1e-2, t, (3, 5)),
            "sigpy, no threshold": lambda a=array, w=theirs: w.H(w(a)),
        }
        for name, (wall, processor, _) in in_turns(functions).items():
            print(
                f"  {shape!s:14} {name:20} {1e3 * wall:8.2f} ms, {1e3 * processor:8.2f} processor"
            )


METHODS = {
    "zero-filled": lambda u: magnitude(zero_filled, u, ZeroFilledParams()),
    "sense": lambda u: magnitude(sense, u, SenseParams()),
    "l1-espirit": lambda u: magnitude(l1_espirit, u, L1EspiritParams()),
    "spirit": lambda u: magnitude(spirit, u, SpiritParams()),
    "spirit:paper": lambda u: magnitude(spirit, u, SpiritParams.presets()["paper"]),
    "spirit:cg": lambda u: magnitude(spirit, u, SpiritParams.presets()["cg"]),
    "sigpy SenseRecon": lambda u: sigpy_app("SenseRecon", u, 1e-2, 30, tol=0),
    "sigpy L1WaveletRecon": lambda u: sigpy_app("L1WaveletRecon", u, 2e-3, 60, alpha=1),
}
if bart.is_installed():
    METHODS["bart pics -R Q"] = lambda u: bart.pics(u, bart.L2, 1e-2, 30, sens_maps=given(u)[1])
    METHODS["bart pics -R W"] = lambda u: bart.pics(
        u, bart.WAVELET, 2e-3, 60, sens_maps=given(u)[1]
    )


@pytest.mark.skipif(not REAL.is_file(), reason="the real scan is not beside the checkout")
def test_quality_on_a_real_scan():
    import scipy.io

    kspace = np.moveaxis(scipy.io.loadmat(REAL)["kData"], -1, 0)[None]
    scan = Scan("loraks_MPRAGE_4ch", kspace=np.ascontiguousarray(kspace, np.complex64))
    reference = full_reference(scan, 0)
    rates = (2.0, 4.0, 6.0, 8.0, 10.0)
    slices = [undersample(scan, 0, make_mask("poisson", (256, 256), rate, 1)) for rate in rates]
    print(f"\n{scan.name}, PSNR in dB against the combined reference, R = {rates}")
    for name, method in METHODS.items():
        values = [psnr_db(u, reference, method(u)) for u in slices]
        print(f"  {name:22}" + "".join(f"{value:8.2f}" for value in values))
