"""Options that several sub-commands share, and the check of where results may go."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from core.params import settings_of
from core.reading import ReadOptions
from core.training.settings import PATTERNS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from core.types import Scan

S = TypeVar("S", bound="DataclassInstance")
COILS = (2, 32)
"""Range of the number of coils that can be simulated."""

DEMO = "demo"
"""The word that stands for the demo scan where a scan is asked for."""

_AS_FILES_SAY = ReadOptions()
_METAVARS = {int: "N", str: "TEXT"}

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """``--acceleration``, ``--mask`` and ``--seed``."""
    parser.add_argument(
        "--acceleration", type=float, default=4.0, metavar="R", help="undersampling, default 4"
    )
    parser.add_argument(
        "--mask",
        default=PATTERNS[0],
        metavar="PATTERN",
        help=f"sampling pattern: {', '.join(PATTERNS)}; default {PATTERNS[0]}",
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything random, default 1")


def add_device(parser: argparse.ArgumentParser) -> None:
    """``--device``."""
    parser.add_argument(
        "--device",
        default="auto",
        help="where networks and methods for several coils run: auto, cpu, cuda:0 ...; "
        "default auto",
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """One option for each setting of :class:`core.reading.ReadOptions`, such as ``--axes``."""
    group = parser.add_argument_group("reading", "what a scan's file itself does not say")
    for name, rule in settings_of(ReadOptions).items():
        default = getattr(_AS_FILES_SAY, name)
        group.add_argument(
            f"--{name}",
            type=type(default),
            default=default,
            choices=rule.choices or None,
            metavar=None if rule.choices else _METAVARS[type(default)],
            help=f"{rule.help[:1].lower()}{rule.help[1:]}; default {default!r}",
        )


def add_simulated_coils(parser: argparse.ArgumentParser) -> None:
    """``--simulate-coils``."""
    parser.add_argument(
        "--simulate-coils",
        type=int,
        metavar="N",
        help="see scans of magnitude images as N receive coils of a head array would, with phase "
        "and a little noise, to try what is for several coils on them",
    )


def seen_by_coils(scan: Scan, args: argparse.Namespace) -> Scan:
    """The scan as :func:`add_simulated_coils` was told.

    Raises
    ------
    ValueError
        If the number is out of range, or the scan has measured k-space.
    """
    if args.simulate_coils is None:
        return scan
    from core.domains.simulated_coils import with_simulated_coils

    low, high = COILS
    if not low <= args.simulate_coils <= high:
        raise ValueError(
            f"--simulate-coils must be from {low} to {high}, got {args.simulate_coils}"
        )
    return with_simulated_coils(scan, args.simulate_coils)


def read_options(args: argparse.Namespace) -> ReadOptions:
    """What :func:`add_reading` was told.

    Raises
    ------
    ValueError
        If a value is out of its range.
    """
    return ReadOptions(**{name: getattr(args, name) for name in settings_of(ReadOptions)})


def add_settings(parser: argparse.ArgumentParser, help: str) -> None:
    """``--set OWNER.NAME=VALUE``."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="OWNER.NAME=VALUE",
        help=help,
    )


def parse_settings(texts: Sequence[str], owners: Sequence[str]) -> dict[str, dict[str, str]]:
    """``OWNER.NAME=VALUE`` texts as owner to name to value.

    Raises
    ------
    ValueError
        If one reads otherwise or names another owner.
    """
    found: dict[str, dict[str, str]] = {owner: {} for owner in owners}
    for text in texts:
        path, equals, value = text.partition("=")
        owner, dot, name = path.partition(".")
        if not (equals and dot and owner in found):
            allowed = ", ".join(owners)
            raise ValueError(
                f"--set must read OWNER.NAME=VALUE, OWNER one of {allowed}; got {text!r}"
            )
        found[owner][name] = value
    return found


def open_scan(name: str, options: ReadOptions) -> Scan:
    """The scan in a file, or the demo scan for the word ``demo``."""
    if name == DEMO:
        from core.phantom import demo_scan

        return demo_scan()
    from core import io

    return io.load(Path(name), options)


def warn(remarks: Iterable[tuple[str, str]]) -> None:
    """What a reader of the results must know, before the work begins: (method, remark) pairs."""
    methods: dict[str, list[str]] = {}
    for method, remark in remarks:
        methods.setdefault(remark, []).append(method)
    for remark, names in methods.items():
        print(f"tlmri: warning: {', '.join(names)}: {remark}", file=sys.stderr)


def with_given(preset: S, args: argparse.Namespace, options: Mapping[str, str]) -> S:
    """The preset with the settings that the command line states instead.

    Parameters
    ----------
    preset
        Frozen dataclass of settings.
    args
        What was parsed; an option that was not given is None.
    options
        Name of a setting to the attribute of ``args``.
    """
    values = {setting: getattr(args, option) for setting, option in options.items()}
    given = {setting: value for setting, value in values.items() if value is not None}
    return dataclasses.replace(preset, **given)


def check_output_folder(folder: Path, option: str = "--out") -> None:
    """Refuse early what could not be written after long work; leaves nothing.

    Permissions alone do not tell: some file systems refuse what they seem to allow. So a nameless
    file is made and dropped.

    Raises
    ------
    ValueError
        If the folder is a file, lies inside one, or cannot be written to.
    """
    existing = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    if not existing.is_dir():
        raise ValueError(f"{option} must be a folder, got the file {existing}")
    try:
        tempfile.TemporaryFile(dir=existing).close()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(f"{option} must be writable, got {folder} ({reason})") from None


def check_output_file(path: Path, suffix: str) -> None:
    """Refuse early a file name that will not do; makes nothing.

    Raises
    ------
    ValueError
        If the suffix is another, it is a folder, or its folder cannot be written to.
    """
    if path.suffix != suffix:
        raise ValueError(f"--out must end in {suffix}, got {path.name!r}")
    if path.is_dir():
        raise ValueError(f"--out must be a file, got the folder {path}")
    check_output_folder(path.parent)
