import gc
import weakref

import numpy as np
import pytest
import torch

from core.acquisition import undersample
from core.calibration import (
    EspiritParams,
    calibrate,
    calibration_of,
    calibration_region,
    espirit_maps,
    spirit_kernel,
)
from core.masks import make_mask
from core.types import Scan
from tests.core.calibration.scans import colinearity, known_scan


def undersampled(n_coils=4):
    known = known_scan((64, 64), n_coils, noise_sd=0.003)
    scan = Scan("known", kspace=known.kspace[None].numpy())
    return undersample(scan, 0, make_mask("poisson", (64, 64), 3.0, 1))


def test_calibration_is_maps_and_kernel_of_the_centre():
    kspace = known_scan((64, 48), 4, noise_sd=0.003).kspace
    found = calibrate(kspace, (20, 16), EspiritParams(kernel_size=5), 5, 0.02)
    region = calibration_region(kspace, (20, 16))
    assert torch.equal(found.kernel, spirit_kernel(region, 5, 0.02))
    maps = espirit_maps(region, (64, 48), EspiritParams(kernel_size=5)).sens_maps
    assert torch.equal(found.sens_maps, maps)


def test_undersampled_data_calibrate_as_full_data_do():
    slice_ = undersampled()
    full = torch.from_numpy(slice_.scan.kspace[0])
    from_full = calibrate(full, slice_.mask.acs_shape)
    found = calibration_of(slice_)
    assert colinearity(found.sens_maps, from_full.sens_maps).min() > 0.9999
    torch.testing.assert_close(found.kernel, from_full.kernel, atol=1e-4, rtol=1e-4)


def test_calibration_is_remembered_as_long_as_its_slice():
    slice_ = undersampled()
    found = calibration_of(slice_)
    assert calibration_of(slice_) is found
    assert calibration_of(undersampled()) is not found
    gone = weakref.ref(found)
    del slice_, found
    gc.collect()
    assert gone() is None


def test_refuses_a_centre_that_is_too_small():
    kspace = torch.from_numpy(np.ones((2, 32, 32), np.complex64))
    with pytest.raises(ValueError, match="as large as the kernel, 7 x 7, got 6 x 6"):
        calibrate(kspace, (6, 6))
