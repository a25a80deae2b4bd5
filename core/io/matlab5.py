"""Numeric arrays of MATLAB files of version 5, on their own and in structures.

Read here and not by scipy, whose reader takes the whole process down on some damaged files. Text,
cells, sparse arrays, functions, objects and arrays of structures are passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.io.formats import check_size, refusal
from core.io.matlab5_elements import (
    COMPRESSED,
    INT8,
    INT32,
    MATRIX,
    NUMBERS,
    UINT8,
    UINT32,
    UTF8,
    Element,
    Elements,
    Inflated,
)
from core.io.matlab_variables import MAX_DEPTH, Variable

_HEADER_BYTES = 128
_STRUCTURE, _SINGLE = 2, 7
_NUMERIC = range(6, 16)
_WITH_NAME = range(1, 17)
_CLASSES = range(1, 19)
"""Numbers of MATLAB's classes; those above 16 are objects laid out in another way."""

_COMPLEX = 0x0800
_MOST_AXES = 32
_LONGEST_NAME, _LONGEST_FIELD = 4096, 64
_MOST_ARRAYS = 20000
"""Far above what people save; a damaged file can declare any number."""

_INTEGERS = (INT32, UINT32)
"""Lengths and sizes; some programs write them unsigned."""

_TEXT = (INT8, UINT8, UTF8)

Found = tuple[Variable, Callable[[], NDArray[Any]]]


def variables(path: Path) -> list[Variable]:
    """The numeric arrays of a file, those in structures too. Of equal names the last counts.

    Raises
    ------
    ScanFileError
        If the file is damaged.
    """
    return list({found.name: found for found, _ in _Walk(path).arrays("")}.values())


def values(path: Path, variable: Variable) -> NDArray[Any]:
    """The values of a variable, with MATLAB's order of axes.

    Real ones are of the type in which they are stored: MATLAB saves whole numbers small.

    Raises
    ------
    ScanFileError
        If the file is damaged, or cannot hold as many as it declares.
    """
    read: NDArray[Any] | None = None
    for found, reader in _Walk(path).arrays(variable.name):
        if found.name == variable.name:
            read = reader()
    if read is None:
        raise refusal(path, f"must hold the variable {variable.name!r}", "another now")
    return read


@dataclass(frozen=True)
class _Head:
    """What a matrix says of itself; ``shape`` and ``name`` are empty for objects."""

    kind: int
    is_complex: bool
    shape: tuple[int, ...]
    name: str


class _Walk:
    """One way through a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_arrays = 0

    def arrays(self, wanted: str) -> Iterator[Found]:
        """The numeric arrays beside and below the name wanted, or all, each with what reads it.

        It can be read until the next is asked for.
        """
        with self.path.open("rb") as file:
            size = self.path.stat().st_size
            order = "<" if file.read(_HEADER_BYTES).endswith(b"IM") else ">"
            elements = Elements(self.path, file, order, _HEADER_BYTES)
            while elements.at < size:
                top = elements.next("a variable", (MATRIX, COMPRESSED), size)
                if top.kind == MATRIX:
                    yield from self._variable(elements, top, wanted)
                else:
                    yield from self._compressed(file, top, order, wanted)
                elements.skip(top.after)

    def _compressed(
        self, file: IO[bytes], outer: Element, order: str, wanted: str
    ) -> Iterator[Found]:
        stream = Inflated(self.path, file, outer.size)
        elements = Elements(self.path, stream, order)
        matrix = elements.next("a compressed variable", (MATRIX,), stream.most)
        found = yield from self._variable(elements, matrix, wanted)
        if found and wanted:
            elements.skip(matrix.after)
            stream.check_end()

    def _variable(
        self, elements: Elements, matrix: Element, wanted: str
    ) -> Generator[Found, None, bool]:
        """The numeric arrays of a variable; returns whether it is one wanted."""
        head = self._head(elements, matrix)
        if not head.name or (wanted and not f"{wanted}.".startswith(f"{head.name}.")):
            return False
        yield from self._within(elements, matrix.after, head, head.name)
        return True

    def _within(
        self, elements: Elements, end: int, head: _Head, name: str, depth: int = 1
    ) -> Iterator[Found]:
        variable = Variable(name, head.shape, head.is_complex)
        if head.kind in _NUMERIC:
            yield variable, partial(_read, elements, end, head)
        elif head.kind == _STRUCTURE and variable.size == 1 and depth < MAX_DEPTH:
            for field in _fields(elements, end):
                matrix = elements.next(f"field {field!r}", (MATRIX,), end)
                inner = self._head(elements, matrix)
                label = f"{name}.{field}"
                yield from self._within(elements, matrix.after, inner, label, depth + 1)
                elements.skip(matrix.after)

    def _head(self, elements: Elements, matrix: Element) -> _Head:
        """What a matrix says of itself before its values; fields of structures have no name."""
        self.n_arrays += 1
        if self.n_arrays > _MOST_ARRAYS:
            raise refusal(self.path, f"must hold at most {_MOST_ARRAYS} arrays", "more")
        if matrix.size == 0:  # how MATLAB saves an empty field
            return _Head(0, False, (), "")
        end = matrix.after
        flags = _integers(elements, "array flags", end, 2)
        if len(flags) != 2:
            raise refusal(self.path, "array flags must have 8 bytes", 4 * len(flags))
        kind = flags[0] & 0xFF
        if kind not in _CLASSES:
            rule = f"an array's class must be from {_CLASSES[0]} to {_CLASSES[-1]}"
            raise refusal(self.path, rule, kind)
        if kind not in _WITH_NAME:
            return _Head(kind, False, (), "")
        shape = _integers(elements, "dimensions", end, _MOST_AXES)
        if len(shape) < 2 or min(shape) < 0:
            raise refusal(self.path, "dimensions must be 2 or more, none below 0", shape)
        name = elements.short("an array's name", _TEXT, end, _LONGEST_NAME)
        return _Head(kind, bool(flags[0] & _COMPLEX), shape, _name(self.path, name))


def _integers(elements: Elements, what: str, end: int, most: int) -> tuple[int, ...]:
    """The 32-bit integers of the next element."""
    data = elements.short(what, _INTEGERS, end, 4 * most)
    if len(data) % 4:
        raise refusal(elements.path, f"{what} must have 4 bytes each", f"{len(data)} bytes")
    return struct.unpack(f"{elements.order}{len(data) // 4}i", data)


def _fields(elements: Elements, end: int) -> list[str]:
    """Names of a structure's fields."""
    length = _integers(elements, "the length of field names", end, 1)
    names = elements.short("field names", _TEXT, end, _MOST_ARRAYS * _LONGEST_FIELD)
    if not names:
        return []
    if len(length) != 1 or length[0] < 1 or len(names) % length[0]:
        rule = f"field names must be of equal length within {len(names)} bytes"
        raise refusal(elements.path, rule, length)
    return [
        _name(elements.path, names[at : at + length[0]]) for at in range(0, len(names), length[0])
    ]


def _name(path: Path, data: bytearray) -> str:
    name = data.partition(b"\0")[0].decode("utf-8", "replace")
    if not name.isprintable():
        raise refusal(path, "names must be printable", repr(name))
    return name


def _read(elements: Elements, end: int, head: _Head) -> NDArray[Any]:
    """The values of the numeric array whose head was read last."""
    check_size(elements.path, head.shape, 1, end - elements.at)
    real = _part(elements, end, head)
    if not head.is_complex:
        return real
    values = np.empty(head.shape, np.complex64 if head.kind == _SINGLE else np.complex128, "F")
    imaginary = _part(elements, end, head)
    with np.errstate(over="ignore", invalid="ignore"):
        values.real, values.imag = real, imaginary
    return values


def _part(elements: Elements, end: int, head: _Head) -> NDArray[Any]:
    part = elements.next("values", NUMBERS, end)
    stored = np.dtype(elements.order + NUMBERS[part.kind])
    n_bytes = prod(head.shape) * stored.itemsize
    if part.size != n_bytes:
        rule = f"an array of shape {head.shape} must have {n_bytes} bytes of {stored.name}"
        raise refusal(elements.path, rule, part.size)
    flat = np.frombuffer(elements.data(part), stored)
    return flat.astype(stored.newbyteorder("="), copy=False).reshape(head.shape, order="F")
