"""What a view of a slice is, and the table of views beside the magnitude image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry
from core.types import Mask, Scan

GREY, INFERNO, PHASE = "gray", "inferno", "phase"
"""Colours of a view, by matplotlib's names; :mod:`core.phase_colours` has those of phase."""


@dataclass(frozen=True, eq=False)
class Picture:
    """What there is to see.

    Attributes
    ----------
    values
        What colour stands for, float32, shape `(y, x)`; of a view of coils `(coil, y, x)`.
    limits
        Values at both ends of the colours.
    magnitude
        Of a view in phase colours: what brightness stands for, same shape.
    white
        The magnitude that is drawn at full brightness.
    caption
        Short lines that stand under the picture.
    """

    values: NDArray[np.float32]
    limits: tuple[float, float]
    magnitude: NDArray[np.float32] | None = None
    white: float = 1.0
    caption: tuple[str, ...] = ()

    @property
    def brightness(self) -> NDArray[np.float32] | None:
        """From 0 to 1: the square root of magnitude over ``white``, as eyes see light."""
        if self.magnitude is None:
            return None
        part = (self.magnitude / np.float32(self.white)).clip(0, 1)
        return np.asarray(np.sqrt(part), dtype=np.float32)


OfData = Callable[[Scan, int], Picture]
"""A view of the scan's own data of a slice: fully sampled, or all that was acquired."""

OfMethod = Callable[[Scan, int, Mask, NDArray[np.complex64]], Picture]
"""A view of what a method found that each coil sees, `(coil, y, x)`, from a mask's samples."""


@dataclass(frozen=True)
class View:
    """A way to look at a slice.

    Attributes
    ----------
    help
        What is seen, in a line for a lecture hall.
    unavailable
        Why a scan cannot be seen so; empty if it can.
    of_data
        The picture of the scan's own data.
    of_method
        The picture of a method's result; None for a view of coils, which has one picture a coil.
    colours
        :data:`GREY`, :data:`INFERNO` or :data:`PHASE`.
    unit
        Unit of the values; empty for the scan's own.
    magnitude_name
        Name of what brightness stands for; empty where there is none.
    in_kspace
        Whether the axes are those of k-space.
    data_title
        What stands above the picture of the data; empty for the name of the image that methods
        are compared with.
    """

    help: str
    unavailable: Callable[[Scan], str]
    of_data: OfData
    of_method: OfMethod | None = None
    colours: str = GREY
    unit: str = ""
    magnitude_name: str = ""
    in_kspace: bool = False
    data_title: str = ""


VIEWS: Registry[View] = Registry("view")


def always(scan: Scan) -> str:
    """For a view that every scan has."""
    del scan
    return ""


def needs_phase(scan: Scan) -> str:
    """For a view of measured phase."""
    return "this scan is magnitude images, which have lost their phase" if scan.is_simulated else ""


def needs_coils(scan: Scan) -> str:
    """For a view of several coils."""
    if scan.is_simulated:
        return "this scan is magnitude images, which have lost their coils"
    return "this scan has one coil" if scan.n_coils == 1 else ""
