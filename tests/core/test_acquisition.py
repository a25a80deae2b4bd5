import gc
import weakref

import numpy as np
import pytest
import torch

from core import acquisition
from core.acquisition import (
    direct_image,
    full_kspace,
    intensity_scale,
    reference_image,
    undersample,
    volume_maximum,
)
from core.fourier import fft2c, ifft2c
from core.masks import acquired_mask, make_mask
from core.types import Mask, Scan


def magnitude_scan(shape=(3, 40, 48)):
    images = np.random.default_rng(0).random(shape, dtype=np.float32) * 500
    return Scan("images", magnitude=images)


def mask_for(shape, seed=0):
    samples = np.random.default_rng(seed).random(shape) < 0.4
    samples[shape[0] // 2, shape[1] // 2] = True
    return Mask(samples, (2, 2), "gaussian", 2.5, seed)


def test_simulated_kspace_gives_the_image_back():
    scan = magnitude_scan()
    image = ifft2c(full_kspace(scan, 1))
    assert image.shape == (1, 40, 48)
    np.testing.assert_allclose(image[0].numpy(), scan.magnitude[1], atol=1e-2)


def test_the_peak_of_several_coils_is_that_of_their_root_sum_of_squares():
    generator = torch.Generator().manual_seed(1)
    coils = torch.randn(2, 3, 32, 36, dtype=torch.complex64, generator=generator)
    scan = Scan("coils", kspace=fft2c(coils).numpy())
    largest = np.sqrt((np.abs(coils.numpy()) ** 2).sum(1)).max()
    assert volume_maximum(scan) == pytest.approx(largest, rel=1e-4)
    assert reference_image(scan, 1).max() <= largest


def test_the_volume_maximum_is_computed_once_and_keeps_no_scan(monkeypatch):
    asked = []
    real = acquisition._largest
    monkeypatch.setattr(acquisition, "_largest", lambda scan: asked.append(scan.name) or real(scan))
    scan = magnitude_scan()
    assert volume_maximum(scan) == volume_maximum(scan) == scan.magnitude.max()
    assert asked == ["images"]
    gone = weakref.ref(scan)
    del scan
    gc.collect()
    assert gone() is None


def test_undersampled_keeps_the_samples_in_normalised_units():
    scan = magnitude_scan()
    mask = mask_for(scan.slice_shape)
    under = undersample(scan, 2, mask)
    full = full_kspace(scan, 2)
    restored = under.kspace * under.scale
    torch.testing.assert_close(restored[0, mask.samples], full[0, mask.samples])
    assert torch.all(under.kspace[0, ~mask.samples] == 0)
    bright = np.quantile(ifft2c(under.kspace).abs().numpy(), 0.995)
    assert bright == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e5])
def test_scale_follows_the_data(factor):
    kspace = fft2c(torch.rand(1, 32, 32, generator=torch.Generator().manual_seed(2)))
    expected = factor * intensity_scale(kspace)
    assert intensity_scale(kspace * factor) == pytest.approx(expected, rel=1e-4)


def test_empty_slice_has_scale_one():
    assert intensity_scale(torch.zeros(1, 32, 32, dtype=torch.complex64)) == 1.0


def test_a_single_bright_pixel_still_gives_a_scale():
    image = torch.zeros(1, 64, 64)
    image[0, 5, 5] = 8.0
    assert intensity_scale(fft2c(image)) > 0


def test_refuses_a_mask_of_another_shape():
    with pytest.raises(ValueError, match=r"mask must have the shape of a slice of images"):
        undersample(magnitude_scan(), 0, mask_for((40, 47)))


@pytest.mark.parametrize("index", [-1, 3])
def test_refuses_a_slice_that_is_not_there(index):
    with pytest.raises(ValueError, match=f"from 0 to 2, got {index}"):
        full_kspace(magnitude_scan(), index)


def undersampled_scan():
    rng = np.random.default_rng(5)
    kspace = rng.normal(size=(1, 2, 40, 48)) + 1j * rng.normal(size=(1, 2, 40, 48))
    sampled = rng.random((40, 48)) < 0.5
    sampled[16:24, 20:28] = True
    return Scan("head", kspace=kspace.astype(np.complex64), sampled=sampled)


def test_an_undersampled_scan_keeps_its_own_samples_only():
    scan = undersampled_scan()
    mask = acquired_mask(scan)
    undersampled = undersample(scan, 0, mask)
    expected = np.where(scan.sampled, scan.kspace[0], 0)
    found = undersampled.kspace.numpy() * undersampled.scale
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_an_undersampled_scan_can_be_thinned_but_takes_no_other_mask():
    scan = undersampled_scan()
    half = Mask(scan.sampled & (np.arange(48) % 2 == 0), (1, 1), "half", 4.0, 0)
    assert undersample(scan, 0, half).mask is half
    with pytest.raises(
        ValueError, match=r"mask of head must keep to the samples acquired.*poisson"
    ):
        undersample(scan, 0, make_mask("poisson", (40, 48), 4))


@pytest.mark.parametrize("wanted", [reference_image, full_kspace])
def test_an_undersampled_scan_has_no_reference(wanted):
    with pytest.raises(ValueError, match=r"^head: no fully sampled reference"):
        wanted(undersampled_scan(), 0)
    with pytest.raises(ValueError, match=r"^head: no fully sampled reference"):
        volume_maximum(undersampled_scan())


def test_the_direct_image_of_an_undersampled_scan_is_the_zero_filled_one():
    scan = undersampled_scan()
    measured = np.where(scan.sampled, scan.kspace[0], 0)
    images = np.fft.ifft2(np.fft.ifftshift(measured, (-2, -1)), norm="ortho")
    expected = np.fft.fftshift(np.linalg.norm(images, axis=0))
    np.testing.assert_allclose(direct_image(scan, 0), expected, rtol=1e-4)
