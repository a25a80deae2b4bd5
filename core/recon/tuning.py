"""The choice of a method's weight, and what goes with it, on tuning images: a fair baseline.

The weight is searched on a logarithmic grid by climbing from neighbour to neighbour, first in half
decades on a few images, then in quarter and eighth decades on all. What else a method offers at
one weight (:mod:`core.recon.tunable`), such as the number of iterations, is read off along the
run and costs no run of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import metrics
from core.acquisition import reference_image, undersample, volume_maximum
from core.masks import make_mask
from core.masks.patterns import PatternParams
from core.params import settings_of
from core.progress import Progress, no_progress, part
from core.recon.methods import METHODS, MethodParams
from core.recon.tunable import TUNABLE, Candidate, Candidates
from core.seen import keys_of
from core.types import Scan, Undersampled

WEIGHT = "reg_weight"
"""The setting that is searched."""

GRID_PER_DECADE = 8
COARSE_STEP, *FINE_STEPS = (4, 2, 1)
"""Steps of the grid: half decades on a few images, then quarters and eighths on all."""

COARSE_IMAGES = 3
MOST_IMAGES = 10
"""More images than these are thinned out evenly: on brains the best weight no longer moves."""

MIN_GAIN_DB = 0.005
"""A better neighbour on the grid is better by this much: some methods are flat towards zero."""

PATIENCE = 10
"""Candidates without a better mean after which a run is given up."""


@dataclass(frozen=True)
class Trial:
    """Mean PSNR of the tuning images at one setting, under :data:`core.metrics.DEFAULT`."""

    params: MethodParams
    psnr_db: float


@dataclass(frozen=True)
class Tuned:
    """The best settings and everything that was tried on all images.

    Attributes
    ----------
    params
        Settings with the highest mean PSNR; they remember what they were chosen on.
    psnr_db
        That mean.
    table
        All trials on all images, by weight and in order of the work.
    remarks
        What keeps the choice from being free, such as an end of what was searched.
    """

    params: MethodParams
    psnr_db: float
    table: tuple[Trial, ...]
    remarks: tuple[str, ...]


def tuning_images(
    slices: Iterable[tuple[Scan, int]],
    acceleration: float,
    pattern: str = "poisson",
    mask_params: PatternParams | None = None,
) -> list[Undersampled]:
    """Slices undersampled for tuning, each by a mask of the training pool, with seeds 0, 1, 2...

    Masks of that pool are never scored with.
    """
    return [
        undersample(
            scan,
            index,
            make_mask(
                pattern, scan.slice_shape, acceleration, seed, split="train", params=mask_params
            ),
        )
        for seed, (scan, index) in enumerate(slices)
    ]


def tune(
    method: str,
    images: Sequence[Undersampled],
    progress: Progress = no_progress,
    base: MethodParams | None = None,
) -> Tuned:
    """The settings of a method with the highest mean PSNR on ``images``.

    Parameters
    ----------
    method
        Name in :data:`core.recon.tunable.TUNABLE`.
    images
        Undersampled tuning images, at the acceleration and pattern the method is tuned for; their
        references come from their scans. Empty ones are left out, and of more than
        :data:`MOST_IMAGES` as many are taken, evenly.
    progress
        Hook; raises :class:`core.progress.Cancelled` to stop.
    base
        All other settings, and the weight where the search begins; the method's defaults if None.

    Raises
    ------
    ValueError
        If the method cannot be tuned, or there is no image with a signal to tune on.
    """
    run = TUNABLE[method].item
    settings = _defaults(method) if base is None else base
    usable = [image for image in images if reference_image(image.scan, image.slice_index).any()]
    if not usable:
        raise ValueError(f"images must hold one that is not empty, got {len(images)} images")
    chosen = _evenly(usable, MOST_IMAGES)
    few = _evenly(chosen, COARSE_IMAGES)
    coarse = _Search(run, few, settings, part(progress, 0.0, 0.3))
    place = coarse.climb(coarse.nearest(getattr(settings, WEIGHT)), COARSE_STEP)
    search = coarse
    if len(few) < len(chosen):
        search = _Search(run, chosen, settings, part(progress, 0.3, 1.0))
    for step in FINE_STEPS:
        place = search.climb(place, step)
    progress(1.0, "tuned")
    best = search.best(place)
    seen = frozenset[str]().union(*(keys_of(u.scan, [u.slice_index]) for u in chosen))
    table = tuple(trial for _, trials in sorted(search.table.items()) for trial in trials)
    params = replace(best.params, tuned_on=seen)
    return Tuned(params, best.psnr_db, table, search.remarks(place))


def _defaults(method: str) -> MethodParams:
    kind = METHODS[method].params
    assert kind is not None
    defaults: MethodParams = kind()
    return defaults


class _Search:
    """What was found at each weight so far, on one set of images.

    Attributes
    ----------
    table
        Place on the grid to trials at that weight.
    """

    def __init__(
        self,
        run: Candidates,
        images: Sequence[Undersampled],
        settings: MethodParams,
        progress: Progress,
    ) -> None:
        self._run, self._images, self._settings = run, images, settings
        self._progress = progress
        self._places = _places(settings)
        self.table: dict[int, list[Trial]] = {}

    def nearest(self, weight: float) -> int:
        """The place on the grid that is nearest to a weight."""
        place = round(GRID_PER_DECADE * math.log10(weight))
        return min(max(place, self._places[0]), self._places[-1])

    def climb(self, place: int, step: int) -> int:
        """The first place from ``place`` on that no neighbour beats by :data:`MIN_GAIN_DB`."""
        while True:
            around = [p for p in (place - step, place + step) if p in self._places]
            best = max(around, key=lambda p: self.best(p).psnr_db)
            if self.best(best).psnr_db < self.best(place).psnr_db + MIN_GAIN_DB:
                return place
            place = best

    def best(self, place: int) -> Trial:
        """The best trial at a place, which is run if it was not yet."""
        if place not in self.table:
            # The number of runs is unknown: each takes a part of what is left.
            n = len(self.table)
            hook = part(self._progress, n / (n + 2), (n + 1) / (n + 3))
            change: dict[str, Any] = {WEIGHT: _weight(place)}
            settings = replace(self._settings, **change)
            self.table[place] = _trials(self._run, self._images, settings, hook)
        return max(self.table[place], key=lambda trial: trial.psnr_db)

    def remarks(self, place: int) -> tuple[str, ...]:
        """At which ends of what was searched the best trial of a place lies."""
        found = []
        for end, which in ((self._places[0], "smallest"), (self._places[-1], "largest")):
            if place == end:
                found.append(f"the best weight, {_weight(place):g}, is the {which} allowed")
        trials = self.table[place]
        if len(trials) > 1 and self.best(place) is trials[-1]:
            gain = trials[-1].psnr_db - trials[-2].psnr_db
            found.append(
                f"the longest run is the best, by {gain:.3f} dB over the last but one of "
                f"{len(trials)} readings"
            )
        return tuple(found)


def _places(settings: MethodParams) -> range:
    """Places on the grid within the range of the weight."""
    rule = settings_of(settings)[WEIGHT]
    assert rule.low is not None
    assert rule.high is not None
    low, high = (GRID_PER_DECADE * math.log10(end) for end in (rule.low, rule.high))
    return range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)


def _weight(place: int) -> float:
    """In three digits, so that forms and tables show what was used."""
    return float(f"{10 ** (place / GRID_PER_DECADE):.3g}")


def _evenly(images: Sequence[Undersampled], most: int) -> Sequence[Undersampled]:
    """At most so many of the images, evenly over their order, in the middle of their shares."""
    count = min(most, len(images))
    return [images[(2 * i + 1) * len(images) // (2 * count)] for i in range(count)]


def _trials(
    run: Candidates, images: Sequence[Undersampled], settings: MethodParams, progress: Progress
) -> list[Trial]:
    """Mean PSNR of every candidate of one weight; all images go in step."""
    fractions = np.zeros(len(images))
    message = f"tuning, weight {getattr(settings, WEIGHT):.3g}, {len(images)} images"

    def hook(i: int) -> Progress:
        def report(fraction: float, text: str = "") -> None:
            del text
            fractions[i] = fraction
            progress(float(fractions.mean()), message)

        return report

    references = [reference_image(image.scan, image.slice_index) for image in images]
    runs = [run(image, settings, hook(i)) for i, image in enumerate(images)]
    trials: list[Trial] = []
    best = 0
    for together in zip(*runs, strict=True):
        psnrs = [_psnr(*one) for one in zip(images, references, together, strict=True)]
        trials.append(Trial(together[0].params, float(np.mean(psnrs))))
        if trials[-1].psnr_db > trials[best].psnr_db:
            best = len(trials) - 1
        if len(trials) - 1 - best >= PATIENCE:
            break
    return trials


def _psnr(image: Undersampled, reference: NDArray[np.float32], candidate: Candidate) -> float:
    magnitude = candidate.magnitude.numpy() * np.float32(image.scale)
    return metrics.psnr(metrics.DEFAULT, reference, magnitude, volume_maximum(image.scan))
