"""``tlmri gpu``: the add-on by which the installers' application computes on an NVIDIA GPU."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.options import Subparsers


def add(subparsers: Subparsers) -> None:
    """Declare the sub-command and its parts."""
    parser = subparsers.add_parser(
        "gpu",
        help="compute on an NVIDIA GPU",
        description="The add-on by which the installers' application, which computes on the "
        "processor, uses an NVIDIA GPU.",
        allow_abbrev=False,
    )
    parts = parser.add_subparsers(metavar="WHAT", required=True, dest="what")
    status = parts.add_parser("status", help="what is there", allow_abbrev=False)
    status.set_defaults(run=_status)
    adding = parts.add_parser(
        "add",
        help="fetch it",
        description="Fetch the CUDA build of torch, several gigabytes, try it on the GPU, and use "
        "it from the next start on. What is in the way is said before anything is fetched.",
        allow_abbrev=False,
    )
    source = adding.add_mutually_exclusive_group()
    source.add_argument(
        "--index-url", default="", metavar="ADDRESS", help="package index to fetch from"
    )
    source.add_argument(
        "--from", dest="wheels", type=Path, metavar="FOLDER", help="folder of wheels to take"
    )
    adding.set_defaults(run=_add)
    removing = parts.add_parser("remove", help="remove it", allow_abbrev=False)
    removing.set_defaults(run=_remove)


def _status(args: argparse.Namespace) -> int:
    """Print the driver, the GPUs and the add-on."""
    from core.gpu_addon import status
    from core.gpu_addon.driver import look

    del args
    driver, addon = look(), status()
    if driver.problem:
        print(f"GPU     {driver.problem}")
    for gpu in driver.gpus:
        compute = ".".join(map(str, gpu.compute))
        print(f"GPU     {gpu.name}, {gpu.memory_gib:.0f} GiB, compute capability {compute}")
    if driver.cuda > (0, 0):
        serves = ".".join(map(str, driver.cuda))
        print(f"driver  {driver.version or 'version not told'}, serves CUDA {serves}")
    print(f"add-on  {addon.line}{f': {addon.problem}' if addon.problem else ''}")
    return 0


def _add(args: argparse.Namespace) -> int:
    """Fetch the add-on."""
    from core.gpu_addon.install import install
    from core.gpu_addon.packages import Source

    build, computed = install(Source(args.index_url, args.wheels))
    print(f"The {computed.gpu} computes with CUDA {build.cuda}; used from the next start on.")
    return 0


def _remove(args: argparse.Namespace) -> int:
    """Remove the add-on."""
    from core.gpu_addon.folder import remove

    del args
    print("The GPU add-on is removed." if remove() else "There is no GPU add-on.")
    return 0
