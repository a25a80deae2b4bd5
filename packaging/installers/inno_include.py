"""What the script of Inno Setup includes: ``python -m installers.inno_include FILE``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core import atomic
from installers.associations import inno_registry
from installers.project import WINDOWED


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the lines that offer tlmri for the files it reads."""
    parser = argparse.ArgumentParser(prog="installers.inno_include", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    file: Path = parser.parse_args(arguments).file
    # Without the mark Inno Setup takes a file for one of the machine's own code page.
    atomic.write_bytes(file, inno_registry(f"{WINDOWED}.exe").encode("utf-8-sig"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
