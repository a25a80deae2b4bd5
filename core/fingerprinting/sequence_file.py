"""Sequences as TOML files, which a person can read and write."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

from core import paths
from core.fingerprinting.sequence import MAX_READOUTS, FingerprintSequence, Preparation, Segment

SUFFIX = ".toml"
DEFAULT = "diffusion"
"""The shipped sequence that is taken where none is named."""

_TOP = ("name", "te_ms", "spoiler_rad_per_mm", "segment")
_PREPARATION = ("te_ms", "b_s_per_mm2", "wait_ms")
_TRAINS = {"flip_deg": "flip_lobe_deg", "tr_ms": "tr_lobe_ms"}
_SEGMENT = (
    "preparation",
    *_PREPARATION,
    "readouts",
    *_TRAINS,
    *_TRAINS.values(),
    "recovery_ms",
)


def shipped() -> tuple[str, ...]:
    """Names of the sequences that come with tlmri."""
    return tuple(sorted(file.stem for file in _folder().glob(f"*{SUFFIX}")))


def find(which: str = DEFAULT) -> FingerprintSequence:
    """The sequence of a name or a file.

    Parameters
    ----------
    which
        A shipped one's name, or a path ending in ``.toml``.

    Raises
    ------
    ValueError
        If there is no such sequence or the file does not state one.
    """
    if which.endswith(SUFFIX):
        return read_sequence(Path(which))
    if which not in shipped():
        known = ", ".join(shipped())
        raise ValueError(f"sequence must be one of {known}, or a {SUFFIX} file, got {which!r}")
    return read_sequence(_folder() / f"{which}{SUFFIX}")


def _folder() -> Path:
    return paths.resources() / "sequences"


def read_sequence(path: Path) -> FingerprintSequence:
    """The sequence that a TOML file states (see ``resources/sequences/diffusion.toml``).

    Raises
    ------
    ValueError
        In one line that names the file, the segment, the key, the rule and the value.
    """
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise ValueError(f"{path}: must be readable, got: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name}: must be UTF-8 text, got: {error}") from None
    return from_toml(text, path.name)


def from_toml(text: str, origin: str) -> FingerprintSequence:
    """The sequence that a text states; ``origin`` names it in messages.

    Raises
    ------
    ValueError
        As :func:`read_sequence`.
    """
    try:
        return _sequence(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"{origin}: must be TOML, got: {error}") from None
    except ValueError as error:
        raise ValueError(f"{origin}: {error}") from None


def to_toml(sequence: FingerprintSequence) -> str:
    """The sequence as a text that :func:`from_toml` reads back exactly, every read-out listed."""
    lines = [
        f"name = {json.dumps(sequence.name, ensure_ascii=False)}",
        f"te_ms = {sequence.te_ms!r}",
        f"spoiler_rad_per_mm = {sequence.spoiler_rad_per_mm!r}",
    ]
    for segment in sequence.segments:
        preparation = segment.preparation
        lines += ["", "[[segment]]", f"preparation = {json.dumps(preparation.kind)}"]
        lines += [f"{name} = {getattr(preparation, name)!r}" for name in _PREPARATION]
        lines += [f"{name} = {list(getattr(segment, name))!r}" for name in _TRAINS]
        lines += [f"recovery_ms = {segment.recovery_ms!r}"]
    return "\n".join(lines) + "\n"


def _sequence(document: Mapping[str, object]) -> FingerprintSequence:
    _check_keys(document, _TOP)
    tables = document.get("segment")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ValueError(f"segment must be sections [[segment]], got {tables!r}")
    name = document.get("name")
    if not isinstance(name, str):
        raise ValueError(f"name must be a text, got {name!r}")
    return FingerprintSequence(
        name=name,
        te_ms=_number(document, "te_ms"),
        spoiler_rad_per_mm=_number(document, "spoiler_rad_per_mm"),
        segments=tuple(_numbered_segment(i, table) for i, table in enumerate(tables, 1)),
    )


def _numbered_segment(number: int, table: Mapping[str, object]) -> Segment:
    try:
        return _segment(table)
    except ValueError as error:
        raise ValueError(f"segment {number}: {error}") from None


def _segment(table: Mapping[str, object]) -> Segment:
    _check_keys(table, _SEGMENT)
    kind = table.get("preparation")
    if not isinstance(kind, str):
        raise ValueError(f"preparation must be a text, got {kind!r}")
    return Segment(
        Preparation(kind, **{name: _number(table, name, 0.0) for name in _PREPARATION}),
        flip_deg=_train(table, "flip_deg"),
        tr_ms=_train(table, "tr_ms"),
        recovery_ms=_number(table, "recovery_ms", 0.0),
    )


def _train(table: Mapping[str, object], name: str) -> tuple[float, ...]:
    """A value for each read-out: as listed, or a half sine between two values."""
    lobe = _TRAINS[name]
    if (name in table) == (lobe in table):
        got = "both" if name in table else "neither"
        raise ValueError(f"either {name} or {lobe} must be stated, got {got}")
    n = table.get("readouts")
    if name in table:
        values = _numbers(table, name)
        if n is not None and n != len(values):
            raise ValueError(f"readouts must be as many as {name} ({len(values)}), got {n!r}")
        return values
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MAX_READOUTS:
        raise ValueError(f"readouts must be a whole number from 1 to {MAX_READOUTS}, got {n!r}")
    ends = _numbers(table, lobe)
    if len(ends) != 2:
        raise ValueError(f"{lobe} must hold two numbers, got {len(ends)}")
    low, high = ends
    # Rounded as a scanner would: 0.01 degrees and 10 µs.
    return tuple(round(low + (high - low) * math.sin(math.pi * (i + 0.5) / n), 2) for i in range(n))


def _number(table: Mapping[str, object], name: str, default: float | None = None) -> float:
    value = table.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{name} must be a number, got {value!r}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} must be a number from -1e308 to 1e308, got one beyond") from None


def _numbers(table: Mapping[str, object], name: str) -> tuple[float, ...]:
    values = table[name]
    if not isinstance(values, list):
        raise ValueError(f"{name} must be a list of numbers, got {values!r}")
    return tuple(_number({name: value}, name) for value in values)


def _check_keys(table: Mapping[str, object], known: tuple[str, ...]) -> None:
    for name in table:
        if name not in known:
            raise ValueError(f"key must be one of {', '.join(known)}, got {name!r}")
