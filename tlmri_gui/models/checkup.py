"""From a file in the scan doctor's hands to what its dialog shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.io.answers import beside
from core.io.guess import Guess
from core.io.interpretation import words
from core.params import settings_of
from tlmri_gui.state import Checkup


@dataclass(frozen=True)
class GuessRow:
    """One conclusion of the doctor, as text."""

    name: str
    value: str
    confidence: str
    evidence: str
    in_doubt: bool


def question_text(checkup: Checkup) -> str:
    """Why a person is asked, and by which field of the form to answer; empty if nobody is."""
    if not checkup.question:
        return ""
    label = settings_of(checkup.interpretation)[checkup.doubt].label
    return f"{checkup.question}. Say it under “{label}”, then remember it."


def guess_rows(checkup: Checkup) -> tuple[GuessRow, ...]:
    """What was guessed, what is in doubt first."""
    if checkup.examination is None:
        return ()
    guesses = sorted(checkup.examination.guesses, key=lambda guess: not guess.in_doubt)
    return tuple(_row(guess) for guess in guesses)


def facts_text(checkup: Checkup) -> str:
    """What the file holds, in a line."""
    if checkup.examination is None:
        return checkup.path.name
    return checkup.examination.facts


def offers(checkup: Checkup) -> Mapping[str, tuple[str, ...]]:
    """Fields of the form for which the file leaves a choice of few."""
    return {} if checkup.examination is None else checkup.examination.offers


def origin_text(checkup: Checkup) -> str:
    """Where what the form shows comes from, and where the answer goes."""
    place, found = beside(checkup.path).name, checkup.examination
    has_guesses = found is None or bool(found.guesses)
    if found is not None and found.remembered is not None:
        return f"Remembered in {place}" + (", which goes before the guesses" if has_guesses else "")
    return f"{'Guessed; your' if has_guesses else 'Your'} answer will be kept in {place}"


def _row(guess: Guess) -> GuessRow:
    share = f"{guess.confidence:.0%}"
    name = words(guess.field).capitalize()
    return GuessRow(name, guess.value, share, guess.evidence, guess.in_doubt)
