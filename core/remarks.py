"""What a reader must know of a network used otherwise than it was trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from core.checkpoints import COMPLEX, MULTI, SINGLE, CheckpointInfo
from core.masks import PATTERNS, settings_in_full
from core.params import settings_of
from core.types import Scan

TOLERANCE = 0.005
"""Relative difference of R or of a mask's setting within which two count as the same."""


class SamplingLike(Protocol):
    """A mask, or the wish for one."""

    @property
    def pattern(self) -> str:
        """The registered pattern's name."""
        ...

    @property
    def acceleration(self) -> float:
        """The R asked for."""
        ...

    @property
    def params(self) -> Any:  # noqa: ANN401 - the pattern's own dataclass
        """The pattern's settings; None for the defaults."""
        ...


@dataclass(frozen=True)
class Sampling:
    """The sampling that somebody wishes for: a :class:`SamplingLike` of plain values."""

    pattern: str
    acceleration: float
    params: Any = None


@dataclass(frozen=True)
class Difference:
    """One way in which a network is used otherwise than it was trained.

    Attributes
    ----------
    trained
        What it was trained for, in a few words such as ``R=4``.
    text
        The whole remark, such as ``trained for R=4, used at R=6``.
    """

    trained: str
    text: str


def differences(
    info: CheckpointInfo, sampling: SamplingLike | None, scan: Scan | None
) -> tuple[Difference, ...]:
    """Every way in which a network is used otherwise than it was trained.

    Parameters
    ----------
    info
        The network. A checkpoint that does not state its mask's settings was trained with the
        defaults; one that does not state its coils, on images of one coil.
    sampling, scan
        What it is used on; None where that is not known yet.
    """
    found: list[Difference] = []
    if sampling is not None:
        found += [*_on_acceleration(info, sampling), *_on_mask(info, sampling)]
    if scan is not None:
        found += _on_coils(info, scan)
    return tuple(found)


def network_remarks(
    info: CheckpointInfo, sampling: SamplingLike | None, scan: Scan | None
) -> tuple[str, ...]:
    """:func:`differences` as lines for results, tables and figures."""
    return tuple(difference.text for difference in differences(info, sampling, scan))


def badge(info: CheckpointInfo, sampling: SamplingLike | None, scan: Scan | None) -> str:
    """:func:`differences` in a few words, to stand where a network is chosen; empty for none."""
    found = [difference.trained for difference in differences(info, sampling, scan)]
    return f"trained for {', '.join(found)}" if found else ""


def _on_acceleration(info: CheckpointInfo, sampling: SamplingLike) -> list[Difference]:
    if is_same(info.acceleration, sampling.acceleration):
        return []
    trained = f"R={info.acceleration:g}"
    return [Difference(trained, f"trained for {trained}, used at R={sampling.acceleration:.3g}")]


def _on_mask(info: CheckpointInfo, sampling: SamplingLike) -> list[Difference]:
    if info.pattern != sampling.pattern:
        trained = f"{info.pattern} masks"
        return [Difference(trained, f"trained for {trained}, used with {sampling.pattern}")]
    stated = info.config["task"].get("mask_params", {})
    trained_with = {**settings_in_full(info.pattern, None), **stated}
    used = settings_in_full(sampling.pattern, sampling.params)
    return [
        _on_setting(_label(info.pattern, name), trained_with[name], value)
        for name, value in used.items()
        if not is_same(trained_with[name], value)
    ]


def _label(pattern: str, name: str) -> str:
    """What a person calls a setting of a pattern."""
    kind = PATTERNS[pattern].params
    assert kind is not None
    return settings_of(kind)[name].label.lower()


def _on_setting(label: str, trained: float, used: float) -> Difference:
    return Difference(
        f"a {label} of {trained:g}",
        f"trained for masks with a {label} of {trained:g}, used at {used:g}",
    )


def _on_coils(info: CheckpointInfo, scan: Scan) -> list[Difference]:
    n = scan.n_coils
    if n > 1 and info.coils == SINGLE:
        return [Difference("one coil", f"trained for images of one coil, used on {n}")]
    if n > 1 and info.coils == COMPLEX:
        return [Difference("one coil", f"trained for complex images of one coil, used on {n}")]
    if n == 1 and info.coils == MULTI:
        return [Difference("many coils", "trained for images of many coils, used on one coil")]
    return []


def is_same(one: float, other: float) -> bool:
    """Whether two values of R or of a mask's setting count as the same."""
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))
