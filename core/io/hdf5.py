"""HDF5, the container that several formats share: how it begins and what lies at its root."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.io.formats import refusal

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_OFFSETS = (0, 512, 1024, 2048)
"""Where the signature may stand, behind text of the format's own (MATLAB writes 512 bytes)."""

_CHECKSUM_BYTES = 4

DAMAGED = (OSError, RuntimeError, ValueError, KeyError, TypeError, IndexError)
"""What h5py raises on a damaged file."""


def is_hdf5(head: bytes) -> bool:
    """Whether a file that begins with these bytes is HDF5."""
    return any(head[at : at + len(_SIGNATURE)] == _SIGNATURE for at in _OFFSETS)


def root_names(path: Path) -> tuple[str, ...]:
    """Names of what lies at the root of an HDF5 file, sorted.

    Raises
    ------
    Those of DAMAGED
        On a damaged file.
    """
    import h5py

    with h5py.File(path, "r") as file:
        return tuple(sorted(str(name) for name in file))


def check_chunks(path: Path, dataset: Any) -> None:  # noqa: ANN401 - h5py is untyped
    """Refuse chunks shorter than their checksum, on which the HDF5 library ends the process.

    Raises
    ------
    ScanFileError
        If there are such.
    """
    if dataset.chunks is None or not dataset.fletcher32:
        return
    sizes: list[int] = []
    dataset.id.chunk_iter(lambda chunk: sizes.append(chunk.size))
    if min(sizes, default=_CHECKSUM_BYTES) < _CHECKSUM_BYTES:
        rule = f"chunks must have at least the {_CHECKSUM_BYTES} bytes of their checksum"
        raise refusal(path, rule, min(sizes))


def holds(path: Path, head: bytes, name: str) -> bool:
    """Whether a file is HDF5 and has ``name`` (which may be ``group/member``) at its root.

    False for files too damaged to be opened. Never raises.
    """
    if not is_hdf5(head):
        return False
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return file.get(name, getlink=True) is not None
    except DAMAGED:
        return False
