"""Elements of MATLAB files of version 5: a tag of data type and size, then the data.

Nothing is believed before it is checked: no element reaches beyond the one that holds it, and
compressed ones are inflated piece by piece. After "MAT-File Format", The MathWorks.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from core.io.formats import MAX_INFLATION, refusal

INT8, UINT8, INT32, UINT32, UTF8 = 1, 2, 5, 6, 16
MATRIX, COMPRESSED = 14, 15
NUMBERS = {
    INT8: "i1",
    UINT8: "u1",
    3: "i2",
    4: "u2",
    INT32: "i4",
    UINT32: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
"""Data types of plain numbers, and NumPy's names of them."""

_IN_TAG = 4
"""Most bytes of data that stand within their tag."""

_CHUNK = 2**20
_PIECE = 2**14


class Stream(Protocol):
    """What elements are read from, forwards."""

    def read(self, n: int, /) -> bytes:
        """At most ``n`` bytes, none at the end."""

    def seek(self, at: int, /) -> int:
        """Go on to a position."""


@dataclass(frozen=True)
class Element:
    """What a tag says.

    Attributes
    ----------
    kind
        Number of the data type.
    size
        Bytes of its data, which begins at the stream's position once its tag is read.
    after
        Where the next element begins.
    """

    kind: int
    size: int
    after: int


class Elements:
    """The elements of a stream, read forwards.

    Attributes
    ----------
    path
        The file, for refusals.
    order
        Order of bytes, ``<`` or ``>``, as :mod:`struct` names it.
    at
        Position in the stream.
    """

    def __init__(self, path: Path, stream: Stream, order: str, at: int = 0) -> None:
        self.path = path
        self.order = order
        self.at = at
        self._stream = stream

    def next(self, what: str, kinds: Collection[int], end: int) -> Element:
        """The tag here, which must be of one of the data types and within an element's ``end``.

        Raises
        ------
        ScanFileError
            If it is not; the line calls it ``what``.
        """
        if end - self.at < 2 * _IN_TAG:
            raise refusal(self.path, f"{what} must follow", f"{end - self.at} bytes (truncated?)")
        (kind,) = struct.unpack(f"{self.order}I", self.read(4))
        small = kind >> 16
        if small:
            kind &= 0xFFFF
            size, room = small, _IN_TAG
        else:
            (size,) = struct.unpack(f"{self.order}I", self.read(4))
            room = end - self.at
        if kind not in kinds:
            rule = f"the data type of {what} must be {' or '.join(map(str, sorted(kinds)))}"
            raise refusal(self.path, rule, kind)
        if size > room:
            rule = f"{what} must lie within what holds it"
            raise refusal(self.path, rule, f"{size} bytes where {room} are left (truncated?)")
        if small:
            return Element(kind, size, self.at + _IN_TAG)
        padding = 0 if kind in (MATRIX, COMPRESSED) else -size % 8
        return Element(kind, size, min(self.at + size + padding, end))

    def data(self, element: Element) -> bytearray:
        """The data of the element whose tag was read last."""
        data = self.read(element.size)
        self.skip(element.after)
        return data

    def short(self, what: str, kinds: Collection[int], end: int, most: int) -> bytearray:
        """The data of the element here, of at most so many bytes; else as :meth:`next`."""
        element = self.next(what, kinds, end)
        if element.size > most:
            raise refusal(self.path, f"{what} must have at most {most} bytes", element.size)
        return self.data(element)

    def read(self, n: int) -> bytearray:
        """Exactly ``n`` bytes, allocated as they come.

        Raises
        ------
        ScanFileError
            If the stream ends before.
        """
        data = bytearray()
        while len(data) < n:
            piece = self._stream.read(min(n - len(data), _CHUNK))
            if not piece:
                raise refusal(self.path, f"must hold {n} bytes more", f"{len(data)} (truncated?)")
            data += piece
        self.at += n
        return data

    def skip(self, to: int) -> None:
        """Go on to a position."""
        if to != self.at:
            self._stream.seek(to)
            self.at = to


class Inflated:
    """A compressed element, inflated as it is read; it holds one element alone.

    Parameters
    ----------
    path
        The file, for refusals.
    file
        At the element's data, and read by nothing else meanwhile.
    size
        Bytes of the data.
    """

    def __init__(self, path: Path, file: IO[bytes], size: int) -> None:
        self.most = size * MAX_INFLATION
        self._path = path
        self._file = file
        self._left = size
        self._at = 0
        self._waiting = b""
        self._inflate = zlib.decompressobj()

    def read(self, n: int, /) -> bytes:
        """At most ``n`` bytes, none at the end.

        Raises
        ------
        ScanFileError
            If they are damaged.
        """
        data = b""
        while not data and not self._inflate.eof:
            if not self._waiting:
                self._waiting = self._file.read(min(self._left, _PIECE))
                self._left -= len(self._waiting)
            is_last = not self._waiting
            try:
                data = self._inflate.decompress(self._waiting, n)
            except zlib.error as error:
                rule = "its compressed elements must be undamaged"
                raise refusal(self._path, rule, error) from None
            self._waiting = self._inflate.unconsumed_tail
            if is_last:
                break
        self._at += len(data)
        return data

    def seek(self, at: int, /) -> int:
        """Go on to a position, or to the end if that comes first."""
        while self._at < at and self.read(min(at - self._at, _CHUNK)):
            pass
        return self._at

    def check_end(self) -> None:
        """Refuse data that goes on, or whose end with its checksum is missing.

        Raises
        ------
        ScanFileError
            If so.
        """
        rule = "a compressed element must end with the element that it holds"
        if self.read(1):
            raise refusal(self._path, rule, "more")
        if not self._inflate.eof:
            raise refusal(self._path, rule, "no end (truncated?)")
