"""A scan of many coils as one of few virtual coils, which costs less time and memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from core.calibration import DEFAULT_VIRTUAL_COILS, compress, geometric_compression
from core.types import Scan


def with_virtual_coils(scan: Scan, n_virtual: int = DEFAULT_VIRTUAL_COILS) -> Scan:
    """The scan with its coils compressed to those combinations of them that hold most signal.

    Each slice has a matrix of its own (:func:`core.calibration.svd_compression`). Those of
    neighbours are aligned (:func:`core.calibration.geometric_compression`), which changes nothing
    that a slice holds, and lets the virtual coils of a 3D acquisition be smooth across its slices.

    Parameters
    ----------
    scan
        Of measured coils, whitened if there was a noise scan.
    n_virtual
        Number of virtual coils.

    Returns
    -------
    Scan
        With a note that says how much of the signal is kept, and a provenance that says that it is
        compressed; ``scan`` itself where it has no more coils than that.

    Raises
    ------
    ValueError
        If ``n_virtual`` is below 1, or the scan is zero everywhere.
    """
    if n_virtual < 1:
        raise ValueError(f"number of virtual coils must be at least 1, got {n_virtual}")
    if scan.kspace is None or scan.n_coils <= n_virtual:
        return scan
    measured = scan.kspace if scan.sampled is None else scan.kspace * scan.sampled
    matrices = geometric_compression(torch.from_numpy(measured), n_virtual)
    kspace = np.empty((scan.n_slices, n_virtual, *scan.slice_shape), np.complex64)
    for virtual, one, matrix in zip(kspace, measured, matrices, strict=True):
        virtual[...] = compress(torch.from_numpy(np.ascontiguousarray(one)), matrix).numpy()
    kept = _energy(kspace) / _energy(measured)
    note = f"{scan.n_coils} coils compressed to {n_virtual} virtual ones, which hold {kept:.2%}"
    return replace(
        scan,
        kspace=kspace,
        notes=(*scan.notes, f"{note} of the signal's energy"),
        kspace_origin=f"{scan.kspace_origin} of {scan.n_coils} coils compressed",
    )


def _energy(kspace: np.ndarray[tuple[int, ...], np.dtype[np.complex64]]) -> float:
    """Sum of squares, slice by slice to spare memory."""
    return sum(float(np.linalg.norm(one.ravel())) ** 2 for one in kspace)
