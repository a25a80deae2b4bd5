"""Where a study's settings were stated, so that a refusal names the place in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

_SECTION = re.compile(r"\s*\[(?P<name>[^\[\]]+)\]\s*(#.*)?")
_ITEM = re.compile(r"\s*\[\[(?P<name>[^\[\]]+)\]\]\s*(#.*)?")
_KEY = re.compile(r"\s*(?P<name>[A-Za-z0-9_-]+)\s*=")


@dataclass(frozen=True)
class Origin:
    """The study file that settings came from; empty for settings made in a program.

    Attributes
    ----------
    name
        The file's name.
    lines
        Line of each key, counted from 1; keys read ``section.key``, and those of the second
        ``[[section]]`` read ``section 2.key``.
    section
        What all keys that are asked for belong to; empty for keys with their section.
    """

    name: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    section: str = ""

    def within(self, section: str) -> Origin:
        """The same for the keys of one section, which are then asked for by themselves."""
        return replace(self, section=section)

    def refusal(self, key: str, rule: str, got: object) -> ValueError:
        """The error that says in one line where, which key, what rule, and the value found.

        Without a ``key``, of the section as a whole.
        """
        return ValueError(f"{self._place(key)} {rule}, got {got}")

    def refusal_for(self, key: str, rule: str, error: ValueError) -> ValueError:
        """The same for what another part refused, whose error names the value."""
        return ValueError(f"{self._place(key)} {rule}: {error}")

    def check_range(self, key: str, values: Sequence[float], low: float, high: float) -> None:
        """Refuse numbers outside a closed range."""
        for value in values:
            if not low <= value <= high:
                raise self.refusal(key, f"must be from {low:g} to {high:g}", value)

    def check_choice(self, key: str, value: str, choices: Sequence[str]) -> None:
        """Refuse what is none of the choices."""
        if value not in choices:
            raise self.refusal(key, f"must be one of {', '.join(choices)}", repr(value))

    def check_once(self, key: str, values: Sequence[object]) -> None:
        """Refuse a list that holds a value twice."""
        if len(set(values)) < len(values):
            raise self.refusal(key, "must list each value once", ", ".join(map(str, values)))

    def _place(self, key: str) -> str:
        whole = ".".join(part for part in (self.section, key) if part)
        if not self.name:
            return whole
        line = self.lines.get(whole, self.lines.get(whole.rpartition(".")[0]))
        return f"{self.name}: {whole}" if line is None else f"{self.name}, line {line}: {whole}"


def nth(section: str, index: int, count: int) -> str:
    """What the keys of one of several ``[[section]]`` belong to; ``section`` where it is alone."""
    return f"{section} {index + 1}" if count > 1 else section


def origin_of(name: str, text: str) -> Origin:
    """The lines of all keys and sections of a TOML text (tomllib does not tell them)."""
    lines: dict[str, int] = {}
    section = ""
    counts: dict[str, int] = {}
    rows = text.splitlines()
    totals = [found["name"].strip() for row in rows if (found := _ITEM.fullmatch(row))]
    for number, line in enumerate(rows, start=1):
        if found := _ITEM.fullmatch(line):
            item = found["name"].strip()
            index = counts[item] = counts.get(item, -1) + 1
            section = nth(item, index, totals.count(item))
            lines.setdefault(item, number)
            lines.setdefault(section, number)
        elif found := _SECTION.fullmatch(line):
            section = found["name"].strip()
            lines.setdefault(section, number)
        elif found := _KEY.match(line):
            name_in_section = f"{section}.{found['name']}" if section else found["name"]
            lines.setdefault(name_in_section, number)
    return Origin(name, lines)
