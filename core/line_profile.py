"""The profile of images along one line: a row of the slice, or a column.

The central line profile by which Arshad et al. (Magn Reson Imaging 76:96, 2021) compare
reconstructions is that of the middle row. Importing this needs no torch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from core.types import Scan
from core.view_pictures import data_words

if TYPE_CHECKING:
    from core.metrics import Scored

Axis = Literal["row", "column"]
ROW: Axis = "row"
COLUMN: Axis = "column"

MIDDLE = "middle"
"""What asks for the line through the middle of the image."""

REFERENCE, ACQUIRED = "reference", "acquired"
"""Keys of the scan's own image: fully sampled, or of a scan that was acquired undersampled."""

MM, PIXELS = "mm", "pixels"

_TEXT = re.compile(r"(?P<axis>row|column)(:(?P<index>\d+))?")
_SYNTAX = "'middle', a row such as '120', 'column' or 'column:120'"


@dataclass(frozen=True)
class Line:
    """A row or a column of an image.

    Attributes
    ----------
    index
        Which one, from 0; row 0 is the top, column 0 the left edge.
    axis
        ``row`` or ``column``.
    """

    index: int
    axis: Axis = ROW

    @property
    def name(self) -> str:
        """As in ``row 120``."""
        return f"{self.axis} {self.index}"


@dataclass(frozen=True)
class LineChoice:
    """A line that is wished for before the size of the image is known.

    Attributes
    ----------
    axis
        ``row`` or ``column``.
    index
        Which one; None for the middle one, ``n // 2``.
    """

    axis: Axis = ROW
    index: int | None = None

    @property
    def text(self) -> str:
        """What :func:`parse_choice` reads as this choice."""
        if self.axis == ROW:
            return MIDDLE if self.index is None else str(self.index)
        return COLUMN if self.index is None else f"{COLUMN}:{self.index}"

    def of(self, shape: tuple[int, int]) -> Line:
        """The line in images of this shape `(y, x)`.

        Raises
        ------
        ValueError
            If it lies outside the image.
        """
        line = Line(n_lines(shape, self.axis) // 2 if self.index is None else self.index, self.axis)
        check_line(line, shape)
        return line


@dataclass(frozen=True, eq=False)
class LineCurve:
    """One image along the line.

    Attributes
    ----------
    key
        :data:`REFERENCE`, :data:`ACQUIRED` or the method's name.
    label
        The name a person reads.
    values
        Intensity in the scan's units, float32, shape `(n,)`.
    """

    key: str
    label: str
    values: NDArray[np.float32]

    @property
    def is_own(self) -> bool:
        """Whether it is the scan's own image, no method's."""
        return self.key in (REFERENCE, ACQUIRED)

    @property
    def is_network(self) -> bool:
        """Whether a network made it."""
        return self.key.startswith("net:")


@dataclass(frozen=True, eq=False)
class LineProfile:
    """Several images of one slice along one line.

    Attributes
    ----------
    line
        Which line.
    positions
        Distance of each pixel from the first one of the line, shape `(n,)`.
    unit
        Of the positions: ``mm``, or ``pixels`` where the scan does not say its spacing.
    curves
        One of each image.
    start
        Letter of the edge that it starts from (R, L, A, P, S or I); empty where it is not known.
    """

    line: Line
    positions: NDArray[np.float64]
    unit: str
    curves: tuple[LineCurve, ...]
    start: str = ""


def parse_choice(text: str) -> LineChoice:
    """The choice that a text such as ``middle``, ``120`` or ``column:120`` stands for.

    Raises
    ------
    ValueError
        If it reads otherwise.
    """
    if text == MIDDLE:
        return LineChoice()
    match = _TEXT.fullmatch(f"{ROW}:{text}" if text.isdecimal() else text)
    if match is None:
        raise ValueError(f"line of a profile must be {_SYNTAX}, got {text!r}")
    index = None if match["index"] is None else int(match["index"])
    return LineChoice(COLUMN if match["axis"] == COLUMN else ROW, index)


def n_lines(shape: tuple[int, int], axis: Axis) -> int:
    """Number of rows or columns of images of a shape `(y, x)`."""
    return shape[0] if axis == ROW else shape[1]


def check_line(line: Line, shape: tuple[int, int]) -> None:
    """Refuse a line that lies outside images of this shape `(y, x)`.

    Raises
    ------
    ValueError
        If it does.
    """
    last = n_lines(shape, line.axis) - 1
    if not 0 <= line.index <= last:
        raise ValueError(
            f"{line.axis} of a profile must be from 0 to {last} in images of "
            f"{shape[0]} x {shape[1]} pixels, got {line.index}"
        )


def line_values(image: NDArray[np.float32], line: Line) -> NDArray[np.float32]:
    """Values of an image of shape `(y, x)` along a line, from left to right or from the top.

    Raises
    ------
    ValueError
        If the line lies outside the image.
    """
    check_line(line, (image.shape[0], image.shape[1]))
    return np.array(image[line.index] if line.axis == ROW else image[:, line.index])


def line_positions(
    shape: tuple[int, int], axis: Axis, spacing: tuple[float, float]
) -> NDArray[np.float64]:
    """Distance of each pixel of a line from its first one, in the units of ``spacing``.

    Parameters
    ----------
    shape
        Of the image, `(y, x)`.
    axis
        A row runs along x, a column along y.
    spacing
        Between pixels along (y, x).
    """
    along = 1 if axis == ROW else 0
    return np.asarray(np.arange(shape[along]) * spacing[along], dtype=np.float64)


def length_unit(scan: Scan) -> str:
    """``mm``, or ``pixels`` of a scan whose file did not say how far its pixels lie apart.

    Such a scan has the spacing 1 and no grid, so that its positions are numbers of pixels.
    """
    says_nothing = scan.grid is None and scan.spacing_mm[1:] == (1.0, 1.0)
    return PIXELS if says_nothing else MM


def line_ends(edges: tuple[str, str, str, str] | None, axis: Axis) -> tuple[str, str]:
    """Letters of the edges where a line starts and ends, of those of :attr:`Scan.edges`.

    Empty where they are not known.
    """
    if edges is None:
        return "", ""
    left, right, top, bottom = edges
    return (left, right) if axis == ROW else (top, bottom)


def profile_of(comparisons: Sequence[Scored], line: Line) -> LineProfile:
    """The scan's own image and every method's along a line.

    Parameters
    ----------
    comparisons
        One slice of one scan, by one method each; at least one.
    line
        Which line of it.

    Raises
    ------
    ValueError
        If there is no comparison, they are of several slices, or the line lies outside the image.
    """
    from core.acquisition import direct_image

    slices = {(id(c.recon.source.scan), c.recon.source.slice_index) for c in comparisons}
    if len(slices) != 1:
        raise ValueError(f"comparisons of a profile must be of one slice, got {len(slices)}")
    source = comparisons[0].recon.source
    scan = source.scan
    own = LineCurve(
        REFERENCE if scan.has_reference else ACQUIRED,
        data_words(scan)[0],
        line_values(direct_image(scan, source.slice_index), line),
    )
    methods = (
        LineCurve(c.recon.method, c.recon.label, line_values(c.recon.image, line))
        for c in comparisons
    )
    positions = line_positions(scan.slice_shape, line.axis, scan.spacing_mm[1:])
    start, _ = line_ends(scan.edges, line.axis)
    return LineProfile(line, positions, length_unit(scan), (own, *methods), start)
