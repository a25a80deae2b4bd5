"""``tlmri mrf train``: train a fingerprinting network, or transfer one to noisy signals."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.checkpoints import SUFFIX
from core.cli.option_names import options_named
from core.cli.options import (
    Subparsers,
    add_device,
    check_output_file,
    check_output_folder,
    with_given,
)

if TYPE_CHECKING:
    from core.fingerprinting.training import FingerprintTraining

SETTINGS = {
    "steps": "steps",
    "batch": "batch",
    "learning_rate": "learning_rate",
    "snr_low_db": "snr_low",
    "snr_high_db": "snr_high",
    "frozen": "frozen",
    "seed": "seed",
}
"""Settings that the command line can state, and the option of each."""


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "train",
        help="train a network from signals to T1, T2 and ADC, or transfer one to noisy signals",
        description="Train a recurrent network on simulated signals of a sequence. With --from, "
        "start from the weights of another network, the last layer frozen unless --frozen says "
        "otherwise. With --shipped, make the three networks that come with tlmri.",
        allow_abbrev=False,
    )
    parser.add_argument("--sequence", default=None, help="name or FILE.toml; default diffusion")
    parser.add_argument(
        "--signals", choices=("clean", "noisy"), help="default: clean; with --from, noisy"
    )
    parser.add_argument(
        "--from", dest="parent", metavar="NETWORK", help="clean, or a .safetensors file"
    )
    parser.add_argument(
        "--frozen",
        metavar="PARTS",
        help="recurrent, dense, head, separated by commas, or none; default head with --from",
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help="default 12000, of noisy signals 8000"
    )
    parser.add_argument("--batch", type=int, metavar="N", help="signals a step; default 1024")
    parser.add_argument(
        "--learning-rate", type=float, metavar="RATE", help="at its highest; default 0.01"
    )
    parser.add_argument("--snr-low", type=float, metavar="DB", help="of the noise; default 10")
    parser.add_argument("--snr-high", type=float, metavar="DB", help="default 60")
    parser.add_argument(
        "--tissues", type=int, metavar="N", help="in the pool it learns from; default 200000"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="default 0")
    parser.add_argument(
        "--shipped", action="store_true", help="make clean, noisy and transferred in a folder"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PATH",
        help=f"a {SUFFIX} file; with --shipped, a folder",
    )
    add_device(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check, then train in this process."""
    return _run_shipped(args) if args.shipped else _run_one(args)


def _run_one(args: argparse.Namespace) -> int:
    from core import devices
    from core.cli.progress_bar import ProgressBar
    from core.fingerprinting import sequence_file
    from core.fingerprinting.cards import find
    from core.fingerprinting.recipes import (
        LAST_STEPS,
        POOL_SIZE,
        TrainingRequest,
        label_of,
        train_to_file,
    )

    check_output_file(args.out, SUFFIX)
    parent = None if args.parent is None else find(args.parent).path
    training = _training(args, has_parent=parent is not None)
    request = TrainingRequest(
        sequence=sequence_file.find(args.sequence or sequence_file.DEFAULT),
        training=training,
        label=label_of(training, parent is not None),
        parent=parent,
        n_tissues=POOL_SIZE if args.tissues is None else args.tissues,
    )
    device = devices.resolve(args.device)
    with ProgressBar("train") as progress:
        loss = train_to_file(request, args.out, device, progress)
    print(
        f"Loss over the last {LAST_STEPS} steps: {loss:.3g} (0: always right; 1: always the middle "
        "of the range)"
    )
    print(f"Written: {args.out}; map with it: --methods net:{args.out}")
    return 0


def _training(args: argparse.Namespace, has_parent: bool) -> FingerprintTraining:
    """The settings of a shipped network's training, with what the command line states instead."""
    from core.fingerprinting.recipes import CLEAN_TRAINING, NOISY_TRAINING, TRANSFER
    from core.fingerprinting.training import CLEAN, NOISY

    signals = args.signals or (NOISY if has_parent else CLEAN)
    noisy = TRANSFER if has_parent else NOISY_TRAINING
    preset = {CLEAN: CLEAN_TRAINING, NOISY: noisy}[signals]
    if args.frozen == "none":
        args.frozen = ""
    with options_named(SETTINGS):
        return with_given(preset, args, SETTINGS)


def _run_shipped(args: argparse.Namespace) -> int:
    from core import devices
    from core.cli.progress_bar import ProgressBar
    from core.fingerprinting import sequence_file
    from core.fingerprinting.recipes import train_shipped

    stated = ("signals", "parent", "tissues", *(o for o in SETTINGS.values() if o != "seed"))
    for option in stated:
        if getattr(args, option) is not None:
            name = "from" if option == "parent" else option.replace("_", "-")
            raise ValueError(f"--{name} cannot be given with --shipped")
    check_output_folder(args.out)
    sequence = sequence_file.find(args.sequence or sequence_file.DEFAULT)
    device = devices.resolve(args.device)

    def say(path: Path) -> None:
        print(f"Written: {path}", flush=True)

    with ProgressBar("train") as progress:
        seed = args.seed or 0
        paths = train_shipped(args.out, sequence, device, seed, progress=progress, say=say)
    print(f"{len(paths)} networks are in {args.out}")
    return 0
