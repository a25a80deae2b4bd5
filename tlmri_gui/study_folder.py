"""The folders of the window's studies: which there are, and which were cut off in the middle."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from core import paths
from core.atomic import write_bytes

SPEC_NAME = "study.toml"
NOTE_NAME = "window.json"
ELSEWHERE_NAME = "elsewhere.json"


@dataclass(frozen=True)
class Note:
    """What the window notes in a study's folder.

    Attributes
    ----------
    device
        Where its networks run; another device would make it another study.
    is_under_way
        Neither done nor stopped by the user: if no process is at work on it, it was cut off.
    """

    device: str = "auto"
    is_under_way: bool = False


def studies() -> Path:
    """Folder of all studies of the window; created on first use."""
    return paths.in_user_data("studies")


def found() -> list[Path]:
    """Folders that hold a study, the newest first: the window's own, and those opened in it."""
    elsewhere = (folder / SPEC_NAME for folder in opened_elsewhere())
    specs = [*studies().glob(f"*/{SPEC_NAME}"), *(path for path in elsewhere if path.is_file())]
    newest = sorted(specs, key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.parent for path in newest]


def remember(folder: Path) -> None:
    """Find a study again that lies elsewhere, as one made on the command line does.

    Raises
    ------
    ValueError
        If that cannot be noted.
    """
    known = opened_elsewhere()
    if folder.parent == studies() or folder in known:
        return
    names = [str(path) for path in (*known, folder)]
    write_bytes(studies() / ELSEWHERE_NAME, json.dumps(names).encode())


def opened_elsewhere() -> tuple[Path, ...]:
    """Folders of studies that lie elsewhere, there or gone; none where the note is damaged."""
    try:
        document = json.loads((studies() / ELSEWHERE_NAME).read_text(encoding="utf-8"))
        return tuple(Path(name) for name in document)
    except (OSError, ValueError, TypeError):
        return ()


def discard(folder: Path) -> None:
    """Remove one of the window's own studies, if no cell of it is done."""
    from core.studies.table import TABLE_NAME

    if folder.parent == studies() and not (folder / TABLE_NAME).exists():
        shutil.rmtree(folder, ignore_errors=True)


def check(folder: Path) -> None:
    """Refuse a folder that holds no study.

    Raises
    ------
    ValueError
        Naming what it lacks.
    """
    if not (folder / SPEC_NAME).is_file():
        raise ValueError(f"{folder}: must be a study's folder, found no {SPEC_NAME}")


def write_note(folder: Path, note: Note) -> None:
    """Note it, whole or not at all.

    Raises
    ------
    ValueError
        If the folder cannot be written to.
    """
    write_bytes(folder / NOTE_NAME, json.dumps(asdict(note)).encode())


def read_note(folder: Path) -> Note:
    """What is noted; the defaults where nothing is, or something else."""
    try:
        document = json.loads((folder / NOTE_NAME).read_text(encoding="utf-8"))
        return Note(str(document["device"]), document["is_under_way"] is True)
    except (OSError, ValueError, KeyError, TypeError):
        return Note()
