"""Undersampled multi-coil phantoms with known maps that the tests of parallel imaging share."""

from dataclasses import replace
from functools import cache

import numpy as np
import torch

from core.acquisition import undersample
from core.coils import combine
from core.fourier import ifft2c
from core.types import Scan
from tests.core.calibration.scans import known_scan
from tests.core.recon.images import variable_density_mask

CENTRE = 24


def mask_with_centre(shape, acceleration, seed=1):
    """Random samples, and a fully sampled centre that coils can be learnt from."""
    mask = variable_density_mask(shape, acceleration, seed)
    samples = mask.samples.copy()
    y, x = ((n - CENTRE) // 2 for n in shape)
    samples[y : y + CENTRE, x : x + CENTRE] = True
    return replace(mask, samples=samples, acs_shape=(CENTRE, CENTRE))


@cache
def coils(shape=(96, 80), acceleration=3.0, n_coils=6, noise_sd=0.0):
    """One slice of a complex Shepp-Logan phantom, whose largest value is 1."""
    kspace = known_scan(shape, n_coils, noise_sd).kspace
    scan = Scan("coils", kspace=kspace.numpy()[None])
    return undersample(scan, 0, mask_with_centre(shape, acceleration))


@cache
def truth(shape=(96, 80), n_coils=6, noise_sd=0.0):
    """The sensitivity-weighted combination of all of k-space by the known maps. Shape `(y, x)`."""
    known = known_scan(shape, n_coils, noise_sd)
    return combine(ifft2c(known.kspace), known.sens_maps)


def known_maps(undersampled):
    """The maps the slice was made with."""
    n_coils, *shape = undersampled.kspace.shape
    return known_scan(tuple(shape), n_coils).sens_maps


def error_db(undersampled, image):
    """Power of the error below the peak, of a magnitude image in normalised units."""
    reference = truth(tuple(image.shape), undersampled.kspace.shape[0]).abs() / undersampled.scale
    return float(10 * torch.log10((image - reference).square().mean() / reference.max() ** 2))


def random_complex(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.complex64, generator=generator)


def inner(first, second):
    return complex(np.vdot(first.numpy(), second.numpy()))
