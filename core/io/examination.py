"""What a person is asked about a file, and reading it by the answer, or by the doctor's guesses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.io import arrays
from core.io.answers import Answer, beside, remembered
from core.io.arrays import RawArray, scan_of
from core.io.damage import refused_in_one_line
from core.io.formats import ReadOptions, ScanInDoubtError, question, refusal
from core.io.guess import Guess
from core.io.interpretation import Interpretation, words
from core.io.recognition import format_of
from core.io.scan_doctor import Diagnosis, diagnose
from core.registry import Registry
from core.types import Scan

RawReader = Callable[[Path, ReadOptions], RawArray]

RAW_READERS: Registry[RawReader] = Registry("format of plain arrays")
"""How the array of a file is read, under the name of its format in
:data:`core.io.formats.FORMATS`."""


class Examined(Protocol):
    """What a person is shown of a file, to correct and confirm.

    An answer is of the type of :attr:`interpretation`.
    """

    @property
    def path(self) -> Path:
        """The file, or folder, with which the answer is kept."""

    @property
    def remembered(self) -> Answer | None:
        """What was answered before, if anything."""

    @property
    def interpretation(self) -> Answer:
        """What the file is read by unless it is corrected."""

    @property
    def facts(self) -> str:
        """What the file holds, in a line."""

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """What it is taken for, with evidence."""

    @property
    def offers(self) -> Mapping[str, tuple[str, ...]]:
        """Fields of the answer for which the file itself leaves a choice of few."""

    def is_of(self, answer: Any) -> bool:  # noqa: ANN401 - of the type of `interpretation`
        """Whether the answer is about what was examined, and not about another part of the file."""

    def preview(self, answer: Any) -> NDArray[np.float32]:  # noqa: ANN401 - likewise
        """The middle slice by this answer, shape `(y, x)`, scaled to a maximum of 1.

        Raises
        ------
        ScanFileError
            If the answer does not fit the file.
        """

    def scan(self, answer: Any) -> Scan:  # noqa: ANN401 - likewise
        """The scan by this answer, whether or not it can be kept with the file.

        Raises
        ------
        ScanFileError
            If the answer does not fit the file, or the file does not hold a scan.
        """


Examiner = Callable[[Path], Examined]

EXAMINERS: Registry[Examiner] = Registry("format that leaves a choice")
"""What examines a file or folder that is no plain array, under the name of its format."""


@dataclass(frozen=True, eq=False)
class Examination:
    """What a person is shown of a file of plain arrays.

    Attributes
    ----------
    path
        The file beside which the answer is kept (:func:`core.io.answers.remember`).
    array
        What it holds.
    diagnosis
        What the doctor takes it for, with evidence.
    remembered
        What was answered before, if anything.
    """

    path: Path
    array: RawArray
    diagnosis: Diagnosis
    remembered: Interpretation | None

    @property
    def interpretation(self) -> Interpretation:
        """What the file is read by unless it is corrected."""
        return self.remembered or self.diagnosis.interpretation

    @property
    def facts(self) -> str:
        """Name, variable, shape and type."""
        shape = " × ".join(map(str, self.array.values.shape))
        name = f", variable {self.array.variable}" if self.array.variable else ""
        return f"{self.path.name}{name}: {shape} of {self.array.values.dtype}"

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """The doctor's conclusions."""
        return self.diagnosis.guesses

    @property
    def offers(self) -> Mapping[str, tuple[str, ...]]:
        """None: what there is to say of an array is the same for all."""
        return {}

    def is_of(self, answer: Interpretation) -> bool:
        """Whether it names this array."""
        return answer.variable == self.array.variable

    def preview(self, answer: Interpretation) -> NDArray[np.float32]:
        """As :func:`core.io.arrays.preview`."""
        return arrays.preview(self.array.values, answer)

    def scan(self, answer: Interpretation) -> Scan:
        """As :func:`core.io.arrays.scan_of`."""
        return scan_of(self.path, self.array, answer)


def can_examine(path: Path) -> bool:
    """Whether there is something about a file that the doctor can be asked.

    Raises
    ------
    ScanFileError
        If no format knows the file.
    """
    name = format_of(path).name
    return name in RAW_READERS or name in EXAMINERS


def examine(path: Path, options: ReadOptions) -> Examined:
    """What the doctor finds in a file, without refusing what is in doubt.

    Raises
    ------
    ScanFileError
        If the file cannot be read, says all of itself, or holds nothing that could be a scan; a
        :class:`core.io.formats.ScanInDoubtError` if it is open which of its arrays is meant.
    """
    entry = format_of(path)
    if entry.name in EXAMINERS:
        with refused_in_one_line(path, entry.label):
            return EXAMINERS[entry.name].item(path)
    if entry.name not in RAW_READERS:
        rule = "only a file that leaves something open has an interpretation to correct"
        raise refusal(path, rule, f"{entry.label}, which says itself what it holds")
    known = remembered(path, Interpretation)
    with refused_in_one_line(path, entry.label):
        raw = RAW_READERS[entry.name].item(path, _asking(options, known))
        diagnosis = diagnose(path, raw, options)
    if known is not None and options.variable not in ("", known.variable):
        known = None  # it is of another array
    return Examination(path, raw, diagnosis, known)


def read_by_doctor(name: str, path: Path, options: ReadOptions) -> Scan:
    """Read a file of plain arrays.

    What options say goes before what is remembered beside the file, that before what the file
    states, and that before what is guessed. Notes of the scan say what was guessed.

    Raises
    ------
    ScanInDoubtError
        If something decisive is in doubt.
    ScanFileError
        As the format's reader and :func:`core.io.arrays.scan_of`.
    """
    known = remembered(path, Interpretation)
    raw = RAW_READERS[name].item(path, _asking(options, known))
    if known is not None and not options.axes and options.content == "auto":
        kept = replace(known, volume=options.volume or known.volume)
        scan = scan_of(path, raw, kept)
        return replace(scan, notes=(f"read as remembered in {beside(path).name}", *scan.notes))
    diagnosis = diagnose(path, raw, options)
    if diagnosis.doubts:
        raise _question(path, raw, diagnosis.doubts[0])
    scan = scan_of(path, raw, diagnosis.interpretation)
    return replace(scan, notes=(*diagnosis.notes, *scan.notes))


def _asking(options: ReadOptions, known: Interpretation | None) -> ReadOptions:
    """Options that ask for the array remembered, unless another is asked for."""
    return replace(options, variable=options.variable or (known.variable if known else ""))


def _question(path: Path, raw: RawArray, doubt: Guess) -> ScanInDoubtError:
    """What is in doubt, and what it would be taken for."""
    rule = f"its {words(doubt.field)} must be said where the data does not tell"
    shape = " x ".join(map(str, raw.values.shape))
    return question(path, doubt.field, rule, f"{shape}: {doubt.value}? {doubt.evidence}")
