"""``tlmri gui``: open the window."""

from __future__ import annotations

import argparse
from pathlib import Path

from core import screen
from core.cli.options import Subparsers


class CannotOpenError(ValueError):
    """The machine or the installation does not suffice for a window."""


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "gui",
        help="open the window",
        description="Open the window on scans, or on the demo scan where none is given; "
        "'tlmri' and 'tlmri FILES' do the same.",
        allow_abbrev=False,
    )
    parser.add_argument("files", type=Path, nargs="*", metavar="FILES", help="scans to open")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Refuse what would end Qt without a word, then hand over to the window."""
    screen.speak_utf8()
    try:
        screen.prepare()
        from tlmri_gui.app import run as open_window
    except ValueError as error:
        raise CannotOpenError(str(error)) from error
    except ImportError as error:
        raise CannotOpenError(
            f"the window cannot be loaded ({error}): install tlmri again"
        ) from error
    args.is_opened = True  # what is raised from here on has not kept the window from opening
    return open_window(args.files)
