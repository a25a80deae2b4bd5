"""Whether a release may bear its version: ``python -m installers.version_check [TAG]``.

Prints the version, which is the one of ``pyproject.toml``. Given a tag, also refuses one that is
not this version's, and a version that the list of changes does not know.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from installers.project import ROOT, project
from installers.release_notes import CHANGES, notes

_RELEASED = re.compile(r"(0|[1-9]\d{0,3})(\.(0|[1-9]\d{0,3})){2}")


def check(version: str, tag: str | None, changes: str) -> None:
    """Refuse what must not be released.

    Parameters
    ----------
    version
        The project's.
    tag
        Name of the tag that the release is made from; None before there is one.
    changes
        Text of the list of changes; read only where there is a tag.

    Raises
    ------
    ValueError
        If the version is not three numbers, the tag is another's, or its changes are not told.
    """
    if not _RELEASED.fullmatch(version):
        raise ValueError(f"version must be three numbers, which Windows can compare, got {version}")
    if tag is None:
        return
    if tag != f"v{version}":
        raise ValueError(f"tag must be v{version}, the version in pyproject.toml, got {tag}")
    notes(changes, version)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the version; 1 and a reason if it must not be released."""
    parser = argparse.ArgumentParser(prog="installers.version_check", description=__doc__)
    parser.add_argument("tag", nargs="?", metavar="TAG")
    tag: str | None = parser.parse_args(arguments).tag
    version = project().version
    try:
        check(version, tag, (ROOT / CHANGES).read_text(encoding="utf-8"))
    except ValueError as error:
        print(f"version_check: {error}", file=sys.stderr)
        return 1
    print(version)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
