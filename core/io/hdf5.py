"""HDF5, the container that several formats share: how it begins and what lies at its root."""

from __future__ import annotations

from pathlib import Path

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_OFFSETS = (0, 512, 1024, 2048)
"""Where the signature may stand, behind text of the format's own (MATLAB writes 512 bytes)."""

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
