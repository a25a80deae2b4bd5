"""The pictures of a slice in a view beside magnitude, each with its words.

The words are those of the window and of the command line; the window lays its panels out itself,
as their pictures come. Importing this needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.types import Scan, Score

if TYPE_CHECKING:
    from core.metrics import Scored
    from core.views import Picture, View


@dataclass(frozen=True, eq=False)
class Shown:
    """One picture with its words; ``remark`` is a warning."""

    title: str
    picture: Picture
    caption: tuple[str, ...] = ()
    remark: str = ""


def data_words(scan: Scan) -> tuple[str, str]:
    """Title and caption of the scan's own image."""
    if scan.has_reference:
        return "Reference", "fully sampled"
    return "As acquired", "zero-filled: no fully sampled reference"


def score_lines(score: Score) -> tuple[str, ...]:
    """The figures of a score, or why there are none."""
    if score.excluded is not None:
        return (score.excluded,)
    return (f"PSNR {score.psnr_db:.2f} dB", f"SSIM {score.ssim:.4f}", f"NMSE {score.nmse:#.3g}")


def of_coils(picture: Picture) -> tuple[Shown, ...]:
    """One picture a coil, all on one scale.

    Parameters
    ----------
    picture
        Of a view of coils: values of shape `(coil, y, x)`.
    """
    return tuple(Shown(f"coil {i + 1}", _of_coil(picture, i)) for i in range(len(picture.values)))


def _of_coil(picture: Picture, i: int) -> Picture:
    magnitude = None if picture.magnitude is None else picture.magnitude[i]
    return replace(picture, values=picture.values[i], magnitude=magnitude)


def of_data(view: View, scan: Scan, slice_index: int) -> tuple[Shown, ...]:
    """The picture of the scan's own data, or those of its coils.

    Raises
    ------
    ValueError
        If the slice cannot be seen so.
    """
    picture = view.of_data(scan, slice_index)
    if view.of_method is None:
        return of_coils(picture)
    title, caption = data_words(scan)
    return (Shown(view.data_title or title, picture, (caption,)),)


def of_methods(
    view: View, results: Sequence[Scored], coil_images: Sequence[NDArray[np.complex64]]
) -> tuple[Shown, ...]:
    """The picture of every method's result of a slice; none in a view of coils.

    Parameters
    ----------
    view
        How the slice is looked at.
    results
        One of each method.
    coil_images
        What each found that every coil sees, in the scan's units, shape `(coil, y, x)`.

    Raises
    ------
    ValueError
        If the slice cannot be seen so.
    """
    if view.of_method is None:
        return ()
    shown = []
    for result, images in zip(results, coil_images, strict=True):
        recon = result.recon
        source = recon.source
        picture = view.of_method(source.scan, source.slice_index, source.mask, images)
        caption = picture.caption or score_lines(result.score)
        shown.append(Shown(recon.label, picture, caption, "\n".join(recon.remarks)))
    return tuple(shown)
