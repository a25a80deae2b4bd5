"""``tlmri demo``: the main job on scans of the digital brain, without a screen."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from core.checkpoints import SUFFIX
from core.cli.options import Subparsers, add_device, check_output_folder
from core.training.settings import TuneSettings

if TYPE_CHECKING:
    from core.checkpoints import CheckpointInfo
    from core.progress import Progress
    from core.types import Scan

ACCELERATION, PATTERN, SEED = 4.0, "poisson", 1
TUNING = TuneSettings(
    acceleration=ACCELERATION, pattern=PATTERN, n_images=6, n_validation=2, length=90, seed=SEED
)
"""Short: it shows what tuning does in about a minute, not the best that it can do."""

N_SLICES = 3
TUNED_NAME = f"tuned{SUFFIX}"


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "demo",
        help="the main job on a digital brain, without a screen",
        description="Undersample a demo scan at R=4, reconstruct it by zero filling, compressed "
        "sensing and a network, tune the network on another digital brain, compare everything.",
        allow_abbrev=False,
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where results go")
    parser.add_argument(
        "--source", default="natural", help="source domain or checkpoint file, default natural"
    )
    parser.add_argument("--steps", type=int, default=TUNING.length, metavar="N", help="of tuning")
    add_device(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tune on one digital brain, compare on another."""
    from core import checkpoints, devices, metrics
    from core.cli.progress_bar import ProgressBar
    from core.cli.results import print_results, write_results
    from core.phantom import demo_scan
    from core.pipeline import choose_method, compare, make_mask
    from core.progress import part

    check_output_folder(args.out)
    devices.resolve(args.device)
    parent = checkpoints.find(args.source, ACCELERATION)
    tuned = args.out / TUNED_NAME
    with ProgressBar("demo") as progress:
        progress(0.0, "making digital brains")
        scan = demo_scan()
        _tune(parent, tuned, args.steps, args.device, part(progress, 0.1, 0.7))
        names = ("zf", "cs", checkpoints.method_name(parent), f"net:{tuned}")
        methods = [choose_method(name, args.device) for name in names]
        mask = make_mask(PATTERN, scan.slice_shape, ACCELERATION, SEED)
        chosen = middle_slices(scan)
        hook = part(progress, 0.7, 1.0)
        comparisons = list(compare(scan, chosen, mask, methods, metrics.DEFAULT, hook))
    written = write_results(args.out, comparisons, metrics.DEFAULT, args.command_line)
    print_results(comparisons, metrics.DEFAULT, (*written, tuned))
    return 0


def _tune(
    parent: CheckpointInfo, output: Path, n_steps: int, device: str, progress: Progress
) -> None:
    from core.phantom import demo_local_scans
    from core.training.finetune import choose_images, finetune, tuning_request
    from core.training.memory import keep_freed_memory

    settings = dataclasses.replace(TUNING, length=n_steps)
    tuning, validation = choose_images(
        demo_local_scans(n=1), settings.n_images, settings.n_validation, settings.seed
    )
    keep_freed_memory()
    finetune(tuning_request(parent.path, tuning, validation, settings, output, device), progress)


def middle_slices(scan: Scan) -> tuple[int, ...]:
    """A few slices around the middle of the scan, spread over its middle third."""
    first, step = scan.n_slices // 3, max(1, scan.n_slices // (3 * N_SLICES))
    return tuple(first + i * step for i in range(min(N_SLICES, scan.n_slices)))
