"""``tlmri mrf map``: maps of a fingerprint series by several methods."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.mrf_simulate import add_sequence
from core.cli.option_names import options_named
from core.cli.options import Subparsers, add_device, check_output_folder

if TYPE_CHECKING:
    from core.fingerprinting.scores import TissueScore
    from core.fingerprinting.series import Mapped, Series

FIGURE_NAME = "maps.png"
N_ATOMS = 100_000
_TISSUE_WIDTH = 24


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "map",
        help="map T1, T2 and ADC of a series, and score the maps where the truth is known",
        description="Map a fingerprint series and write one folder of NIfTIs a method, maps.png, "
        "maps.json and, of a simulated series, scores.csv and the true maps.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "series",
        type=Path,
        metavar="SERIES",
        help="a folder of 'tlmri mrf simulate'; or an .npy, .h5 or NIfTI with the axes "
        "(slice, readout, y, x) (in a NIfTI the read-outs last), complex or with its sign",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where results go")
    add_sequence(parser, "default that of the folder, or 'diffusion'")
    parser.add_argument(
        "--methods",
        metavar="LIST",
        help="dictionary, net:clean, net:noisy, net:transferred, or one's own "
        "net:FILE.safetensors, with commas between; default dictionary and, if it knows the "
        "sequence, net:transferred",
    )
    parser.add_argument(
        "--atoms",
        type=int,
        default=N_ATOMS,
        metavar="N",
        help=f"of the dictionary, default {N_ATOMS}",
    )
    parser.add_argument(
        "--slice",
        type=int,
        metavar="N",
        help="that maps.png shows, from 0; default the middle one",
    )
    parser.add_argument(
        "--figure-style", default="light", metavar="STYLE", help="light or dark, default light"
    )
    add_device(parser)
    parser.set_defaults(run=run, command="mrf map")


def run(args: argparse.Namespace) -> int:
    """Everything is checked before the work begins, and written after it ends."""
    from core import devices
    from core.cli.progress_bar import ProgressBar
    from core.cli.recon import method_names
    from core.figure_file import save_figure
    from core.figure_style import STYLES
    from core.fingerprinting.mapping import MapSettings, check_method, map_series
    from core.fingerprinting.maps_figure import maps_figure
    from core.fingerprinting.maps_file import write_maps
    from core.fingerprinting.sequence_file import find
    from core.fingerprinting.series_file import read_series
    from core.progress import part

    check_output_folder(args.out)
    devices.resolve(args.device)
    with options_named({"n_atoms": "atoms"}):
        settings = MapSettings(n_atoms=args.atoms, device=args.device)
    style = STYLES[args.figure_style].name
    named = () if args.methods is None else method_names(args.methods)
    for method in named:
        check_method(method)
    series = read_series(args.series, find(args.sequence) if args.sequence else None)
    _check_slice(series, args.slice)
    methods = named or default_methods(series)
    with ProgressBar("mrf map") as progress:
        results = [
            map_series(
                series, name, settings, part(progress, i / len(methods), (i + 1) / len(methods))
            )
            for i, name in enumerate(methods)
        ]
    provenance = {"command": args.command_line}
    written = [*write_maps(args.out, results, provenance), args.out / FIGURE_NAME]
    save_figure(maps_figure(results, args.slice, style=style), written[-1], provenance)
    _print(series, results, written)
    return 0


def default_methods(series: Series) -> tuple[str, ...]:
    """The dictionary, and the shipped network that was transferred if it knows the sequence."""
    from core.fingerprinting import cards
    from core.fingerprinting.mapping import DICTIONARY

    networks = [
        card.method
        for card in cards.shipped()
        if card.path.stem == cards.DEFAULT and card.sequence_key == series.sequence.key
    ]
    return (DICTIONARY, *networks)


def _check_slice(series: Series, index: int | None) -> None:
    """Refuse a slice that is not there, before anything is mapped."""
    n_slices = series.shape[0]
    if index is not None and not 0 <= index < n_slices:
        raise ValueError(f"--slice of {series.name} must be from 0 to {n_slices - 1}, got {index}")


def _print(series: Series, results: Sequence[Mapped], written: Sequence[Path]) -> None:
    n_slices = series.shape[0]
    print(
        f"{series.name}: {n_slices} slice{'s' if n_slices > 1 else ''}, "
        f"{int(series.mask.sum())} voxels, sequence {series.sequence.name!r}"
    )
    for note in series.notes:
        print(f"Note: {note}")
    _print_scores(results)
    for mapped in results:
        for remark in mapped.remarks:
            print(f"Note: {mapped.label}: {remark}")
    print("Written:")
    for path in written:
        print(f"  {path}")


def _print_scores(results: Sequence[Mapped]) -> None:
    """Times a method and, where the truth is known, errors in the brain and its main tissues."""
    from core.fingerprinting.maps_text import times
    from core.fingerprinting.parameters import PARAMETERS
    from core.fingerprinting.scores import score

    scores = [{(line.tissue, line.parameter): line for line in score(mapped)} for mapped in results]
    groups = _groups()
    scored = [p for p in PARAMETERS if any((groups[0], p.name) in found for found in scores)]
    if scored:
        headings = "  ".join(f"{f'{p.label} ({p.unit})':>18}" for p in scored)
        print("Root mean square error, with the bias:")
        print(f"{'':{_TISSUE_WIDTH}}  {headings}")
    elif results[0].series.truth is not None:
        print("No errors: no voxel of brain has both a truth and a value.")
    for mapped, found in zip(results, scores, strict=True):
        print(f"  {mapped.label}: {' '.join(times(mapped))}")
        for tissue in groups if scored else ():
            cells = [_cell(found.get((tissue, p.name)), max(p.decimals, 1)) for p in scored]
            print("  ".join([f"    {tissue:{_TISSUE_WIDTH - 4}}", *cells]))


def _groups() -> tuple[str, ...]:
    """The whole brain, whose errors are mostly those of its fluid, and its main tissues."""
    from core.fingerprinting.scores import WHOLE_BRAIN
    from core.phantom import TISSUES, Label

    return WHOLE_BRAIN, *(TISSUES[k].name for k in (Label.WHITE_MATTER, Label.GREY_MATTER))


def _cell(line: TissueScore | None, digits: int) -> str:
    """Root mean square error and bias, 18 wide."""
    if line is None:
        return f"{'none':>18}"
    bias = f"({line.bias:+.{digits}f})"
    return f"{line.rmse:9.{digits}f} {bias:>8}"
