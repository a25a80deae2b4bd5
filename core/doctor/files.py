"""Files: what comes with tlmri is whole, and what it writes can be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core import paths
from core.doctor.check import Finding, failed
from core.progress import Progress

CARD_SUFFIX = ".md"
"""Of a shipped network's model card, which lies beside it under the same name."""

NO_PLACE = (
    f"there is no such folder and none can be made: set {paths.HOME_VARIABLE} to a folder where "
    "you may write"
)
"""What to do where the user has no home."""

_SHOWN = 3
"""Files that are named of those that are missing or cannot be read."""


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
    """Every shipped network is there and readable, and its weights fit and are finite."""
    import torch

    from core.checkpoints import SUFFIX
    from core.fingerprinting import cards
    from core.fingerprinting.weights import read_network
    from core.networks.files import load

    networks = sorted(file for place in _weights_folders() for file in place.glob(f"*{SUFFIX}"))
    bad = []
    for i, file in enumerate(networks):
        progress(i / len(networks), file.stem)
        try:
            if file.parent == cards.shipped_folder():
                read_network(file)
            else:
                load(file, torch.device("cpu"))
        except ValueError as error:
            bad.append(str(error))
    told = _told(bad, len(networks), "networks")
    if all(file.parent == cards.shipped_folder() for file in networks):
        return failed(f"no networks for images were found; {told.text}")
    missing = _missing_weights()
    return failed(f"missing: {_first(missing)}; {told.text}") if missing else told


def _weights_folders() -> tuple[Path, ...]:
    from core.checkpoints import TRAINING_SIZE, weights_folder
    from core.fingerprinting.cards import shipped_folder

    return weights_folder(), weights_folder() / TRAINING_SIZE, shipped_folder()


def _missing_weights() -> list[str]:
    """Networks without their model card, and cards without their network."""
    from core.checkpoints import SUFFIX
    from core.fingerprinting import cards

    found = {file for place in _weights_folders() for file in place.glob("*.*")}
    names = {file.with_suffix("") for file in found if file.suffix in (SUFFIX, CARD_SUFFIX)}
    names |= {cards.shipped_folder() / name for name in cards.SHIPPED}
    expected = {
        name.with_name(name.name + suffix) for name in names for suffix in (SUFFIX, CARD_SUFFIX)
    }
    return [file.name for file in sorted(expected - found)]


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


def _told(bad: Sequence[str], n: int, what: str) -> Finding:
    if not bad:
        return Finding(f"{n} readable")
    return failed(f"{len(bad)} of {n} {what} cannot be read: {_first(bad)}")


def _first(texts: Sequence[str]) -> str:
    more = [f"and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return "; ".join([*texts[:_SHOWN], *more])


def user_folder(progress: Progress) -> Finding:
    """Checkpoints and settings can be written."""
    del progress
    moved = f", moved by {paths.HOME_VARIABLE}" if os.environ.get(paths.HOME_VARIABLE) else ""
    for folder in (paths.user_data(), paths.checkpoints()):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder)
        except OSError as error:
            text = f"nothing can be kept in '{folder}': {error.strerror or error}"
            is_no_place = isinstance(error, (FileNotFoundError, NotADirectoryError))
            return failed(text, NO_PLACE if is_no_place else "")
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
