"""What the session holds: frozen values without Qt, torch or behaviour of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.registry import Entry
from core.types import Scan

if TYPE_CHECKING:
    from core.checkpoints import CheckpointInfo
    from core.coil_forms import CoilForm
    from core.io.answers import Answer
    from core.io.examination import Examined
    from core.metrics import Summary
    from core.pipeline import Comparison
    from core.training.finetune import TrainingPoint
    from core.training.settings import TuneSettings
    from core.views import View


@dataclass(frozen=True)
class Choice:
    """One entry of a drop-down: its name in files, its label, its default settings if any."""

    name: str
    label: str
    params: Any = None


@dataclass(frozen=True)
class MethodOffer:
    """A reconstruction method or checkpoint as the list shows it.

    Attributes
    ----------
    name, label
        What asks for it, and what a person reads.
    group
        The heading it stands under.
    params
        Default settings for its form, or None if there is nothing to set.
    presets
        Settings by name that its form offers as a whole.
    can_tune
        Whether its settings can be picked on the tuning images.
    note
        One line for the tooltip.
    checkpoints
        Of a network: the files it stands for, of which the one nearest in R is used.
    parts
        Of a network: names of the parts that it can be tuned by; empty where that is not known.
    min_coils
        Receive coils that it needs.
    unavailable
        Why it cannot be used; empty if it can.
    """

    name: str
    label: str
    group: str
    params: Any = None
    presets: Mapping[str, Any] = field(default_factory=dict)
    can_tune: bool = False
    note: str = ""
    checkpoints: tuple[CheckpointInfo, ...] = ()
    parts: tuple[str, ...] = ()
    min_coils: int = 1
    unavailable: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Everything the core offers, read from its registries once it is loaded."""

    patterns: tuple[Choice, ...] = ()
    definitions: tuple[Choice, ...] = ()
    devices: tuple[Choice, ...] = ()
    methods: tuple[MethodOffer, ...] = ()
    presets: Mapping[str, TuneSettings] = field(default_factory=dict)
    views: tuple[Entry[View], ...] = ()
    coil_forms: tuple[Entry[CoilForm], ...] = ()

    def method(self, name: str) -> MethodOffer | None:
        """The offer called ``name``, if there is one."""
        return next((offer for offer in self.methods if offer.name == name), None)

    @property
    def networks(self) -> tuple[MethodOffer, ...]:
        """The usable networks: what fine-tuning may start from."""
        return tuple(m for m in self.methods if m.name.startswith("net:") and not m.unavailable)


@dataclass(frozen=True, eq=False)
class OtherCoils:
    """That a scan of the list is another one, seen by other coils.

    Attributes
    ----------
    original
        The scan as it was opened.
    form
        How it is seen.
    """

    original: Scan
    form: Entry[CoilForm]


@dataclass(frozen=True, eq=False)
class Checkup:
    """A file, or folder, in the scan doctor's hands.

    Attributes
    ----------
    path
        The file, or folder.
    examination
        What the doctor found; None while it is open which of the file's arrays is meant.
    interpretation
        How it is to be read, as corrected so far.
    question
        Why a person is asked, in one line; empty if nothing keeps the file from being opened.
    doubt
        The field of the interpretation that the question is about.
    picture
        Preview of that, shape `(y, x)`, from 0 to 1; None while it is drawn.
    error
        Why it cannot be read so.
    """

    path: Path
    examination: Examined | None
    interpretation: Answer
    question: str = ""
    doubt: str = ""
    picture: NDArray[np.float32] | None = None
    error: str = ""

    @property
    def can_open(self) -> bool:
        """Whether the file can be read as corrected, as far as the preview tells."""
        return self.picture is not None and not self.error


@dataclass(frozen=True)
class Sampling:
    """The mask that is wished for."""

    pattern: str
    acceleration: float = 4.0
    seed: int = 1
    params: Any = None


@dataclass(frozen=True, eq=False)
class Reference:
    """The fully sampled image of the slice on show and the largest value of its volume.

    Of a scan that was acquired undersampled, its zero-filled image.
    """

    scan: Scan
    slice_index: int
    image: NDArray[np.float32]
    volume_maximum: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a method gave for one slice: an image with its score, or one line on why not.

    Attributes
    ----------
    comparison
        The image and its score.
    error
        Why there is none.
    coil_images
        What it found that each coil sees, in the scan's units, shape `(coil, y, x)`; many times
        the size of the image and so kept for the slice on show only.
    """

    comparison: Comparison | None = None
    error: str = ""
    coil_images: NDArray[np.complex64] | None = None


@dataclass(frozen=True, eq=False)
class Means:
    """Mean scores over the slices of a scan that show anatomy.

    Attributes
    ----------
    slices
        The slices asked for; a summary's own numbers say how many of them were scored.
    definition
        Name of the definition of all figures.
    summaries
        One for each method.
    """

    slices: tuple[int, ...]
    definition: str
    summaries: tuple[Summary, ...]


@dataclass(frozen=True, eq=False)
class ScanImages:
    """Which slices of one scan serve the tuning, and which its validation."""

    scan: Scan
    tuning: tuple[int, ...] = ()
    validation: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class TuningPlan:
    """What fine-tuning would start with.

    Attributes
    ----------
    source
        Method name of the network that is tuned further.
    settings
        Recipe; its acceleration and pattern follow the sampling on show.
    images
        One entry for every scan that takes part.
    problem
        Why no slices could be chosen in these scans; empty if they could.
    """

    source: str = ""
    settings: TuneSettings | None = None
    images: tuple[ScanImages, ...] = ()
    problem: str = ""


class TuningPhase(Enum):
    """Where fine-tuning stands."""

    IDLE = "idle"
    STARTING = "starting…"
    RUNNING = "running"
    STOPPING = "stopping, the best is kept…"
    CANCELLING = "cancelling…"
    INTERRUPTED = "interrupted"

    @property
    def is_active(self) -> bool:
        """Whether a child process is at work."""
        return self not in (TuningPhase.IDLE, TuningPhase.INTERRUPTED)


@dataclass(frozen=True, eq=False)
class TuningRun:
    """A fine-tuning under way, or the one that ended last.

    Attributes
    ----------
    phase
        Where it stands.
    points
        Its curve so far.
    message
        One line for a person.
    saved
        Weights on disk that wait for the decision to keep or discard them.
    """

    phase: TuningPhase = TuningPhase.IDLE
    points: tuple[TrainingPoint, ...] = ()
    message: str = ""
    saved: Path | None = None


@dataclass(frozen=True)
class Message:
    """One line for the message bar.

    Attributes
    ----------
    text
        The line.
    details
        May hold a traceback.
    is_error
        Whether it tells of something that went wrong, now or before this start.
    is_notice
        Whether it tells of something that is so, where nothing was done.
    """

    text: str
    details: str = ""
    is_error: bool = False
    is_notice: bool = False
