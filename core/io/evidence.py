"""What an array shows of itself: measurements from which :mod:`core.io.scan_doctor` concludes.

All take planes of shape `(n, y, x)` and return plain numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.io.kspace import centre_energy

_KERNEL, _REGION = 6, 40
_RELATIVE = 0.02
_WINDOW = 8
"""The centre of k-space that is looked at is this part of each axis."""

_SHIFTS: dict[str, tuple[int, ...]] = {
    "centre": (),
    "corner": (-2, -1),
    "y edge": (-2,),
    "x edge": (-1,),
}


def axes_of(origin: str) -> tuple[int, ...]:
    """The axes (of ``..., y, x``) along which an origin lies at index 0."""
    return _SHIFTS[origin]


class Peak(NamedTuple):
    """Where energy gathers: the origin, its share there, and the share at the next best origin."""

    origin: str
    share: float
    next_share: float


def peak(planes: NDArray[np.complex64]) -> Peak:
    """Around which possible origin the energy gathers most."""
    energy = {
        origin: centre_energy(np.fft.fftshift(planes, axes=axes) if axes else planes)
        for origin, axes in _SHIFTS.items()
    }
    best, second = sorted(energy, key=lambda origin: -energy[origin])[:2]
    return Peak(best, energy[best], energy[second])


class Extent(NamedTuple):
    """Share of an image's energy in the middle eighth of an axis, and in its outer eighth."""

    middle: float
    outer: float


def extents(images: NDArray[np.complex64]) -> tuple[Extent, Extent]:
    """Where images lie along y and along x."""
    energy = np.square(np.abs(images), dtype=np.float64).sum(axis=0)
    along = (energy.sum(axis=1), energy.sum(axis=0))
    y, x = (Extent(gathered(p), gathered(np.fft.fftshift(p))) for p in along)
    return y, x


def symmetry(image: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """How alike an image is to itself mirrored top to bottom, and left to right; 1 if equal.

    The largest correlation over all positions of the mirror. Shape `(y, x)`.
    """
    step = max(1, max(image.shape) // 128)
    small = np.minimum(image, np.quantile(image, 0.98))[::step, ::step].astype(np.float64)
    small = small - small.mean()
    energy = float(np.square(small).sum()) or 1.0
    found = []
    for axis in (0, 1):
        spectrum = np.fft.fft2(small) * np.conj(np.fft.fft2(np.flip(small, axis)))
        alike = np.fft.ifft2(spectrum).real
        found.append(float(np.take(alike, 0, axis=1 - axis).max()) / energy)
    return found[0], found[1]


def gathered(profile: NDArray[np.float64]) -> float:
    """Share of the energy along an axis in its central eighth. Shape `(n,)`."""
    n = len(profile)
    half = max(1, n // (2 * _WINDOW))
    middle = profile[n // 2 - half : n // 2 + half + 1]
    return float(middle.sum() / (profile.sum() or 1.0))


def independence(kspace: NDArray[np.complex64]) -> float:
    """How much each further plane adds that the others do not hold: 0 nothing, 1 all.

    Coils see one object through smooth sensitivities, so the patches of their k-space lie in one
    small subspace (Uecker et al., "ESPIRiT", 2014, Sec. "Theory"); slices and echoes do not. The
    number of its dimensions is compared with that of the planes one by one. Patches with samples
    never measured do not count.

    Parameters
    ----------
    kspace
        Centred, shape `(n, y, x)`, ``n`` at least 2.
    """
    half = _REGION // 2
    centre = (slice(max(n // 2 - half, 0), n // 2 + half) for n in kspace.shape[1:])
    region = kspace[(slice(None), *centre)].astype(np.complex128)
    whole = _patches(np.any(region != 0, axis=0)).all(axis=1)
    blocks = [_patches(plane / (np.linalg.norm(plane) or 1.0))[whole] for plane in region]
    alone = [_rank(block) for block in blocks]
    room = sum(alone) - max(alone)
    return (_rank(np.concatenate(blocks, axis=1)) - max(alone)) / room if room else 1.0


def _patches(plane: NDArray[Any]) -> NDArray[Any]:
    """All patches of a plane, one a row."""
    patches = np.lib.stride_tricks.sliding_window_view(plane, (_KERNEL, _KERNEL))
    return patches.reshape(-1, _KERNEL**2)


def _rank(rows: NDArray[np.complex128]) -> int:
    values = np.linalg.eigvalsh(rows.conj().T @ rows)
    return int(np.count_nonzero(values > _RELATIVE**2 * values[-1]))


def spread(n: int, most: int) -> Sequence[int]:
    """At most ``most`` indices spread evenly over ``n``, the middle one among them."""
    chosen = np.linspace(0, n - 1, min(n, most)).round().astype(int)
    return sorted({*map(int, chosen[: max(most - 1, 1)]), n // 2}) if n > most else range(n)
