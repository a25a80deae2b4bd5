r"""Multi-coil images simulated from magnitude images, as Dar et al. made theirs of natural ones.

A magnitude image is cut to an object inside the field of view, given a sinusoidal phase at random
spatial frequencies, seen by the coils of a head array, and given noise. The paper took coil maps of
two people; these are those of loops by the law of Biot and Savart (:mod:`core.phantom.coils`), on
rings of random place and size. Unlike the paper's, the phase also differs between bright and dark:
fat and water do not precess alike, and networks that saw smooth phases alone failed at the scalp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.acquisition import bright_level
from core.fourier import fft2c
from core.phantom import CoilRing, coil_sensitivities, complex_noise
from core.progress import Progress, no_progress
from core.types import SIMULATED, Scan

RADII = (0.75, 1.0)
"""Range of the rings' radius, as shares of the field of view, like the lengths below.

No nearer, since the loops must stay outside the object: its corners reach 0.54 from the middle
(:data:`SEMI_AXES`, :data:`SUPPORT_EXPONENT`), and the ring's axis may be off by 0.14. No farther,
since from there all coils see nearly the same.
"""

HEIGHT = 0.3
"""Largest distance of a slice from the plane of the loops' centres."""

MIDDLE = 0.1
"""Largest distance of the ring's axis from the middle of the slice, along y and along x."""

TISSUE_PHASE = 2.0
"""Largest difference of phase between bright and dark of a scan, in rad, as in training."""

SEMI_AXES = (0.38, 0.45)
"""Range of the supports' semi-axes."""

SUPPORT_EXPONENT = 4
"""Of the supports' shape: 2 would be an ellipse, infinity a rectangle."""

EDGE_PIXELS = 3
"""Width over which a support falls from 1 to 0."""


def random_support(shape: Sequence[int], random: np.random.Generator) -> NDArray[np.float32]:
    """What is in the field of view: 1 in the middle, 0 towards its border. Shape `(y, x)`.

    Images that fill the field of view are no object of a scanner: the coils' maps would jump where
    its borders meet, and calibration, which takes maps to be smooth there too, would fail.
    """
    semi_y, semi_x = random.uniform(*SEMI_AXES, 2)
    y, x = (np.linspace(-0.5, 0.5, n) for n in shape)
    power = SUPPORT_EXPONENT
    radius = ((y[:, None] / semi_y) ** power + (x / semi_x) ** power) ** (1 / power)
    edge = EDGE_PIXELS / (min(shape) * min(semi_y, semi_x))
    support: NDArray[np.float32] = np.clip((1 - radius) / edge + 0.5, 0, 1).astype(np.float32)
    return support


def sinusoidal_phase(shape: Sequence[int], random: np.random.Generator) -> NDArray[np.float32]:
    r"""Phase of an object in rad. Shape `(y, x)`.

    .. math:: \varphi(y, x) = \pi a \sin(\omega_y y + \omega_x x + \alpha) + \beta

    with y and x from -1 to 1 across the field of view, both :math:`\omega` even from
    :math:`-\pi` to :math:`\pi`, the amplitude :math:`a` even from 0 to 1, and :math:`\alpha` and
    :math:`\beta` even round the circle. The paper states these ranges of the frequencies and of the
    amplitude, and not their units.
    """
    frequency_y, frequency_x, shift, offset = random.uniform(-np.pi, np.pi, 4)
    y, x = (np.linspace(-1, 1, n) for n in shape)
    wave = np.sin(frequency_y * y[:, None] + frequency_x * x + shift)
    phase: NDArray[np.float32] = (np.pi * random.uniform() * wave + offset).astype(np.float32)
    return phase


def random_tissue_phase(
    magnitude: NDArray[np.float32], largest: float, random: np.random.Generator
) -> NDArray[np.float32]:
    """Phase in rad, proportional to the magnitude, at most ``largest`` of either sign.

    Shape that of ``magnitude``, `(y, x)` or `(slice, y, x)`.
    """
    step = random.uniform(-largest, largest)
    phase: NDArray[np.float32] = step * magnitude / max(float(magnitude.max()), 1e-6)
    return phase


def random_ring(random: np.random.Generator) -> CoilRing:
    """A ring of loops somewhere round the head."""
    return CoilRing(
        radius=random.uniform(*RADII),
        rotation=random.uniform(0, 2 * np.pi),
        height=random.uniform(0, HEIGHT),
        middle=(random.uniform(-MIDDLE, MIDDLE), random.uniform(-MIDDLE, MIDDLE)),
    )


def random_coils(
    n_coils: int, shape: Sequence[int], random: np.random.Generator
) -> NDArray[np.complex64]:
    """Maps of a :func:`random_ring`, shape `(coil, y, x)`; 1 for one coil."""
    return coil_sensitivities(n_coils, (shape[0], shape[1]), random_ring(random))


def simulated_coil_images(
    magnitude: NDArray[np.float32],
    coils: NDArray[np.complex64],
    noise: float,
    random: np.random.Generator,
    tissue_phase: float = 0.0,
) -> torch.Tensor:
    """A magnitude image with a random phase as coils see it. complex64, shape `(coil, y, x)`.

    Parameters
    ----------
    magnitude
        Shape `(y, x)`.
    coils
        Their maps, shape `(coil, y, x)`.
    noise
        Standard deviation of the real and of the imaginary part of every coil's noise.
    random
        Generator of the phase and the noise.
    tissue_phase
        Largest difference of phase between bright and dark, in rad.
    """
    radians = sinusoidal_phase(magnitude.shape, random)
    radians = radians + random_tissue_phase(magnitude, tissue_phase, random)
    phase = np.exp(1j * radians).astype(np.complex64)
    clean = coils * (magnitude * phase)
    return torch.from_numpy(clean + complex_noise(clean.shape, noise, random))


def with_simulated_coils(
    scan: Scan,
    n_coils: int = 8,
    noise: float = 0.005,
    seed: int = 1,
    progress: Progress = no_progress,
) -> Scan:
    """A scan of magnitude images as the coils of a head array would have measured it.

    One :func:`random_ring` and one :func:`sinusoidal_phase` serve all slices; the loops' plane goes
    through the middle one. One :func:`random_tissue_phase` of at most :data:`TISSUE_PHASE` tells
    bright from dark in all of them.

    Parameters
    ----------
    scan
        Of magnitude images that show the whole object, with air round it.
    n_coils
        Number of loops.
    noise
        Standard deviation of the real and of the imaginary part of every coil's noise, relative to
        the volume's bright level.
    seed
        Of the ring, the phases and the noise.
    progress
        Hook, called for every slice; it may cancel.

    Returns
    -------
    Scan
        With k-space, and a provenance that says that it is simulated.

    Raises
    ------
    ValueError
        If the scan has measured k-space, or a number is out of range.
    """
    if scan.magnitude is None:
        raise ValueError(
            f"scan to simulate coils for must hold magnitude images, got {scan.name}: "
            f"{scan.provenance}"
        )
    if n_coils < 1 or noise < 0:
        raise ValueError(
            f"simulated coils need n_coils of at least 1 and noise of at least 0, got {n_coils} "
            f"and {noise:g}"
        )
    random = np.random.default_rng(seed)
    ring, shape = random_ring(random), scan.slice_shape
    smooth = sinusoidal_phase(shape, random)
    tissues = random_tissue_phase(scan.magnitude, TISSUE_PHASE, random)
    sd = noise * bright_level(scan.magnitude)
    field_of_view = scan.spacing_mm[1] * shape[0]
    kspace = np.empty((scan.n_slices, n_coils, *shape), np.complex64)
    for i, magnitude in enumerate(scan.magnitude):
        progress(i / scan.n_slices, "simulated coils")
        height = (i - scan.n_slices // 2) * scan.spacing_mm[0] / field_of_view
        coils = coil_sensitivities(n_coils, shape, replace(ring, height=height))
        phase = np.exp(1j * (smooth + tissues[i]))
        seen = (coils * (magnitude * phase)).astype(np.complex64)
        seen += complex_noise(seen.shape, sd, random)
        kspace[i] = fft2c(torch.from_numpy(seen)).numpy()
    return replace(scan, magnitude=None, kspace=kspace, kspace_origin=SIMULATED)
