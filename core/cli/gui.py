"""``tlmri gui``: open the window."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from core.cli.options import Subparsers
from core.system_libraries import missing_packages


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "gui",
        help="open the window",
        description="Open the window on scans, or on the demo scan where none is given.",
        allow_abbrev=False,
    )
    parser.add_argument("files", type=Path, nargs="*", metavar="FILES", help="scans to open")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Refuse what would end Qt without a word, then hand over to the window."""
    if not _has_screen():
        raise ValueError(
            "no screen: neither DISPLAY nor WAYLAND_DISPLAY is set ('tlmri demo --out DIR' needs "
            "none)"
        )
    missing = missing_packages()
    if missing:
        raise ValueError(
            f"Qt needs missing system libraries: run 'sudo apt-get install {' '.join(missing)}'"
        )
    from tlmri_gui.app import run as open_window

    return open_window(args.files)


def _has_screen() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(v) for v in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
