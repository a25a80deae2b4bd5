"""Where help texts send those who look for a study to start from."""

from __future__ import annotations

import argparse
import textwrap
from typing import TypedDict

from core import paths


class Described(TypedDict):
    """Arguments of ``add_parser``."""

    description: str
    epilog: str
    formatter_class: type[argparse.HelpFormatter]


def described(description: str, name: str) -> Described:
    """A description, and below it the whole path of a shipped study, which no line end cuts.

    Parameters
    ----------
    description
        Of the command.
    name
        Of the study, or of a pattern that fits several: a file in ``docs/studies``.
    """
    try:
        place = paths.shown(paths.documents() / "studies" / name)
    except FileNotFoundError:
        place = f"docs/studies/{name} (with the source of tlmri)"
    return Described(
        description=textwrap.fill(description, 78),
        epilog=f"to start from:\n  {place}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
