"""A study's target: whose scans are tuned on, and whose are scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.studies.origin import Origin
from core.studies.scan_words import PHANTOM, read_word

SECTION = "target"
"""Of a study file."""

SCORED_SPLITS = ("test", "val")

RANGES: dict[str, tuple[float, float]] = {
    "slices_per_scan": (0, 1000),
    "size": (32, 1024),
    "n_slices": (1, 200),
    "coils": (0, 32),
    "n_images": (0, 1000),
}
"""Closed range of each number, or of each number in a list."""

FIELD_T = 3.0
CONTRAST = "t1"
"""Of digital brains, where nothing else is stated."""


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
        Scans as :mod:`core.studies.scan_words` names them, of any format that :mod:`core.io` reads,
        or HDF5 stacks of magnitude slices.
    slices_per_scan
        Scored slices of each scan, spread evenly over those that show anatomy; 0 for all.
    coils
        Receive coils simulated for scans of magnitude images, 0 for none; measured k-space is taken
        as it is.
    name
        What tables and figures call it; each of several targets has one.
    field_t, contrast
        Of digital brains: field strength in tesla; entry of :data:`core.phantom.CONTRASTS`.
    same_person
        Whether slices of a scan may be scored with what was tuned on other slices of it, where
        there is no other person; rows say so.
    n_images
        Numbers of tuning images instead of the grid's, where there are fewer; the baselines are
        then tuned on no more than the largest. Empty for the grid's.
    origin
        Where it was stated.
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
    name: str = ""
    field_t: float = FIELD_T
    contrast: str = CONTRAST
    same_person: bool = False
    n_images: tuple[int, ...] = ()
    origin: Origin = field(
        default_factory=lambda: Origin(section=SECTION), compare=False, repr=False
    )

    def __post_init__(self) -> None:
        for key, (low, high) in RANGES.items():
            value = getattr(self, key)
            values: Sequence[float] = value if isinstance(value, tuple) else (value,)
            self.origin.check_range(key, values, low, high)
        self.origin.check_once("n_images", self.n_images)
        self._check_scans()
        self._check_phantoms()

    def _check_scans(self) -> None:
        if bool(self.domain) == bool(self.tune or self.test):
            raise self.origin.refusal(
                "",
                "must state either domain or the lists tune and test",
                "both" if self.domain else "neither",
            )
        if self.scored_domain and not self.domain:
            rule = "must stand beside target.domain"
            raise self.origin.refusal("scored_domain", rule, self.scored_domain)
        if self.same_person and self.domain:
            raise self.origin.refusal("same_person", "must stand beside lists of scans", "true")
        if self.domain:
            self.origin.check_choice("score", self.score, SCORED_SPLITS)
        elif not (self.tune and self.test):
            missing = "test" if self.tune else "tune"
            raise self.origin.refusal(missing, "must list at least 1 scan", "none")

    def _check_phantoms(self) -> None:
        from core.phantom import CONTRASTS, FIELDS_T

        self.origin.check_choice("contrast", self.contrast, CONTRASTS.names())
        if self.field_t not in FIELDS_T:
            known = ", ".join(f"{field_t:g}" for field_t in FIELDS_T)
            raise self.origin.refusal("field_t", f"must be one of {known}", f"{self.field_t:g}")
        if PHANTOM in (self.domain, self.scored_domain):
            return
        if any(read_word(text).seed is not None for text in (*self.tune, *self.test)):
            return
        for key, default in (("field_t", FIELD_T), ("contrast", CONTRAST)):
            value = getattr(self, key)
            if value != default:
                raise self.origin.refusal(key, "must stand beside digital brains", value)
