"""From an array and its interpretation to a scan, and to a preview of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.evidence import axes_of
from core.io.formats import refusal, scan_name
from core.io.interpretation import Interpretation
from core.io.kspace import FROM_COMPLEX_IMAGE, check_slice, check_stack, kspace_of_images
from core.io.magnitude import check_slice_shape, clean_magnitude
from core.io.sampling import MAX_HOLES, non_zero
from core.types import MEASURED, Scan

PREVIEW_SIZE = 256
"""Largest side of a preview in pixels."""

_FLIPS: dict[str, tuple[int, ...]] = {"none": (), "y": (-2,), "x": (-1,), "both": (-2, -1)}


@dataclass(frozen=True, eq=False)
class RawArray:
    """An array as a file holds it, before anything is concluded.

    Attributes
    ----------
    values
        Plain numbers with 2 or more axes.
    stated
        Fields of :class:`core.io.interpretation.Interpretation` that the file itself says, such
        as ``{"content": "image"}``; in its axes ``?`` stands for one that it does not say.
    variable
        The array's name in a file that holds several.
    plane
        Where the format's users put the axes (y, x): ``first``, as in MATLAB, or ``last``, as in
        NumPy.
    notes
        What the reader decided, one line each.
    """

    values: NDArray[Any]
    stated: Mapping[str, str] = field(default_factory=dict)
    variable: str = ""
    plane: str = "last"
    notes: tuple[str, ...] = ()


def check_fits(path: Path, shape: tuple[int, ...], interpretation: Interpretation) -> None:
    """Refuse an interpretation that is not one of arrays of this shape.

    Raises
    ------
    ScanFileError
        If the number of axes, the slices' size or the volume do not fit.
    """
    names = interpretation.names
    if len(names) != len(shape):
        rule = f"axes must name all {len(shape)} axes of the shape {shape}"
        raise refusal(path, rule, repr(interpretation.axes))
    check_slice_shape(path, (shape[names.index("y")], shape[names.index("x")]))
    count = n_volumes(shape, interpretation)
    if interpretation.volume >= count:
        raise refusal(path, f"volume must be from 0 to {count - 1}", interpretation.volume)


def n_volumes(shape: tuple[int, ...], interpretation: Interpretation) -> int:
    """Number of volumes: the product of the axes named ``other``."""
    sizes = (n for n, name in zip(shape, interpretation.names, strict=True) if name == "other")
    return int(np.prod([*sizes, 1], dtype=np.int64))


def planes_of(values: NDArray[Any], interpretation: Interpretation) -> NDArray[Any]:
    """View of one volume with axes `(slice or kz, coil, y, x)`."""
    names = interpretation.names
    others = [axis for axis, name in enumerate(names) if name == "other"]
    sizes = tuple(values.shape[axis] for axis in others)
    chosen = np.unravel_index(interpretation.volume, sizes) if others else ()
    index: list[Any] = [slice(None)] * values.ndim
    for axis, at in zip(others, chosen, strict=True):
        index[axis] = int(at)
    kept = ["slice" if name == "kz" else name for name in names if name != "other"]
    planes = values[tuple(index)]
    order = [kept.index(name) for name in ("slice", "coil", "y", "x") if name in kept]
    planes = planes.transpose(order)
    missing = [at for at, name in enumerate(("slice", "coil")) if name not in kept]
    return np.expand_dims(planes, tuple(missing))


def scan_of(path: Path, raw: RawArray, interpretation: Interpretation) -> Scan:
    """The scan that an array holds.

    Raises
    ------
    ScanFileError
        If the interpretation does not fit the array, or as the checks of this package.
    """
    check_fits(path, raw.values.shape, interpretation)
    planes = planes_of(raw.values, interpretation)
    if interpretation.content == "magnitude":
        return _magnitude_scan(path, planes[:, 0], interpretation, raw.notes)
    with np.errstate(over="ignore", invalid="ignore"):
        values = planes.astype(np.complex64, order="C")
    return _kspace_scan(path, values, interpretation, raw.notes)


def preview(values: NDArray[Any], interpretation: Interpretation) -> NDArray[np.float32]:
    """Magnitude of the middle slice, coils combined, at most :data:`PREVIEW_SIZE` pixels a side.

    Shape `(y, x)`, scaled to a maximum of 1. Quick: no other slice is looked at, and nothing is
    checked but that the interpretation fits.

    Raises
    ------
    ScanFileError
        As :func:`check_fits`.
    """
    check_fits(Path("preview"), values.shape, interpretation)
    images = middle_images(values, interpretation)
    image = np.linalg.norm(images, axis=0)
    step = -(-max(image.shape) // PREVIEW_SIZE)
    small = image[::step, ::step]
    return np.asarray(small / (small.max() or 1.0), np.float32)


def middle_kspace(values: NDArray[Any], interpretation: Interpretation) -> NDArray[np.complex64]:
    """k-space of the middle slice, straight, of unit maximum. Shape `(coil, y, x)`."""
    return _straight_kspace(_middle(values, interpretation), interpretation)


def middle_images(values: NDArray[Any], interpretation: Interpretation) -> NDArray[np.complex64]:
    """Coil images of the middle slice, straight. Shape `(coil, y, x)`."""
    if interpretation.content == "kspace":
        return _image_of(middle_kspace(values, interpretation))
    return _straight_image(_middle(values, interpretation), interpretation)


def _middle(values: NDArray[Any], interpretation: Interpretation) -> NDArray[np.complex64]:
    """The middle slice as stored, finite and of unit maximum. Shape `(coil, y, x)`."""
    planes = planes_of(values, interpretation)
    with np.errstate(over="ignore", invalid="ignore"):
        # The middle of an inverse transform is the plain sum over k-space.
        is_kz = "kz" in interpretation.names
        stored = planes.sum(axis=0) if is_kz else planes[len(planes) // 2]
        middle = np.nan_to_num(stored.astype(np.complex64), posinf=0, neginf=0)
    return np.asarray(middle / (np.abs(middle).max() or 1.0), np.complex64)


def _magnitude_scan(
    path: Path, planes: NDArray[Any], interpretation: Interpretation, notes: tuple[str, ...]
) -> Scan:
    if planes.dtype.kind == "c":
        raise refusal(path, "a magnitude must be real", f"type {planes.dtype}")
    with np.errstate(over="ignore", invalid="ignore"):
        values = planes.astype(np.float32, order="C")
    values = np.ascontiguousarray(_straight_image(values, interpretation))
    magnitude, mended = clean_magnitude(path, values)
    return Scan(name=scan_name(path), magnitude=magnitude, path=path, notes=(*notes, *mended))


def _kspace_scan(
    path: Path, values: NDArray[Any], interpretation: Interpretation, notes: tuple[str, ...]
) -> Scan:
    sampled: NDArray[np.bool_] | None = None
    if interpretation.content == "image":
        images = np.ascontiguousarray(_straight_image(values, interpretation))
        kspace, mended = kspace_of_images(path, images)
        for axis in axes_of(interpretation.kspace_origin):
            kspace = np.fft.fftshift(kspace, axes=axis)
    else:
        for index, one in enumerate(values):
            check_slice(path, one, index)
        if "kz" in interpretation.names:
            values = _slices_of(path, values)
        kspace = _straight_kspace(values, interpretation)
        found = check_stack(path, kspace)
        sampled, mended = found if interpretation.sampling == "auto" else (None, ())
    return Scan(
        name=scan_name(path),
        kspace=np.ascontiguousarray(kspace),
        path=path,
        notes=(*notes, *mended),
        kspace_origin=FROM_COMPLEX_IMAGE if interpretation.content == "image" else MEASURED,
        sampled=sampled,
    )


def _straight_image(images: NDArray[Any], interpretation: Interpretation) -> NDArray[Any]:
    """Images with their middle in the middle, mirrored as asked. Shape `(..., y, x)`."""
    for axis in axes_of(interpretation.image_origin):
        images = np.fft.fftshift(images, axes=axis)
    return np.flip(images, _FLIPS[interpretation.flip])


def _straight_kspace(kspace: NDArray[Any], interpretation: Interpretation) -> NDArray[Any]:
    """k-space of straight images with its origin in the centre. Shape `(..., y, x)`.

    Samples are moved and change their phase only, so that those never measured stay 0.
    """
    for axis in axes_of(interpretation.kspace_origin):
        kspace = np.fft.fftshift(kspace, axes=axis)
    for axis in axes_of(interpretation.image_origin):
        kspace = kspace * _half_turn(kspace.shape[axis], axis)
    mirrored = set(_FLIPS[interpretation.flip])
    if interpretation.transform == "inverse":
        mirrored ^= set(_FLIPS["both"])
    for axis in sorted(mirrored):
        kspace = _mirrored(kspace, axis)
    return kspace


def _half_turn(n: int, axis: int) -> NDArray[np.complex64]:
    """Phase that moves the image from index 0 to the middle along an axis."""
    k = np.arange(n) - n // 2
    phase = np.exp(-2j * np.pi * k * (n // 2) / n).astype(np.complex64)
    return phase.reshape((n,) + (1,) * (-axis - 1))


def _mirrored(kspace: NDArray[Any], axis: int) -> NDArray[Any]:
    """k-space of the image mirrored at its origin, which stays at index ``n // 2``."""
    flipped = np.flip(kspace, axis)
    return np.roll(flipped, 1, axis) if kspace.shape[axis] % 2 == 0 else flipped


def _slices_of(path: Path, kspace: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Slices of 3D k-space, transformed along the first axis, coil by coil to spare memory.

    That axis must be fully sampled: what is missing would else be spread over all slices.
    """
    import torch

    from core.fourier import ifft1c

    measured = np.stack([non_zero(plane) for plane in kspace])
    along = measured.any(axis=(1, 2))
    gaps = measured[along] != measured.any(axis=0)
    if np.count_nonzero(gaps) > MAX_HOLES * np.count_nonzero(measured):
        rule = "3D k-space must be sampled alike along kz: name its readout kz"
        raise refusal(path, rule, f"{np.count_nonzero(gaps)} samples that are not")
    slices = np.empty_like(kspace)
    for coil in range(kspace.shape[1]):
        one = torch.from_numpy(np.ascontiguousarray(kspace[:, coil]))
        slices[:, coil] = ifft1c(one, 0).numpy()
    return slices


def _image_of(kspace: NDArray[np.complex64]) -> NDArray[np.complex64]:
    import torch

    from core.fourier import ifft2c

    return np.asarray(ifft2c(torch.from_numpy(np.ascontiguousarray(kspace))).numpy())
