"""``tlmri mrf``: MR fingerprinting, one sub-command a file."""

from __future__ import annotations

from core.cli import mrf_map, mrf_simulate, mrf_study, mrf_train
from core.cli.options import Subparsers

COMMANDS = (mrf_simulate, mrf_map, mrf_train, mrf_study)
"""Modules with ``add(subparsers)``, as :data:`core.cli.main.COMMANDS`."""


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command and those under it."""
    parser = subparsers.add_parser(
        "mrf",
        help="MR fingerprinting: simulate series, map T1, T2 and ADC, train and study networks",
        description="MR fingerprinting: T1, T2 and ADC of every voxel from one series of "
        "read-outs, by dictionary matching or by networks.",
        allow_abbrev=False,
    )
    below = parser.add_subparsers(metavar="COMMAND", required=True, dest="mrf_command")
    for command in COMMANDS:
        command.add(below)
