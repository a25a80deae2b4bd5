"""All methods for several coils: on the real scan beside sigpy's, and on a GPU."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.io
import sigpy.mri.app
import torch

from core.acquisition import undersample
from core.calibration import calibration_of, calibration_region, espirit_maps
from core.coils import combine
from core.fourier import ifft2c
from core.masks import make_mask
from core.progress import Cancelled
from core.recon import METHODS
from core.recon.multi_coil import MultiCoilParams
from core.types import Scan
from tests.core.recon import images
from tests.core.recon.coils import coils, mask_with_centre

NAMES = ["sense", "spirit", "l1-espirit"]


def magnitude(name, undersampled):
    entry = METHODS[name]
    return images.magnitude(entry.item, undersampled, entry.params())


def theirs(application, undersampled, weight, n_iterations, **settings):
    app = getattr(sigpy.mri.app, application)(
        undersampled.kspace.numpy(),
        calibration_of(undersampled).sens_maps.numpy(),
        weight,
        weights=undersampled.mask.samples.astype(np.float32),
        max_iter=n_iterations,
        show_pbar=False,
        **settings,
    )
    return torch.from_numpy(app.run()).abs()


def test_all_of_them_are_here():
    found = [e.name for e in METHODS if e.params and issubclass(e.params, MultiCoilParams)]
    assert sorted(found) == sorted(NAMES)


@pytest.mark.data
@pytest.mark.parametrize("acceleration", [4.0, 10.0])
def test_a_real_scan_comes_out_clearly_better_than_zero_filled_and_than_by_sigpy(
    shared_data, acceleration
):
    file = scipy.io.loadmat(shared_data / "kspace" / "loraks_MPRAGE_4ch.mat")
    kspace = np.moveaxis(file["kData"], -1, 0).astype(np.complex64)
    scan = Scan("mprage", kspace=np.ascontiguousarray(kspace)[None])
    full = torch.from_numpy(scan.kspace[0])
    maps = espirit_maps(calibration_region(full, (24, 24)), scan.slice_shape).sens_maps
    reference = combine(ifft2c(full), maps).abs()
    undersampled = undersample(scan, 0, make_mask("poisson", (256, 256), acceleration, 1))

    def psnr_db(image):
        error = image * undersampled.scale - reference
        return float(10 * torch.log10(reference.max() ** 2 / error.square().mean()))

    by = {name: psnr_db(magnitude(name, undersampled)) for name in ["zf", *NAMES]}
    assert by["sense"] > by["zf"] + 2
    assert by["spirit"] > by["zf"] + 6
    assert by["l1-espirit"] > by["zf"] + 6
    settings = METHODS["sense"].params()
    plain = theirs("SenseRecon", undersampled, settings.reg_weight, settings.n_iterations, tol=0)
    assert by["sense"] == pytest.approx(psnr_db(plain), abs=0.01)
    settings = METHODS["l1-espirit"].params()
    sparse = theirs("L1WaveletRecon", undersampled, settings.reg_weight, 60, alpha=1)
    assert by["l1-espirit"] > psnr_db(sparse) + 0.5
    assert by["spirit"] > psnr_db(sparse)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("name", NAMES)
def test_a_gpu_gives_the_same_image_and_keeps_it(name):
    undersampled = coils()
    moved = replace(undersampled, kspace=undersampled.kspace.cuda())
    image = magnitude(name, moved)
    assert image.device.type == "cuda"
    torch.testing.assert_close(image.cpu(), magnitude(name, undersampled), atol=2e-3, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_a_small_centre_is_refused(name):
    undersampled = coils()
    small = replace(undersampled, mask=replace(undersampled.mask, acs_shape=(4, 4)))
    with pytest.raises(ValueError, match="calibration region must be at least as large"):
        magnitude(name, small)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_slice_stays_empty(name):
    mask = mask_with_centre((96, 80), 3.0)
    empty = undersample(Scan("nothing", kspace=np.zeros((1, 3, 96, 80), np.complex64)), 0, mask)
    METHODS[name].params().prepare(empty)
    image = magnitude(name, empty)
    assert image.shape == (96, 80)
    assert not image.any()


@pytest.mark.parametrize(
    ("name", "called"), [("sense", "CG-SENSE"), ("spirit", "SPIRiT"), ("l1-espirit", "L1-ESPIRiT")]
)
def test_progress_comes_at_every_iteration_and_cancels_at_once(name, called):
    fractions, calls = [], []
    entry = METHODS[name]
    method, params = entry.item, entry.params(n_iterations=8)
    method(coils(), params, lambda fraction, message: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert len(fractions) == 9
    assert fractions[-1] == 1

    def cancel(fraction, message):
        calls.append(message)
        if len(calls) == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        method(coils(), params, cancel)
    assert calls[-1] == f"{called}, iteration 3 of 8"
