"""Fingerprint series of the digital brain, with known truth."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.fingerprinting import epg
from core.fingerprinting.foreground import BRAIN
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.series import Maps, Series, Truth
from core.fingerprinting.simulate_settings import N_BRAIN_SLICES, SimulateSettings
from core.fingerprinting.subspace import BLOCK, Subspace, deal_lines, measure_, temporal_basis
from core.io.formats import MAX_VALUES
from core.phantom import EDGES, Brain, Label, complex_noise, make_brain, smooth_phase
from core.phantom.noise import WaveField
from core.progress import Progress, no_progress, part
from core.types import Grid

__all__ = ["SimulateSettings", "simulate_series"]

_B1_WAVELENGTHS_MM = (250.0, 500.0)
_UNSEEN = (Label.AIR, Label.BONE)


def simulate_series(
    settings: SimulateSettings, sequence: FingerprintSequence, progress: Progress = no_progress
) -> Series:
    r"""Slices of a digital brain as a fingerprinting sequence sees them.

    The signal of a voxel is its proton density times the signal evolution of its T1, T2 and ADC,
    turned by a smooth phase. White noise is added to the real and the imaginary part, with the same
    standard deviation :math:`\sigma` in every voxel and slice:

    .. math:: \mathrm{SNR} = 20 \log_{10} \frac{\overline{\mathrm{rms}}}{\sigma}\ \mathrm{dB}

    where the rms is that of a voxel's noiseless signal over the read-outs (as in
    :func:`core.fingerprinting.signals.noise_sd`), averaged over the voxels of brain and fluid.
    With undersampling the same noise is added to every sample of k-space, whose transform is
    orthonormal, and the images are those of :mod:`core.fingerprinting.subspace`.

    Parameters
    ----------
    settings
        Which head, which slices, and how they are measured.
    sequence
        What is played.
    progress
        Called often; may raise :class:`core.progress.Cancelled`.

    Returns
    -------
    Series
        With its truth. Its mask leaves out air, and bone, which gives next to no signal.

    Raises
    ------
    ValueError
        If the series would be too large, the slices show no brain, the field strength is not one
        of the phantom's, or too few samples are left for the rank.
    """
    _check_size(settings, sequence)
    basis = _basis(settings, sequence)
    progress(0.0, "making a digital brain")
    brain = _slices(settings)
    signals, mean_rms = _clean(settings, sequence, brain, part(progress, 0.1, 0.6))
    sd = mean_rms * 10 ** (-settings.snr_db / 20)
    noise = np.random.default_rng([settings.noise_seed, settings.seed, 0xF19])
    lines = torch.Generator().manual_seed(settings.noise_seed)
    for i, images in enumerate(signals):
        progress(0.6 + 0.4 * i / len(signals), f"measuring slice {i + 1}/{len(signals)}")
        if basis is None:
            _add_noise(images, sd, noise)
        else:
            _undersample(images, sd, noise, _subspace(settings, basis, lines))
    progress(1.0, "series simulated")
    seen = (brain.pd > 0) & ~np.isin(brain.labels, _UNSEEN)
    return Series(
        name=f"Digital brain {settings.seed}",
        signals=signals,
        sequence=sequence,
        mask=seen,
        spacing_mm=brain.spacing_mm,
        grid=_grid(brain, settings.first_slice),
        truth=_truth(brain, seen),
        edges=EDGES,
        notes=_notes(settings, sd),
    )


def _check_size(settings: SimulateSettings, sequence: FingerprintSequence) -> None:
    """Refuse what could not be read back."""
    shape = (settings.n_slices, sequence.n_readouts, settings.size, settings.size)
    if math.prod(shape) > MAX_VALUES:
        raise ValueError(f"a series must hold at most {MAX_VALUES} values, got shape {shape}")


def _basis(settings: SimulateSettings, sequence: FingerprintSequence) -> torch.Tensor | None:
    """None where series are fully sampled."""
    if settings.acceleration == 1:
        return None
    basis = temporal_basis(sequence, settings.rank)
    n_measured = max(1, round(settings.size / settings.acceleration))
    n_samples = sequence.n_readouts * n_measured // settings.size
    if n_samples < settings.rank:
        raise ValueError(
            f"rank must be at most the {n_samples} times that a line of k-space is measured at "
            f"acceleration {settings.acceleration:g}, got {settings.rank}"
        )
    return basis


def _slices(settings: SimulateSettings) -> Brain:
    """The slices asked for, of a head whose slices are always the same."""
    brain = make_brain(settings.seed, N_BRAIN_SLICES, settings.size, settings.field_t)
    chosen = slice(settings.first_slice, settings.first_slice + settings.n_slices)
    names = ("labels", "t1_ms", "t2_ms", "pd", "adc_um2_per_ms")
    brain = replace(brain, **{name: getattr(brain, name)[chosen] for name in names})
    if not np.isin(brain.labels, BRAIN).any():
        raise ValueError(f"slices must show brain, got none in slice {settings.first_slice}")
    return brain


def _clean(
    settings: SimulateSettings, sequence: FingerprintSequence, brain: Brain, progress: Progress
) -> tuple[NDArray[np.complex64], float]:
    """Noiseless images of all slices, and the mean rms over the brain."""
    n_slices, *shape = brain.labels.shape
    signals = np.zeros((n_slices, sequence.n_readouts, *shape), np.complex64)
    phase = np.exp(1j * smooth_phase((shape[0], shape[1]), settings.seed)).astype(np.complex64)
    rms = []
    for i in range(n_slices):
        visible = brain.pd[i] > 0
        evolutions = _evolutions(
            settings, sequence, brain, i, part(progress, i / n_slices, (i + 1) / n_slices)
        )
        is_brain = np.isin(brain.labels[i][visible], BRAIN)
        rms.append(np.sqrt(np.mean(evolutions[is_brain] ** 2, axis=1)))
        for image, values in zip(signals[i], evolutions.T, strict=True):
            image[visible] = values * phase[visible]
    return signals, float(np.concatenate(rms).mean())


def _evolutions(
    settings: SimulateSettings,
    sequence: FingerprintSequence,
    brain: Brain,
    index: int,
    progress: Progress,
) -> NDArray[np.float32]:
    """Noiseless signals of the visible voxels of a slice, shape `(n, readout)`."""
    visible = brain.pd[index] > 0
    maps = (brain.t1_ms, brain.t2_ms, brain.adc_um2_per_ms)
    tissues = torch.from_numpy(np.stack([values[index][visible] for values in maps], axis=1))
    b1 = _b1(settings, brain)[index][visible]
    evolutions = epg.simulate(sequence, tissues, torch.from_numpy(b1), progress=progress)
    scaled: NDArray[np.float32] = evolutions.numpy() * brain.pd[index][visible][:, None]
    return scaled


def _b1(settings: SimulateSettings, brain: Brain) -> NDArray[np.float32]:
    """Actual over nominal flip angle, smooth through the head. Shape `(slice, y, x)`."""
    field = WaveField.random(
        np.random.default_rng([settings.seed, 0xB1]), _B1_WAVELENGTHS_MM, n_waves=12
    )
    z, y, x = (
        np.arange(n, dtype=np.float32) * np.float32(d)
        for n, d in zip(brain.labels.shape, brain.spacing_mm, strict=True)
    )
    heights = z + np.float32(settings.first_slice * brain.spacing_mm[0])
    planes = np.stack([field.on_plane(x, y, float(height)) for height in heights])
    factor: NDArray[np.float32] = np.exp(np.float32(settings.b1_spread) * planes)
    return factor


def _add_noise(
    images: NDArray[np.complex64], sd: float, rng: np.random.Generator
) -> NDArray[np.complex64]:
    """Add noise to images or k-space in place, few read-outs at a time."""
    for start in range(0, len(images), BLOCK):
        block = images[start : start + BLOCK]
        block += complex_noise(block.shape, sd, rng)
    return images


def _subspace(
    settings: SimulateSettings, basis: torch.Tensor, generator: torch.Generator
) -> Subspace:
    lines = deal_lines(len(basis), settings.size, settings.acceleration, generator)
    return Subspace(basis, lines)


def _undersample(
    images: NDArray[np.complex64], sd: float, rng: np.random.Generator, subspace: Subspace
) -> None:
    """Replace the images of a slice by those of few noisy lines a read-out."""
    shared = torch.from_numpy(images)
    measure_(shared, subspace.lines)
    _add_noise(images, sd, rng)  # the solver looks at the measured lines only
    coefficients = subspace.solve(shared)
    for start in range(0, len(images), BLOCK):
        readouts = slice(start, start + BLOCK)
        shared[readouts] = subspace.images(coefficients, readouts)


def _truth(brain: Brain, seen: NDArray[np.bool_]) -> Truth:
    maps = (brain.t1_ms, brain.t2_ms, brain.adc_um2_per_ms, brain.pd)
    t1, t2, adc, pd = (np.where(seen, values, np.float32(np.nan)) for values in maps)
    return Truth(Maps(t1, t2, adc, pd), brain.labels)


def _grid(brain: Brain, first_slice: int) -> Grid:
    """The head's grid, moved up to the first slice."""
    grid = brain.grid
    affine = grid.affine.copy()
    affine[2, 3] += first_slice * brain.spacing_mm[0]
    return replace(grid, affine=affine)


def _notes(settings: SimulateSettings, sd: float) -> tuple[str, ...]:
    last = settings.first_slice + settings.n_slices - 1
    numbers = f"slice {last}" if settings.n_slices == 1 else f"slices {settings.first_slice}-{last}"
    notes = [
        f"digital brain at {settings.field_t:g} T, {numbers} of the whole head's 0-"
        f"{N_BRAIN_SLICES - 1}: computed from equations, not measured in a person",
        f"SNR {settings.snr_db:g} dB: noise of standard deviation {sd:.3g}, in units of the "
        "proton density of water",
        "a voxel that tissues share has their mean T1, T2 and ADC, and one signal of these",
    ]
    if settings.b1_spread > 0:
        notes.append(
            f"B1 varies with a standard deviation of {settings.b1_spread:.0%}, which no method is "
            "told"
        )
    if settings.acceleration > 1:
        notes.append(
            f"each read-out measured 1/{settings.acceleration:g} of the lines of k-space; images "
            f"are reconstructed in a subspace of rank {settings.rank}"
        )
    return tuple(notes)
