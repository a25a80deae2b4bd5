"""``tlmri study``: how many local images a network from another domain needs."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.examples import described
from core.cli.options import Subparsers, add_device, check_output_folder
from core.progress import duration

if TYPE_CHECKING:
    from core.studies.cells import CellDone
    from core.studies.executors import Executor


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "study",
        help="how many local images are needed: tune and score on a whole grid",
        allow_abbrev=False,
        **described(
            "Tune networks of several source domains on growing numbers of images at several "
            "accelerations, score other people with them, and draw the curves. A study that was "
            "interrupted goes on where it was.",
            "*.toml",
        ),
    )
    parser.add_argument("file", type=Path, metavar="FILE.toml", help="the study")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the study's folder")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with splits.json")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="cells at once on this machine; default: one a core as far as memory goes, one on a "
        "GPU",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a Dask cluster that runs already: tcp://HOST:PORT",
    )
    parser.add_argument(
        "--reuse",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="another study's folder: cells that both have are taken over (may be repeated)",
    )
    parser.add_argument(
        "--figures-only", action="store_true", help="draw what is done, without running anything"
    )
    add_device(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check, run what is missing, draw."""
    from core.studies.report import write_report

    if not args.figures_only:
        _run_cells(args)
    written = write_report(args.out)
    _print_end(args.out, written)
    return 0


def _run_cells(args: argparse.Namespace) -> None:
    from core import devices
    from core.cli.progress_bar import ProgressBar
    from core.studies.run import run_study
    from core.studies.spec_file import read_spec

    if args.workers is not None and args.workers < 1:
        raise ValueError(f"--workers must be at least 1, got {args.workers}")
    if args.workers is not None and args.scheduler is not None:
        raise ValueError("--workers counts those of this machine: leave it out with --scheduler")
    spec = read_spec(args.file, args.data)
    check_output_folder(args.out)
    devices.resolve(args.device)
    try:
        with _executor(args) as executor, ProgressBar("study") as progress:
            run_study(
                spec,
                args.out,
                progress,
                print_cell,
                executor=executor,
                device=args.device,
                reuse=args.reuse,
            )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"; what is done is in {args.out}, run again to go on") from None


def _executor(args: argparse.Namespace) -> AbstractContextManager[Executor]:
    from core.studies.cluster import default_workers, local_cluster, remote_cluster
    from core.studies.executors import InProcess
    from core.training.memory import keep_freed_memory

    if args.scheduler is not None:
        return remote_cluster(args.scheduler)
    workers = default_workers(args.device) if args.workers is None else args.workers
    if workers > 1:
        return local_cluster(workers)
    keep_freed_memory()
    return nullcontext(InProcess())


def print_cell(done: CellDone) -> None:
    """One line for a finished cell, and the time left."""
    mean = sum(row.psnr_db for row in done.rows) / len(done.rows)
    print(
        f"[{done.n_done}/{done.n_cells}] {done.cell.title}: {mean:.2f} dB over "
        f"{len(done.rows)} slices; {duration(done.seconds_left)} left",
        file=sys.stderr,
        flush=True,
    )


def _print_end(folder: Path, written: tuple[Path, ...]) -> None:
    from core.studies.answer import answer
    from core.studies.curves import by_target, curves
    from core.studies.run import load_study
    from core.studies.table import TABLE_NAME

    _, native, table = load_study(folder)
    parts = by_target(table)
    for target, part in parts.items():
        named = f"{target}: " if len(parts) > 1 else ""
        print(f"{named}{answer(curves(part, native))}")
    if not table.is_complete:
        print(f"Note: {table.n_done} of {table.n_cells} cells are done.")
    print("Written:")
    for path in (folder / TABLE_NAME, *written):
        print(f"  {path}")
