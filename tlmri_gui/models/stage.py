"""What the comparison stage shows: the reference and every method's image of one slice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.line_profile import MM
from tlmri_gui.models.offer import Offer

if TYPE_CHECKING:
    from core.registry import Entry
    from core.views import Picture, View


@dataclass(frozen=True, eq=False)
class Panel:
    """One column of the comparison.

    Attributes
    ----------
    key
        ``reference`` or the method's name.
    title
        What stands above the image.
    image
        Magnitude in the scan's intensity units, float32, shape `(y, x)`; None while there is none.
    caption
        Lines under the image, the most telling first, such as ``PSNR 38.1 dB``.
    remark
        A warning a reader must see, such as ``trained for R=4``.
    best
        Whether this image has the highest PSNR of the row.
    status
        Stands in place of an image: ``computing…`` or ``failed: …``.
    picture
        Of a view beside magnitude: what is drawn; ``image`` holds its values.
    """

    key: str
    title: str
    image: NDArray[np.float32] | None
    caption: tuple[str, ...] = ()
    remark: str = ""
    best: bool = False
    status: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, eq=False)
class StageState:
    """Everything the comparison stage shows of one slice.

    Attributes
    ----------
    panels
        The columns; the first is the reference, or what stands in its place.
    peak
        Largest intensity of the scan: the upper end of the grey window and, divided by the error
        factor, of the error scale. Keep it the same for all slices of a scan; a new value means a
        new scan, and the window starts afresh.
    spacing
        Distance between pixels along (y, x), mm.
    unit
        ``mm``, or ``pixels`` where the scan does not say its spacing, which is 1 then.
    edges
        Letters at the left, right, top and bottom edge, if known.
    provenance
        Where the k-space comes from, such as ``simulated from magnitude``.
    has_errors
        Whether the first image is a reference, against which the others have errors.
    view
        What is shown in place of magnitude; None for magnitude in a grey window. ``spacing`` is
        1/mm in k-space.
    choices
        The views to choose from.
    """

    panels: tuple[Panel, ...]
    peak: float
    spacing: tuple[float, float] = (1.0, 1.0)
    unit: str = MM
    edges: tuple[str, str, str, str] | None = None
    provenance: str = ""
    has_errors: bool = True
    view: Entry[View] | None = None
    choices: tuple[Offer, ...] = ()

    def __post_init__(self) -> None:
        shapes = {panel.key: panel.image.shape for panel in self.panels if panel.image is not None}
        if len(set(shapes.values())) > 1:
            raise ValueError(f"images of a stage must have one shape, got {shapes}")

    @property
    def reference(self) -> NDArray[np.float32] | None:
        """The image of the first column, if there is one yet."""
        return self.panels[0].image if self.panels else None

    @property
    def is_mosaic(self) -> bool:
        """Whether the panels are the coils of one picture."""
        return self.view is not None and self.view.item.of_method is None

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """Size (y, x) of the images, if there is one yet."""
        for panel in self.panels:
            if panel.image is not None:
                return (int(panel.image.shape[0]), int(panel.image.shape[1]))
        return None


EMPTY = StageState(panels=(), peak=1.0)
"""The stage before any scan is open."""
