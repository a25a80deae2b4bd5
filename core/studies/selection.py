"""Which slices a cell is tuned on, validated on and scored on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.training.tuning_data import FULL, ImageRef, fullness
from core.types import Scan


def usable_slices(scan: Scan) -> tuple[int, ...]:
    """Slices that show enough anatomy."""
    return tuple(i for i, share in enumerate(fullness(scan)) if share > 0)


def scored_slices(scan: Scan, count: int) -> tuple[int, ...]:
    """``count`` usable slices spread evenly from the first to the last; all for 0 or too few."""
    usable = usable_slices(scan)
    if count == 0 or count >= len(usable):
        return usable
    places = np.linspace(0, len(usable) - 1, count) if count > 1 else [(len(usable) - 1) / 2]
    return tuple(usable[round(float(place))] for place in places)


def tuning_slices(
    people: Sequence[Sequence[Scan]], n_images: int, n_validation: int, seed: int
) -> tuple[tuple[ImageRef, ...], tuple[ImageRef, ...]]:
    """Images to tune on and images to validate on, for any number of the former.

    All usable slices are put in one order that a seed gives: person after person in turn; of a
    person, slices that show much anatomy before those that show little, and so that the first few
    lie far apart. The first ``n_validation`` are for validation whatever ``n_images`` is, and the
    next ones for tuning: the images for 1 are among those for 2, and so on.

    Parameters
    ----------
    people
        Scans of each person.
    n_images, n_validation
        How many of each.
    seed
        Another seed gives another order.

    Raises
    ------
    ValueError
        If there are not so many usable slices.
    """
    random = np.random.default_rng(np.random.SeedSequence(seed))
    queues = []
    for index in random.permutation(len(people)):
        shown = [(ImageRef(scan, i), s) for scan in people[index] for i, s in _usable(scan)]
        full = [ref for ref, share in shown if share >= FULL]
        others = [ref for ref, share in shown if share < FULL]
        queues.append([*_spread(full, random), *_spread(others, random)])
    order = _in_turn(queues)
    wanted = n_validation + n_images
    if wanted > len(order):
        raise ValueError(
            f"tuning needs {n_images} + {n_validation} slices that show anatomy, the scans have "
            f"{len(order)}"
        )
    return tuple(order[n_validation:wanted]), tuple(order[:n_validation])


def _in_turn(queues: Sequence[Sequence[ImageRef]]) -> list[ImageRef]:
    longest = max(map(len, queues), default=0)
    return [queue[i] for i in range(longest) for queue in queues if i < len(queue)]


def _usable(scan: Scan) -> list[tuple[int, float]]:
    """Index of each usable slice, and how much it shows of the fullest."""
    return [(i, share) for i, share in enumerate(fullness(scan)) if share > 0]


def _spread(refs: Sequence[ImageRef], random: np.random.Generator) -> list[ImageRef]:
    """The same in such an order that every beginning is spread: the next is farthest from all.

    Distances go round from the last to the first, since otherwise both ends would come too early.
    The first is drawn; of several equally far, one is drawn.
    """
    count = len(refs)
    if count == 0:
        return []
    order = [int(random.integers(count))]
    distance = _around(order[0], count)
    while len(order) < count:
        farthest = np.flatnonzero(distance == distance.max())
        order.append(int(random.choice(farthest)))
        distance = np.minimum(distance, _around(order[-1], count))
    return [refs[i] for i in order]


def _around(place: int, count: int) -> NDArray[np.int_]:
    """Distance of each of ``count`` places on a ring from one of them."""
    apart = np.abs(np.arange(count) - place)
    return np.minimum(apart, count - apart)
