"""Study files: TOML to :class:`~core.studies.spec.StudySpec` and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

from core.studies.origin import Origin, nth
from core.studies.scan_words import located
from core.studies.spec import FILE_SUFFIX, StudySpec, tuning_keys
from core.studies.target import SECTION, TargetSpec
from core.studies.toml_values import (
    Read,
    check_keys,
    list_of,
    read_document,
    read_number,
    read_table,
    read_text,
    read_whole,
    read_yes_or_no,
    toml_value,
)
from core.training.settings import TUNE_PRESETS, TuneSettings

_TARGET: dict[str, Read] = {
    "name": read_text,
    "domain": read_text,
    "scored_domain": read_text,
    "data": read_text,
    "score": read_text,
    "tune": list_of(read_text),
    "test": list_of(read_text),
    "slices_per_scan": read_whole,
    "size": read_whole,
    "n_slices": read_whole,
    "coils": read_whole,
    "field_t": read_number,
    "contrast": read_text,
    "same_person": read_yes_or_no,
    "n_images": list_of(read_whole),
}
_GRID: dict[str, Read] = {
    "sources": list_of(read_text),
    "native": read_text,
    "source_acceleration": read_number,
    "accelerations": list_of(read_number),
    "n_images": list_of(read_whole),
    "seeds": list_of(read_whole),
    "supervisions": list_of(read_text),
    "trainable": list_of(read_text),
    "baselines": list_of(read_text),
    "baseline_images": read_whole,
}
_SAMPLING: dict[str, Read] = {"pattern": read_text, "mask_seed": read_whole}
_TOP: dict[str, Read] = {"name": read_text, "definition": read_text}
_SECTIONS = (SECTION, "grid", "sampling", "tuning")
_REQUIRED = ("name", "target", "grid", "grid.sources", "grid.accelerations", "grid.n_images")

_OF_TYPE: dict[type, Read] = {str: read_text, int: read_whole, float: read_number}


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
    document, origin = read_document(path)
    spec = _spec(document, origin)
    return replace(
        spec,
        targets=tuple(_located(target, path.parent, data) for target in spec.targets),
        sources=tuple(_source(path.parent, source) for source in spec.sources),
        native=_source(path.parent, spec.native),
    )


def _spec(document: Mapping[str, object], origin: Origin) -> StudySpec:
    check_keys(origin, document, (*_TOP, *_SECTIONS))
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
        found.append(TargetSpec(**read_table(place, table, _TARGET), origin=place))
    return tuple(found)


def _section(
    origin: Origin, document: Mapping[str, object], section: str, readers: Mapping[str, Read]
) -> dict[str, Any]:
    return read_table(origin.within(section), document.get(section, {}), readers)


def _tuning(origin: Origin, document: Mapping[str, object]) -> TuneSettings:
    """A preset, with the settings that the file states instead."""
    types = {name: type(getattr(TUNE_PRESETS["fast"], name)) for name in tuning_keys()}
    readers = {"preset": read_text, **{name: _OF_TYPE[kind] for name, kind in types.items()}}
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
    lines = [f"name = {toml_value(spec.name)}"]
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
        f"{name} = {toml_value(value)}"
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
    changes = [f"{k} = {toml_value(v)}" for k, v in differing[nearest].items()]
    return [f"preset = {toml_value(nearest)}", *changes]


def _values(settings: TuneSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in tuning_keys()}
