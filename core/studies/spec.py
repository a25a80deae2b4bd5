"""What a study is: a grid of source domains, R, numbers of tuning images and seeds on a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core import metrics
from core.params import settings_of
from core.registry import Registry
from core.studies.origin import Origin
from core.training.settings import FULL, PATTERNS, SELF, TUNE_PRESETS, TuneSettings

SCRATCH = "scratch"
"""The source that has learned nothing: an untrained network tuned on the same images."""

PHANTOM = "phantom"
"""The target that needs no data; ``phantom:SEED`` is one of its people in a list of scans."""

FILE_SUFFIX = ".safetensors"

SCORED_SPLITS = ("test", "val")

SUPERVISIONS: Registry[str] = Registry("supervision")
"""How a network is tuned; the item is a sentence for a reader."""

SUPERVISIONS.register(FULL, "Fully sampled images")("tuned on fully sampled images")
SUPERVISIONS.register(SELF, "Undersampled scans alone (self-supervised)")(
    "tuned on undersampled acquisitions alone"
)

RANGES: dict[str, tuple[float, float]] = {
    "grid.accelerations": (1.0, 20.0),
    "grid.n_images": (0, 1000),
    "grid.seeds": (0, 2**31 - 1),
    "grid.baseline_images": (1, 1000),
    "target.slices_per_scan": (0, 1000),
    "target.size": (32, 1024),
    "target.n_slices": (1, 200),
    "target.coils": (0, 32),
    "sampling.mask_seed": (0, 2**31 - 1),
}
"""Closed range of each number, or of each number in a list."""


@dataclass(frozen=True)
class TargetSpec:
    """Whose scans are tuned on, and whose are scored.

    Either a ``domain``, or lists ``tune`` and ``test``.

    Attributes
    ----------
    domain
        A domain of the data folder's ``splits.json``: its `tune` people are tuned on, those of
        ``score`` are scored. Or ``phantom``: digital brains, of ``size`` and ``n_slices``.
    scored_domain
        Another domain whose ``score`` people are scored instead: where one has no scans to tune on,
        as measured k-space of several coils. Empty for ``domain``.
    data
        The folder with ``splits.json``.
    score
        ``test`` or ``val``.
    tune, test
        Scan files of any format that :mod:`core.io` reads, or ``phantom:SEED``.
    slices_per_scan
        Scored slices of each scan, spread evenly over those that show anatomy; 0 for all.
    coils
        Receive coils simulated for scans of magnitude images, 0 for none; measured k-space is taken
        as it is.
    """

    domain: str = ""
    scored_domain: str = ""
    data: str = ""
    score: str = "test"
    tune: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    slices_per_scan: int = 0
    size: int = 256
    n_slices: int = 24
    coils: int = 0


@dataclass(frozen=True)
class StudySpec:
    """A study; every combination of its lists is a cell.

    Attributes
    ----------
    name
        What figures and tables call it.
    target
        Whose scans.
    sources
        Families of networks (``natural``, ``t1``, ``training-size/natural-500``), checkpoint
        files, or ``scratch``.
    native
        The source trained in the target's own domain, whose tuned network is the reference line;
        empty for none. It is one of ``sources``.
    accelerations
        R.
    n_images
        Numbers of tuning images; 0 is the network as it came.
    seeds
        Each draws other tuning images and another order of steps.
    supervisions
        Names in :data:`SUPERVISIONS`.
    baselines
        Names in :data:`core.studies.baselines.BASELINES`.
    baseline_images
        Images that baselines are tuned on: the first so many of the first seed's.
    tuning
        Settings of every tuning; its acceleration, pattern, number of images, seed and supervision
        are set by each cell.
    pattern, mask_seed
        Sampling pattern; seed of the test masks.
    definition
        Of the figures of merit.
    origin
        Where it was stated.
    """

    name: str
    target: TargetSpec
    sources: tuple[str, ...]
    accelerations: tuple[float, ...]
    n_images: tuple[int, ...]
    native: str = ""
    seeds: tuple[int, ...] = (1,)
    supervisions: tuple[str, ...] = (FULL,)
    baselines: tuple[str, ...] = ()
    baseline_images: int = 10
    tuning: TuneSettings = field(default_factory=lambda: TUNE_PRESETS["fast"])
    pattern: str = PATTERNS[0]
    mask_seed: int = 1
    definition: str = metrics.DEFAULT
    origin: Origin = field(default_factory=Origin, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._check_lists()
        self._check_numbers()
        self._check_names()
        self._check_target()

    def _check_lists(self) -> None:
        lists: dict[str, tuple[Sequence[object], int]] = {
            "grid.sources": (self.sources, 1),
            "grid.accelerations": (self.accelerations, 1),
            "grid.n_images": (self.n_images, 1),
            "grid.seeds": (self.seeds, 1),
            "grid.supervisions": (self.supervisions, 1),
            "grid.baselines": (self.baselines, 0),
        }
        for key, (values, least) in lists.items():
            if len(values) < least:
                raise self.origin.refusal(key, f"must list at least {least}", "none")
            if len(set(values)) < len(values):
                listed = ", ".join(map(str, values))
                raise self.origin.refusal(key, "must list each value once", listed)
        if len({*map(source_name, self.sources)}) < len(self.sources):
            listed = ", ".join(map(source_name, self.sources))
            raise self.origin.refusal("grid.sources", "must have different names", listed)

    def _check_numbers(self) -> None:
        numbers: dict[str, Sequence[float]] = {
            "grid.accelerations": self.accelerations,
            "grid.n_images": self.n_images,
            "grid.seeds": self.seeds,
            "grid.baseline_images": (self.baseline_images,),
            "target.slices_per_scan": (self.target.slices_per_scan,),
            "target.size": (self.target.size,),
            "target.n_slices": (self.target.n_slices,),
            "target.coils": (self.target.coils,),
            "sampling.mask_seed": (self.mask_seed,),
        }
        for key, values in numbers.items():
            low, high = RANGES[key]
            for value in values:
                if not low <= value <= high:
                    raise self.origin.refusal(key, f"must be from {low:g} to {high:g}", value)

    def _check_names(self) -> None:
        from core.studies.baselines import BASELINES

        self._check_choice("sampling.pattern", self.pattern, PATTERNS)
        self._check_choice("definition", self.definition, metrics.DEFINITIONS.names())
        for name in self.supervisions:
            self._check_choice("grid.supervisions", name, SUPERVISIONS.names())
        for name in self.baselines:
            self._check_choice("grid.baselines", name, BASELINES.names())
        if self.native and self.native not in self.sources:
            raise self.origin.refusal("grid.native", "must be one of grid.sources", self.native)

    def _check_target(self) -> None:
        target = self.target
        if bool(target.domain) == bool(target.tune or target.test):
            raise self.origin.refusal(
                "target",
                "must state either domain or the lists tune and test",
                "both" if target.domain else "neither",
            )
        if target.scored_domain and not target.domain:
            raise self.origin.refusal(
                "target.scored_domain", "must stand beside target.domain", target.scored_domain
            )
        if target.domain:
            self._check_choice("target.score", target.score, SCORED_SPLITS)
        elif not (target.tune and target.test):
            missing = "test" if target.tune else "tune"
            raise self.origin.refusal(f"target.{missing}", "must list at least 1 scan", "none")

    def _check_choice(self, key: str, value: str, choices: Sequence[str]) -> None:
        if value not in choices:
            raise self.origin.refusal(key, f"must be one of {', '.join(choices)}", repr(value))


def source_name(source: str) -> str:
    """What tables call a source: its own name, or a checkpoint file's stem."""
    return Path(source).stem if source.endswith(FILE_SUFFIX) else source


def tuning_keys() -> tuple[str, ...]:
    """The settings of a tuning that a study file can state; the others are the grid's."""
    of_the_grid = {"acceleration", "pattern", "n_images", "seed", "supervision"}
    return tuple(name for name in settings_of(TuneSettings) if name not in of_the_grid)
