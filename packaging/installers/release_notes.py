"""What a version brings, cut from the list of changes: ``python -m installers.release_notes``."""

from __future__ import annotations

import re
import sys

from installers.project import ROOT, project

CHANGES = "CHANGELOG.md"

_HEAD = re.compile(r"## (?P<name>\S+)(?P<date> \(\d{4}-\d{2}-\d{2}\))?")


def notes(changes: str, version: str) -> str:
    """The section of a version, without its head.

    Parameters
    ----------
    changes
        Text of the whole list: ``## 0.2.0 (2026-11-30)`` heads a section.
    version
        Such as ``0.2.0``.

    Raises
    ------
    ValueError
        If the list has no such section, or it is empty, or there are two.
    """
    sections: list[tuple[str, list[str]]] = []
    for line in changes.splitlines():
        head = _HEAD.fullmatch(line.rstrip())
        if head:
            sections.append((head["name"], []))
        elif sections:
            sections[-1][1].append(line)
    found = ["\n".join(lines).strip() for name, lines in sections if name == version]
    if len(found) != 1 or not found[0]:
        names = ", ".join(name for name, _ in sections) or "none"
        raise ValueError(
            f"{CHANGES} must have one section '## {version}' with something in it, has {names}"
        )
    return found[0] + "\n"


def main() -> int:
    """Print the notes of the project's version."""
    try:
        text = notes((ROOT / CHANGES).read_text(encoding="utf-8"), project().version)
    except ValueError as error:
        print(f"release_notes: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
