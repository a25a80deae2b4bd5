"""Scans of the digital brain: as a scanner's raw data, or as magnitude images from a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.phantom.brain import Brain, make_brain
from core.phantom.coils import coil_sensitivities, complex_noise, smooth_phase
from core.phantom.contrast import CONTRASTS
from core.phantom.field_strength import tissues_at
from core.phantom.noise import WaveField
from core.phantom.tissues import TABLE_FIELD_T, TISSUES, Label
from core.types import Scan

INTENSITY = 1000.0
"""Intensity in a scan of the signal of all of pure water's protons."""

NOISE = 0.02
"""Default standard deviation of the noise, as a share of white matter's signal at 3 T."""

EDGES = ("R", "L", "A", "P")
"""Of every image of a digital brain, as in :attr:`core.types.Scan.edges`."""

DEMO_SEED = 1
KSPACE_ORIGIN = "k-space of a digital phantom"
DEMO_NOTE = "digital phantom: computed from equations, not measured in a person"


def weighted_images(brain: Brain, contrast: str) -> NDArray[np.float32]:
    """Noiseless images of a registered contrast times :data:`INTENSITY`. Shape `(slice, y, x)`.

    Raises
    ------
    ValueError
        If there is no such contrast.
    """
    return CONTRASTS[contrast].item(brain) * np.float32(INTENSITY)


def noise_sd(brain: Brain, contrast: str, noise: float) -> float:
    r"""Standard deviation of the real and of the imaginary part of the noise, in image units.

    .. math:: \sigma = \text{noise} \cdot S_{WM}(3\,T) \cdot \frac{3\,T}{B_0}

    The signal of a proton that has fully recovered stays the same in these images, so noise falls
    as 1 / B0: where the body's own noise dominates, the signal-to-noise ratio is proportional to
    the field (Edelstein et al., MRM 3:604, 1986). From 3 T upwards it gains more than that in the
    middle of a head-sized sphere (MRM 88:2131, 2022), so at 7 T the noise is a cautious figure.
    White matter's signal is taken at 3 T at every field: what its relaxation gains or loses at
    another changes the image, not the noise.

    Parameters
    ----------
    brain
        The head.
    contrast
        ``t1``, ``t2`` or ``flair``.
    noise
        The same at 3 T, as a share of the median signal of white matter there.

    Raises
    ------
    ValueError
        If the contrast is unknown or ``noise`` is negative.
    """
    if not noise >= 0:
        raise ValueError(f"noise must be at least 0, got {noise}")
    images = weighted_images(_white_matter_at_3t(brain), contrast)
    white = float(np.median(images[brain.labels == Label.WHITE_MATTER]))
    return noise * white * (TABLE_FIELD_T / brain.field_t)


def _white_matter_at_3t(brain: Brain) -> Brain:
    """The head with white matter's relaxation as at 3 T; other tissues are scaled likewise."""
    there, here = TISSUES[Label.WHITE_MATTER], tissues_at(brain.field_t)[Label.WHITE_MATTER]
    return replace(
        brain,
        t1_ms=brain.t1_ms * np.float32(there.t1_ms / here.t1_ms),
        t2_ms=brain.t2_ms * np.float32(there.t2_ms / here.t2_ms),
        field_t=TABLE_FIELD_T,
    )


def magnitude_scan(
    brain: Brain, contrast: str = "t1", noise: float = NOISE, seed: int = 0, bias: float = 0.05
) -> Scan:
    """A magnitude-only scan, as a NIfTI file would give it.

    Parameters
    ----------
    brain
        The head.
    contrast
        ``t1``, ``t2`` or ``flair``.
    noise
        Standard deviation of the real and of the imaginary part of the noise before the magnitude
        is taken (Rician noise), as a share of white matter's signal at 3 T; at another field
        strength it is that times 3 T / B0 (:func:`noise_sd`).
    seed
        Of the noise and the bias field; not negative.
    bias
        Standard deviation of the smooth multiplicative bias field.

    Raises
    ------
    ValueError
        If the contrast is unknown or an argument out of range.
    """
    _check_seed(seed)
    images = weighted_images(brain, contrast)
    sd = noise_sd(brain, contrast, noise)
    rng = np.random.default_rng([seed, brain.seed, 0x5CA7])
    noisy = complex_noise(images.shape, sd, rng)
    noisy += images * _bias_field(brain, bias, rng)
    return _scan(brain, contrast, magnitude=np.abs(noisy))


def simulate_scan(
    brain: Brain, contrast: str = "t1", n_coils: int = 1, noise: float = NOISE, seed: int = 0
) -> Scan:
    """A scan with complex k-space, as a scanner's raw data would give it.

    Every slice is weighted, given a smooth phase and the coils' sensitivities, transformed
    (:func:`core.fourier.fft2c`), and given complex Gaussian noise.

    Parameters
    ----------
    brain
        The head.
    contrast
        ``t1``, ``t2`` or ``flair``.
    n_coils
        Number of receive coils (:func:`~core.phantom.coil_sensitivities`).
    noise
        Standard deviation of the real and of the imaginary part of every coil's noise, as a share
        of white matter's signal at 3 T (:func:`noise_sd`); the same in k-space and in the image,
        the transform being orthonormal.
    seed
        Of the noise and the phase; not negative.

    Raises
    ------
    ValueError
        If the contrast is unknown or an argument out of range.
    """
    import torch

    from core.fourier import fft2c

    _check_seed(seed)
    images = weighted_images(brain, contrast)
    sd = noise_sd(brain, contrast, noise)
    rng = np.random.default_rng([seed, brain.seed, 0x5CA8])
    shape = (images.shape[1], images.shape[2])
    kspace = np.empty((len(images), n_coils, *shape), np.complex64)
    phase = np.exp(1j * smooth_phase(shape, seed)).astype(np.complex64)
    coils = coil_sensitivities(n_coils, shape)
    for i, image in enumerate(images):
        clean = fft2c(torch.from_numpy(coils * (image * phase)))
        kspace[i] = clean.numpy() + complex_noise((n_coils, *shape), sd, rng)
    return _scan(brain, contrast, kspace=kspace)


def demo_scan() -> Scan:
    """The scan the window opens with: T1-weighted magnitude images."""
    return magnitude_scan(make_brain(DEMO_SEED), "t1", seed=DEMO_SEED)


def demo_local_scans(n: int = 2) -> tuple[Scan, ...]:
    """T1-weighted scans of ``n`` other subjects of the demo's protocol, to tune on.

    Raises
    ------
    ValueError
        If ``n`` is below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    seeds = range(DEMO_SEED + 1, DEMO_SEED + 1 + n)
    return tuple(magnitude_scan(make_brain(seed), "t1", seed=seed) for seed in seeds)


def _check_seed(seed: int) -> None:
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed}")


def _bias_field(brain: Brain, strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth factor around 1 from the receive coil. Shape `(slice, y, x)`."""
    field = WaveField.random(rng, (250, 500), 12)
    z, y, x = (
        np.arange(n, dtype=np.float32) * np.float32(d)
        for n, d in zip(brain.labels.shape, brain.spacing_mm, strict=True)
    )
    planes = np.stack([field.on_plane(x, y, float(height)) for height in z])
    factor: NDArray[np.float32] = np.exp(np.float32(strength) * planes)
    return factor


def _scan(
    brain: Brain,
    contrast: str,
    magnitude: NDArray[np.float32] | None = None,
    kspace: NDArray[np.complex64] | None = None,
) -> Scan:
    return Scan(
        name=_name(brain, contrast),
        magnitude=magnitude,
        kspace=kspace,
        grid=brain.grid,
        spacing_mm=brain.spacing_mm,
        edges=EDGES,
        notes=_notes(brain),
        kspace_origin=KSPACE_ORIGIN,
        person=f"{KSPACE_ORIGIN}, subject {brain.seed}",
    )


def _name(brain: Brain, contrast: str) -> str:
    name = f"Phantom subject {brain.seed}, {CONTRASTS[contrast].label}"
    return name if brain.field_t == TABLE_FIELD_T else f"{name}, {brain.field_t:g} T"


def _notes(brain: Brain) -> tuple[str, ...]:
    if brain.field_t == TABLE_FIELD_T:
        return (DEMO_NOTE,)
    field = f"{brain.field_t:g} T: relaxation times and noise of that field, the sequence of 3 T"
    return (DEMO_NOTE, field)
