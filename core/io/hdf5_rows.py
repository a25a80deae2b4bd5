"""Rows with values of variable length in an HDF5 file, read without trusting what they say.

On a damaged length or heap the HDF5 library allocates whatever is stated, or corrupts its own
memory. The layout is simple (HDF5 File Format Specification, "Variable-Length" and "Global Heap"):
a row holds the number of values, the address of a heap and an index into it; a heap is a list of
numbered objects. This reads both with bounds that hold.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.formats import refusal

_REFERENCE = np.dtype([("length", "<u4"), ("heap", "<u8"), ("index", "<u4")])
_HEAP = np.dtype([("signature", "S4"), ("version", "V4"), ("size", "<u8")])
_OBJECT = np.dtype([("index", "<u2"), ("count", "V6"), ("size", "<u8")])
_ADDRESS_BYTES = 8
_HEAPS = 4096
"""Heaps whose list of objects is remembered."""


class Rows:
    """A one-dimensional table, or a column of texts, of an open HDF5 file.

    Parameters
    ----------
    path
        The file.
    dataset
        The h5py dataset.

    Raises
    ------
    ScanFileError
        If the table is compressed, incomplete or of another layout than all libraries write.
    """

    def __init__(self, path: Path, dataset: Any) -> None:  # noqa: ANN401 - h5py is untyped
        plan = dataset.id.get_create_plist()
        if dataset.ndim != 1 or plan.get_nfilters():
            got = "compressed" if plan.get_nfilters() else f"shape {dataset.shape}"
            raise refusal(path, "its tables must be one-dimensional and uncompressed", got)
        if dataset.file.id.get_create_plist().get_sizes() != (_ADDRESS_BYTES, _ADDRESS_BYTES):
            raise refusal(path, "HDF5 addresses must have 8 bytes", "other ones")
        self._path = path
        self._kind = dataset.id.get_type()
        self._bytes = np.memmap(path, np.uint8, mode="r")
        self._base = int(dataset.file.userblock_size)
        self._rows = self._gathered(dataset)
        self._objects = lru_cache(_HEAPS)(self._list_objects)

    def __len__(self) -> int:
        return len(self._rows)

    def _gathered(self, dataset: Any) -> NDArray[np.uint8]:  # noqa: ANN401
        """Bytes of all rows, shape `(row, byte)`."""
        has_fields = dataset.dtype.names is not None
        size = int(self._kind.get_size()) if has_fields else _REFERENCE.itemsize
        n = int(dataset.shape[0])
        if n * size > self._bytes.size:
            rule = f"must hold the {n * size} bytes it declares"
            raise refusal(self._path, rule, f"at most {self._bytes.size} (truncated?)")
        rows = np.zeros((n, size), np.uint8)
        for first, offset, n_bytes in _pieces(dataset):
            count = min(n_bytes // size, n - first)
            rows[first : first + count] = self._piece(offset, count * size).reshape(count, size)
        return rows

    def _piece(self, offset: int, n_bytes: int) -> NDArray[np.uint8]:
        piece = self._bytes[offset : offset + n_bytes]
        if piece.size < n_bytes:
            raise refusal(self._path, "must be an undamaged HDF5 file", "data beyond its end")
        return piece

    def field(self, name: str, kind: np.dtype[Any]) -> NDArray[Any]:
        """A field of fixed length of all rows, of this type."""
        at = self._kind.get_member_offset(self._kind.get_member_index(name.encode()))
        return np.ascontiguousarray(self._rows[:, at : at + kind.itemsize]).view(kind)[:, 0]

    def references(self, name: str = "") -> NDArray[Any]:
        """Where the values of a field (or of rows without fields) of variable length lie."""
        kind = self._kind
        at = kind.get_member_offset(kind.get_member_index(name.encode())) if name else 0
        packed = np.ascontiguousarray(self._rows[:, at : at + _REFERENCE.itemsize])
        return packed.view(_REFERENCE)[:, 0]

    def values(self, reference: Any, kind: np.dtype[Any]) -> NDArray[Any]:  # noqa: ANN401
        """The values that a reference leads to.

        Raises
        ------
        ScanFileError
            If there are none, or fewer than it says.
        """
        found = self._objects(int(reference["heap"])).get(int(reference["index"]))
        n_bytes = int(reference["length"]) * kind.itemsize
        if found is None or found[1] < n_bytes:
            got = "no such values" if found is None else f"{found[1]} bytes"
            raise refusal(self._path, f"a row's {n_bytes} bytes must be in the file", got)
        return np.array(self._piece(found[0], n_bytes)).view(kind)

    def _list_objects(self, heap: int) -> dict[int, tuple[int, int]]:
        """Offset and size of each object of the heap at an address, by its index."""
        start = self._base + heap
        if start + _HEAP.itemsize > self._bytes.size:
            return {}
        head = self._bytes[start : start + _HEAP.itemsize].view(_HEAP)[0]
        if head["signature"] != b"GCOL":
            return {}
        end = min(start + int(head["size"]), self._bytes.size)
        found: dict[int, tuple[int, int]] = {}
        at = start + _HEAP.itemsize
        while at + _OBJECT.itemsize <= end:
            one = self._bytes[at : at + _OBJECT.itemsize].view(_OBJECT)[0]
            at += _OBJECT.itemsize
            if one["index"] == 0:  # the free space at the end
                break
            found[int(one["index"])] = (at, int(one["size"]))
            at += -(-int(one["size"]) // 8) * 8
        return found


def _pieces(dataset: Any) -> list[tuple[int, int, int]]:  # noqa: ANN401
    """First row, offset in the file and number of bytes of each piece of a table."""
    if dataset.chunks is None:
        offset = dataset.id.get_offset()
        return [] if offset is None else [(0, offset, dataset.id.get_storage_size())]
    found: list[tuple[int, int, int]] = []
    dataset.id.chunk_iter(
        lambda chunk: found.append((chunk.chunk_offset[0], chunk.byte_offset, chunk.size))
    )
    return found
