"""Settings as frozen dataclasses whose fields describe themselves.

A field made by :func:`setting` carries its label, range and unit. Forms, command-line help and
:func:`check` all read the same description.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

_KEY = "setting"


@dataclass(frozen=True)
class Setting:
    """What a person needs to know of one setting: label, closed range, unit, choices, help."""

    label: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""
    logarithmic: bool = False


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
) -> Any:  # noqa: ANN401 - dataclasses.field is typed so
    """Dataclass field with a default and a description."""
    described = Setting(label, low, high, unit, choices, help, logarithmic)
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
