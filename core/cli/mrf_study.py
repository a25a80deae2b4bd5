"""``tlmri mrf study``: how bias and spread of fingerprinting methods depend on noise."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.examples import described
from core.cli.options import Subparsers, add_device, check_output_folder

if TYPE_CHECKING:
    from core.studies.fingerprinting.run import FingerprintCellDone


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "study",
        help="bias, spread and error of dictionary and networks against SNR",
        allow_abbrev=False,
        **described(
            "Train networks on clean and on noisy signals, transfer the former to the latter, and "
            "judge them and a dictionary by Monte Carlo at several SNR. A study that was "
            "interrupted goes on with the network that it was at.",
            "fingerprinting*.toml",
        ),
    )
    parser.add_argument("file", type=Path, metavar="FILE.toml", help="the study")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the study's folder")
    parser.add_argument(
        "--figures-only", action="store_true", help="draw what is done, without running anything"
    )
    parser.add_argument(
        "--reuse",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="another noise study's folder: cells that both have are taken over (may be repeated)",
    )
    add_device(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check, run what is missing, draw, say what was found."""
    from core.studies.fingerprinting.answer import answer
    from core.studies.fingerprinting.report import found_in, write_fingerprint_report
    from core.studies.fingerprinting.store import opened

    if not args.figures_only:
        _run_cells(args)
    written = write_fingerprint_report(args.out)
    store = opened(args.out)
    for paragraph in answer(found_in(store)):
        print(paragraph)
    print("Written:")
    for path in written:
        print(f"  {path}")
    return 0


def _run_cells(args: argparse.Namespace) -> None:
    from core import devices
    from core.cli.progress_bar import ProgressBar
    from core.studies.fingerprinting.run import run_fingerprint_study
    from core.studies.fingerprinting.spec_file import read_fingerprint_study

    study = read_fingerprint_study(args.file)
    check_output_folder(args.out)
    devices.resolve(args.device)
    try:
        with ProgressBar("study") as progress:
            run_fingerprint_study(
                study, args.out, args.device, progress, print_cell, reuse=args.reuse
            )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"; what is done is in {args.out}, run again to go on") from None


def print_cell(done: FingerprintCellDone) -> None:
    """One line for a finished cell."""
    print(
        f"[{done.n_done}/{done.n_cells}] {done.cell.name}: loss "
        f"{done.result.moments.loss.mean():.4f}, {done.result.seconds_preparing:.0f} s + "
        f"{done.result.seconds_evaluating:.0f} s of evaluation",
        file=sys.stderr,
        flush=True,
    )
