"""What the session holds of the view on show: frozen values without Qt or torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.registry import Entry
from core.types import Scan

if TYPE_CHECKING:
    from core.views import Picture, View

MAGNITUDE = "magnitude"
"""The view that is always there: magnitude images with their errors."""

DATA = "reference"
"""Key of the picture of the scan's own data; those of methods have the methods' names."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture, or one line on why there is none.

    Attributes
    ----------
    picture
        What there is to see.
    error
        Why there is nothing.
    source
        The coil images it was made of; None for the scan's own data.
    """

    picture: Picture | None = None
    error: str = ""
    source: NDArray[np.complex64] | None = None


@dataclass(frozen=True, eq=False)
class Viewing:
    """How a slice is looked at.

    Attributes
    ----------
    wished
        Name of the view that was chosen.
    shown
        The view on show; None for magnitude images, also where the scan cannot be seen as wished.
    scan, slice_index
        What the pictures are of.
    pictures
        Those drawn so far, by :data:`DATA` or the method's name.
    """

    wished: str = MAGNITUDE
    shown: Entry[View] | None = None
    scan: Scan | None = None
    slice_index: int = 0
    pictures: Mapping[str, Drawn] = field(default_factory=dict)

    @property
    def needs_coil_images(self) -> bool:
        """Whether more of a method's result is shown than its magnitude."""
        return self.shown is not None and self.shown.item.of_method is not None

    def picture(self, key: str, source: NDArray[np.complex64] | None = None) -> Drawn | None:
        """What was drawn of this source, if it has been."""
        drawn = self.pictures.get(key)
        return drawn if drawn is not None and drawn.source is source else None

    def is_of(self, scan: Scan | None, slice_index: int) -> bool:
        """Whether the pictures are of this slice."""
        return scan is self.scan and slice_index == self.slice_index
