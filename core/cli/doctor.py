"""``tlmri doctor``: versions, devices and checks of this installation."""

from __future__ import annotations

import argparse

from core.cli.options import Subparsers


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "doctor",
        help="check this installation",
        description="Versions, devices and checks of this installation, for a problem report. It "
        "names neither you nor your machine. Exit code 1 if a check fails.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one line a check."""
    from core import doctor

    del args
    checks = doctor.examine()
    width = max(len(check.name) for check in checks)
    for check in checks:
        print(f"{'ok    ' if check.passed else 'FAILED'}  {check.name:{width}}  {check.found}")
    return 0 if all(check.passed for check in checks) else 1
