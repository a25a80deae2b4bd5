"""Write the bill of materials and the licences of all that is inside a frozen folder.

Run by the Python that built it: ``python -m installers.materials FROZEN_FOLDER``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from core.atomic import write_bytes
from installers.attribution import Environment
from installers.bill_of_materials import bill
from installers.compatibility import open_question, refused
from installers.components import Component
from installers.frozen_folder import files_inside, licences_of, modules_inside
from installers.licence_texts import write_texts
from installers.third_party_page import page


def write_materials(frozen: Path) -> None:
    """Write the folder ``licences`` of a frozen one: texts, table, page and bill of materials.

    What lay there is replaced.

    Raises
    ------
    ValueError
        If a file or module belongs to no component, a component has no licence text, or a licence
        is not known to go with GPL-3.0.
    """
    folder = licences_of(frozen)
    files = files_inside(frozen)
    inside = Environment().attribute(frozen, files, modules_inside(frozen))
    refuse_conflicts(inside)
    shutil.rmtree(folder, ignore_errors=True)
    texts = {one.name: write_texts(one, folder) for one in inside}
    write_bytes(folder / "components.json", _table(inside, texts).encode())
    write_bytes(folder / "THIRD-PARTY.md", page(inside, texts).encode())
    write_bytes(folder / "bill-of-materials.cdx.json", bill(frozen, inside).encode())
    beside = frozen / "Contents" / "Frameworks"
    if beside.is_dir() and not (beside / folder.name).exists():
        # An application for macOS looks there, and keeps what is not code elsewhere.
        (beside / folder.name).symlink_to(Path("..") / "Resources" / folder.name)


def refuse_conflicts(inside: dict[Component, list[str]]) -> None:
    """Refuse components whose licence is not known to go with GPL-3.0; tell of open questions.

    Raises
    ------
    ValueError
        Names all of them, with the parts of their licences.
    """
    wrong = []
    for component in inside:
        parts = refused(component)
        if not parts:
            continue
        if open_question(component) is None:
            wrong.append(f"{component.name} ({', '.join(parts)})")
        else:
            print(
                f"open question: {component.name} is inside under {component.licence}; "
                "see packaging/licences/conflicts.toml",
                file=sys.stderr,
            )
    if wrong:
        raise ValueError(f"licences must be known to go with GPL-3.0: {'; '.join(wrong)}")


def _table(inside: dict[Component, list[str]], texts: dict[str, list[str]]) -> str:
    rows = [
        {
            "name": one.name,
            "version": one.version,
            "licence": one.licence,
            "home": one.home,
            "kind": one.kind,
            "files": texts[one.name],
        }
        for one in inside
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def main(words: list[str] | None = None) -> int:
    """The command; its exit code is 1 where something is not known."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("frozen", type=Path, help="the folder that PyInstaller made")
    try:
        write_materials(parser.parse_args(words).frozen)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
