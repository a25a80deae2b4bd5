"""``tlmri train``: train a network in a source domain, or a whole zoo of them."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.checkpoints import SUFFIX
from core.cli.options import (
    Subparsers,
    add_device,
    add_sampling,
    check_output_file,
    check_output_folder,
    with_given,
)
from core.progress import Progress
from core.training.settings import TRAIN_PRESETS

if TYPE_CHECKING:
    from core.training.kinds import TrainingKind

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
        help="train a network in a source domain, or a zoo of them",
        description="Train a network in a source domain (a cascade sub-network after sub-network, "
        "then end to end); interrupting it leaves nothing. With --zoo, make all networks of a zoo: "
        "what is there already is kept, and an interrupted one goes on where it was.",
        allow_abbrev=False,
    )
    parser.add_argument("--domain", help="natural, t1, t2 or phantom; default natural")
    parser.add_argument(
        "--network", help="cascade, multicoil or unet; default cascade, with --coils multicoil"
    )
    parser.add_argument(
        "--coils",
        type=int,
        metavar="N",
        help="receive coils that are simulated for it to learn from; default: images of one coil, "
        "taken to be real",
    )
    parser.add_argument(
        "--zoo", metavar="NAME", help="train the networks of a zoo: single-coil, multi-coil or unet"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="MEMBER",
        help="of the zoo, such as natural:4; what they start from is made too",
    )
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        help="of the zoo: cpu (two cores, one to two hours in all) or gpu (the paper's, then end "
        "to end); default cpu",
    )
    add_sampling(parser)
    parser.set_defaults(acceleration=None, mask=None)  # so that the zoo can tell what is given
    parser.add_argument(
        "--data", type=Path, default=Path(), metavar="DIR", help="folder with splits.json"
    )
    parser.add_argument(
        "--preset",
        choices=tuple(TRAIN_PRESETS),
        help="settings to start from; 'paper' is the publication's; default fast, for a U-Net unet",
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
    parser.add_argument(
        "--pack",
        type=Path,
        metavar="FOLDER",
        help="train nothing, but copy what training needs of --data into a small folder, from "
        "which a machine without scan readers can train",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="PATH",
        help=f"a {SUFFIX} file; with --zoo, a folder",
    )
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
    if args.pack:
        return _run_pack(args)
    if args.out is None:
        raise ValueError("--out must be given: where the network goes")
    return _run_zoo(args) if args.zoo else _run_one(args)


def _run_pack(args: argparse.Namespace) -> int:
    from core.cli.progress_bar import ProgressBar
    from core.domains.pack import check_target, pack

    _refuse_given(args, ("zoo", "domain", "network", "coils", "out"), "cannot be given with --pack")
    check_output_folder(args.pack, "--pack")
    check_target(args.pack)
    with ProgressBar("pack") as progress:
        written = pack(args.data, args.pack, progress)
    for path in written:
        print(f"Written: {path} ({path.stat().st_size / 2**20:.1f} MiB)")
    return 0


def _run_one(args: argparse.Namespace) -> int:
    from core import devices
    from core.cli.progress_bar import ProgressBar
    from core.networks import NETWORKS
    from core.training.pretrain import pretrain

    _refuse_given(args, ("only", "recipe"), "needs --zoo")
    check_crop(args.crop)
    kind = _kind(args.network, args.coils)
    preset = args.preset or NETWORKS[kind.architecture].item.preset
    settings = with_given(TRAIN_PRESETS[preset], args, SETTINGS)
    check_output_file(args.out, SUFFIX)
    device = devices.resolve(args.device)
    domain = args.domain or "natural"
    with ProgressBar("train") as progress:
        path = pretrain(domain, args.data, settings, args.out, device, progress, kind=kind)
    print(f"Written: {path}; reconstruct with it: --methods net:{path}")
    return 0


def _kind(network: str | None, n_coils: int | None) -> TrainingKind:
    """The kind of training that the options ask for.

    Raises
    ------
    ValueError
        If there is no such network, or it cannot learn from such coils.
    """
    from core.networks import DEFAULT, NETWORKS
    from core.training.coil_settings import CoilSettings
    from core.training.kinds import DEFAULT_OF_COILS, multi_coil, single_coil

    if network is not None and network not in NETWORKS.names():
        known = ", ".join(NETWORKS.names())
        raise ValueError(f"--network must be one of {known}, got {network!r}")
    if n_coils is None:
        return single_coil(network or DEFAULT)
    return multi_coil(CoilSettings(n_coils=n_coils), network or DEFAULT_OF_COILS)


def _run_zoo(args: argparse.Namespace) -> int:
    from core import devices
    from core.cli.progress_bar import ProgressBar
    from core.domains.splits import read_split
    from core.training import zoo
    from core.training.zoo_training import ZooRequest, train_zoo

    refused = ("domain", "network", "coils", "preset", *_SET_BY_RECIPE)
    _refuse_given(args, refused, "cannot be given with --zoo")
    members = zoo.members(args.zoo, args.only)
    recipe = zoo.recipe(args.zoo, args.recipe or "cpu")
    check_output_folder(args.out)
    device = devices.resolve(args.device)
    for domain in dict.fromkeys(member.domain for member in members):
        read_split(args.data, domain, "train")  # now, not hours later
    request = ZooRequest(members, recipe, args.data, args.out, device, args.seed)

    def say(path: Path) -> None:
        print(f"Written: {path}", flush=True)

    with ProgressBar("train") as bar, interrupted_between_steps(bar) as progress:
        paths = train_zoo(request, progress, say)
    print(f"{len(paths)} networks are in {args.out}")
    return 0


_SET_BY_RECIPE = tuple(option for option in SETTINGS.values() if option != "seed")


def _refuse_given(args: argparse.Namespace, options: Sequence[str], rule: str) -> None:
    for option in options:
        if getattr(args, option) not in (None, []):
            name = _OPTION_NAMES.get(option, option.replace("_", "-"))
            raise ValueError(f"--{name} {rule}")


_OPTION_NAMES = {"reg_weight": "lambda"}


@contextmanager
def interrupted_between_steps(progress: Progress) -> Iterator[Progress]:
    """Hook through which Ctrl-C ends the work at its next report, so that its state is whole."""
    pressed = threading.Event()

    def hook(fraction: float, message: str = "") -> None:
        progress(fraction, message)
        if pressed.is_set():
            raise KeyboardInterrupt("; the same command goes on from here")

    before = signal.signal(signal.SIGINT, lambda *_: pressed.set())
    try:
        yield hook
    finally:
        signal.signal(signal.SIGINT, before)
