"""Settings as frozen dataclasses whose fields describe themselves.

A field made by :func:`setting` carries its label, range and unit. Forms, command-line help and
:func:`check` all read the same description.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = TypeVar("P", bound="DataclassInstance")

_KEY = "setting"


@dataclass(frozen=True)
class Setting:
    """What a person needs to know of one setting: label, closed range, unit, choices, help.

    ``choice_labels`` says what forms call a choice, where its name does not explain itself.
    """

    label: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""
    logarithmic: bool = False
    choice_labels: Mapping[str, str] = field(default_factory=dict)

    def label_of(self, choice: str) -> str:
        """What a person reads of a choice."""
        return self.choice_labels.get(choice, choice)


def setting(
    default: Any,  # noqa: ANN401 - any plain value
    label: str,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
    help: str = "",
    logarithmic: bool = False,
    choice_labels: Mapping[str, str] | None = None,
) -> Any:  # noqa: ANN401 - dataclasses.field is typed so
    """Dataclass field with a default and a description."""
    labels = choice_labels or {}
    described = Setting(label, low, high, unit, choices, help, logarithmic, labels)
    return field(default=default, metadata={_KEY: described})


def settings_of(params: type[Any] | Any) -> dict[str, Setting]:  # noqa: ANN401
    """Name to description of every described field of a params dataclass."""
    return {f.name: f.metadata[_KEY] for f in dataclasses.fields(params) if _KEY in f.metadata}


def check(params: Any) -> None:  # noqa: ANN401 - any params dataclass
    """Refuse values outside their range or choices.

    Call it from ``__post_init__`` of a params dataclass.

    Raises
    ------
    ValueError
        Naming the field, its rule and the value.
    """
    for name, rule in settings_of(params).items():
        value = getattr(params, name)
        if rule.choices and value not in rule.choices:
            raise ValueError(f"{name} must be one of {', '.join(rule.choices)}, got {value!r}")
        if rule.low is not None and not value >= rule.low:
            raise ValueError(f"{name} must be at least {rule.low:g}, got {value}")
        if rule.high is not None and not value <= rule.high:
            raise ValueError(f"{name} must be at most {rule.high:g}, got {value}")


def from_text(params: P, values: Mapping[str, str], owner: str) -> P:
    """Settings with some values given as text, as on a command line.

    Parameters
    ----------
    params
        Params dataclass whose values give the types.
    values
        Name of a setting to its new value.
    owner
        Whose settings they are, for messages.

    Raises
    ------
    ValueError
        If there is no such setting, or its value is of another type or out of range.
    """
    changes = {}
    for name, text in values.items():
        if name not in settings_of(params):
            known = ", ".join(settings_of(params)) or "none"
            raise ValueError(f"{owner} has no setting {name!r}: choose one of {known}")
        kind = type(getattr(params, name))
        try:
            changes[name] = kind(text)
        except ValueError:
            raise ValueError(
                f"{owner}.{name} must be of type {kind.__name__}, got {text!r}"
            ) from None
    return dataclasses.replace(params, **changes)


def changed(params: Any) -> dict[str, Any]:  # noqa: ANN401 - any params dataclass
    """The described settings that differ from their defaults, by name."""
    defaults = {f.name: f.default for f in dataclasses.fields(params)}
    values = {name: getattr(params, name) for name in settings_of(params)}
    return {name: value for name, value in values.items() if value != defaults[name]}


def changed_text(params: Any) -> str:  # noqa: ANN401 - any params dataclass or None
    """:func:`changed` in words such as ``growth=5 centre_share=0.1``; empty for the defaults."""
    settings = {} if params is None else changed(params)
    return " ".join(f"{name}={value}" for name, value in settings.items())
