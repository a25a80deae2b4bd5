"""Where everything lies on the figure of maps, in inches."""

from __future__ import annotations

from dataclasses import dataclass

from core.fingerprinting.series import Series

MARGIN, TITLE_ROW, BAR_HEIGHT, LINE = 0.25, 0.4, 0.08, 0.15
ROW_LABEL, GAP = 1.25, 0.06
_CELL_WIDTH, _CELL_HEIGHT, _BETWEEN, _TAG, _TITLES, _BAR = 1.65, 2.1, 0.3, 0.26, 0.3, 0.5
MIN_WIDTH = 5.5
"""Beside one or two images there must be room for a heading."""


@dataclass(frozen=True)
class Layout:
    """Sizes in inches, lefts and bottoms from the figure's lower left corner.

    Attributes
    ----------
    rows
        The truth, if known, and the methods.
    maps, errors
        Columns of values and of errors.
    image
        Width and height of a map.
    boxes
        Height of the box plots with their words; 0 without them.
    n_notes
        Lines of small print.
    """

    rows: int
    maps: int
    errors: int
    image: tuple[float, float]
    boxes: float
    n_notes: int

    @property
    def left(self) -> float:
        """Of the first column."""
        return MARGIN + ROW_LABEL

    @property
    def width(self) -> float:
        """Of all columns."""
        columns = self.maps + self.errors
        between = _BETWEEN if self.errors else 0.0
        return max(columns * (self.image[0] + GAP) - GAP + between, MIN_WIDTH)

    @property
    def tag(self) -> float:
        """Room under an image for its small print."""
        return _TAG if self.errors else 0.0

    @property
    def pitch(self) -> float:
        """From row to row."""
        return self.image[1] + GAP + self.tag

    @property
    def images_bottom(self) -> float:
        """Of the last row."""
        return MARGIN + self.n_notes * LINE + self.boxes + _BAR + self.tag

    @property
    def size(self) -> tuple[float, float]:
        """Of the figure: width and height."""
        images = self.rows * self.pitch - self.tag
        height = self.images_bottom + images + _TITLES + TITLE_ROW + MARGIN
        return self.left + self.width + MARGIN, height

    def box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Of an image, as parts of the figure; errors follow the maps."""
        width, height = self.image
        between = _BETWEEN if column >= self.maps else 0.0
        left = self.left + column * (width + GAP) + between
        bottom = self.images_bottom + (self.rows - 1 - row) * self.pitch
        return self.part(left, bottom, width, height)

    def part(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Inches as parts of the figure."""
        whole = self.size
        return left / whole[0], bottom / whole[1], width / whole[0], height / whole[1]


def image_size(series: Series) -> tuple[float, float]:
    """Of a map, in the shape of the slice."""
    _, ny, nx = series.shape
    ratio = ny * series.spacing_mm[1] / (nx * series.spacing_mm[2])
    width = min(_CELL_WIDTH, _CELL_HEIGHT / ratio)
    return width, width * ratio
