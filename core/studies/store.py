"""A study's folder: its settings, its table, its tuned networks, and the lock on them."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from core import __version__, atomic
from core.studies.cells import Cell, CellResult
from core.studies.profiles import PROFILES_NAME, CellProfile, read_profiles, write_profiles
from core.studies.table import TABLE_NAME, Row, read_rows, write_rows

PLAN_NAME = "study.json"
SPEC_NAME = "study.toml"
TIMES_NAME = "times.csv"
CHECKPOINTS_NAME = "checkpoints"
LOCK_NAME = ".lock"
FORMAT = 1


class Store:
    """What is done of a study, on disk after every cell.

    The table is rewritten whole under a temporary name, so that a cell's rows are all in it or
    none. Times, which no two runs share, are in a file of their own.
    """

    def __init__(self, folder: Path, cells: Sequence[Cell]) -> None:
        self.folder = folder
        self._cells = {cell.key: cell for cell in cells}
        self._rows: dict[str, tuple[Row, ...]] = {}
        self._times: dict[str, tuple[float, float]] = {}
        self._profiles: dict[str, CellProfile] = {}
        self._read()

    def _read(self) -> None:
        path = self.folder / TABLE_NAME
        if not path.exists():
            return
        found: dict[str, list[Row]] = {}
        for row in read_rows(path):
            found.setdefault(row.cell, []).append(row)
        for key, rows in found.items():
            names = {row.checkpoint for row in rows if row.checkpoint}
            if key in self._cells and all(self._checkpoint(name).is_file() for name in names):
                self._rows[key] = tuple(rows)
        self._times = {k: t for k, t in read_times(self.folder).items() if k in self._rows}
        profiles = read_profiles(self.folder / PROFILES_NAME)
        self._profiles = {p.cell: p for p in profiles if p.cell in self._rows}

    def _checkpoint(self, name: str) -> Path:
        return self.folder / CHECKPOINTS_NAME / name

    @property
    def rows(self) -> tuple[Row, ...]:
        """Rows of the cells done, in the order of the grid."""
        return tuple(row for key in self._cells for row in self._rows.get(key, ()))

    @property
    def n_done(self) -> int:
        """Cells done."""
        return len(self._rows)

    def missing(self) -> tuple[Cell, ...]:
        """Cells to do."""
        return tuple(cell for key, cell in self._cells.items() if key not in self._rows)

    def add(self, result: CellResult) -> None:
        """Keep a cell: its network, its time, its profile, then its rows.

        Raises
        ------
        ValueError
            If a file cannot be written.
        """
        if result.checkpoint is not None:
            name = self._cells[result.key].checkpoint_name
            atomic.write_bytes(self._checkpoint(name), result.checkpoint)
        self._rows[result.key] = result.rows
        self._times[result.key] = (result.seconds_tuning, result.seconds_total)
        self._write_times()
        if result.profile is not None:
            self._profiles[result.key] = result.profile
            write_profiles(self.folder / PROFILES_NAME, self._ordered_profiles())
        write_rows(self.folder / TABLE_NAME, self.rows)

    def adopt(self, other: Path) -> int:
        """Take over the cells that another study's folder has done; how many.

        A cell's key holds all that its numbers follow from, so an equal key means equal rows.

        Raises
        ------
        ValueError
            If it is no study's folder, was computed by other versions, or is damaged.
        """
        check_versions(other, read_plan(other))
        source = Store(other, self.missing())
        for result in source.results():
            self.add(result)
        return source.n_done

    def results(self) -> Iterator[CellResult]:
        """What is done, as the cells gave it."""
        for key, rows in self._rows.items():
            names = {row.checkpoint for row in rows if row.checkpoint}
            weights = [self._checkpoint(name).read_bytes() for name in names]
            times = self._times.get(key, (math.nan, math.nan))
            checkpoint, profile = weights[0] if weights else None, self._profiles.get(key)
            yield CellResult(key, rows, checkpoint, *times, profile)

    def _ordered_profiles(self) -> Iterator[tuple[Row, CellProfile]]:
        known = (key for key in self._cells if key in self._profiles)
        return ((self._rows[key][0], self._profiles[key]) for key in known)

    def _write_times(self) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("cell", "seconds_tuning", "seconds_total"))
        for key in self._cells:
            if key in self._times:
                writer.writerow((key, *(f"{t:.3f}" for t in self._times[key])))
        atomic.write_bytes(self.folder / TIMES_NAME, text.getvalue().encode())


def read_times(folder: Path) -> dict[str, tuple[float, float]]:
    """Seconds of tuning and in total by cell; empty where there is no such file."""
    path = folder / TIMES_NAME
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))[1:]
    return {key: (float(tuning), float(total)) for key, tuning, total in lines}


def plan_document(name: str, cells: Sequence[Cell], native: str) -> dict[str, Any]:
    """What ``study.json`` says: enough to tell studies apart and to show one without running it."""
    return {
        "format": FORMAT,
        "name": name,
        "native": native,
        "versions": all_versions(),
        "targets": list(dict.fromkeys(cell.target for cell in cells)),
        "cells": {cell.key: cell.title for cell in cells},
    }


def all_versions() -> dict[str, str]:
    """What a study's numbers depend on besides its file: versions of tlmri and of torch."""
    import torch

    return {"tlmri": __version__, "torch": torch.__version__}


def check_versions(folder: Path, document: Mapping[str, Any]) -> None:
    """Whether a study whose cells are to be taken over was computed by what runs here.

    Raises
    ------
    ValueError
        If other versions computed it, naming both.
    """
    versions = document.get("versions")
    if versions != all_versions():
        raise ValueError(
            f"{folder}: must be a study of the versions that run here, {all_versions()}, got "
            f"{versions}"
        )


def write_plan(folder: Path, document: Mapping[str, Any], toml: str) -> None:
    """Note what study this folder is of, or check that it is of this one.

    ``toml`` is written beside it, where no study file is yet, for a person and for going on.

    Raises
    ------
    ValueError
        If the folder is of another study, naming what differs, or cannot be written to.
    """
    path = folder / PLAN_NAME
    if path.exists():
        _check_same(folder, read_plan(folder), document)
        return
    if (folder / TABLE_NAME).exists():
        raise ValueError(f"{folder}: must be empty or a study's folder, got a table alone")
    if not (folder / SPEC_NAME).exists():
        atomic.write_bytes(folder / SPEC_NAME, toml.encode())
    atomic.write_bytes(path, (json.dumps(document, indent=1) + "\n").encode())


def read_plan(folder: Path, form: object = FORMAT, kind: str = "study") -> dict[str, Any]:
    """``study.json`` of a folder.

    Parameters
    ----------
    folder
        Of a study.
    form, kind
        What its format must be, and what a person calls studies of that format.

    Raises
    ------
    ValueError
        If there is none, or it is damaged.
    """
    path = folder / PLAN_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != form:
            raise ValueError(f"format {document['format']}")
    except FileNotFoundError:
        raise ValueError(f"{folder}: must be a {kind}'s folder, found no {PLAN_NAME}") from None
    except OSError as error:
        raise ValueError(f"{path}: must be readable, got: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: must be as tlmri wrote it for a {kind}, got: {error}") from None
    return document


def _check_same(folder: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    check_alike(folder, old, new, ("name", "native", "versions"))
    if list(old.get("cells", {})) != list(new["cells"]):
        raise ValueError(
            f"{folder}: holds another study called {old['name']!r} (its grid, settings, scans or "
            "networks differ); choose another folder"
        )


def check_alike(
    folder: Path, old: Mapping[str, Any], new: Mapping[str, Any], keys: Sequence[str]
) -> None:
    """Whether what a folder's ``study.json`` says under some keys is what this study says.

    Raises
    ------
    ValueError
        If it is not, naming the first key that differs.
    """
    for key in keys:
        if old.get(key) != new[key]:
            raise ValueError(
                f"{folder}: holds another study ({key} {old.get(key)!r}, this one has "
                f"{new[key]!r}); choose another folder"
            )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes off a study's folder; the system drops the lock of one that dies.

    Raises
    ------
    ValueError
        If another process runs a study there, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK_NAME).open("a")
    except OSError as error:
        raise ValueError(f"{folder}: must be writable, got: {error.strerror}") from None
    with file:
        try:
            _lock(file)
        except OSError:
            raise ValueError(f"{folder}: another process is running a study there") from None
        yield


if sys.platform == "win32":

    def _lock(file: IO[str]) -> None:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:

    def _lock(file: IO[str]) -> None:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def require_space(folder: Path, n_bytes: int) -> None:
    """Refuse to begin what the disk cannot hold.

    Raises
    ------
    ValueError
        If less is free.
    """
    import shutil

    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise ValueError(
            f"{folder}: must have {math.ceil(n_bytes / 1e6)} MB free for the study, got "
            f"{free / 1e6:.0f}"
        )
