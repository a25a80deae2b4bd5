"""``tlmri recon``: undersample a scan, reconstruct it by several methods, compare them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli import profile, sampling, slices, views
from core.cli.options import (
    Subparsers,
    add_device,
    add_reading,
    add_sampling,
    add_settings,
    add_simulated_coils,
    check_output_folder,
    open_scan,
    parse_settings,
    read_options,
    seen_by_coils,
    warn,
)

if TYPE_CHECKING:
    import torch

    from core.pipeline import MethodChoice
    from core.types import Undersampled

DEFAULT_METHODS = "zf,cs,net:natural"


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command."""
    parser = subparsers.add_parser(
        "recon",
        help="reconstruct a scan by several methods and compare them",
        description="Undersample a fully sampled scan, or take one as it was acquired, reconstruct "
        "it, and write metrics.json, metrics.csv, comparison.png and one NIfTI a method.",
        allow_abbrev=False,
    )
    parser.add_argument("scan", metavar="SCAN", help="a scan's file; 'demo' for the demo scan")
    add_sampling(parser)
    sampling.leave_open(parser)
    parser.add_argument(
        "--methods",
        default=DEFAULT_METHODS,
        metavar="LIST",
        help="zf, cs, cs:paper-t1, tv; networks by what they learnt from: net:natural, net:t1, "
        "net:t2, U-Nets (trained for R=4 only) net:unet-natural, net:unet-t1, or one's own "
        "net:FILE.safetensors; for several coils sense, spirit, spirit:paper, spirit:cg or "
        f"l1-espirit; with commas between; default {DEFAULT_METHODS}",
    )
    add_simulated_coils(parser)
    parser.add_argument("--slices", default="all", help=f"{slices.HELP}; default all")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="slices at work at once, each of which needs memory; default one a processor core, "
        "at most 8, or 1 on a GPU",
    )
    views.add(parser)
    profile.add(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where results go")
    parser.add_argument(
        "--definition", metavar="NAME", help="of the scores, default fastmri-volume"
    )
    add_settings(
        parser,
        "a setting of the mask or of a method, such as mask.growth=8 or cs.reg_weight=1e-3; "
        "may be repeated",
    )
    add_device(parser)
    add_reading(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Everything is checked before the work begins, and written after it ends, views last."""
    from core import devices, metrics
    from core.cli.progress_bar import ProgressBar
    from core.cli.results import of_middle_slice, print_results, write_results
    from core.params import from_text
    from core.pipeline import choose_method, compare, undersample

    reading = read_options(args)
    definition = metrics.DEFINITIONS[args.definition or metrics.DEFAULT].name
    check_output_folder(args.out)
    workers = n_workers(args.workers, devices.resolve(args.device))
    wanted_views = views.parse_views(args.views)
    names = method_names(args.methods)
    methods = [choose_method(name, args.device) for name in names]
    given = parse_settings(args.settings, ("mask", *(m.entry for m in methods)))
    methods = [replace(m, params=from_text(m.params, given[m.entry], m.entry)) for m in methods]
    wish = sampling.wished(args, given["mask"])
    scan = seen_by_coils(open_scan(args.scan, reading), args)
    line = profile.chosen_line(args.profile, scan.slice_shape)
    chosen = slices.parse_slices(args.slices, scan.name, scan.n_slices)
    mask = sampling.chosen_mask(scan, args, wish)
    seen = views.see_data(wanted_views, scan, slices.middle(chosen))
    undersampled = undersample(scan, chosen[0], mask)
    prepare(methods, undersampled)
    warn((m.label, remark) for m in methods for remark in m.params.remarks(undersampled))
    with ProgressBar("recon") as progress:
        comparisons = list(compare(scan, chosen, mask, methods, definition, progress, workers))
    written = write_results(args.out, comparisons, definition, args.command_line)
    middle = of_middle_slice(comparisons)
    written += profile.write_profiles(args.out, middle, line, args.command_line)
    seen = views.see_methods(seen, middle, methods)
    written += views.write_views(args.out, seen, middle[0].recon.source, args.command_line)
    print_results(comparisons, definition, written)
    return 0


def prepare(methods: Sequence[MethodChoice], undersampled: Undersampled) -> None:
    """Load what the methods need, so that what cannot be loaded is not laid to some slice.

    Raises
    ------
    ValueError
        If weights are damaged, or a method needs more coils or a larger centre.
    """
    for method in methods:
        try:
            method.params.prepare(undersampled)
        except ValueError as error:
            raise ValueError(f"{method.label}: {error}") from error


def n_workers(asked: int | None, device: torch.device) -> int:
    """Slices at work at once: as asked for, else 1 on a GPU, whose memory they would share.

    Raises
    ------
    ValueError
        If fewer than one are asked for.
    """
    from core.parallel import workers_on

    if asked is None:
        return workers_on(device)
    if asked < 1:
        raise ValueError(f"--workers must be at least 1, got {asked}")
    return asked


def method_names(text: str) -> tuple[str, ...]:
    """The names in a list such as ``zf,cs,net:natural``.

    Raises
    ------
    ValueError
        If one is empty or named twice.
    """
    names = tuple(name.strip() for name in text.split(","))
    if "" in names or len(set(names)) < len(names):
        raise ValueError(f"--methods must be different names with commas between, got {text!r}")
    return names
