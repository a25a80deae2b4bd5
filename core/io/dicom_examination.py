"""What a person is asked about a folder of several DICOM series or echoes: which is the scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.io import dicom
from core.io.answers import remembered
from core.io.arrays import PREVIEW_SIZE
from core.io.dicom_choice import SeriesChoice, stack_of
from core.io.dicom_stacks import Stack, candidates
from core.io.examination import EXAMINERS
from core.io.formats import refusal
from core.io.guess import Guess
from core.types import Scan


@dataclass(frozen=True, eq=False)
class SeriesExamination:
    """What a person is shown of a folder.

    Attributes
    ----------
    path
        The folder, in which the answer is kept.
    stacks
        Those that could be the scan: two or more.
    remembered
        What was answered before, unless that stack is gone.
    notes
        On what of the folder was left out.
    """

    path: Path
    stacks: tuple[Stack, ...]
    remembered: SeriesChoice | None
    notes: tuple[str, ...] = ()

    @property
    def interpretation(self) -> SeriesChoice:
        """What was chosen before, else the first."""
        return self.remembered or SeriesChoice(str(self.stacks[0]))

    @property
    def facts(self) -> str:
        """How many there are."""
        return f"{self.path.name}: {len(self.stacks)} series or echoes"

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """None: the files say all of themselves."""
        return ()

    @property
    def offers(self) -> Mapping[str, tuple[str, ...]]:
        """The stacks."""
        return {"series": tuple(map(str, self.stacks))}

    def is_of(self, answer: SeriesChoice) -> bool:
        """Always: all stacks were examined."""
        del answer
        return True

    def preview(self, answer: SeriesChoice) -> NDArray[np.float32]:
        """The middle slice of the chosen stack, which is read whole: what cannot be is refused."""
        magnitude = self.scan(answer).magnitude
        assert magnitude is not None
        middle = magnitude[len(magnitude) // 2]
        step = -(-max(middle.shape) // PREVIEW_SIZE)
        small = middle[::step, ::step]
        return np.asarray(small / (small.max() or 1.0), np.float32)

    def scan(self, answer: SeriesChoice) -> Scan:
        """The chosen stack."""
        stack = stack_of(self.stacks, answer)
        if stack is None:
            raise refusal(self.path, "must hold the series", answer.series)
        with dicom.quiet():
            return dicom.scan_of(self.path, stack, self.notes)


@EXAMINERS.register("dicom", "DICOM")
def examine(path: Path) -> SeriesExamination:
    """What there is to choose from in a folder.

    Raises
    ------
    ScanFileError
        If there is nothing to choose: a single file, or a folder of one series and echo.
    """
    if not path.is_dir():
        rule = "only a folder can hold several series to choose from"
        raise refusal(path, rule, "a file, which opens its own series")
    with dicom.quiet():
        every, notes = dicom.stacks_of(path)
    found = candidates(every)
    if len(found) < 2:
        rule = "must hold several series or echoes for one to be chosen"
        raise refusal(path, rule, ", ".join(map(str, found)))
    known = remembered(path, SeriesChoice)
    if known is not None and stack_of(found, known) is None:
        known = None
    return SeriesExamination(path, tuple(found), known, notes)
