"""``tlmri mrf simulate``: a fingerprint series of the digital brain as a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.option_names import options_named
from core.cli.options import Subparsers, check_output_folder, with_given
from core.fingerprinting.simulate_settings import SimulateSettings
from core.params import settings_of

OPTIONS = {
    "seed": "seed",
    "size": "size",
    "first_slice": "slice",
    "n_slices": "slices",
    "field_t": "field",
    "snr_db": "snr",
    "noise_seed": "noise_seed",
    "b1_spread": "b1_spread",
    "acceleration": "undersampling",
    "rank": "rank",
}
"""Name of a setting to its option."""

_METAVARS = {int: "N", float: "X"}


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "simulate",
        help="simulate a series of the digital brain, with known truth",
        description="Simulate a fingerprint series of a digital brain and write series.h5, which "
        "holds the true maps too, and sequence.toml into a folder that 'tlmri mrf map' reads.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder that holds no series yet"
    )
    add_sequence(parser, "default 'diffusion'")
    defaults = SimulateSettings()
    for name, rule in settings_of(SimulateSettings).items():
        default = getattr(defaults, name)
        unit = f", in {rule.unit}" if rule.unit else ""
        parser.add_argument(
            f"--{OPTIONS[name].replace('_', '-')}",
            type=type(default),
            metavar=_METAVARS[type(default)],
            help=f"{rule.help[:1].lower()}{rule.help[1:].rstrip('.')}{unit}; default {default:g}",
        )
    parser.set_defaults(run=run, command="mrf simulate")


def add_sequence(parser: argparse.ArgumentParser, default: str) -> None:
    """``--sequence``."""
    parser.add_argument(
        "--sequence",
        metavar="NAME",
        help=f"a shipped sequence or a file ending in .toml; {default}",
    )


def run(args: argparse.Namespace) -> int:
    """Simulate, write, and say what was made."""
    from core.cli.progress_bar import ProgressBar
    from core.fingerprinting.sequence_file import DEFAULT, find
    from core.fingerprinting.series_file import write_series
    from core.fingerprinting.simulate import simulate_series

    with options_named(OPTIONS):
        settings = with_given(SimulateSettings(), args, OPTIONS)
    sequence = find(args.sequence or DEFAULT)
    _check_new(args.out)
    with options_named(OPTIONS), ProgressBar("mrf simulate") as progress:
        series = simulate_series(settings, sequence, progress)
    written = write_series(args.out, series)
    n_slices, ny, nx = series.shape
    print(
        f"{series.name}: {n_slices} slice{'s' if n_slices > 1 else ''} of {ny} x {nx}, "
        f"{sequence.n_readouts} read-outs of {sequence.name!r}"
    )
    for note in series.notes:
        print(f"Note: {note}")
    print("Written:")
    for path in written:
        print(f"  {path}")
    return 0


def _check_new(folder: Path) -> None:
    """Refuse to replace a series, which other settings would not bring back."""
    from core.fingerprinting.series_file import SERIES_NAME

    check_output_folder(folder)
    if (folder / SERIES_NAME).exists():
        raise ValueError(
            f"--out must be a folder without {SERIES_NAME}, got {folder}: choose another folder"
        )
