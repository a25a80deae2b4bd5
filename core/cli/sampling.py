"""Which samples of a scan a command uses: a mask drawn as asked for, or those it was acquired with.

Of a scan that was acquired undersampled no other mask can be made.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.training.settings import PATTERNS

if TYPE_CHECKING:
    from core.remarks import Sampling
    from core.types import Mask, Scan

ACCELERATION = 4.0
"""R of a fully sampled scan unless stated."""


def leave_open(parser: argparse.ArgumentParser) -> None:
    """Let the pattern and R be None unless given: a scan may bring its own sampling."""
    parser.set_defaults(acceleration=None, mask=None)


def wished(args: argparse.Namespace, settings: Mapping[str, str]) -> Sampling | None:
    """The sampling asked for, with what was left open filled in; None for ``--mask acquired``.

    Parameters
    ----------
    args
        With ``mask`` and ``acceleration`` as given.
    settings
        Name of a setting of the pattern to its value.

    Raises
    ------
    ValueError
        If there is no such pattern or setting.
    """
    from core import masks
    from core.params import from_text
    from core.remarks import Sampling

    if args.mask == masks.ACQUIRED:
        return None
    pattern = args.mask or PATTERNS[0]
    kind = masks.PATTERNS[pattern].params
    assert kind is not None
    rate = ACCELERATION if args.acceleration is None else args.acceleration
    return Sampling(pattern, rate, from_text(kind(), settings, "mask"))


def acquired(scans: Sequence[Scan], args: argparse.Namespace) -> Scan | None:
    """The first of the scans that was acquired undersampled, if any.

    Raises
    ------
    ValueError
        If there is one and the command line asks for a mask.
    """
    from core.masks import ACQUIRED

    scan = next((scan for scan in scans if not scan.has_reference), None)
    if scan is not None:
        options = {"--mask": args.mask, "--acceleration": args.acceleration}
        given = [f"{name} {value}" for name, value in options.items() if value is not None]
        given += [f"--set {text}" for text in args.settings if text.startswith("mask.")]
        other = [text for text in given if text != f"--mask {ACQUIRED}"]
        if other:
            raise ValueError(
                f"{scan.name} was acquired undersampled and brings its own mask, got {other[0]}"
            )
    return scan


def chosen_mask(scan: Scan, args: argparse.Namespace, wish: Sampling | None) -> Mask:
    """The mask of a scan: its own, or else as :func:`wished`, with the seed asked for.

    Raises
    ------
    ValueError
        If such a mask cannot be made, or the scan brings its own and another was asked for.
    """
    from core import masks

    if wish is None or acquired([scan], args) is not None:
        return masks.acquired_mask(scan)
    return masks.make_mask(
        wish.pattern, scan.slice_shape, wish.acceleration, args.seed, params=wish.params
    )
