"""Where a study's settings were stated, so that a refusal names the place in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SECTION = re.compile(r"\s*\[(?P<name>[^\[\]]+)\]\s*(#.*)?")
_KEY = re.compile(r"\s*(?P<name>[A-Za-z0-9_-]+)\s*=")


@dataclass(frozen=True)
class Origin:
    """The study file that settings came from; empty for settings made in a program.

    Attributes
    ----------
    name
        The file's name.
    lines
        Line of each key, counted from 1; keys read ``section.key``.
    """

    name: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def refusal(self, key: str, rule: str, got: object) -> ValueError:
        """The error that says in one line where, which key, what rule, and the value found."""
        return ValueError(f"{self._place(key)}{key} {rule}, got {got}")

    def refusal_for(self, key: str, rule: str, error: ValueError) -> ValueError:
        """The same for what another part refused, whose error names the value."""
        return ValueError(f"{self._place(key)}{key} {rule}: {error}")

    def _place(self, key: str) -> str:
        if not self.name:
            return ""
        section = key.rpartition(".")[0]
        line = self.lines.get(key, self.lines.get(section))
        return f"{self.name}: " if line is None else f"{self.name}, line {line}: "


def origin_of(name: str, text: str) -> Origin:
    """The lines of all keys and sections of a TOML text (tomllib does not tell them)."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _SECTION.fullmatch(line):
            section = found["name"].strip()
            lines.setdefault(section, number)
        elif found := _KEY.match(line):
            name_in_section = f"{section}.{found['name']}" if section else found["name"]
            lines.setdefault(name_in_section, number)
    return Origin(name, lines)
