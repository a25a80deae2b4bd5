"""Checkpoint files as the lists show them: read without torch, never unpickled.

A checkpoint is one safetensors file. Its metadata holds one JSON document under :data:`KEY`: the
network's architecture and configuration, the task it was trained for, and where it came from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import paths

KEY = "tlmri"
FORMAT = 1
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says of itself.

    Attributes
    ----------
    path
        The file.
    name
        Its stem; the shipped ones are asked for by it (``net:natural``).
    label
        The name a person reads.
    domain
        Source domain it was first trained on.
    acceleration, pattern
        Sampling it was trained for.
    tuned
        Whether it was fine-tuned on local images.
    tuned_on
        Keys (:mod:`core.seen`) of what must not be scored with it.
    config
        The whole document.
    """

    path: Path
    name: str
    label: str
    domain: str
    acceleration: float
    pattern: str
    tuned: bool
    tuned_on: frozenset[str]
    config: Mapping[str, Any]


def read_info(path: Path) -> CheckpointInfo:
    """Read a checkpoint's own description.

    Raises
    ------
    ValueError
        If the file is missing, damaged, or no checkpoint of this program.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ValueError(f"{path.name}: there is no such checkpoint file")
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name}: must be a safetensors file, got: {error}") from None
    try:
        config = json.loads(metadata[KEY])
        task = config["task"]
        if config["format"] != FORMAT:
            raise ValueError(f"{path.name}: format must be {FORMAT}, got {config['format']}")
        return CheckpointInfo(
            path=path,
            name=path.stem,
            label=str(config["label"]),
            domain=str(task["domain"]),
            acceleration=float(task["acceleration"]),
            pattern=str(task["pattern"]),
            tuned=bool(task["tuned"]),
            tuned_on=frozenset(map(str, config["provenance"].get("not_to_be_scored", ()))),
            config=config,
        )
    except (KeyError, TypeError, json.JSONDecodeError):
        raise ValueError(
            f"{path.name}: must hold the description that tlmri writes under {KEY!r}, got none"
        ) from None


def file_hash(path: Path) -> str:
    """SHA-256 of a file: how a tuned checkpoint names its parent."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def weights_folder() -> Path:
    """Folder of the shipped weights."""
    return paths.resources() / "weights"


def _readable(folder: Path) -> tuple[CheckpointInfo, ...]:
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            found.append(read_info(path))
        except ValueError:
            continue  # a damaged file is refused by name when it is asked for, not in a listing
    return tuple(found)


def shipped() -> tuple[CheckpointInfo, ...]:
    """The checkpoints that come with tlmri."""
    return _readable(weights_folder())


def user_checkpoints() -> tuple[CheckpointInfo, ...]:
    """The checkpoints in the user's folder, newest first."""
    found = _readable(paths.checkpoints())
    return tuple(sorted(found, key=lambda info: info.path.stat().st_mtime, reverse=True))


def find(which: str) -> CheckpointInfo:
    """The shipped checkpoint of a source domain, or the file of that name.

    Parameters
    ----------
    which
        A shipped checkpoint's name such as ``natural``, or a path to a ``.safetensors`` file.

    Raises
    ------
    ValueError
        If there is neither.
    """
    path = Path(which)
    if path.suffix == SUFFIX:
        return read_info(path)
    known = {info.name: info for info in shipped()}
    if which in known:
        return known[which]
    raise ValueError(
        f"source must be one of {', '.join(known) or '(none shipped)'} or a {SUFFIX} file, "
        f"got {which!r}"
    )


def method_name(info: CheckpointInfo) -> str:
    """The method that uses a checkpoint: ``net:natural`` or ``net:FILE.safetensors``."""
    is_shipped = info.path.parent == weights_folder()
    return f"net:{info.name if is_shipped else info.path}"
