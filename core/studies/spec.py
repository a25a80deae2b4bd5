"""What a study is: a grid of source domains, R, numbers of tuning images and seeds on targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core import metrics
from core.params import settings_of
from core.registry import Registry
from core.studies.cells import file_word
from core.studies.origin import Origin
from core.studies.target import SECTION, TargetSpec
from core.training.part_names import ALL, PARTS
from core.training.settings import FULL, PATTERNS, SELF, TUNE_PRESETS, TuneSettings

SCRATCH = "scratch"
"""The source that has learned nothing: an untrained network tuned on the same images.

``scratch:ARCHITECTURE`` is another network than the cascade of one coil.
"""

FILE_SUFFIX = ".safetensors"

SUPERVISIONS: Registry[str] = Registry("supervision")
"""How a network is tuned; the item is a sentence for a reader."""

SUPERVISIONS.register(FULL, "Fully sampled images")("tuned on fully sampled images")
SUPERVISIONS.register(SELF, "Undersampled scans alone (self-supervised)")(
    "tuned on undersampled acquisitions alone"
)

RANGES: dict[str, tuple[float, float]] = {
    "grid.accelerations": (1.0, 20.0),
    "grid.source_acceleration": (1.0, 20.0),
    "grid.n_images": (0, 1000),
    "grid.seeds": (0, 2**31 - 1),
    "grid.baseline_images": (1, 1000),
    "sampling.mask_seed": (0, 2**31 - 1),
}
"""Closed range of each number, or of each number in a list."""


@dataclass(frozen=True)
class StudySpec:
    """A study; every combination of its lists is a cell.

    Attributes
    ----------
    name
        What figures and tables call it.
    targets
        Whose scans; where there are several, each has a name of its own.
    sources
        Families of networks (``natural``, ``t1``, ``training-size/natural-500``), checkpoint
        files, ``scratch``, or ``scratch:ARCHITECTURE``.
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
    source_acceleration
        R of the networks that are transferred to every R; 0 for those of that R itself.
    trainable
        Parts of a network that a tuning may change, names in
        :data:`core.training.part_names.PARTS`.
    baselines
        Names in :data:`core.studies.baselines.BASELINES`.
    baseline_images
        Images that baselines are tuned on: the first so many of the first seed's.
    tuning
        Settings of every tuning; its acceleration, pattern, number of images, seed, supervision and
        what it may change are set by each cell.
    pattern, mask_seed
        Sampling pattern; seed of the test masks.
    definition
        Of the figures of merit.
    origin
        Where it was stated.
    """

    name: str
    targets: tuple[TargetSpec, ...]
    sources: tuple[str, ...]
    accelerations: tuple[float, ...]
    n_images: tuple[int, ...]
    native: str = ""
    seeds: tuple[int, ...] = (1,)
    supervisions: tuple[str, ...] = (FULL,)
    source_acceleration: float = 0.0
    trainable: tuple[str, ...] = (ALL,)
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
        self._check_targets()

    def _check_lists(self) -> None:
        lists: dict[str, tuple[Sequence[object], int]] = {
            "grid.sources": (self.sources, 1),
            "grid.accelerations": (self.accelerations, 1),
            "grid.n_images": (self.n_images, 1),
            "grid.seeds": (self.seeds, 1),
            "grid.supervisions": (self.supervisions, 1),
            "grid.trainable": (self.trainable, 1),
            "grid.baselines": (self.baselines, 0),
        }
        for key, (values, least) in lists.items():
            if len(values) < least:
                raise self.origin.refusal(key, f"must list at least {least}", "none")
            self.origin.check_once(key, values)
        if len({*map(source_name, self.sources)}) < len(self.sources):
            listed = ", ".join(map(source_name, self.sources))
            raise self.origin.refusal("grid.sources", "must have different names", listed)

    def _check_numbers(self) -> None:
        numbers: dict[str, Sequence[float]] = {
            "grid.accelerations": self.accelerations,
            "grid.source_acceleration": tuple(r for r in (self.source_acceleration,) if r),
            "grid.n_images": self.n_images,
            "grid.seeds": self.seeds,
            "grid.baseline_images": (self.baseline_images,),
            "sampling.mask_seed": (self.mask_seed,),
        }
        for key, values in numbers.items():
            self.origin.check_range(key, values, *RANGES[key])

    def _check_names(self) -> None:
        from core.studies.baselines import BASELINES

        choose = self.origin.check_choice
        choose("sampling.pattern", self.pattern, PATTERNS)
        choose("definition", self.definition, metrics.DEFINITIONS.names())
        for name in self.supervisions:
            choose("grid.supervisions", name, SUPERVISIONS.names())
        for name in self.trainable:
            choose("grid.trainable", name, PARTS.names())
        for name in self.baselines:
            choose("grid.baselines", name, BASELINES.names())
        if self.native and self.native not in self.sources:
            raise self.origin.refusal("grid.native", "must be one of grid.sources", self.native)

    def _check_targets(self) -> None:
        if not self.targets:
            raise self.origin.refusal(SECTION, "must be stated", "nothing")
        taken: set[str] = set()
        for target in self.targets if len(self.targets) > 1 else ():
            if not target.name:
                rule = "must be stated where there are several targets"
                raise target.origin.refusal("name", rule, "nothing")
            word = file_word(target.name).casefold()
            if word in taken:
                rule = "must differ from those of the other targets"
                raise target.origin.refusal("name", rule, repr(target.name))
            taken.add(word)


def is_scratch(source: str) -> bool:
    """Whether a source is an untrained network, of whatever architecture."""
    return source.partition(":")[0] == SCRATCH


def source_name(source: str) -> str:
    """What tables call a source: its own name, or a checkpoint file's stem."""
    return Path(source).stem if source.endswith(FILE_SUFFIX) else source


def tuning_keys() -> tuple[str, ...]:
    """The settings of a tuning that a study file can state; the others are the grid's."""
    of_the_grid = {"acceleration", "pattern", "n_images", "seed", "supervision", "trainable"}
    return tuple(name for name in settings_of(TuneSettings) if name not in of_the_grid)
