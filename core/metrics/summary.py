"""Mean and spread of the scores of each method, and fastMRI's figures of whole volumes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.acquisition import reference_image, volume_maximum
from core.metrics.definition import DEFINITIONS
from core.metrics.scores import decibels
from core.types import Recon, Scan, Score

FIGURES: dict[str, Callable[[Score], float]] = {
    "psnr_db": lambda score: score.psnr_db,
    "ssim": lambda score: score.ssim,
    "nmse": lambda score: score.nmse,
    "rmse": lambda score: score.rmse,
}
"""Name of each figure of merit, as in tables and files, and how to read it from a score."""


class Scored(Protocol):
    """A reconstruction with its score, such as :class:`core.pipeline.Comparison`."""

    @property
    def recon(self) -> Recon:
        """The reconstruction."""
        ...

    @property
    def score(self) -> Score:
        """Its score."""
        ...


@dataclass(frozen=True)
class Pooled:
    """fastMRI's figures: one error a volume over its scored slices, mean over the volumes.

    Attributes
    ----------
    n_volumes
        Number of volumes.
    psnr_db, nmse
        Mean over the volumes.
    """

    n_volumes: int
    psnr_db: float
    nmse: float


@dataclass(frozen=True)
class Summary:
    """The scores of one method.

    Attributes
    ----------
    method, label
        Its name, and the name a person reads.
    definition
        Name of the definition of every figure here.
    n
        Slices that every method of the comparison with any score was scored on; all figures here
        are of these. 0 for a method without any.
    n_excluded
        Slices that this method was not scored on, such as its tuning images.
    mean, sd
        Mean and sample standard deviation over the ``n`` slices, by the names of
        :data:`FIGURES`. NaN where undefined: no slice for the mean, fewer than two (or an infinite
        PSNR among them) for the standard deviation.
    pooled
        Figures of whole volumes over the ``n`` slices, where the definition has them.
    reasons
        Why slices of this method have no score, each reason once.
    """

    method: str
    label: str
    definition: str
    n: int
    n_excluded: int
    mean: dict[str, float]
    sd: dict[str, float]
    pooled: Pooled | None
    reasons: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """How many slices have no score and why, in words; empty if all have one."""
        if not self.n_excluded:
            return ""
        slices = "1 slice" if self.n_excluded == 1 else f"{self.n_excluded} slices"
        return f"{slices} not scored: {'; '.join(self.reasons)}"


def summarise(definition: str, comparisons: Sequence[Scored]) -> tuple[Summary, ...]:
    """One summary a method, in the order in which the methods first appear.

    Means of different slices cannot be compared, so a slice that any method was not scored on
    counts for none of them. A method without any score, such as one tuned on the same person, has
    no means, and leaves those of the others as they are.

    Raises
    ------
    ValueError
        If a score was made under another definition, or the comparisons mix accelerations or mask
        patterns: a mean over those means nothing.
    """
    masks = {
        (item.recon.source.mask.pattern, item.recon.source.mask.acceleration)
        for item in comparisons
    }
    if len(masks) > 1:
        found = ", ".join(f"{pattern} R={r:g}" for pattern, r in sorted(masks))
        raise ValueError(f"comparisons must share one mask pattern and acceleration, got {found}")
    methods: dict[str, list[Scored]] = {}
    for comparison in comparisons:
        if comparison.score.definition != definition:
            raise ValueError(
                f"scores must all be under definition {definition!r}, "
                f"got {comparison.score.definition!r}"
            )
        methods.setdefault(comparison.recon.method, []).append(comparison)
    common = _common_slices(methods.values())
    return tuple(_summary(definition, group, common) for group in methods.values())


def _slice(item: Scored) -> tuple[Scan, int]:
    return item.recon.source.scan, item.recon.source.slice_index


def _common_slices(groups: Iterable[Sequence[Scored]]) -> frozenset[tuple[Scan, int]]:
    """The slices that every group with any score has a score of."""
    each = [frozenset(_slice(i) for i in group if i.score.excluded is None) for group in groups]
    scored = [slices for slices in each if slices]
    return frozenset.intersection(*scored) if scored else frozenset()


def _summary(
    definition: str, group: Sequence[Scored], common: frozenset[tuple[Scan, int]]
) -> Summary:
    scored = [i for i in group if _slice(i) in common and i.score.excluded is None]
    values = {name: [read(item.score) for item in scored] for name, read in FIGURES.items()}
    pools = DEFINITIONS[definition].item.pools_volumes and bool(scored)
    return Summary(
        method=group[0].recon.method,
        label=group[0].recon.label,
        definition=definition,
        n=len(scored),
        n_excluded=sum(item.score.excluded is not None for item in group),
        mean={name: float(np.mean(row)) if row else math.nan for name, row in values.items()},
        sd={name: _deviation(row) for name, row in values.items()},
        pooled=_pooled(scored) if pools else None,
        reasons=tuple(dict.fromkeys(i.score.excluded for i in group if i.score.excluded)),
    )


def _deviation(values: Sequence[float]) -> float:
    if len(values) < 2 or not np.isfinite(values).all():
        return math.nan
    return float(np.std(values, ddof=1))


def _pooled(scored: Sequence[Scored]) -> Pooled:
    volumes: dict[Scan, list[Recon]] = {}
    for item in scored:
        volumes.setdefault(item.recon.source.scan, []).append(item.recon)
    figures = [_volume_figures(scan, recons) for scan, recons in volumes.items()]
    psnr, nmse = np.mean(figures, axis=0)
    return Pooled(len(volumes), float(psnr), float(nmse))


def _volume_figures(scan: Scan, recons: Sequence[Recon]) -> tuple[float, float]:
    """PSNR in dB and NMSE of the scored slices of one volume taken together."""
    error = energy = 0.0
    size = 0
    for recon in recons:
        reference = reference_image(scan, recon.source.slice_index).astype(np.float64)
        error += float(np.sum((reference - recon.image) ** 2))
        energy += float(np.sum(reference**2))
        size += reference.size
    return decibels(volume_maximum(scan), error / size), error / energy
