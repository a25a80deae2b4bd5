"""Values of study files: TOML read by type, each refusal with its place in the file; and back."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.studies.origin import Origin, origin_of

Read = Callable[[Origin, str, object], Any]
"""Function of (origin, key, value) that returns the value as the spec holds it, or refuses it."""


def read_document(path: Path) -> tuple[Mapping[str, object], Origin]:
    """A TOML file, and where in it each key stands.

    Raises
    ------
    ValueError
        In one line that names the file, if it cannot be read or is no TOML.
    """
    try:
        text = path.read_bytes().decode()
        return tomllib.loads(text), origin_of(path.name, text)
    except OSError as error:
        raise ValueError(f"{path}: must be readable, got: {error.strerror}") from None
    except ValueError as error:  # TOMLDecodeError, which tells the line, and UnicodeDecodeError
        raise ValueError(f"{path.name}: must be TOML, got: {error}") from None


def read_text(origin: Origin, key: str, value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise origin.refusal(key, "must be a text", repr(value))
    return value


def read_whole(origin: Origin, key: str, value: object) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise origin.refusal(key, "must be a whole number", repr(value))
    return value


def read_number(origin: Origin, key: str, value: object) -> float:
    """A number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise origin.refusal(key, "must be a number", repr(value))
    return float(value)


def read_yes_or_no(origin: Origin, key: str, value: object) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise origin.refusal(key, "must be true or false", repr(value))
    return value


def list_of(read: Read) -> Read:
    """A list of what ``read`` takes, as a tuple."""

    def read_list(origin: Origin, key: str, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise origin.refusal(key, "must be a list in brackets", repr(value))
        return tuple(read(origin, key, item) for item in value)

    return read_list


def read_table(origin: Origin, table: object, readers: Mapping[str, Read]) -> dict[str, Any]:
    """The keys of a section, none but those of ``readers``."""
    if not isinstance(table, dict):
        raise origin.refusal("", "must be a section in brackets", repr(table))
    check_keys(origin, table, tuple(readers))
    return {key: readers[key](origin, key, value) for key, value in table.items()}


def check_keys(origin: Origin, table: Mapping[str, object], known: Sequence[str]) -> None:
    """Refuse a key that is none of the known ones."""
    for name in table:
        if name not in known:
            raise origin.refusal(name, f"must be one of {', '.join(known)}", f"the key {name!r}")


def toml_value(value: object) -> str:
    """A plain value as TOML, whose texts escape as JSON's do."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, float):
        return f"{value:g}" if value == float(f"{value:g}") else repr(value)
    return json.dumps(value, ensure_ascii=False)
