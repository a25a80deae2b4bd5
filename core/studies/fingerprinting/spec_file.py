"""Files of noise studies: TOML to :class:`~core.studies.fingerprinting.spec.FingerprintStudy`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from core.fingerprinting import sequence_file
from core.fingerprinting.sequence import FingerprintSequence
from core.studies.fingerprinting.spec import (
    DictionaryPlan,
    EvaluationPlan,
    FingerprintStudy,
    TrainingPlan,
)
from core.studies.origin import Origin
from core.studies.toml_values import (
    Read,
    check_keys,
    list_of,
    read_document,
    read_number,
    read_table,
    read_text,
    read_whole,
)

_PLANS = {"training": TrainingPlan, "evaluation": EvaluationPlan, "dictionary": DictionaryPlan}
_TOP = ("name", "sequence", "seeds")
_LISTS: Mapping[str, Read] = {
    "snr_db": list_of(read_number),
    "checkpoints": list_of(read_number),
    "frozen": list_of(read_text),
    "variants": list_of(list_of(read_text)),
}
_OF_TYPE: Mapping[type, Read] = {int: read_whole, float: read_number}


def read_fingerprint_study(path: Path) -> FingerprintStudy:
    """The noise study that a TOML file states.

    ``sequence`` is the name of a shipped one, or a path ending in ``.toml`` that counts from the
    file's own folder. What is not stated stays at the defaults of the plans.

    Raises
    ------
    ValueError
        In one line that names the file, the line, the key, the rule and the value.
    """
    document, origin = read_document(path)
    check_keys(origin, document, (*_TOP, *_PLANS))
    for key in ("name", "seeds"):
        if key not in document:
            raise origin.refusal(key, "must be stated", "nothing")
    return FingerprintStudy(
        name=read_text(origin, "name", document["name"]),
        sequence=_sequence(origin, document.get("sequence", sequence_file.DEFAULT), path.parent),
        seeds=list_of(read_whole)(origin, "seeds", document["seeds"]),
        origin=origin,
        **{key: _plan(origin, document, key, kind) for key, kind in _PLANS.items()},
    )


def _sequence(origin: Origin, value: object, folder: Path) -> FingerprintSequence:
    which = read_text(origin, "sequence", value)
    if which.endswith(sequence_file.SUFFIX):
        which = str((folder / Path(which).expanduser()).absolute())
    try:
        return sequence_file.find(which)
    except ValueError as error:
        raise origin.refusal_for("sequence", "must be one that can be read", error) from None


def _plan(origin: Origin, document: Mapping[str, object], key: str, kind: type[Any]) -> Any:  # noqa: ANN401 - one of the plans
    readers = {
        field.name: _LISTS.get(field.name) or _OF_TYPE[type(field.default)]
        for field in fields(kind)
    }
    return kind(**read_table(origin.within(key), document.get(key, {}), readers))
