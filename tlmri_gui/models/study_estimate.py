"""What a study will take: by the pace of cells that were timed, or as on an idle machine."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlmri_gui.models.study_plan import parse_counts, used_sources
from tlmri_gui.study_state import Digest, Role, StudyOffer, StudyPlan

if TYPE_CHECKING:
    from core.training.settings import TuneSettings

SECONDS_A_STEP = 0.35
"""A step of tuning on one slice of 256 x 256 on one core of a usual processor that is idle."""
SECONDS_A_SCORE = 0.3
"""A network's image of such a slice, scored."""
SECONDS_A_BASELINE_IMAGE = 8.0
"""To choose a baseline's settings on one such slice."""
GPU_GAIN = 15.0
MOST_WORKERS = 4
"""Cells at once on a processor, each on one core; more would need much memory."""
_PIXELS = 256 * 256
NOTHING_TIMED = Digest()


@dataclass(frozen=True)
class Estimate:
    """Number of cells, and a guess of the seconds they take together.

    ``is_measured`` says whether it follows the pace of cells that were timed; otherwise it holds
    for an idle machine.
    """

    n_cells: int
    seconds: float
    is_measured: bool = False


def n_workers(on_gpu: bool) -> int:
    """Cells that run at once."""
    return 1 if on_gpu else min(os.cpu_count() or 1, MOST_WORKERS)


def estimate(
    offer: StudyOffer, plan: StudyPlan, on_gpu: bool, timed: Digest = NOTHING_TIMED
) -> Estimate:
    """What a plan without a problem will take, at the pace of the study ``timed`` if it has one.

    That study may be of another grid and recipe: it tells how fast steps are on this machine with
    all that runs beside them.
    """
    counts = parse_counts(plan.counts_text)
    tuned = [n for n in counts if n]
    n_sources, n_rates = len(used_sources(plan)), len(plan.accelerations)
    repeats = n_sources * n_rates * len(plan.supervisions) * len(plan.trainable) * plan.n_seeds
    n_tuned = repeats * len(tuned)
    n_raw = n_sources * n_rates * (0 in counts) + len(plan.baselines) * n_rates
    settings, size = offer.presets[plan.preset], _mean_size(plan)
    step = _pixels_a_step(settings, size) * SECONDS_A_STEP
    steps = repeats * sum(settings.n_steps(n) for n in tuned)
    scores = (n_tuned + n_raw) * _n_scored(plan)
    slow = [
        choice for choice in offer.baselines if choice.is_tuned and choice.name in plan.baselines
    ]
    images = len(slow) * n_rates * max(counts)
    seconds = (steps * step + scores * size * SECONDS_A_SCORE) / _PIXELS
    seconds += images * SECONDS_A_BASELINE_IMAGE * size / _PIXELS
    gain = GPU_GAIN if on_gpu else 1.0
    pace = _pace(timed, size) * gain
    is_measured = math.isfinite(pace)
    seconds *= (pace if is_measured else 1.0) / gain / n_workers(on_gpu)
    return Estimate(n_tuned + n_raw, seconds, is_measured)


def _pace(timed: Digest, size: float) -> float:
    """Measured time of a step over that on an idle core; NaN where none was measured."""
    if timed.tuning is None:
        return math.nan
    expected = _pixels_a_step(timed.tuning, size) * SECONDS_A_STEP / _PIXELS
    return timed.seconds_a_step / expected


def _pixels_a_step(settings: TuneSettings, size: float) -> float:
    """Pixels of what a step takes: its crops, or a whole slice."""
    return settings.crop**2 * settings.batch if settings.crop else size


def _n_scored(plan: StudyPlan) -> int:
    each = plan.slices_per_scan
    tested = plan.with_role(Role.TEST)
    return sum(min(each or scan.n_slices, scan.n_slices) for scan in tested)


def _mean_size(plan: StudyPlan) -> float:
    """Pixels of a slice."""
    scans = [*plan.with_role(Role.TUNE), *plan.with_role(Role.TEST)]
    return sum(y * x for y, x in (scan.slice_shape for scan in scans)) / max(len(scans), 1)
