"""What happened, as JSON and as a page, without a word on the machine it happened on."""

from __future__ import annotations

import json
import re
import socket
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from installers.project import ROOT
from installers.trial.outcome import MEDIAN, START, VISIBLE, Outcome

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """The trial of one package.

    Attributes
    ----------
    kind
        ``deb`` or ``tar``.
    package
        Its file name.
    place
        What it was tried in, in words.
    outcomes
        Of the steps, in their order.
    """

    kind: str
    package: str
    place: str
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether every step has."""
        return all(outcome.passed for outcome in self.outcomes)


class Scrubber:
    """Takes folders, the names of machine and mirrors, out of texts.

    Parameters
    ----------
    places
        Folder to what is said instead; longer ones first win.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        every = {**places, str(ROOT): "(repository)", str(Path.home()): "(home)"}
        every[tempfile.gettempdir()] = "(temporary)"
        self._places = {
            re.compile(rf"{re.escape(folder)}(?![\w.-])"): word
            for folder, word in sorted(every.items(), key=lambda item: -len(item[0]))
            if folder != "/"
        }
        self._machine = re.compile(rf"(?<![\w.-]){re.escape(socket.gethostname())}(?![\w.-])")

    def __call__(self, text: str) -> str:
        """The text as it may be shown to anyone."""
        for folder, word in self._places.items():
            text = folder.sub(word, text)
        text = self._machine.sub("(machine)", text)
        return re.sub(r"https?://\S+", "(mirror)", text)


def as_json(trials: Iterable[Trial], scrub: Scrubber) -> list[dict[str, Any]]:
    """The trials as what JSON can hold, scrubbed."""
    return [_scrubbed(asdict(trial), scrub) for trial in trials]


def write(trials: Sequence[Trial], folder: Path, scrub: Scrubber) -> None:
    """Write ``transcript.json`` and ``transcript.md``."""
    found = as_json(trials, scrub)
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (folder / "transcript.json").write_text(text, encoding="utf-8")
    page = "\n\n".join(["# Trial of the installers", *map(section, found)]) + "\n"
    (folder / "transcript.md").write_text(page, encoding="utf-8")


def section(trial: Json, heading: str = "##") -> str:
    """One package: all steps in a table, then each with what it printed last."""
    parts = [f"{heading} `{trial['package']}`", f"Tried in {trial['place']}.", table(trial)]
    parts += [step(outcome, heading) for outcome in trial["outcomes"]]
    return "\n\n".join(parts)


def table(trial: Json) -> str:
    """The steps of a trial: what, command, exit code, seconds, and what went wrong."""
    rows = ["| Step | Command | Exit code | Time | Result |", "|---|---|---|---|---|"]
    for outcome in trial["outcomes"]:
        cells = (
            outcome["title"],
            f"`{outcome['command']}`",
            "none" if outcome["code"] is None else str(outcome["code"]),
            f"{outcome['seconds']:.1f} s",
            "; ".join(outcome["problems"]) or ", ".join(["ok", *findings(outcome)]),
        )
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def findings(outcome: Json) -> list[str]:
    """What was measured in a step, in words."""
    found = outcome["findings"]
    said = []
    if VISIBLE in found:
        several = found[VISIBLE] if isinstance(found[VISIBLE], list) else [found[VISIBLE]]
        said.append(f"visible after {', '.join(f'{s:.2f}' for s in several)} s")
    if MEDIAN in found:
        said.append(f"median {found[MEDIAN]:.2f} s")
    if START in found:
        said.append(found[START])
    return said


def step(outcome: Json, heading: str) -> str:
    """A step's command and the last lines that it printed, under a heading one level deeper."""
    output = outcome["output"] or "(no output)"
    return f"{heading}# {outcome['title']}\n\n```text\n$ {outcome['command']}\n{output}\n```"


def _scrubbed(value: Any, scrub: Scrubber) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: _scrubbed(item, scrub) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(item, scrub) for item in value]
    return value
