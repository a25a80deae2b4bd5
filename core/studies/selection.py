"""Which slices a cell is tuned on, validated on and scored on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.acquisition import reference_image
from core.domains.mri import has_enough_foreground
from core.training.tuning_data import ImageRef
from core.types import Scan


def usable_slices(scan: Scan) -> tuple[int, ...]:
    """Slices that show enough anatomy."""
    shown = (reference_image(scan, i) for i in range(scan.n_slices))
    return tuple(i for i, image in enumerate(shown) if has_enough_foreground(image))


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

    All usable slices are put in one order that a seed gives: person after person in turn, and
    within a person so that the first few lie far apart. The first ``n_validation`` are for
    validation whatever ``n_images`` is, and the next ones for tuning: the images for 1 are among
    those for 2, and so on.

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
        slices = [ImageRef(scan, i) for scan in people[index] for i in usable_slices(scan)]
        queues.append([slices[i] for i in _spread_order(len(slices), random)])
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


def _spread_order(count: int, random: np.random.Generator) -> list[int]:
    """0 ... count - 1 so that every beginning is spread: each next one is farthest from all before.

    The first is drawn; of several equally far, one is drawn.
    """
    if count == 0:
        return []
    places = np.arange(count)
    order = [int(random.integers(count))]
    distance = np.abs(places - order[0])
    while len(order) < count:
        farthest = np.flatnonzero(distance == distance.max())
        order.append(int(random.choice(farthest)))
        distance = np.minimum(distance, np.abs(places - order[-1]))
    return order
