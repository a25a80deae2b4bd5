"""A scan of many coils as one of few virtual coils, which costs less time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.calibration import DEFAULT_VIRTUAL_COILS, aligned_compression, compress
from core.progress import Progress, no_progress, part
from core.types import COMPRESSED, Scan


def with_virtual_coils(
    scan: Scan, n_virtual: int = DEFAULT_VIRTUAL_COILS, progress: Progress = no_progress
) -> Scan:
    """The scan with its coils compressed to those combinations of them that hold most signal.

    By geometric-decomposition compression (:func:`core.calibration.geometric_compression`) with
    the slices as positions: each has a matrix of its own, aligned with its neighbours', which
    changes nothing that a slice holds and lets the virtual coils of a 3D acquisition be smooth
    across its slices. Beside both scans, memory holds one slice.

    Parameters
    ----------
    scan
        Of measured coils, whitened if there was a noise scan.
    n_virtual
        Number of virtual coils.
    progress
        Hook, called for every slice; it may cancel.

    Returns
    -------
    Scan
        With a note that says how much of the signal is kept, and a provenance that says that it is
        compressed; ``scan`` itself where it has no more coils than that.

    Raises
    ------
    ValueError
        If ``n_virtual`` is below 1, or the scan is not finite or zero everywhere.
    """
    if n_virtual < 1:
        raise ValueError(f"number of virtual coils must be at least 1, got {n_virtual}")
    if scan.kspace is None or scan.n_coils <= n_virtual:
        return scan
    try:
        matrices = aligned_compression(_slices(scan, part(progress, 0.0, 0.5)), n_virtual)
    except ValueError as error:
        raise ValueError(f"coils of {scan.name} cannot be compressed: {error}") from None
    kspace = np.empty((scan.n_slices, n_virtual, *scan.slice_shape), np.complex64)
    kept = held = 0.0
    for i, measured in enumerate(_slices(scan, part(progress, 0.5, 1.0))):
        kspace[i] = compress(measured, matrices[i]).numpy()
        kept += float(np.linalg.norm(kspace[i])) ** 2
        held += float(torch.linalg.vector_norm(measured)) ** 2
    note = (
        f"{scan.n_coils} coils compressed to {n_virtual} virtual ones, which hold {kept / held:.2%}"
    )
    return replace(
        scan,
        kspace=kspace,
        notes=(*scan.notes, f"{note} of the signal's energy"),
        kspace_origin=f"{scan.kspace_origin} of {scan.n_coils} {COMPRESSED}",
    )


def _slices(scan: Scan, progress: Progress) -> Iterator[torch.Tensor]:
    """What counts of each slice's k-space. Shape `(coil, y, x)`."""
    assert scan.kspace is not None
    for i, one in enumerate(scan.kspace):
        progress(i / scan.n_slices, "virtual coils")
        kspace: NDArray[np.complex64] = np.ascontiguousarray(one)
        yield torch.from_numpy(kspace if scan.sampled is None else kspace * scan.sampled)
