"""The table of file formats, what a format is, and how a file is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.reading import ReadOptions as ReadOptions
from core.registry import Registry
from core.types import Scan

HEAD_BYTES = 4096
"""How much of the beginning of a file the formats are shown."""

MAX_INFLATION = 1032
"""Deflate's largest ratio: what a compressed file may claim to hold, per byte on disk."""

MAX_VALUES = 2**30
"""Largest number of values read from one file: 4 GiB of float32, 8 GiB of complex64."""

_LONGEST_VALUE = 160
"""Longest value quoted in a message; a damaged file can hold any."""

Recogniser = Callable[[Path, bytes], bool]
Reader = Callable[[Path, ReadOptions], Scan]
Mark = tuple[tuple[int, bytes], ...]
"""Bytes at places of a file's beginning, all of which must be there."""


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes
    ----------
    suffixes
        Lower-case endings of its files, with the dot.
    recognise
        ``recognise(path, head)``: whether the file of this path that begins with these bytes (up
        to :data:`HEAD_BYTES`) is of this format. It may look further into the file, or at the
        files beside it, and never raises.
    read
        The reader. It raises :class:`ScanFileError`; :func:`core.io.load` turns what its library
        raises on a damaged file into the same.
    layout
        For a format that shares its container with others, what the container must hold, such as
        ``a dataset 'kspace'``.
    folders
        Whether a folder can be a scan of this format; ``recognise`` is asked with an empty head
        then.
    media_type
        What a desktop calls these files, so that a double click finds tlmri.
    marks
        What a desktop tells them by that does not go by the suffix: any one of these.
    """

    suffixes: tuple[str, ...]
    recognise: Recogniser
    read: Reader
    layout: str = ""
    folders: bool = False
    media_type: str = ""
    marks: tuple[Mark, ...] = ()


FORMATS: Registry[Format] = Registry("format")
"""File formats, one file each; importing :mod:`core.io` registers them all."""


class ScanFileError(ValueError):
    """A file refused in one line: ``<file name>: <rule>, got <value>``."""


class ScanInDoubtError(ScanFileError):
    """A file refused until a person says what it does not say itself.

    The line says what, not where to say it: each front end has its own place for that.

    Attributes
    ----------
    field
        What is in doubt: the name of a setting of :class:`core.io.interpretation.Interpretation`
        or of :class:`core.reading.ReadOptions`.
    """

    def __init__(self, line: str, field: str = "") -> None:
        super().__init__(line)
        self.field = field


def refusal(path: Path, rule: str, got: object) -> ScanFileError:
    """The error that names the file, the rule and the value found, on one line."""
    return ScanFileError(_line(path, rule, got))


def question(path: Path, field: str, rule: str, got: object) -> ScanInDoubtError:
    """The same of what a person could say of a field."""
    return ScanInDoubtError(_line(path, rule, got), field)


def _line(path: Path, rule: str, got: object) -> str:
    found = str(got)
    if len(found) > _LONGEST_VALUE:
        found = f"{found[:_LONGEST_VALUE]}..."
    return " ".join(f"{path.name}: {rule}, got {found}".split())


def scan_name(path: Path) -> str:
    """The file's name without a known suffix."""
    known = [s for entry in FORMATS for s in entry.item.suffixes]
    for suffix in sorted(known, key=len, reverse=True):
        if path.name.lower().endswith(suffix) and len(path.name) > len(suffix):
            return path.name[: -len(suffix)]
    return path.stem


def check_size(path: Path, shape: tuple[int, ...], itemsize: int, room: int) -> None:
    """Refuse, before anything is allocated, a size that the file cannot hold.

    Parameters
    ----------
    path
        The file.
    shape, itemsize
        What its header declares.
    room
        The most bytes there can be.

    Raises
    ------
    ScanFileError
        If an axis is empty, or there are more than :data:`MAX_VALUES` values or ``room`` bytes.
    """
    if any(n < 1 for n in shape):
        raise refusal(path, "every axis must have at least 1 element", f"shape {shape}")
    count = 1
    for n in shape:
        count *= n
    if count > MAX_VALUES:
        raise refusal(path, f"must hold at most {MAX_VALUES} values", f"shape {shape}")
    if count * itemsize > room:
        rule = f"must hold the {count * itemsize} bytes it declares"
        raise refusal(path, rule, f"at most {room} (truncated?)")
