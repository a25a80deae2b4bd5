"""The protocol in front of Siemens raw data, read as the few numbers that are needed of it."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.io.formats import refusal

_MAX_HEADER = 2**24
_MAX_MEASUREMENTS, _MAX_BUFFERS = 64, 32
_FIRST_LIMIT = 10000
_ENTRY = struct.Struct("<IIQQ64s64s")
_FIRST_ENTRY = 8
_BUFFERS = (b"Config\0", b"Dicom\0", b"Meas\0", b"MeasYaps\0", b"Phoenix\0", b"Spice\0")

MARKS = (
    ((2, b"\0\0"), (5, b"\0\0\0"), (16, (10240).to_bytes(8, "little"))),
    *(((5, b"\0\0\0"), (_FIRST_ENTRY, name)) for name in _BUFFERS),
)
"""What such files begin with: in VD and later the table whose 64 entries end at 10240, or in VB the
name of the first buffer. :func:`is_twix` asks for less."""

_ASSIGNMENT = re.compile(r"^[ \t]*([\w.\[\]]+)[ \t]*=[ \t]*(\S+)[ \t]*\r?$", re.MULTILINE)
_PARAMETER = re.compile(
    r'<Param(?:Bool|Long|Double|String)\."(\w+)">[ \t\r\n]*\{'
    r"(?:[ \t\r\n]*<Precision>[ \t]*\d+)?([^{}<>]*)\}"
)


@dataclass(frozen=True)
class Measurement:
    """Where one measurement of a file lies, and whether it is of the VD line (or later)."""

    offset: int
    length: int
    is_vd: bool


@dataclass(frozen=True)
class Protocol:
    """Values of the protocol as text, by their names."""

    values: dict[str, str]

    def number(self, name: str, default: float) -> float:
        """A number, decimal or hexadecimal; the default if there is none."""
        text = self.values.get(name, "").strip('"')
        try:
            return float(int(text, 16)) if text.lower().startswith("0x") else float(text)
        except ValueError:
            return default

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number."""
        found = self.number(name, default)
        return int(found) if abs(found) < 2**31 else default

    def text(self, name: str) -> str:
        """A text without its quotes, empty if there is none."""
        return self.values.get(name, "").strip('"')


def is_twix(head: bytes) -> bool:
    """Whether a file that begins with these bytes is Siemens raw data."""
    if len(head) < _FIRST_ENTRY + _ENTRY.size:
        return False
    if _is_vb(head):
        return True
    first, second = struct.unpack_from("<II", head)
    _, _, offset, _, _, _ = _ENTRY.unpack_from(head, _FIRST_ENTRY)
    is_table = first < _FIRST_LIMIT and 1 <= second <= _MAX_MEASUREMENTS
    return is_table and offset >= _FIRST_ENTRY + _ENTRY.size and offset % 512 == 0


def _is_vb(head: bytes) -> bool:
    """Whether the protocol comes at once, as in VB, and no table of measurements before it."""
    _, second = struct.unpack_from("<II", head)
    return 1 <= second <= _MAX_BUFFERS and head[_FIRST_ENTRY:].startswith(_BUFFERS)


def measurements(path: Path, file: IO[bytes]) -> list[Measurement]:
    """All measurements of a file; the last one is the image, those before adjust for it.

    Raises
    ------
    ScanFileError
        If one lies beyond the end of the file.
    """
    size = path.stat().st_size
    head = file.read(_FIRST_ENTRY + _ENTRY.size)
    if _is_vb(head):
        return [Measurement(0, size, is_vd=False)]
    _, count = struct.unpack_from("<II", head)
    file.seek(_FIRST_ENTRY)
    found = []
    for _ in range(count):
        _, _, offset, length, _, _ = _ENTRY.unpack(file.read(_ENTRY.size))
        length = length or size - offset
        if offset + length > size:
            rule = f"must hold the {offset + length} bytes it declares"
            raise refusal(path, rule, f"{size} (truncated?)")
        found.append(Measurement(offset, length, is_vd=True))
    return found


def read_protocol(path: Path, file: IO[bytes], measurement: Measurement) -> tuple[Protocol, int]:
    """The protocol of a measurement, and where in the file its data begins.

    Raises
    ------
    ScanFileError
        If it is longer than the measurement.
    """
    file.seek(measurement.offset)
    (length,) = struct.unpack("<I", file.read(4))
    if not 8 <= length <= min(measurement.length, _MAX_HEADER):
        raise refusal(path, "its protocol must lie within the file", f"{length} bytes")
    text = file.read(length - 4).decode("latin1")
    values = {name: value.strip() for name, value in _PARAMETER.findall(text)}
    values.update(_ASSIGNMENT.findall(text))
    return Protocol(values), measurement.offset + length
