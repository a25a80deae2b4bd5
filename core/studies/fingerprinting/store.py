"""The folder of a noise study: its settings, its cells' results, its networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core import atomic
from core.studies.fingerprinting.cells import FingerprintCell, cells_of
from core.studies.fingerprinting.result import FingerprintResult, read_result, write_result
from core.studies.fingerprinting.spec import FingerprintStudy, study_of
from core.studies.store import (
    CHECKPOINTS_NAME,
    PLAN_NAME,
    all_versions,
    check_alike,
    read_plan,
)

FORMAT = "fingerprinting 1"
RESULTS_NAME = "cells"


class FingerprintStore:
    """What is done of a noise study, on disk after every cell.

    A cell is done when its result is there, which is written after its network.
    """

    def __init__(self, folder: Path, study: FingerprintStudy) -> None:
        self.folder = folder
        self.study = study
        self.cells = cells_of(study)

    def checkpoint(self, name: str) -> Path:
        """Where a cell's network is."""
        return self.folder / CHECKPOINTS_NAME / f"{name}.safetensors"

    def add(self, cell: FingerprintCell, result: FingerprintResult) -> None:
        """Keep a cell's result; its network, if any, must be there.

        Raises
        ------
        ValueError
            If the file cannot be written.
        """
        write_result(self._result(cell), result)

    def missing(self) -> tuple[FingerprintCell, ...]:
        """Cells to do, in order."""
        return tuple(cell for cell in self.cells if not self._is_done(cell))

    def results(self) -> dict[FingerprintCell, FingerprintResult]:
        """Results of the cells done, in order.

        Raises
        ------
        ValueError
            If one is damaged.
        """
        done = [cell for cell in self.cells if self._result(cell).is_file()]
        return {cell: self.result(cell) for cell in done}

    def result(self, cell: FingerprintCell) -> FingerprintResult:
        """Of a cell that is done.

        Raises
        ------
        ValueError
            If it is damaged.
        """
        return read_result(self._result(cell))

    def _result(self, cell: FingerprintCell) -> Path:
        return self.folder / RESULTS_NAME / f"{cell.name}.npz"

    def _is_done(self, cell: FingerprintCell) -> bool:
        has_network = cell.training is None or self.checkpoint(cell.name).is_file()
        return has_network and self._result(cell).is_file()


def begin(folder: Path, study: FingerprintStudy) -> FingerprintStore:
    """The store of a folder that is empty or of this very study.

    Raises
    ------
    ValueError
        If it is of another study, naming what differs, or cannot be written to.
    """
    document = {
        "format": FORMAT,
        "name": study.name,
        "versions": all_versions(),
        "settings": study.settings(),
    }
    path = folder / PLAN_NAME
    if not path.exists():
        atomic.write_bytes(path, (json.dumps(document, indent=1) + "\n").encode())
        return FingerprintStore(folder, study)
    old = read_document(folder)
    check_alike(folder, old, document, ("name", "versions"))
    # Through JSON, which knows no tuples
    if old.get("settings") != json.loads(json.dumps(document["settings"])):
        raise ValueError(
            f"{folder}: holds another study called {old['name']!r} (its settings differ); choose "
            "another folder"
        )
    return FingerprintStore(folder, study)


def opened(folder: Path) -> FingerprintStore:
    """The store of a folder that holds a noise study.

    Raises
    ------
    ValueError
        If there is none, or it is damaged.
    """
    document = read_document(folder)
    try:
        return FingerprintStore(folder, study_of(document["settings"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{folder / PLAN_NAME}: must be as tlmri wrote it, got: {error}") from None


def read_document(folder: Path) -> dict[str, Any]:
    """``study.json`` of a noise study.

    Raises
    ------
    ValueError
        If there is none, it is damaged, or of a study of another kind.
    """
    return read_plan(folder, FORMAT, "noise study")
