"""How fast and how good the baselines are, beside zero filling and BART's ``pics``.

Run with ``pytest -m benchmark -s tests/benchmarks/bench_wavelet.py``. Prints, asserts nothing about
time. Uses the demo scan, and real slices where ``../shared/data`` is beside the checkout.
"""

import time
from pathlib import Path

import numpy as np
import pytest

from core import metrics
from core.acquisition import reference_image, undersample, volume_maximum
from core.masks import make_mask
from core.params import changed
from core.progress import no_progress
from core.recon import METHODS
from core.recon.tuning import tune
from core.recon.tv import TotalVariationParams, solve, total_variation
from core.recon.wavelet import PRESETS, WaveletParams, wavelet
from core.recon.zero_filled import ZeroFilledParams, zero_filled
from core.types import Scan
from docs.results import bart
from tests.core.recon.images import magnitude

pytestmark = pytest.mark.benchmark

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CASES = {
    **{f"cs, {name}": params for name, params in PRESETS.items()},
    "cs, fixed grid": WaveletParams(shifts="none"),
    "cs, db2": WaveletParams(wavelet="db2"),
    "cs, db2, real values": WaveletParams(wavelet="db2", image_values="real"),
    "cs, real values": WaveletParams(image_values="real"),
}


def scans():
    from core.phantom import demo_scan

    yield demo_scan()
    if DATA.is_dir():
        from core.io import load

        yield load(DATA / "t1" / "openms-l19_T1w.nii.gz")
        yield load(DATA / "t2" / "msseg_T2w.nii.gz")


def psnr_db(undersampled, image):
    scan, index = undersampled.scan, undersampled.slice_index
    scaled = image * undersampled.scale
    return metrics.psnr(metrics.DEFAULT, reference_image(scan, index), scaled, volume_maximum(scan))


def show(name, undersampled, function):
    start = time.perf_counter()
    image = function()
    seconds = time.perf_counter() - start
    print(f"  {name:24} {psnr_db(undersampled, image):6.2f} dB {seconds:7.2f} s")


def single_coil(scan: Scan) -> bool:
    return scan.n_coils == 1


def test_quality_and_time():
    for scan in filter(single_coil, scans()):
        mask = make_mask("poisson", scan.slice_shape, 4.0, 1)
        undersampled = undersample(scan, scan.n_slices // 2, mask)
        print(f"\n{scan.name}, {scan.slice_shape}, R = 4, {metrics.label(metrics.DEFAULT)}")
        zf = lambda u=undersampled: magnitude(zero_filled, u, ZeroFilledParams()).numpy()  # noqa: E731
        show("zero-filled", undersampled, zf)
        for name, params in CASES.items():
            run = lambda p=params, u=undersampled: magnitude(wavelet, u, p).numpy()  # noqa: E731
            show(name, undersampled, run)
        tv = lambda u=undersampled: magnitude(total_variation, u, TotalVariationParams()).numpy()  # noqa: E731
        show("tv", undersampled, tv)
        ended = solve(undersampled, TotalVariationParams(), no_progress)
        print(f"  tv ended after {ended.n_iterations} iterations, residual {ended.residual:.1e}")
        if bart.is_installed():
            theirs = lambda u=undersampled: np.abs(bart.pics(u, bart.WAVELET, 1e-4, 200))  # noqa: E731
            show("bart pics", undersampled, theirs)


@pytest.mark.parametrize("method", ["cs", "tv"])
def test_tuning(method):
    entry = METHODS[method]
    for scan in filter(single_coil, scans()):
        mask = make_mask("poisson", scan.slice_shape, 4.0, 1)
        middle = scan.n_slices // 2
        images = [undersample(scan, index, mask) for index in (middle - 1, middle + 1)]
        start = time.perf_counter()
        tuned = tune(method, images)
        seconds = time.perf_counter() - start
        print(
            f"\n{scan.name}, {method}: {changed(tuned.params)}, {tuned.psnr_db:.2f} dB on "
            f"{len(images)} tuning slices in {seconds:.1f} s {tuned.remarks}"
        )
        undersampled = undersample(scan, middle, mask)
        for name, params in {"default": entry.params(), "tuned": tuned.params}.items():
            run = lambda p=params, u=undersampled: magnitude(entry.item, u, p).numpy()  # noqa: E731
            show(name, undersampled, run)
