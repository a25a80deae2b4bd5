"""What measured k-space must fulfil, and k-space from complex images, whatever the format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.io.formats import refusal
from core.io.magnitude import check_peak, check_slice_shape, zero_non_finite
from core.io.sampling import Sampling, common_sampling, non_zero

FROM_COMPLEX_IMAGE = "k-space computed from a complex image"
"""Origin of the k-space of scans made by :func:`kspace_of_images`."""


def check_slice(path: Path, kspace: NDArray[np.complex64], index: int) -> None:
    """Refuse one slice that is not finite. Shape `(coil, y, x)`."""
    broken = int(np.count_nonzero(~np.isfinite(kspace)))
    if broken:
        got = f"{broken} NaN or infinite in slice {index}"
        raise refusal(path, "every k-space sample must be finite", got)


def check_stack(
    path: Path, kspace: NDArray[np.complex64], stated: NDArray[np.bool_] | None = None
) -> Sampling:
    """Refuse slices that are too small or too large, empty, out of range or not centred.

    Parameters
    ----------
    path
        The file, for messages.
    kspace
        Shape `(slice, coil, y, x)`, finite.
    stated
        The sampling mask that the file states, if any, shape `(y, x)`.

    Returns
    -------
    Sampling
        Where it was measured and what to note of that: it goes into the scan.

    Raises
    ------
    ScanFileError
        Also as :func:`core.io.sampling.common_sampling`.
    """
    check_values(path, kspace)
    return common_sampling(path, np.stack([non_zero(one) for one in kspace]), stated)


def check_values(path: Path, kspace: NDArray[np.complex64]) -> None:
    """:func:`check_stack` for k-space of which it is known where it was sampled."""
    check_slice_shape(path, (kspace.shape[-2], kspace.shape[-1]))
    peaks = [float(np.abs(one).max()) for one in kspace]
    if max(peaks) == 0:
        raise refusal(path, "k-space must not be empty", "the value 0 everywhere")
    check_peak(path, max(peaks))
    _check_centred(path, kspace[int(np.argmax(peaks))])


def _check_centred(path: Path, kspace: NDArray[np.complex64]) -> None:
    corner = centre_energy(np.fft.fftshift(kspace, axes=(-2, -1)))
    centre = centre_energy(kspace)
    if corner > 2 * centre:
        raise refusal(
            path,
            "k-space must have its origin in the centre (apply fftshift)",
            f"{corner:.0%} of the energy around the corners, {centre:.0%} around the centre",
        )


def centre_energy(values: NDArray[np.complex64]) -> float:
    """Share of the energy in the central eighth along y and along x. Shape `(..., y, x)`."""
    energy = np.square(np.abs(values), dtype=np.float64)
    window = tuple(slice(n // 2 - n // 16, n // 2 + n // 16 + 1) for n in energy.shape[-2:])
    total = float(energy.sum())
    return float(energy[..., window[0], window[1]].sum()) / total if total else 0.0


def kspace_of_images(
    path: Path, images: NDArray[np.complex64]
) -> tuple[NDArray[np.complex64], tuple[str, ...]]:
    """k-space of complex coil images, and notes on what was changed.

    Parameters
    ----------
    path
        The file, for messages.
    images
        Shape `(slice, coil, y, x)`; values that are not finite become 0 in place.

    Raises
    ------
    ScanFileError
        If slices are too small or too large, or the values are constant or out of float32's
        useful range.
    """
    check_slice_shape(path, (images.shape[-2], images.shape[-1]))
    notes = zero_non_finite(images)
    first = images.reshape(-1)[0]
    if all(bool((one == first).all()) for one in images):
        raise refusal(path, "must not be constant", f"the value {first:g} everywhere")
    check_peak(path, max(float(np.abs(one).max()) for one in images))
    return transformed(images), tuple(notes)


def cropped(
    kspace: NDArray[np.complex64], size: Sequence[int], axes: Sequence[int] = (-2, -1)
) -> NDArray[np.complex64]:
    """k-space of the centre of the image, of this size along some axes; intensities stay.

    The origin stays at index ``n // 2``. Axes are transformed one by one and only where the size
    changes, so that lines never measured stay exactly 0 where only the readout is cropped.
    """
    import torch

    from core.fourier import fft1c, ifft1c

    values = torch.from_numpy(kspace)
    for axis, n in zip(axes, size, strict=True):
        full = values.shape[axis]
        if n != full:
            image = ifft1c(values, axis).narrow(axis, full // 2 - n // 2, n)
            values = fft1c(image, axis)
    return np.asarray(values.numpy(), np.complex64)


def transformed(images: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """k-space of images, slice by slice to spare memory. Shape `(slice, ..., y, x)`."""
    import torch

    from core.fourier import fft2c

    kspace = np.empty(images.shape, np.complex64)
    for index, image in enumerate(images):
        kspace[index] = fft2c(torch.from_numpy(np.ascontiguousarray(image))).numpy()
    return kspace
