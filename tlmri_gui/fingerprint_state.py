"""What the session holds of fingerprinting: the plan, the series with its maps, one voxel.

Frozen values without Qt or torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.fingerprinting.scores import TissueScore
    from core.fingerprinting.series import Mapped, Series
    from core.fingerprinting.voxel_fit import VoxelFit

DICTIONARY = "dictionary"
DEFAULT_METHODS = frozenset({DICTIONARY, "net:transferred"})

Voxel = tuple[int, int, int]
"""Index (slice, y, x)."""


@dataclass(frozen=True)
class FingerprintMethod:
    """A way to maps.

    Attributes
    ----------
    name, label
        What asks for it, and what a person reads.
    unavailable
        Why it cannot be used; empty if it can.
    sequence_key, sequence_name
        The only sequence that it maps series of; empty if it maps any.
    """

    name: str
    label: str
    unavailable: str = ""
    sequence_key: str = ""
    sequence_name: str = ""

    @property
    def is_network(self) -> bool:
        """Whether it is a network, shipped or a file of the user's."""
        return self.name.startswith("net:")

    def beside(self, series: Series | None) -> FingerprintMethod:
        """The method as it can be used while this series is on show."""
        if not self.sequence_key:
            return self
        fits = series is None or series.sequence.key == self.sequence_key
        reason = "" if fits else f"trained for another sequence, {self.sequence_name!r}"
        return replace(self, unavailable=reason)


@dataclass(frozen=True)
class FingerprintPlan:
    """What would be simulated, and by which methods a series would be mapped.

    Attributes
    ----------
    methods
        All there are, in the order of the list.
    checked
        Names of those that are wished for.
    simulation
        Settings of the next simulated series; None until the core has been asked.
    n_atoms
        Size of the dictionary.
    """

    methods: tuple[FingerprintMethod, ...] = ()
    checked: frozenset[str] = DEFAULT_METHODS
    simulation: Any = None
    n_atoms: int = 100_000

    @property
    def chosen(self) -> tuple[FingerprintMethod, ...]:
        """The methods that are wished for and can be used."""
        return tuple(m for m in self.methods if m.name in self.checked and not m.unavailable)


@dataclass(frozen=True, eq=False)
class MapOutcome:
    """What a method gave for a series, or one line on why not.

    Attributes
    ----------
    mapped
        Its maps.
    scores
        By tissue and parameter, where the truth is known.
    n_atoms
        Size of the dictionary it was found with; 0 for a network.
    device
        Where it was found, as it was asked for.
    error
        Why there are no maps.
    """

    mapped: Mapped | None = None
    scores: tuple[TissueScore, ...] = ()
    n_atoms: int = 0
    device: str = "auto"
    error: str = ""


@dataclass(frozen=True, eq=False)
class FingerprintRun:
    """The series on show and what has come of it.

    Attributes
    ----------
    series
        What is mapped.
    slice_index
        The slice on show.
    outcomes
        By the methods' names.
    pending
        Names of the methods that are still to come; the first one is at work.
    busy
        What is done to get a series, such as ``Simulating a series…``; empty if nothing is.
    simulation
        Settings that the series was simulated with; None for one that was opened.
    """

    series: Series | None = None
    slice_index: int = 0
    outcomes: Mapping[str, MapOutcome] = field(default_factory=dict)
    pending: tuple[str, ...] = ()
    busy: str = ""
    simulation: Any = None

    def mapped(self, plan: FingerprintPlan) -> tuple[Mapped, ...]:
        """The maps there are of the methods that are wished for, in their order."""
        found = (self.outcomes.get(method.name) for method in plan.chosen)
        return tuple(o.mapped for o in found if o is not None and o.mapped is not None)


@dataclass(frozen=True)
class FigureLook:
    """What an exported figure shares with the page.

    Attributes
    ----------
    ranges
        By the parameters' names, what their colours run between.
    error_percent
        Ends of the scale of errors, in percent of the truth.
    shows_pd
        Whether proton density is shown.
    """

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    error_percent: float = 20.0
    shows_pd: bool = False


@dataclass(frozen=True, eq=False)
class VoxelView:
    """The voxel whose signal is looked at.

    Attributes
    ----------
    voxel
        The one the fits are of; None before the pointer has been over a map.
    is_pinned
        Whether it stays while the pointer moves.
    fits
        Measured and fitted signal by the methods' names.
    error
        Why there are none.
    """

    voxel: Voxel | None = None
    is_pinned: bool = False
    fits: Mapping[str, VoxelFit] = field(default_factory=dict)
    error: str = ""
