"""``tlmri train``: train a network in a source domain."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.checkpoints import SUFFIX
from core.cli.options import (
    Subparsers,
    add_device,
    add_sampling,
    check_output_file,
    with_given,
)
from core.training.settings import TRAIN_PRESETS

SETTINGS = {
    "acceleration": "acceleration",
    "pattern": "mask",
    "seed": "seed",
    "steps_per_subnetwork": "steps",
    "end_to_end_steps": "end_to_end_steps",
    "crop": "crop",
    "batch": "batch",
    "learning_rate": "learning_rate",
    "reg_weight": "reg_weight",
}
"""Settings that the command line can state, and the option of each."""


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "train",
        help="train a network in a source domain",
        description="Train a cascade in a source domain, sub-network after sub-network, then end "
        "to end. Interrupting it leaves nothing.",
        allow_abbrev=False,
    )
    parser.add_argument("--domain", default="natural", help="natural, t1, t2 or phantom")
    add_sampling(parser)
    parser.add_argument(
        "--data", type=Path, default=Path(), metavar="DIR", help="folder with splits.json"
    )
    parser.add_argument(
        "--preset",
        choices=tuple(TRAIN_PRESETS),
        default="fast",
        help="settings to start from; 'paper' is the publication's; default fast",
    )
    parser.add_argument("--steps", type=int, metavar="N", help="of each sub-network")
    parser.add_argument("--end-to-end-steps", type=int, metavar="N", help="of all together, after")
    parser.add_argument("--crop", type=int, metavar="N", help="side of the crops; 0: whole images")
    parser.add_argument("--batch", type=int, metavar="N", help="crops a step")
    parser.add_argument("--learning-rate", type=float, metavar="RATE")
    parser.add_argument(
        "--lambda",
        dest="reg_weight",
        type=float,
        metavar="λ",
        help="of data consistency; default infinite, which keeps the samples exactly",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"a {SUFFIX} file")
    add_device(parser)
    parser.set_defaults(run=run)


def check_crop(crop: int | None) -> None:
    """Refuse a crop that no mask can be made for, before anything is read.

    Raises
    ------
    ValueError
        If it is given and neither 0 nor a size that a slice may have.
    """
    from core.io.magnitude import MAX_SIZE, MIN_SIZE

    if crop and not MIN_SIZE <= crop <= MAX_SIZE:
        raise ValueError(
            f"--crop must be 0 (whole images) or from {MIN_SIZE} to {MAX_SIZE}, got {crop}"
        )


def run(args: argparse.Namespace) -> int:
    """Check, then train in this process."""
    from core import devices
    from core.cli.progress_bar import ProgressBar
    from core.training.pretrain import pretrain

    check_crop(args.crop)
    settings = with_given(TRAIN_PRESETS[args.preset], args, SETTINGS)
    check_output_file(args.out, SUFFIX)
    device = devices.resolve(args.device)
    with ProgressBar("train") as progress:
        path = pretrain(args.domain, args.data, settings, args.out, device, progress)
    print(f"Written: {path}; reconstruct with it: --methods net:{path}")
    return 0
