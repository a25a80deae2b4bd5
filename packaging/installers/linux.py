"""Make the Linux packages of a frozen folder: ``python -m installers.linux FROZEN_FOLDER OUT``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from installers.linux_deb import write_deb
from installers.linux_folder import finish
from installers.linux_tar import write_tar


def main(arguments: Sequence[str] | None = None) -> int:
    """Finish the folder, and pack it twice."""
    parser = argparse.ArgumentParser(prog="python -m installers.linux", description=__doc__)
    parser.add_argument("frozen", type=Path, help="what PyInstaller made")
    parser.add_argument("out", type=Path, help="where the packages go")
    args = parser.parse_args(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        needs = finish(args.frozen)
    except ValueError as error:
        print(f"installers.linux: error: {error}", file=sys.stderr)
        return 2
    print(f"Needs glibc {needs.glibc} and the C++ library of GCC {needs.gcc}, or newer.")
    scratch = args.frozen.parent
    for package in (
        write_deb(args.frozen, needs, args.out, scratch),
        write_tar(args.frozen, args.out, scratch),
    ):
        print(f"{package}: {package.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
