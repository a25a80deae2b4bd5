"""Study files: TOML to :class:`~core.studies.spec.StudySpec` and back."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

from core.studies.origin import Origin, nth, origin_of
from core.studies.scan_words import located
from core.studies.spec import FILE_SUFFIX, StudySpec, tuning_keys
from core.studies.target import SECTION, TargetSpec
from core.training.settings import TUNE_PRESETS, TuneSettings

Read = Callable[[Origin, str, object], Any]
"""Function of (origin, key, value) that returns the value as the spec holds it, or refuses it."""


def _text(origin: Origin, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise origin.refusal(key, "must be a text", repr(value))
    return value


def _whole(origin: Origin, key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise origin.refusal(key, "must be a whole number", repr(value))
    return value


def _number(origin: Origin, key: str, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise origin.refusal(key, "must be a number", repr(value))
    return float(value)


def _yes_or_no(origin: Origin, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise origin.refusal(key, "must be true or false", repr(value))
    return value


def _list_of(read: Read) -> Read:
    def read_list(origin: Origin, key: str, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise origin.refusal(key, "must be a list in brackets", repr(value))
        return tuple(read(origin, key, item) for item in value)

    return read_list


_TARGET: dict[str, Read] = {
    "name": _text,
    "domain": _text,
    "scored_domain": _text,
    "data": _text,
    "score": _text,
    "tune": _list_of(_text),
    "test": _list_of(_text),
    "slices_per_scan": _whole,
    "size": _whole,
    "n_slices": _whole,
    "coils": _whole,
    "field_t": _number,
    "contrast": _text,
    "same_person": _yes_or_no,
    "n_images": _list_of(_whole),
}
_GRID: dict[str, Read] = {
    "sources": _list_of(_text),
    "native": _text,
    "source_acceleration": _number,
    "accelerations": _list_of(_number),
    "n_images": _list_of(_whole),
    "seeds": _list_of(_whole),
    "supervisions": _list_of(_text),
    "trainable": _list_of(_text),
    "baselines": _list_of(_text),
    "baseline_images": _whole,
}
_SAMPLING: dict[str, Read] = {"pattern": _text, "mask_seed": _whole}
_TOP: dict[str, Read] = {"name": _text, "definition": _text}
_SECTIONS = (SECTION, "grid", "sampling", "tuning")
_REQUIRED = ("name", "target", "grid", "grid.sources", "grid.accelerations", "grid.n_images")

_OF_TYPE: dict[type, Read] = {str: _text, int: _whole, float: _number}


def read_spec(path: Path, data: Path | None = None) -> StudySpec:
    """The study that a TOML file states.

    Paths in the file count from the file's own folder.

    Parameters
    ----------
    path
        The file.
    data
        Folder with ``splits.json``, instead of the file's ``target.data``.

    Raises
    ------
    ValueError
        In one line that names the file, the line, the key, the rule and the value: for a file that
        is no TOML, an unknown or missing key, and a value of another type or out of its range.
    """
    try:
        text = path.read_bytes().decode()
        document = tomllib.loads(text)
    except OSError as error:
        raise ValueError(f"{path}: must be readable, got: {error.strerror}") from None
    except ValueError as error:  # TOMLDecodeError, which tells the line, and UnicodeDecodeError
        raise ValueError(f"{path.name}: must be TOML, got: {error}") from None
    spec = _spec(document, origin_of(path.name, text))
    return replace(
        spec,
        targets=tuple(_located(target, path.parent, data) for target in spec.targets),
        sources=tuple(_source(path.parent, source) for source in spec.sources),
        native=_source(path.parent, spec.native),
    )


def _spec(document: Mapping[str, object], origin: Origin) -> StudySpec:
    _check_keys(origin, document, (*_TOP, *_SECTIONS))
    for key in _REQUIRED:
        section, _, name = key.rpartition(".")
        table = document.get(section, {}) if section else document
        if not isinstance(table, dict) or name not in table:
            raise origin.refusal(key, "must be stated", "nothing")
    return StudySpec(
        targets=_targets(origin, document[SECTION]),
        tuning=_tuning(origin, document),
        origin=origin,
        **{k: read(origin, k, document[k]) for k, read in _TOP.items() if k in document},
        **_section(origin, document, "grid", _GRID),
        **_section(origin, document, "sampling", _SAMPLING),
    )


def _targets(origin: Origin, value: object) -> tuple[TargetSpec, ...]:
    """``[target]``, or each ``[[target]]``."""
    tables = value if isinstance(value, list) else [value]
    found = []
    for index, table in enumerate(tables):
        place = origin.within(nth(SECTION, index, len(tables)))
        found.append(TargetSpec(**_table(place, table, _TARGET), origin=place))
    return tuple(found)


def _section(
    origin: Origin, document: Mapping[str, object], section: str, readers: Mapping[str, Read]
) -> dict[str, Any]:
    return _table(origin.within(section), document.get(section, {}), readers)


def _table(origin: Origin, table: object, readers: Mapping[str, Read]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise origin.refusal("", "must be a section in brackets", repr(table))
    _check_keys(origin, table, tuple(readers))
    return {key: readers[key](origin, key, value) for key, value in table.items()}


def _tuning(origin: Origin, document: Mapping[str, object]) -> TuneSettings:
    """A preset, with the settings that the file states instead."""
    types = {name: type(getattr(TUNE_PRESETS["fast"], name)) for name in tuning_keys()}
    readers = {"preset": _text, **{name: _OF_TYPE[kind] for name, kind in types.items()}}
    table = document.get("tuning")
    if isinstance(table, dict) and "trainable" in table:
        rule = "must be stated as grid.trainable, a list"
        raise origin.refusal("tuning.trainable", rule, repr(table["trainable"]))
    stated = _section(origin, document, "tuning", readers)
    preset = stated.pop("preset", "fast")
    if preset not in TUNE_PRESETS:
        raise origin.refusal(
            "tuning.preset", f"must be one of {', '.join(TUNE_PRESETS)}", repr(preset)
        )
    try:
        return replace(TUNE_PRESETS[preset], **stated)
    except ValueError as error:  # it begins with the setting's name
        name, _, rest = str(error).partition(" ")
        rule, _, got = rest.rpartition(", got ")
        raise origin.refusal(f"tuning.{name}", rule, got) from None


def _check_keys(origin: Origin, table: Mapping[str, object], known: Sequence[str]) -> None:
    for name in table:
        if name not in known:
            raise origin.refusal(name, f"must be one of {', '.join(known)}", f"the key {name!r}")


def _located(target: TargetSpec, folder: Path, data: Path | None) -> TargetSpec:
    """The target with absolute paths."""
    found = (
        str(data.absolute())
        if data is not None
        else target.data and str(_path(folder, target.data))
    )
    return replace(
        target,
        data=found,
        tune=tuple(located(folder, text) for text in target.tune),
        test=tuple(located(folder, text) for text in target.test),
    )


def _source(folder: Path, text: str) -> str:
    return str(_path(folder, text)) if text.endswith(FILE_SUFFIX) else text


def _path(folder: Path, text: str) -> Path:
    return (folder / Path(text).expanduser()).absolute()


def to_toml(spec: StudySpec) -> str:
    """The study as a file that :func:`read_spec` reads back, without what is at its default."""
    lines = [f"name = {_toml(spec.name)}"]
    lines += _stated(spec, _TOP, skip=("name",))
    head = f"[[{SECTION}]]" if len(spec.targets) > 1 else f"[{SECTION}]"
    sections = [
        *((head, _stated(target, _TARGET)) for target in spec.targets),
        ("[grid]", _stated(spec, _GRID)),
        ("[sampling]", _stated(spec, _SAMPLING)),
        ("[tuning]", _stated_tuning(spec.tuning)),
    ]
    for head, stated in sections:
        if stated:
            lines += ["", head, *stated]
    return "\n".join(lines) + "\n"


def _stated(
    owner: StudySpec | TargetSpec, names: Mapping[str, Read], skip: Sequence[str] = ()
) -> list[str]:
    defaults = {f.name: f.default for f in fields(owner) if f.default is not MISSING}
    values = {name: getattr(owner, name) for name in names if name not in skip}
    return [
        f"{name} = {_toml(value)}"
        for name, value in values.items()
        if name not in defaults or value != defaults[name]
    ]


def _stated_tuning(settings: TuneSettings) -> list[str]:
    """The nearest preset and what differs from it."""
    differing = {
        name: {k: v for k, v in _values(settings).items() if v != _values(preset)[k]}
        for name, preset in TUNE_PRESETS.items()
    }
    nearest = min(differing, key=lambda name: len(differing[name]))
    changes = [f"{k} = {_toml(v)}" for k, v in differing[nearest].items()]
    return [f"preset = {_toml(nearest)}", *changes]


def _values(settings: TuneSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in tuning_keys()}


def _toml(value: object) -> str:
    """A plain value as TOML, whose texts escape as JSON's do."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return f"{value:g}" if value == float(f"{value:g}") else repr(value)
    return json.dumps(value, ensure_ascii=False)
