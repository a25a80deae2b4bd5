"""One mask from a pattern's name, a size, an acceleration and a seed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.masks.patterns import ACQUIRED, PATTERNS, PatternParams, Plan
from core.params import settings_of
from core.types import Mask

DEFAULT_PATTERN = "poisson"

POOLS = ("train", "test")
"""Masks of one pool never serve the other: their generators are spawned under different keys."""

SIZES = (32, 1024)
ACCELERATIONS = (1.0, 20.0)


def make_mask(
    pattern: str,
    shape: Sequence[int],
    acceleration: float,
    seed: int = 0,
    *,
    split: str = "test",
    params: PatternParams | None = None,
) -> Mask:
    """Draw a mask; equal arguments give equal masks.

    Parameters
    ----------
    pattern
        Name of a registered pattern.
    shape
        Size of k-space, (y, x), from 32 to 1024 each.
    acceleration
        R asked for, from 1 to 20. The mask has size / R samples, rounded to the nearest integer;
        line patterns may be within 0.3 % of it instead, where whole lines come that near.
    seed
        Any integer from 0.
    split
        Pool of masks: ``test`` (which a person's seeds choose from) or ``train``.
    params
        Settings of the pattern; its defaults if None.

    Raises
    ------
    ValueError
        If an argument is outside its range, or the fully sampled centre takes more samples than
        there are.
    """
    _check(shape, acceleration, seed, split)
    size = (int(shape[0]), int(shape[1]))
    n_samples = round(size[0] * size[1] / acceleration)
    chosen = _params(pattern, params)
    acs_shape = chosen.acs_shape(size, n_samples)
    if acs_shape[0] * acs_shape[1] > n_samples:
        raise ValueError(
            f"fully sampled centre must take at most the {n_samples} samples of R = "
            f"{acceleration:g}, got {acs_shape[0]} x {acs_shape[1]}"
        )
    plan = Plan(size, n_samples, acs_shape, POOLS.index(split))
    # A copy: the drawn array stays in the cache, and torch warns of read-only ones.
    samples = _draw(pattern, plan, int(seed), chosen).copy()
    return Mask(samples, acs_shape, pattern, float(acceleration), int(seed), split, chosen)


def training_masks(
    pattern: str, shape: Sequence[int], acceleration: float, count: int = 100
) -> list[Mask]:
    """The first ``count`` masks of the training pool, with seeds 0, 1, 2...

    Raises
    ------
    ValueError
        As :func:`make_mask`.
    """
    return [make_mask(pattern, shape, acceleration, i, split="train") for i in range(count)]


def settings_in_full(pattern: str, params: PatternParams | None) -> dict[str, Any]:
    """All settings of a pattern by name, the defaults if ``params`` is None.

    :data:`~core.masks.patterns.ACQUIRED` has none.

    Raises
    ------
    ValueError
        If the pattern is unknown or the settings are another pattern's.
    """
    if pattern == ACQUIRED:
        return {}
    chosen = _params(pattern, params)
    return {name: getattr(chosen, name) for name in settings_of(chosen)}


@lru_cache(maxsize=256)
def _draw(pattern: str, plan: Plan, seed: int, params: PatternParams) -> NDArray[np.bool_]:
    if plan.n_samples == plan.shape[0] * plan.shape[1]:
        return np.ones(plan.shape, bool)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(plan.pool,)))
    return PATTERNS[pattern].item(plan, rng, params)


def _params(pattern: str, params: PatternParams | None) -> PatternParams:
    kind = PATTERNS[pattern].params
    assert kind is not None
    chosen: PatternParams = kind() if params is None else params
    if not isinstance(chosen, kind):
        raise ValueError(
            f"params of mask {pattern!r} must be {kind.__name__}, got {type(params).__name__}"
        )
    return chosen


def _check(shape: Sequence[int], acceleration: float, seed: int, split: str) -> None:
    low, high = SIZES
    if len(shape) != 2 or not all(_is_whole(n) and low <= n <= high for n in shape):
        raise ValueError(
            f"shape of a mask must be two sizes (y, x) from {low} to {high}, got {tuple(shape)}"
        )
    lowest, highest = ACCELERATIONS
    if not lowest <= acceleration <= highest:
        raise ValueError(
            f"acceleration must be from {lowest:g} to {highest:g}, got {acceleration:g}"
        )
    if not _is_whole(seed) or seed < 0:
        raise ValueError(f"seed must be an integer from 0, got {seed}")
    if split not in POOLS:
        raise ValueError(f"split must be one of {', '.join(POOLS)}, got {split!r}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer)
