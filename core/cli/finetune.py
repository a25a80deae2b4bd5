"""``tlmri finetune``: tune a network from a source domain on a few local images."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.checkpoints import SUFFIX
from core.cli import sampling
from core.cli.options import (
    Subparsers,
    add_device,
    add_reading,
    add_sampling,
    add_settings,
    add_simulated_coils,
    check_output_file,
    parse_settings,
    read_options,
    seen_by_coils,
    warn,
    with_given,
)
from core.training.part_names import PARTS
from core.training.settings import FULL, SELF, TUNE_PRESETS, TuneSettings

if TYPE_CHECKING:
    from core.checkpoints import CheckpointInfo
    from core.masks import PatternParams
    from core.remarks import Sampling
    from core.training.finetune import TrainingPoint, TuneResult
    from core.types import Scan


SETTINGS = {
    "acceleration": "acceleration",
    "pattern": "mask",
    "seed": "seed",
    "n_images": "images",
    "n_validation": "validation_images",
    "supervision": "supervision",
    "length": "length",
    "length_unit": "length_unit",
    "learning_rate": "learning_rate",
    "trainable": "trainable",
}
"""Settings that the command line can state, and the option of each."""


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "finetune",
        help="tune a network on a few local images",
        description="Tune a network end to end on a few slices of local scans. The best weights "
        "so far are always on disk; interrupting keeps them.",
        allow_abbrev=False,
    )
    parser.add_argument("scans", type=Path, nargs="+", metavar="SCANS", help="local scans")
    parser.add_argument(
        "--source", default="natural", help="source domain or checkpoint file, default natural"
    )
    add_sampling(parser)
    sampling.leave_open(parser)
    parser.add_argument(
        "--preset",
        choices=tuple(TUNE_PRESETS),
        default="fast",
        help="settings to start from; 'paper' is the publication's; default fast",
    )
    parser.add_argument("--images", type=int, metavar="N", help="slices to tune on")
    parser.add_argument("--validation-images", type=int, metavar="N", help="slices to validate on")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, metavar="N", help="steps, whatever the images' number")
    length.add_argument("--epochs", type=int, metavar="N", help="passes over the images")
    parser.add_argument(
        "--supervision",
        choices=(FULL, SELF),
        help="learn from fully sampled images, or from one undersampled acquisition of each slice "
        "alone; default full",
    )
    parser.add_argument("--learning-rate", type=float, metavar="RATE")
    parser.add_argument(
        "--trainable",
        choices=PARTS.names(),
        metavar="PART",
        help="layers that may change, of those that the network has: "
        f"{', '.join(map(repr, PARTS.names()))}; default 'all'",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"a {SUFFIX} file")
    add_settings(parser, "a setting of the mask, such as mask.growth=8; may be repeated")
    add_device(parser)
    add_reading(parser)
    add_simulated_coils(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check, choose the images, tune in this process."""
    from core import checkpoints, devices, io
    from core.cli.progress_bar import ProgressBar
    from core.training.finetune import choose_images, finetune, tuning_request
    from core.training.memory import keep_freed_memory

    settings, options = chosen_settings(args), read_options(args)
    check_output_file(args.out, SUFFIX)
    devices.resolve(args.device)
    checkpoints.find(args.source, settings.acceleration)  # refused before long reading
    scans = [seen_by_coils(io.load(path, options), args) for path in args.scans]
    task = tuned_for(args, settings, scans)
    most_coils = max(scan.n_coils for scan in scans)
    parent = checkpoints.find(args.source, task.acceleration, most_coils)
    if args.out.exists() and args.out.samefile(parent.path):
        raise ValueError(f"--out must be another file than --source, got {args.out}")
    warn((parent.label, remark) for remark in source_remarks(parent, task, scans))
    tuning, validation = choose_images(
        scans, settings.n_images, settings.n_validation, settings.seed
    )
    request = tuning_request(parent.path, tuning, validation, settings, args.out, args.device)
    keep_freed_memory()
    points: list[TrainingPoint] = []
    try:
        with ProgressBar("finetune") as progress:
            result = finetune(request, progress, points.append)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"; the best so far is in {args.out}" if points else "") from None
    print_result(result)
    print(f"Tuned and validated on: {', '.join(sorted({scan.provenance for scan in scans}))}.")
    return 0


def tuned_for(args: argparse.Namespace, settings: TuneSettings, scans: Sequence[Scan]) -> Sampling:
    """The sampling that the network is tuned for: that of the scans, if they bring their own."""
    from core.masks import acquired_mask
    from core.remarks import Sampling

    scan = sampling.acquired(scans, args)
    if scan is None:
        return Sampling(settings.pattern, settings.acceleration, settings.mask_params)
    mask = acquired_mask(scan)
    return Sampling(mask.pattern, mask.acceleration)


def source_remarks(
    parent: CheckpointInfo, task: Sampling, scans: Sequence[Scan]
) -> tuple[str, ...]:
    """How the source was trained otherwise than it is to be tuned."""
    from core.remarks import network_remarks

    return network_remarks(parent, task, max(scans, key=lambda scan: scan.n_coils))


def chosen_settings(args: argparse.Namespace) -> TuneSettings:
    """The preset with what the command line states instead."""
    lengths = {"steps": args.steps, "epochs": args.epochs}
    given = {unit: length for unit, length in lengths.items() if length is not None}
    args.length_unit, args.length = next(iter(given.items()), (None, None))
    settings = with_given(TUNE_PRESETS[args.preset], args, SETTINGS)
    return dataclasses.replace(settings, mask_params=mask_params(args))


def mask_params(args: argparse.Namespace) -> PatternParams:
    """The pattern's settings: its defaults with what ``--set mask.NAME=VALUE`` states instead."""
    from core.masks import PATTERNS
    from core.params import from_text

    pattern = PATTERNS[args.mask or TUNE_PRESETS[args.preset].pattern]
    assert pattern.params is not None
    given = parse_settings(args.settings, ("mask",))["mask"]
    params: PatternParams = from_text(pattern.params(), given, "mask")
    return params


def print_result(result: TuneResult) -> None:
    """How the tuning went, and what to do with its checkpoint."""
    from core import metrics
    from core.training.supervised import MEASURE

    definition = f" ({metrics.label(metrics.DEFAULT)})" if result.measure == MEASURE else ""
    print(
        f"Validation {result.measure} {result.start_psnr_db:.2f} dB before, "
        f"{result.best_psnr_db:.2f} dB after {result.best_step} of {result.steps} steps in "
        f"{result.seconds:.0f} s{definition}."
    )
    print(f"Written: {result.path}; reconstruct with it: --methods net:{result.path}")
