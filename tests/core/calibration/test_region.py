import numpy as np
import pytest
import torch

from core.calibration import calibration_region
from core.calibration.region import central, check_region, window_gram
from core.masks import make_mask


def random_region(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.complex64, generator=generator)


@pytest.mark.parametrize("pattern", ["poisson", "random"])
@pytest.mark.parametrize("shape", [(64, 64), (65, 48)])
def test_region_is_what_the_mask_samples_fully(pattern, shape):
    mask = make_mask(pattern, shape, 4.0, 3)
    samples = torch.from_numpy(mask.samples)[None].to(torch.complex64)
    assert calibration_region(samples, mask.acs_shape).abs().min() == 1


def test_central_part_keeps_the_middle():
    kspace = torch.zeros(1, 20, 21, dtype=torch.complex64)
    kspace[0, 10, 10] = 1
    part = central(kspace, 8)
    assert part.shape == (1, 8, 8)
    assert part[0, 4, 4] == 1


def test_gram_matrix_is_that_of_numpys_windows():
    region = random_region(3, 9, 7)
    windows = np.lib.stride_tricks.sliding_window_view(region.numpy(), (4, 4), axis=(1, 2))
    rows = windows.transpose(1, 2, 0, 3, 4).reshape(-1, 3 * 16) / np.abs(region.numpy()).max()
    np.testing.assert_allclose(window_gram(region, 4), rows.conj().T @ rows, atol=1e-5)


def test_refuses_what_no_kernel_can_be_learnt_from():
    good = random_region(3, 9, 7)
    check_region(good, 7)
    with pytest.raises(ValueError, match="as large as the kernel, 8 x 8, got 9 x 7"):
        check_region(good, 8)
    with pytest.raises(ValueError, match="zero everywhere"):
        check_region(0 * good, 7)
    for value in (float("nan"), float("inf"), complex(0, float("nan"))):
        bad = good.clone()
        bad[1, 2, 3] = value
        with pytest.raises(ValueError, match="must be finite"):
            check_region(bad, 7)
    with pytest.raises(ValueError, match="must be complex"):
        check_region(good.real, 7)
    with pytest.raises(ValueError, match="must be complex with axes"):
        check_region(good[0], 7)


def test_refuses_a_centre_outside_k_space():
    with pytest.raises(ValueError, match=r"within k-space of \(9, 7\), got \(8, 8\)"):
        calibration_region(random_region(3, 9, 7), (8, 8))
    with pytest.raises(ValueError, match=r"axes \(coil, y, x\)"):
        calibration_region(random_region(2, 3, 9, 7), (8, 7))
