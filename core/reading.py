"""What may be said of a scan's file that it does not say itself.

Without NumPy, so that the command line can offer it in its help at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.params import check, setting

CONTENTS = ("auto", "image", "kspace")
"""What a complex array may be said to hold."""


@dataclass(frozen=True)
class ReadOptions:
    """What the file itself does not say.

    Attributes
    ----------
    volume
        Which volume of a 4D NIfTI, or which echo or average of an array, counted from 0.
    content
        What a complex array without a telling name holds: ``image``, ``kspace``, or ``auto`` to
        decide by where its energy lies.
    axes
        Names of the axes of an array without a header, in order and between blanks, of slice, kz,
        coil, y, x and other, such as ``coil y x``; ``?`` for one to be guessed, empty for all.
    variable
        Which array of a file that holds several, by its name; empty to choose.
    series
        Which series or echo of a DICOM folder, by the label that a refusal lists; empty if there
        is one only.
    coils
        Coils of measured k-space are compressed to this many virtual ones if there are more; 0 to
        take them as they are.
    """

    volume: int = setting(
        0, "Volume", low=0, help="Which volume or echo of several, counted from 0"
    )
    content: str = setting(
        "auto",
        "Complex values are",
        choices=CONTENTS,
        help="What a complex array holds: an image or k-space; auto decides by its energy",
    )
    axes: str = setting(
        "", "Axes", help="Names of an array's axes in order, such as 'coil y x'; empty to guess"
    )
    variable: str = setting("", "Variable", help="Which array of a file that holds several")
    series: str = setting("", "Series", help="Which series or echo of a DICOM folder")
    coils: int = setting(
        0,
        "Virtual coils",
        low=0,
        help="Compress more coils than this to as many virtual ones; 0 takes all as measured",
    )

    def __post_init__(self) -> None:
        check(self)
