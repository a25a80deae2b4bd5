"""Cells of another noise study that are this study's too."""

from __future__ import annotations

from pathlib import Path

from core import atomic
from core.studies.fingerprinting.cells import FingerprintCell, name_of
from core.studies.fingerprinting.store import FingerprintStore, opened, read_document
from core.studies.store import check_versions


def take_over(store: FingerprintStore, folder: Path) -> int:
    """Copy the finished cells that another study made just as this one would.

    Its sequence, pool and evaluation must be this study's, and a cell must be trained alike, from
    a parent that is.

    Parameters
    ----------
    store
        Of this study.
    folder
        Of the other study; nothing there is changed.

    Returns
    -------
    int
        How many cells were taken over.

    Raises
    ------
    ValueError
        If the folder is not a noise study's, other versions computed it than run here, or a file
        cannot be read or written.
    """
    check_versions(folder, read_document(folder))
    other = opened(folder)
    if not _judges_alike(store, other):
        return 0
    there = {cell.name: cell for cell in other.cells} | {
        cell.name: None for cell in other.missing()
    }
    here = {cell.name: cell for cell in store.cells}
    n_taken = 0
    for cell in store.missing():
        if not _is_same(cell, here, there):
            continue
        if cell.training is None and other.study.dictionary != store.study.dictionary:
            continue
        _copy(cell, other, store)
        n_taken += 1
    return n_taken


def _judges_alike(store: FingerprintStore, other: FingerprintStore) -> bool:
    ours, theirs = store.study, other.study
    return (
        ours.sequence.key == theirs.sequence.key
        and ours.training.pool == theirs.training.pool
        and ours.evaluation == theirs.evaluation
    )


def _is_same(
    cell: FingerprintCell,
    here: dict[str, FingerprintCell],
    there: dict[str, FingerprintCell | None],
) -> bool:
    """Whether the other study has finished this very cell, and its parent is the same too."""
    if there.get(cell.name) != cell:
        return False
    if not cell.parent:
        return True
    parent = name_of(cell.parent, cell.seed)
    return there.get(parent) == here[parent]


def _copy(cell: FingerprintCell, source: FingerprintStore, target: FingerprintStore) -> None:
    """The network first: a cell is done once its result is there."""
    if cell.training is not None:
        network = source.checkpoint(cell.name)
        atomic.write_bytes(target.checkpoint(cell.name), network.read_bytes())
    target.add(cell, source.result(cell))
