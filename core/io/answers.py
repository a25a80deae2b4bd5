"""What a person answered about a scan's file, kept as a small JSON file with it.

So a question is asked once.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from core.atomic import write_bytes
from core.io.formats import refusal

SUFFIX = ".tlmri.json"
"""What is appended to a file's name to give that of its answer."""

OF_FOLDER = f"series{SUFFIX}"
"""Name of the answer about a folder; it lies in the folder, and goes where that goes."""

_VERSION = 1
_MAX_BYTES = 65536


@dataclass(frozen=True)
class Answer:
    """What is answered: subclasses add fields of plain types that describe themselves.

    Attributes
    ----------
    KIND
        What the file says of itself.
    NEEDED
        Fields without which a file is damaged; others have their defaults.
    """

    KIND: ClassVar[str]
    NEEDED: ClassVar[frozenset[str]]


A = TypeVar("A", bound=Answer)


def beside(path: Path) -> Path:
    """The file that holds the answer about a scan's file or folder.

    Both files of BART's pair have one, called after that of the values.
    """
    if path.is_dir():
        return path / OF_FOLDER
    values = path.with_suffix(".cfl")
    if path.suffix.lower() == ".hdr" and values.is_file():
        path = values
    return path.with_name(path.name + SUFFIX)


def remember(path: Path, answer: Answer) -> Path:
    """Keep an answer with the scan's file, whole or not at all; returns where.

    Raises
    ------
    ScanFileError
        If the folder cannot be written to.
    """
    values = {"kind": answer.KIND, "version": _VERSION, **dataclasses.asdict(answer)}
    target = beside(path)
    try:
        write_bytes(target, (json.dumps(values, indent=2) + "\n").encode())
    except ValueError as error:
        reason = error.__cause__.strerror if isinstance(error.__cause__, OSError) else error
        rule = f"its folder must be writable for the {_noun(type(answer))} to be remembered"
        raise refusal(path, rule, reason) from error
    return target


def forget(path: Path) -> None:
    """Remove the answer about a scan's file, if there is one."""
    beside(path).unlink(missing_ok=True)


def remembered(path: Path, kind: type[A]) -> A | None:
    """The answer of this kind about a scan's file, or None.

    Raises
    ------
    ScanFileError
        If there is such a file and it is damaged; the line names it.
    """
    source = beside(path)
    try:
        with source.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refusal(source, "must be readable", error.strerror or error) from None
    try:
        return _parsed(data, kind)
    except (ValueError, RecursionError) as error:
        rule = f"must hold the {_noun(kind)} as tlmri writes it"
        raise refusal(source, rule, error) from None


def _noun(kind: type[Answer]) -> str:
    return kind.KIND.removeprefix("tlmri ")


def _parsed(data: bytes, kind: type[A]) -> A:
    if len(data) > _MAX_BYTES:
        raise ValueError(f"more than {_MAX_BYTES} bytes")
    values: Any = json.loads(data)
    if not isinstance(values, dict) or values.pop("kind", None) != kind.KIND:
        raise ValueError(f"no kind {kind.KIND!r}")
    if (version := values.pop("version", None)) != _VERSION:
        raise ValueError(f"version {version!r}")
    types = {f.name: type(f.default) for f in dataclasses.fields(kind)}
    for name, value in values.items():
        if name not in types:
            raise ValueError(f"unknown entry {name!r}: choose of {', '.join(types)}")
        if type(value) is not types[name]:
            raise ValueError(f"{name} of type {type(value).__name__}")
    if missing := kind.NEEDED - set(values):
        raise ValueError(f"no {sorted(missing)[0]}")
    return kind(**values)
