"""A fingerprinting sequence: segments of a preparation and a train of FISP read-outs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence as Items
from dataclasses import asdict, dataclass

NONE, INVERSION, T2_PREPARATION, DIFFUSION = "none", "inversion", "t2", "diffusion"

MAX_READOUTS = 5000
"""Read-outs of the longest sequence that is taken; published ones have 300 to 3000."""


@dataclass(frozen=True)
class Preparation:
    """What is done to the longitudinal magnetisation before a train of read-outs.

    Before it (before ``none`` too) whatever is transverse is crushed. Its pulses are adiabatic:
    they work alike where B1 is off. An inversion turns the magnetisation over. A T2 preparation
    tips it, refocuses it and tips it back after an echo time; a diffusion preparation has diffusion
    gradients around its refocusing pulse besides. What recovers meanwhile is crushed in the end.

    Neglected are the duration of pulses, what they leave unrefocused, and that diffusion gradients
    weight magnetisation twisted by an earlier train a little otherwise: on the spoiler's axis by
    about 2e-4 of the largest signal of the default sequence at most (water), 1e-5 in tissue.

    Attributes
    ----------
    kind
        ``none``, ``inversion``, ``t2`` or ``diffusion``.
    te_ms
        Time that the magnetisation is transverse, in ms; 0 but for ``t2`` and ``diffusion``.
    b_s_per_mm2
        Diffusion weighting in s/mm²; 0 but for ``diffusion``.
    wait_ms
        Between the preparation and the first read-out, in ms: the inversion time of an inversion.
    """

    kind: str = NONE
    te_ms: float = 0.0
    b_s_per_mm2: float = 0.0
    wait_ms: float = 0.0

    def __post_init__(self) -> None:
        kinds = (NONE, INVERSION, T2_PREPARATION, DIFFUSION)
        if self.kind not in kinds:
            raise ValueError(f"preparation must be one of {', '.join(kinds)}, got {self.kind!r}")
        self._check("te_ms", self.te_ms, self.kind in (T2_PREPARATION, DIFFUSION))
        self._check("b_s_per_mm2", self.b_s_per_mm2, self.kind == DIFFUSION)
        if not 0 <= self.wait_ms < float("inf"):
            raise ValueError(f"wait_ms must be at least 0, got {self.wait_ms}")

    def _check(self, name: str, value: float, is_needed: bool) -> None:
        if is_needed and not 0 < value < float("inf"):
            raise ValueError(f"{name} of preparation {self.kind!r} must be above 0, got {value}")
        if not is_needed and value != 0:
            raise ValueError(f"{name} of preparation {self.kind!r} must be 0, got {value}")

    @property
    def words(self) -> str:
        """In a phrase: *diffusion, b = 500 s/mm², TE 60 ms*."""
        return {
            NONE: "no preparation",
            INVERSION: f"inversion, TI {self.wait_ms:g} ms",
            T2_PREPARATION: f"T2 preparation, TE {self.te_ms:g} ms",
            DIFFUSION: f"diffusion, b = {self.b_s_per_mm2:g} s/mm², TE {self.te_ms:g} ms",
        }[self.kind]


@dataclass(frozen=True)
class Segment:
    """A preparation, a train of read-outs, and a pause.

    Attributes
    ----------
    preparation
        What goes before.
    flip_deg
        Nominal flip angle of each read-out, in degrees.
    tr_ms
        Time from each read-out's pulse to the next, in ms.
    recovery_ms
        Pause after the last repetition time, in ms.
    """

    preparation: Preparation
    flip_deg: tuple[float, ...]
    tr_ms: tuple[float, ...]
    recovery_ms: float = 0.0

    def __post_init__(self) -> None:
        if not self.flip_deg or len(self.flip_deg) != len(self.tr_ms):
            raise ValueError(
                "flip_deg and tr_ms of a segment must be as many and at least 1, got "
                f"{len(self.flip_deg)} and {len(self.tr_ms)}"
            )
        for name, values, high in (("flip_deg", self.flip_deg, 180.0), ("tr_ms", self.tr_ms, 1e4)):
            for value in values:
                if not 0 < value <= high:
                    raise ValueError(f"{name} must be above 0 and at most {high:g}, got {value}")
        if not 0 <= self.recovery_ms < float("inf"):
            raise ValueError(f"recovery_ms must be at least 0, got {self.recovery_ms}")

    @property
    def duration_ms(self) -> float:
        """From its preparation to the end of its pause."""
        preparation = self.preparation
        return preparation.te_ms + preparation.wait_ms + sum(self.tr_ms) + self.recovery_ms


@dataclass(frozen=True)
class FingerprintSequence:
    """Segments of FISP read-outs, begun in thermal equilibrium.

    All pulses of the read-outs turn about the same axis, and a gradient after every echo twists the
    transverse magnetisation by the same amount, so that neighbouring repetitions do not mix but as
    configuration states (Ma et al., Nature 495:187, 2013; Jiang et al., MRM 74:1621, 2015).

    Attributes
    ----------
    name
        What a person calls it, in one line.
    te_ms
        From a read-out's pulse to its echo, in ms; shorter than every repetition time.
    spoiler_rad_per_mm
        Twist by the gradient of one repetition, in rad/mm. It weights by diffusion too; 0 leaves
        that out, and is a twist all the same.
    segments
        In the order they are played.
    """

    name: str
    te_ms: float
    spoiler_rad_per_mm: float
    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError(f"name of a sequence must be printable text, got {self.name!r}")
        if not self.segments:
            raise ValueError("a sequence must have at least one segment, got none")
        shortest = min(min(segment.tr_ms) for segment in self.segments)
        if not 0 <= self.te_ms < shortest:
            raise ValueError(
                f"te_ms must be from 0 to below the shortest tr_ms ({shortest:g}), got {self.te_ms}"
            )
        if not 0 <= self.spoiler_rad_per_mm < 1e4:
            raise ValueError(
                f"spoiler_rad_per_mm must be from 0 to 10000, got {self.spoiler_rad_per_mm}"
            )
        if self.n_readouts > MAX_READOUTS:
            raise ValueError(
                f"a sequence must have at most {MAX_READOUTS} read-outs, got {self.n_readouts}"
            )

    @property
    def n_readouts(self) -> int:
        """Points of a signal evolution."""
        return sum(len(segment.flip_deg) for segment in self.segments)

    @property
    def duration_ms(self) -> float:
        """Of all segments."""
        return sum(segment.duration_ms for segment in self.segments)

    @property
    def starts(self) -> tuple[int, ...]:
        """Number of the first read-out of each segment."""
        lengths = [len(segment.flip_deg) for segment in self.segments]
        return tuple(sum(lengths[:i]) for i in range(len(lengths)))

    @property
    def flip_deg(self) -> tuple[float, ...]:
        """Nominal flip angle of every read-out, in degrees."""
        return _joined([segment.flip_deg for segment in self.segments])

    @property
    def tr_ms(self) -> tuple[float, ...]:
        """Repetition time of every read-out, in ms."""
        return _joined([segment.tr_ms for segment in self.segments])

    @property
    def key(self) -> str:
        """16 hexadecimal digits that change with whatever changes the signal; not with the name."""
        described = asdict(self)
        del described["name"]
        # 10 and 10.0 are one value
        numbers = json.loads(json.dumps(described), parse_int=float)
        return hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:16]


def _joined(parts: Items[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(value for part in parts for value in part)
