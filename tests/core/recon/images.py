"""Undersampled images that the tests of the reconstruction methods share."""

import numpy as np
import torch
from skimage.data import shepp_logan_phantom
from skimage.transform import resize

from core import combination
from core.acquisition import reference_image, undersample
from core.fourier import fft2c
from core.progress import no_progress
from core.recon.zero_filled import ZeroFilledParams, zero_filled
from core.types import Mask, Scan


def variable_density_mask(shape, acceleration=3.0, seed=1):
    """Random, denser towards the centre; exactly as many samples as asked for."""
    y, x = np.indices(shape)
    radius = np.hypot(y / shape[0] - 0.5, x / shape[1] - 0.5)
    weight = np.exp(-((radius / 0.22) ** 2) / 2) + 0.02
    weight[radius < 0.04] = 1e9
    keys = -np.log(np.random.default_rng(seed).random(shape)) / weight
    samples = np.zeros(shape, bool)
    samples.flat[np.argsort(keys, axis=None)[: round(samples.size / acceleration)]] = True
    return Mask(samples, (4, 4), "gaussian", acceleration, seed)


def phantom(shape=(96, 96)):
    return resize(shepp_logan_phantom(), shape, anti_aliasing=True).astype(np.float32) * 700


def simulated(shape=(96, 96), acceleration=3.0):
    scan = Scan("phantom", magnitude=phantom(shape)[None])
    return undersample(scan, 0, variable_density_mask(shape, acceleration))


def measured(n_coils=3, shape=(48, 56)):
    y, x = np.indices(shape)
    angles = 2 * np.pi * np.arange(n_coils)[:, None, None] / n_coils
    phase = np.exp(1j * (0.05 * x * np.cos(angles) + 0.03 * y))
    coils = phantom(shape) * phase * (1 + 0.5 * np.cos(angles + 0.04 * y))
    kspace = fft2c(torch.from_numpy(coils.astype(np.complex64))).numpy()
    scan = Scan("coils", kspace=kspace[None])
    return undersample(scan, 0, variable_density_mask(shape))


def psnr_db(undersampled, image):
    reference = reference_image(undersampled.scan, 0) / undersampled.scale
    return 10 * np.log10(reference.max() ** 2 / np.mean((reference - image.numpy()) ** 2))


def zero_filled_psnr(undersampled):
    return psnr_db(undersampled, magnitude(zero_filled, undersampled, ZeroFilledParams()))


def magnitude(method, undersampled, params):
    """The image that is shown and scored of what a method finds."""
    return combination.magnitude(undersampled, method(undersampled, params, no_progress))
