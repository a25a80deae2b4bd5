"""``tlmri doctor``: versions, devices and checks of this installation."""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.options import Subparsers, check_output_file

if TYPE_CHECKING:
    from core.doctor import Finding
    from core.progress import Progress

SUFFIX = ".md"
QT_PATIENCE_S = 60.0
"""How long Qt may say nothing while it starts, as before a display that hangs."""

_NO_SCREEN = "offscreen"


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "doctor",
        help="check this installation",
        description="Versions, devices and checks of this installation, for a problem report. It "
        "names neither you nor your machine, nor any scan. Exit code 1 if a check fails.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=f"also write the page for a report, a {SUFFIX} file (Markdown)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the checks as they come, then the verdict."""
    if args.out is not None:
        check_output_file(args.out, SUFFIX)
    from core import doctor
    from core.atomic import write_bytes

    names_width = max(map(len, (*doctor.LOOKS, doctor.CHILDREN, doctor.QT)))
    options = (shutil.get_terminal_size().columns,) if sys.stdout.isatty() else ()
    checks = []
    qt = doctor.Look(doctor.QT, _look_at_qt, "see 'display' and 'Qt's system libraries' above")
    for check in doctor.examine([qt]):
        checks.append(check)
        print(doctor.lines(check, names_width, *options), flush=True)
    print(f"\n{doctor.verdict(checks)}")
    if args.out is not None:
        write_bytes(args.out, doctor.page(checks, datetime.now(UTC)).encode())
        print(f"Wrote {args.out}")
    return 0 if doctor.is_sound(checks) else 1


def _look_at_qt(progress: Progress) -> Finding:
    """Whether Qt starts, tried in a child process, which it may end without a word."""
    from contextlib import closing

    from core.doctor import Finding, events, failed, note
    from core.jobs import ChildJob, Failed, Published, Succeeded
    from core.screen import speak_utf8
    from tlmri_gui.qt_platform import start_qt

    progress(0.0, "starting Qt")
    speak_utf8()
    platform = _platform()
    said = []
    with closing(events(ChildJob(start_qt, platform), QT_PATIENCE_S)) as told:
        for event in told:
            match event:
                case Succeeded(found) if platform == _NO_SCREEN:
                    return note(f"{found}: tried without a screen, since none can be used")
                case Succeeded(found):
                    return Finding(found)
                case Published(text):
                    said.append(text)
                case Failed(message):
                    return failed(f"Qt does not start: {'; '.join(said) or message}")
    raise AssertionError("a child's last word is one of those above")


def _platform() -> str:
    """Qt's platform, as the window would choose it; empty if Qt may choose."""
    from core import screen

    try:
        return screen.choice()
    except ValueError:  # which the checks of the display and of the libraries tell
        return _NO_SCREEN
