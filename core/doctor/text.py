"""The answer as text: lines for a terminal, and a page for a report."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime

from core import __version__
from core.doctor.check import Check, Outcome

WIDTH = 100
"""Of the page, characters: what a report shows without a scroll bar."""

_ORDER = (Outcome.FAILED, Outcome.SKIPPED, Outcome.NOTE, Outcome.OK)
_BROAD = 1000
"""Characters of a line that is not to be broken."""


def is_sound(checks: Sequence[Check]) -> bool:
    """Whether all was looked at, and nothing failed."""
    return not any(check.outcome in (Outcome.FAILED, Outcome.SKIPPED) for check in checks)


def verdict(checks: Sequence[Check]) -> str:
    """All checks in one line."""
    bad = [check.name for check in checks if not check.passed]
    skipped = sum(check.outcome is Outcome.SKIPPED for check in checks)
    missing = f"{skipped} of {len(checks)} checks were not made" if skipped else ""
    if bad:
        told = f"{len(bad)} of {len(checks)} checks failed: {', '.join(bad)}"
        return f"{told}; {missing}" if missing else told
    if missing:
        return f"Not finished: {missing}"
    n_notes = sum(check.outcome is Outcome.NOTE for check in checks)
    remark = f", {n_notes} with a remark" if n_notes else ""
    return f"This installation is sound: all {len(checks)} checks passed{remark}"


def lines(check: Check, names_width: int, width: int = _BROAD) -> str:
    """One check: whether it passed, its name, what was found, and below it what to do.

    Parameters
    ----------
    check
        What is told.
    names_width
        Characters of the longest name.
    width
        Characters from which on lines are broken.
    """
    head = f"{check.outcome.value:7}  {check.name:{names_width}}  "
    margin = " " * len(head)
    texts = [check.found, f"What to do: {check.advice}"] if check.advice else [check.found]
    return "\n".join(
        textwrap.fill(
            text,
            max(width, len(head) + 40),
            initial_indent=head if i == 0 else margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for i, text in enumerate(texts)
    )


def page(checks: Sequence[Check], when: datetime) -> str:
    """Markdown for a report: verdict, date, and all checks, what failed first.

    The checks stand as they are between fences, so that no mark of theirs means anything.
    """
    ordered = sorted(checks, key=lambda check: _ORDER.index(check.outcome))
    width = max((len(check.name) for check in checks), default=0)
    body = "\n".join(lines(check, width, WIDTH) for check in ordered).replace("```", "'''")
    return (
        f"## Installation check of tlmri {__version__}\n\n"
        f"{when:%Y-%m-%d %H:%M} {when.tzname()}. **{verdict(checks)}.**\n\n"
        f"```text\n{body}\n```\n"
    )
