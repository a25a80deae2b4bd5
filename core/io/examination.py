"""Reading files of plain arrays by the scan doctor, or by what was answered before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.io.arrays import RawArray, scan_of
from core.io.damage import refused_in_one_line
from core.io.formats import ReadOptions, ScanInDoubtError, question, refusal
from core.io.guess import Guess
from core.io.interpretation import Interpretation, beside, remembered, words
from core.io.recognition import format_of
from core.io.scan_doctor import Diagnosis, diagnose
from core.registry import Registry
from core.types import Scan

RawReader = Callable[[Path, ReadOptions], RawArray]

RAW_READERS: Registry[RawReader] = Registry("format of plain arrays")
"""How the array of a file is read, under the name of its format in
:data:`core.io.formats.FORMATS`."""


@dataclass(frozen=True, eq=False)
class Examination:
    """What a person is shown of a file, to correct and confirm.

    Attributes
    ----------
    path
        The file beside which the answer is kept (:func:`core.io.interpretation.remember`).
    array
        What it holds; :func:`core.io.arrays.preview` shows it by any interpretation.
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


def can_examine(path: Path) -> bool:
    """Whether a file is of a format of plain arrays, which the doctor can be asked about.

    Raises
    ------
    ScanFileError
        If no format knows the file.
    """
    return format_of(path).name in RAW_READERS


def examine(path: Path, options: ReadOptions) -> Examination:
    """What the doctor finds in a file, without refusing what is in doubt.

    Raises
    ------
    ScanFileError
        If the file cannot be read, says all of itself, or holds nothing that could be a scan; a
        :class:`core.io.formats.ScanInDoubtError` if it is open which of its arrays is meant.
    """
    entry = format_of(path)
    if entry.name not in RAW_READERS:
        rule = "only a file of plain arrays has an interpretation to correct"
        raise refusal(path, rule, f"{entry.label}, which says itself what it holds")
    known = remembered(path)
    with refused_in_one_line(path, entry.label):
        raw = RAW_READERS[entry.name].item(path, _asking(options, known))
        diagnosis = diagnose(path, raw, options)
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
    known = remembered(path)
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
