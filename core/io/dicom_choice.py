"""Which series or echo of a folder was chosen before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.io.answers import Answer, remembered
from core.io.dicom_stacks import Stack, candidates
from core.params import setting


@dataclass(frozen=True)
class SeriesChoice(Answer):
    """Which stack of a folder is the scan.

    Attributes
    ----------
    series
        The stack in full, as a person reads it: its label alone means another stack once series
        have come or gone.
    """

    KIND: ClassVar[str] = "tlmri series"
    NEEDED: ClassVar[frozenset[str]] = frozenset({"series"})

    series: str = setting("", "Series or echo")


def remembered_stack(path: Path, found: Sequence[Stack]) -> Stack | None:
    """The stack that was chosen before, if it is still there as it was.

    Raises
    ------
    ScanFileError
        If the answer in the folder is damaged.
    """
    known = remembered(path, SeriesChoice)
    return None if known is None else stack_of(found, known)


def stack_of(found: Sequence[Stack], choice: SeriesChoice) -> Stack | None:
    """The stack of a choice, or None if there is none such."""
    return next((stack for stack in candidates(found) if str(stack) == choice.series), None)
