"""What the session holds of a study: the plan, the run, and what has come of it so far.

Frozen values without Qt or torch; those of :class:`Digest` cross from the child process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from core.training.part_names import ALL
from core.training.settings import FULL
from core.types import Scan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.training.settings import TuneSettings


class Role(Enum):
    """What a scan is for. One scan never has two roles: what was tuned on is never scored."""

    TUNE = "tune"
    TEST = "test"
    UNUSED = "unused"


@dataclass(frozen=True, eq=False)
class StudyScan:
    """An open scan and its role."""

    scan: Scan
    role: Role = Role.UNUSED


@dataclass(frozen=True)
class SourceOffer:
    """A family of networks from one source domain, or an untrained network.

    Attributes
    ----------
    name, label
        What a study file calls it, and what a person reads.
    accelerations
        The R it has weights for.
    parts
        Names of the parts that its networks can be tuned by; empty where that is not known.
    is_untrained
        Whether it has learned nothing, and so suits every R.
    min_coils
        Receive coils that every scan must have for it.
    """

    name: str
    label: str
    accelerations: tuple[float, ...] = ()
    parts: tuple[str, ...] = ()
    is_untrained: bool = False
    min_coils: int = 1

    def suits(self, acceleration: float) -> bool:
        """Whether there is a network of it for this R."""
        return self.is_untrained or acceleration in self.accelerations


@dataclass(frozen=True)
class Named:
    """A choice with a check box: its name in files and its label.

    ``tip`` explains it. ``is_tuned`` says of a baseline whether its settings are chosen on the
    tuning images, ``min_coils`` how many receive coils it needs, ``needs_real`` whether it takes
    images for real.
    """

    name: str
    label: str
    tip: str = ""
    is_tuned: bool = False
    min_coils: int = 1
    needs_real: bool = False


@dataclass(frozen=True)
class StudyOffer:
    """What a study can be made of."""

    sources: tuple[SourceOffer, ...] = ()
    accelerations: tuple[float, ...] = ()
    presets: Mapping[str, TuneSettings] = field(default_factory=dict)
    supervisions: tuple[Named, ...] = ()
    parts: tuple[Named, ...] = ()
    baselines: tuple[Named, ...] = ()


@dataclass(frozen=True)
class StudyPlan:
    """What a study would start with.

    Attributes
    ----------
    scans
        Every open scan with its role.
    sources
        Names of the source domains whose networks are tuned.
    native
        The source domain that is the scans' own contrast; empty if none is.
    accelerations
        R, ascending.
    source_acceleration
        R of the networks that are tuned for every R; 0 for those of that R itself.
    counts_text
        Numbers of tuning images as the user wrote them.
    n_seeds
        How many times each point is repeated with other tuning images.
    slices_per_scan
        Scored slices of each test scan; 0 for all.
    preset
        Name of the recipe of the tunings.
    supervisions, baselines
        Names of what else is compared.
    trainable
        Names of the parts of the networks that a tuning may change, each compared with the others.
    coils
        Receive coils that are simulated for magnitude images which are seen by none on show, as an
        earlier study had it; 0 for none.
    """

    scans: tuple[StudyScan, ...] = ()
    sources: tuple[str, ...] = ("natural",)
    native: str = ""
    accelerations: tuple[float, ...] = (4.0,)
    source_acceleration: float = 0.0
    counts_text: str = "0, 1, 2, 5, 10"
    n_seeds: int = 1
    slices_per_scan: int = 10
    preset: str = ""
    supervisions: tuple[str, ...] = (FULL,)
    baselines: tuple[str, ...] = ("zf", "cs")
    trainable: tuple[str, ...] = (ALL,)
    coils: int = 0

    @property
    def used(self) -> tuple[Scan, ...]:
        """The scans that take part."""
        return tuple(entry.scan for entry in self.scans if entry.role is not Role.UNUSED)

    def with_role(self, role: Role) -> tuple[Scan, ...]:
        """The scans that have this role."""
        return tuple(entry.scan for entry in self.scans if entry.role is role)


class CurveKind(Enum):
    """How a curve is drawn."""

    SOURCE = "source"
    NATIVE = "native"
    BASELINE = "baseline"


@dataclass(frozen=True)
class Spread:
    """A mean and the ends of its bar; NaN where there are none."""

    mean: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def ends(self) -> tuple[float, ...]:
        """Both ends of the bar; none where there is no bar."""
        return () if math.isnan(self.low) else (self.low, self.high)


@dataclass(frozen=True)
class StudyPoint:
    """One finished point of a study: a method at one R after tuning on some images.

    Attributes
    ----------
    series
        Name of its curve, the same in every panel.
    label
        Its curve's name for a person.
    kind
        How its curve is drawn.
    acceleration, n_images
        R, and the number of tuning images (0: as it came).
    psnr, ssim, rmse
        Means over the test people, with their bars; RMSE in % of the peak.
    std_psnr
        Standard deviation of PSNR over all test slices, dB.
    n_people, n_slices
        What the means are over.
    seconds
        Time of one tuning; NaN if nothing was tuned.
    checkpoint
        The tuned weights in the study's folder, if there are any.
    """

    series: str
    label: str
    kind: CurveKind
    acceleration: float
    n_images: int
    psnr: Spread
    ssim: Spread
    rmse: Spread
    std_psnr: float
    n_people: int
    n_slices: int
    seconds: float = math.nan
    checkpoint: Path | None = None


@dataclass(frozen=True)
class Findings:
    """What a study's table says so far of one target.

    Attributes
    ----------
    target
        Whose scans these are.
    points
        Every point of which at least one cell is done.
    answer
        What the curves show, in one sentence for each question, and how sure that is.
    spread
        What the bars are.
    remarks
        What must be known of the networks, such as that one was trained for other masks.
    label
        Where the k-space comes from, such as *simulated from magnitude*.
    definition
        Name of the definition of the figures of merit.
    counts
        Numbers of tuning images asked for, done or not.
    """

    target: str = ""
    points: tuple[StudyPoint, ...] = ()
    answer: str = ""
    spread: str = ""
    remarks: tuple[str, ...] = ()
    label: str = ""
    definition: str = ""
    counts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Digest:
    """What a study's table says so far.

    Attributes
    ----------
    targets
        Target by target, those of which nothing is done too.
    tuning, seconds_a_step
        How its networks are tuned, and the measured time of a step of that; None and NaN before.
    n_done, n_cells
        How far it is.
    seconds_left
        Estimate from the cells done; NaN before the first.
    name
        What a person calls the study.
    """

    targets: tuple[Findings, ...] = ()
    tuning: TuneSettings | None = None
    seconds_a_step: float = math.nan
    n_done: int = 0
    n_cells: int = 0
    seconds_left: float = math.nan
    name: str = ""

    @property
    def points(self) -> tuple[StudyPoint, ...]:
        """Those of all targets."""
        return tuple(point for findings in self.targets for point in findings.points)

    def of(self, target: str) -> Findings:
        """What it says of this target; of the first one where none is called so."""
        first = self.targets[0] if self.targets else Findings()
        return next((found for found in self.targets if found.target == target), first)


class StudyPhase(Enum):
    """Where a study stands."""

    IDLE = "idle"
    PREPARING = "preparing…"
    RUNNING = "running"
    STOPPING = "stopping, what is done is kept…"
    STOPPED = "stopped"
    DONE = "done"

    @property
    def is_active(self) -> bool:
        """Whether it is being prepared or a child process is at work."""
        return self in (StudyPhase.PREPARING, StudyPhase.RUNNING, StudyPhase.STOPPING)


@dataclass(frozen=True)
class StudyRun:
    """The study on show: under way, stopped, or done.

    Attributes
    ----------
    phase
        Where it stands.
    folder
        Where its table and checkpoints lie; None before the first.
    digest
        What has come of it.
    message
        One line for a person.
    kept
        Checkpoints of this study that were copied to the user's.
    """

    phase: StudyPhase = StudyPhase.IDLE
    folder: Path | None = None
    digest: Digest = Digest()
    message: str = ""
    kept: frozenset[Path] = frozenset()


@dataclass(frozen=True)
class StudyProgress:
    """What the child process does now, and the part of the study that is done."""

    fraction: float = 0.0
    text: str = ""


@dataclass(frozen=True)
class EarlierStudy:
    """A study whose folder was found: its name, and how far it had come."""

    folder: Path
    name: str
    n_done: int
    n_cells: int
