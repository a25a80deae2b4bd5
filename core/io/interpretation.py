"""How an array without a header is read: its axes, what it holds and where its origins lie."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from core.io.answers import Answer
from core.params import check, setting, settings_of

AXES = ("slice", "kz", "coil", "y", "x", "other")
"""Names of axes. ``kz``: across the slices, but still in k-space (3D acquisitions); ``other``:
echoes, averages and the like, of which :attr:`Interpretation.volume` chooses one."""

ORIGINS = ("centre", "corner", "y edge", "x edge")
"""Where an origin lies: at index ``n // 2`` of both axes, at index 0 of both, or of one."""


@dataclass(frozen=True)
class Interpretation(Answer):
    """How an array is read.

    Attributes
    ----------
    axes
        One of :data:`AXES` for each axis of the array, between blanks.
    content
        ``magnitude``, ``image`` (complex) or ``kspace``.
    kspace_origin
        Where the origin of k-space lies, one of :data:`ORIGINS`.
    image_origin
        Where the middle of the image lies, one of :data:`ORIGINS`.
    transform
        Whether k-space is the ``forward`` transform of the image, or the ``inverse`` one, which
        turns the image by 180 degrees.
    flip
        Which way the image is mirrored for display: ``none``, ``y`` (upside down), ``x`` (left to
        right) or ``both``.
    sampling
        ``auto``: samples that are exactly 0 within the measured region were not measured; or
        ``full``: they were, and are 0.
    volume
        Which element of the axes named ``other``, counted from 0, the last such axis first.
    variable
        Which array of a file that holds several.
    """

    KIND: ClassVar[str] = "tlmri interpretation"
    NEEDED: ClassVar[frozenset[str]] = frozenset({"axes", "content"})

    axes: str = setting("y x", "Axes", help=f"Names of the axes in order: {', '.join(AXES)}")
    content: str = setting("magnitude", "Content", choices=("magnitude", "image", "kspace"))
    kspace_origin: str = setting("centre", "Origin of k-space", choices=ORIGINS)
    image_origin: str = setting("centre", "Middle of the image", choices=ORIGINS)
    transform: str = setting("forward", "Transform", choices=("forward", "inverse"))
    flip: str = setting("none", "Mirror", choices=("none", "y", "x", "both"))
    sampling: str = setting("auto", "Sampling", choices=("auto", "full"))
    volume: int = setting(0, "Volume or echo", low=0)
    variable: str = setting("", "Variable")

    def __post_init__(self) -> None:
        check(self)
        count = Counter(self.names)
        unknown = [name for name in self.names if name not in AXES]
        if unknown:
            raise ValueError(f"axes must be of {', '.join(AXES)}, got {unknown[0]!r}")
        if count["y"] != 1 or count["x"] != 1 or count["coil"] > 1:
            raise ValueError(f"axes must name y and x once, coil at most once, got {self.axes!r}")
        if count["slice"] + count["kz"] > 1:
            raise ValueError(f"axes must name one of slice and kz, got {self.axes!r}")
        if count["kz"] and self.content != "kspace":
            raise ValueError(f"axes may name kz in k-space only, got content {self.content!r}")
        if count["coil"] and self.content == "magnitude":
            raise ValueError(f"axes of a magnitude must not name coil, got {self.axes!r}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(self.axes.split())


def words(name: str) -> str:
    """What a field of an interpretation is called in a sentence."""
    return settings_of(Interpretation)[name].label.lower()
