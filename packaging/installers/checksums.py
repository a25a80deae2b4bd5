"""SHA-256 of all files in a folder: ``python -m installers.checksums FOLDER``.

The list is what ``sha256sum --check`` and ``shasum --check`` read.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core import atomic
from core.checkpoints import file_hash

NAME = "SHA256SUMS"


def checksums(folder: Path) -> str:
    """One line a file, by name; the list itself and hidden files are left out.

    Raises
    ------
    ValueError
        If the folder has no files.
    """
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    lines = [f"{file_hash(path)}  {path.name}\n" for path in files if path.name != NAME]
    if not lines:
        raise ValueError(f"folder of installers must have files in it, got {folder} without any")
    return "".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the list into the folder and print it."""
    parser = argparse.ArgumentParser(prog="installers.checksums", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder: Path = parser.parse_args(arguments).folder
    text = checksums(folder)
    atomic.write_bytes(folder / NAME, text.encode())
    print(text, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
