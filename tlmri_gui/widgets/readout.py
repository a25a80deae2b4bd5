"""The value of a picture at a voxel, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.views import Picture, View


def readout(view: View, picture: Picture, voxel: tuple[int, int]) -> str:
    """Value with its unit, then what brightness stands for, if anything."""
    value = float(picture.values[voxel])
    words = f"{value:.2f} {view.unit}" if view.unit else f"{value:.4g}"
    if picture.magnitude is not None:
        words += f" · {view.magnitude_name} {float(picture.magnitude[voxel]):.3g}"
    return words.replace("-", "−")
