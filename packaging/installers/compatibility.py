"""Whether a licence goes with GPL-3.0, and why."""

from __future__ import annotations

import re
from itertools import chain

from installers.components import Component
from installers.known_licences import table


def refused(component: Component) -> list[str]:
    """The parts of a component's licence that are not known to go with GPL-3.0; none if it does.

    Of alternatives one is enough. Data that is read, not linked, may be under more licences than
    code.

    Raises
    ------
    ValueError
        If the licence is not an SPDX expression.
    """
    allowed = set(table("compatible")["code"])
    if component.kind == "data":
        allowed |= set(table("compatible")["data"])
    try:
        return _Reader(component.licence, allowed).read()
    except ValueError as error:
        raise ValueError(f"licence of {component.name}: {error}") from None


def open_question(component: Component) -> str | None:
    """Why a component is inside although its licence conflicts, if that is written down."""
    entry = table("conflicts").get(component.name)
    if entry is None or entry["licence"] != component.licence:
        return None
    return str(entry["reason"])


class _Reader:
    """Reads ``or of and of (identifier [WITH exception] | (...))`` from left to right."""

    def __init__(self, expression: str, allowed: set[str]) -> None:
        self._expression = expression
        self._words = re.findall(r"[()]|[^\s()]+", expression)
        self._allowed = allowed

    def read(self) -> list[str]:
        refused = self._alternatives()
        if self._words:
            raise self._wrong()
        return refused

    def _alternatives(self) -> list[str]:
        choices = [self._together()]
        while self._next("OR"):
            choices.append(self._together())
        return [] if [] in choices else list(chain.from_iterable(choices))

    def _together(self) -> list[str]:
        refused = self._single()
        while self._next("AND"):
            refused += self._single()
        return refused

    def _single(self) -> list[str]:
        if self._next("("):
            refused = self._alternatives()
            if not self._next(")"):
                raise self._wrong()
            return refused
        licence = self._word()
        if self._next("WITH"):
            licence += f" WITH {self._word()}"
        return [] if licence in self._allowed else [licence]

    def _next(self, word: str) -> bool:
        if self._words[:1] != [word]:
            return False
        self._words.pop(0)
        return True

    def _word(self) -> str:
        if not self._words or self._words[0] in ("(", ")", "AND", "OR", "WITH"):
            raise self._wrong()
        return self._words.pop(0)

    def _wrong(self) -> ValueError:
        return ValueError(f"must be an SPDX expression, got {self._expression!r}")
