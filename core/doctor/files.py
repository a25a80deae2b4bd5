"""Files: what comes with tlmri is whole, and what it writes can be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core import paths
from core.doctor.check import Finding, failed
from core.progress import Progress

_SHOWN = 3
"""Files that are named of those that cannot be read."""


def resources(progress: Progress) -> Finding:
    """What the window draws itself with."""
    del progress
    folder = paths.resources()
    n_icons = len(list((folder / "icons").glob("*.svg")))
    missing = [name for name in ("style.qss",) if not (folder / name).is_file()]
    if missing or not n_icons:
        return failed(f"missing: {', '.join([*missing, *(['icons'] if not n_icons else [])])}")
    return Finding(f"style and {n_icons} icons")


def weights(progress: Progress) -> Finding:
    """Every shipped network is readable, and its weights fit and are finite."""
    import torch

    from core.checkpoints import SUFFIX, TRAINING_SIZE, weights_folder
    from core.fingerprinting import cards
    from core.fingerprinting.weights import read_network
    from core.networks.files import load

    folder = weights_folder()
    ours = [file for place in (folder, folder / TRAINING_SIZE) for file in _sorted(place, SUFFIX)]
    fingerprints = [cards.shipped_folder() / f"{name}{SUFFIX}" for name in cards.SHIPPED]
    bad, n = [], len(ours) + len(fingerprints)
    for i, file in enumerate((*ours, *fingerprints)):
        progress(i / n, file.stem)
        try:
            if file in fingerprints:
                read_network(file)
            else:
                load(file, torch.device("cpu"))
        except ValueError as error:
            bad.append(str(error))
    if not ours:
        return failed("no networks were found")
    return _told(bad, n, "networks")


def sequences(progress: Progress) -> Finding:
    """Every shipped fingerprinting sequence is readable, the default one is there."""
    from core.fingerprinting import sequence_file

    names = sorted({sequence_file.DEFAULT, *sequence_file.shipped()})
    bad = []
    for i, name in enumerate(names):
        progress(i / len(names), name)
        try:
            sequence_file.find(name)
        except ValueError as error:
            bad.append(str(error))
    return _told(bad, len(names), "sequences")


def _sorted(folder: Path, suffix: str) -> list[Path]:
    return sorted(folder.glob(f"*{suffix}"))


def _told(bad: Sequence[str], n: int, what: str) -> Finding:
    if not bad:
        return Finding(f"all {n} readable")
    more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    return failed(f"{len(bad)} of {n} {what} cannot be read: {'; '.join(bad[:_SHOWN])}{more}")


def user_folder(progress: Progress) -> Finding:
    """Checkpoints and settings can be written."""
    del progress
    moved = f", moved by {paths.HOME_VARIABLE}" if os.environ.get(paths.HOME_VARIABLE) else ""
    for folder in (paths.user_data(), paths.checkpoints()):
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder)
    return Finding(f"can be written{moved}")


def temporary_folder(progress: Progress) -> Finding:
    """What lasts a moment can be written."""
    del progress
    _write(Path(tempfile.gettempdir()))
    return Finding("can be written")


def _write(folder: Path) -> None:
    """Write and read a file: permissions alone do not tell, nor does opening it."""
    data = bytes(range(256)) * 64
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(data)
        file.flush()
        file.seek(0)
        if file.read() != data:
            raise OSError("a file does not hold what was written to it")
