"""What a reader must know of a network used otherwise than it was trained."""

from __future__ import annotations

from typing import Any, Protocol

from core.checkpoints import CheckpointInfo
from core.masks import PATTERNS, settings_in_full
from core.params import settings_of
from core.types import Scan

TOLERANCE = 0.005
"""Relative difference of R or of a mask's setting within which two count as the same."""

SINGLE = "single"
"""What a checkpoint's task says of a network that was trained on images of one coil."""


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


def network_remarks(
    info: CheckpointInfo, sampling: SamplingLike | None, scan: Scan | None
) -> tuple[str, ...]:
    """One line for every way in which a network is used otherwise than it was trained.

    Parameters
    ----------
    info
        The network. A checkpoint that does not state its mask's settings was trained with the
        defaults; one that does not state its coils, on images of one coil.
    sampling, scan
        What it is used on; None where that is not known yet.
    """
    found: list[str] = []
    if sampling is not None:
        found += [*_on_acceleration(info, sampling), *_on_mask(info, sampling)]
    if scan is not None:
        found += _on_coils(info, scan)
    return tuple(found)


def _on_acceleration(info: CheckpointInfo, sampling: SamplingLike) -> list[str]:
    if _is_same(info.acceleration, sampling.acceleration):
        return []
    return [f"trained for R={info.acceleration:g}, used at R={sampling.acceleration:g}"]


def _on_mask(info: CheckpointInfo, sampling: SamplingLike) -> list[str]:
    if info.pattern != sampling.pattern:
        return [f"trained for {info.pattern} masks, used with {sampling.pattern}"]
    kind = PATTERNS[info.pattern].params
    assert kind is not None
    stated = info.config["task"].get("mask_params", {})
    trained = {**settings_in_full(info.pattern, None), **stated}
    used = settings_in_full(sampling.pattern, sampling.params)
    labels = settings_of(kind)
    return [
        f"trained with “{labels[name].label}” of the mask at {trained[name]:g}, used at {value:g}"
        for name, value in used.items()
        if not _is_same(trained[name], value)
    ]


def _on_coils(info: CheckpointInfo, scan: Scan) -> list[str]:
    if scan.n_coils == 1 or info.config["task"].get("coils", SINGLE) != SINGLE:
        return []
    return [
        f"trained on images of one coil, used coil by coil on {scan.n_coils} coils "
        "(root sum of squares)"
    ]


def _is_same(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))
