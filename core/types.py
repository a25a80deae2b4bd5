"""What flows through tlmri: Scan, Mask, Undersampled, Recon, Score.

All are frozen and point back to their source only. This module imports neither torch nor any
reader, so that the window can show before they load.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

SIMULATED = "simulated from magnitude"
"""The label of every scan whose k-space was computed from a magnitude image."""

MEASURED = "measured k-space"
"""What a scan with k-space says of it unless its maker knows better."""

COMPRESSED = "coils compressed"
"""How the origin of k-space ends where coils were compressed to virtual ones."""


@dataclass(frozen=True, eq=False)
class Grid:
    """How the slices of a scan lie in the array of the file they came from.

    ``scan = flip(transpose(file_array, axes), where flips)``, with scan axes (slice, y, x).

    Attributes
    ----------
    affine
        The file's voxel-to-world matrix in mm, RAS+. Shape `(4, 4)`.
    shape
        Shape of the file's array.
    axes
        For scan axes (slice, y, x), the file axis each comes from.
    flips
        For scan axes (slice, y, x), whether it runs against the file's axis.
    """

    affine: NDArray[np.float64]
    shape: tuple[int, int, int]
    axes: tuple[int, int, int] = (0, 1, 2)
    flips: tuple[bool, bool, bool] = (False, False, False)

    @property
    def _flipped_axes(self) -> tuple[int, ...]:
        return tuple(axis for axis, flipped in enumerate(self.flips) if flipped)

    def to_scan(self, array: NDArray[np.generic]) -> NDArray[np.generic]:
        """View of a file's array with axes (slice, y, x)."""
        return np.flip(np.transpose(array, self.axes), self._flipped_axes)

    def to_file(self, volume: NDArray[np.generic]) -> NDArray[np.generic]:
        """View of a (slice, y, x) volume with the file's axes; inverse of :meth:`to_scan`."""
        flipped = np.flip(volume, self._flipped_axes)
        return np.transpose(flipped, tuple(int(i) for i in np.argsort(self.axes)))


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan: measured k-space, or magnitude images that stand in for it.

    Exactly one of ``magnitude`` and ``kspace`` is given. A scan is fully sampled, and so has a
    reference to compare reconstructions with, unless ``sampled`` says otherwise.

    Attributes
    ----------
    name
        What a person calls it, usually the file's name without suffix.
    magnitude
        Magnitude images, float32, shape `(slice, y, x)`; k-space is then simulated as that of a
        real-valued single-coil image, and everything made from it carries :data:`SIMULATED`.
    kspace
        Complex k-space, centred, complex64, shape `(slice, coil, y, x)`.
    path
        The file it came from, if any.
    grid
        How to write results onto the file's grid, if the file has one.
    spacing_mm
        Distance between voxels along (slice, y, x).
    edges
        Letters at the left, right, top and bottom edge of the displayed image, if known:
        R, L, A, P, S or I.
    notes
        What the reader decided or mended, one line each.
    kspace_origin
        Where ``kspace`` comes from, in a phrase; of no meaning for magnitude images.
    person
        Whom it shows, if the file says so; :mod:`core.people` else goes by the path.
    sampled
        Of a scan that was itself acquired undersampled: True where k-space was measured, shape
        `(y, x)`, the same in every slice; ``kspace`` counts for nothing elsewhere. None for a
        fully sampled scan, whose outer lines may be zero-filled all the same.
    """

    name: str
    magnitude: NDArray[np.float32] | None = None
    kspace: NDArray[np.complex64] | None = None
    path: Path | None = None
    grid: Grid | None = None
    spacing_mm: tuple[float, float, float] = (1.0, 1.0, 1.0)
    edges: tuple[str, str, str, str] | None = None
    notes: tuple[str, ...] = field(default=())
    kspace_origin: str = MEASURED
    person: str | None = None
    sampled: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if (self.magnitude is None) == (self.kspace is None):
            raise ValueError(f"scan {self.name!r} must have either magnitude or kspace")
        expected = 3 if self.is_simulated else 4
        if self._data.ndim != expected or 0 in self._data.shape:
            raise ValueError(
                f"scan {self.name!r} must have {expected} non-empty axes, got shape "
                f"{self._data.shape}"
            )
        if self.sampled is not None:
            self._check_sampled(self.sampled)

    def _check_sampled(self, sampled: NDArray[np.bool_]) -> None:
        if self.is_simulated:
            raise ValueError(f"scan {self.name!r} must have kspace where it is undersampled")
        if sampled.dtype != bool or sampled.shape != self.slice_shape or not sampled.any():
            raise ValueError(
                f"sampled of scan {self.name!r} must be bool, True somewhere and of shape "
                f"{self.slice_shape}, got {sampled.dtype}, shape {sampled.shape}"
            )

    @property
    def _data(self) -> NDArray[np.float32] | NDArray[np.complex64]:
        data = self.magnitude if self.kspace is None else self.kspace
        assert data is not None
        return data

    @property
    def is_simulated(self) -> bool:
        """Whether k-space is simulated from magnitude."""
        return self.kspace is None

    @property
    def has_reference(self) -> bool:
        """Whether it is fully sampled, so that reconstructions can be compared with it."""
        return self.sampled is None

    @property
    def provenance(self) -> str:
        """One phrase that says where the k-space comes from."""
        if self.is_simulated:
            return SIMULATED
        coils = f"{self.n_coils} coil{'s' if self.n_coils > 1 else ''}"
        undersampled = "" if self.has_reference else ", acquired undersampled"
        return f"{self.kspace_origin}, {coils}{undersampled}"

    @property
    def n_slices(self) -> int:
        """Number of slices."""
        return int(self._data.shape[0])

    @property
    def n_coils(self) -> int:
        """Number of receive coils (1 if simulated)."""
        return 1 if self.is_simulated else int(self._data.shape[1])

    @property
    def n_bytes(self) -> int:
        """Memory that its images or its k-space take."""
        return self._data.nbytes

    @property
    def slice_shape(self) -> tuple[int, int]:
        """Size of a slice, (y, x)."""
        return (int(self._data.shape[-2]), int(self._data.shape[-1]))

    def slice_digest(self, slice_index: int) -> str:
        """First 16 hexadecimal digits of the SHA-256 of one slice's data.

        The same slice in another file or at another index has the same digest.
        """
        data = np.ascontiguousarray(self._data[slice_index])
        summary = hashlib.sha256(f"{data.dtype.str}{data.shape}".encode())
        summary.update(data.view(np.uint8).data)
        return summary.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Mask:
    """A sampling pattern and how it was made.

    Attributes
    ----------
    samples
        True where k-space is acquired. Shape `(y, x)`, centre at index ``n // 2``.
    acs_shape
        Size (y, x) of the fully sampled centre (the auto-calibration signal).
    pattern, acceleration, seed, split
        The registered pattern's name, the R asked for, the seed and the pool ('train' or 'test').
        The mask of a scan that was acquired undersampled (:mod:`core.masks.acquired`) has the
        pattern ``acquired``, the R that was acquired, seed 0 and no settings.
    params
        The pattern's settings, an instance of its registered dataclass; None stands for the
        defaults.
    """

    samples: NDArray[np.bool_]
    acs_shape: tuple[int, int]
    pattern: str
    acceleration: float
    seed: int
    split: str = "test"
    params: Any = None

    @property
    def achieved_acceleration(self) -> float:
        """Number of k-space locations over number of samples."""
        return self.samples.size / int(np.count_nonzero(self.samples))


@dataclass(frozen=True, eq=False)
class SampledSlice:
    """One slice of a scan under one mask: what a result is of, without its data.

    Attributes
    ----------
    scan, slice_index, mask
        Which slice of which scan, and the samples of it that are used.
    """

    scan: Scan
    slice_index: int
    mask: Mask


@dataclass(frozen=True, eq=False)
class Undersampled(SampledSlice):
    """One slice as an accelerated scan would have measured it, in normalised units.

    Attributes
    ----------
    kspace
        Zero where not sampled, divided by ``scale``. complex64, shape `(coil, y, x)`.
    scale
        Intensity of 1 in these units; computed from the undersampled data alone
        (:mod:`core.acquisition`), and undone in :func:`core.pipeline.reconstruct`.
    """

    kspace: torch.Tensor
    scale: float


@dataclass(frozen=True, eq=False)
class Recon:
    """One method's image of one slice.

    Attributes
    ----------
    source
        What it was reconstructed from. The k-space is let go of, so that the images of a whole
        volume are small beside its scan.
    method
        The name that asks for it again, such as ``cs`` or ``net:natural``.
    label
        The name a person reads.
    image
        Magnitude in the scan's own intensity units, float32, shape `(y, x)`.
    seconds
        Time the method took.
    tuned_on
        Keys (:mod:`core.seen`) of the slices, scans and people the method was tuned on, which are
        never scored.
    remarks
        What a reader must know, such as a network trained for another acceleration.
    """

    source: SampledSlice
    method: str
    label: str
    image: NDArray[np.float32]
    seconds: float
    tuned_on: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()


def image_key(scan: Scan, slice_index: int) -> str:
    """Key of one image in a checkpoint's list of what is not scored, from its data alone."""
    return scan.slice_digest(slice_index)


@dataclass(frozen=True)
class Score:
    """Figures of merit of one image under one named definition.

    ``excluded`` says why there are none (the image was used for tuning, or the reference is
    empty); the figures are NaN then.
    """

    definition: str
    psnr_db: float
    ssim: float
    nmse: float
    rmse: float
    excluded: str | None = None
