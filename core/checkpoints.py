"""Checkpoint files as the lists show them: read without torch, never unpickled.

A checkpoint is one safetensors file. Its metadata holds one JSON document under :data:`KEY`: the
network's architecture and configuration, the task it was trained for, and where it came from.

The shipped ones come in families: networks of one domain, each for another acceleration R, for one
coil or for many. The family ``natural`` has the members ``natural-r4``, ``natural-r6``...
``natural-multi-r4``...
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import paths

KEY = "tlmri"
FORMAT = 1
SUFFIX = ".safetensors"

TRAINING_SIZE = "training-size"
"""Folder of shipped networks from fewer images; they are asked for by name, and never listed."""

SINGLE = "single"
"""What a checkpoint's task says of a network that was trained on images of one coil, taken to be
real; also said of those that do not state it."""

COMPLEX = "complex"
"""That of complex images of one coil."""

MULTI = "multi"
"""That of images of many coils, which it takes together."""

_MEMBER = re.compile(r"(?P<family>.+?)(-multi)?-r\d+(\.\d+)?")


@dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says of itself.

    Attributes
    ----------
    path
        The file.
    name
        Its stem; the shipped ones are asked for by it (``net:natural-r4``).
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

    @property
    def coils(self) -> str:
        """The coils it was trained on: :data:`SINGLE`, :data:`COMPLEX` or :data:`MULTI`."""
        return str(self.config["task"].get("coils", SINGLE))


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
        if config["format"] != FORMAT:  # of a newer one nothing else need be as it is here
            newer = " (written by a newer tlmri)" if config["format"] > FORMAT else ""
            raise ValueError(f"{path.name}: format must be {FORMAT}, got {config['format']}{newer}")
        task = config["task"]
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
    """SHA-256 of a file in hexadecimal, by which a tuned checkpoint names its parent."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def weights_folder() -> Path:
    """Folder of the shipped weights."""
    return paths.resources() / "weights"


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _readable(files: Iterable[Path]) -> tuple[CheckpointInfo, ...]:
    found = []
    for path in files:
        try:
            found.append(read_info(path))
        except ValueError:
            continue  # a damaged file is refused by name when it is asked for, not in a listing
    return tuple(found)


def shipped() -> tuple[CheckpointInfo, ...]:
    """The checkpoints that come with tlmri."""
    return _readable(_files(weights_folder()))


def user_checkpoints() -> tuple[CheckpointInfo, ...]:
    """The checkpoints in the user's folder, newest first."""
    found = _readable(_files(paths.checkpoints()))
    return tuple(sorted(found, key=lambda info: info.path.stat().st_mtime, reverse=True))


def families() -> dict[str, tuple[CheckpointInfo, ...]]:
    """The shipped families by name, each in order of R."""
    return _families(shipped())


def all_families() -> dict[str, tuple[CheckpointInfo, ...]]:
    """The shipped families that lists show, and those trained on fewer images."""
    return families() | _families(_readable(_files(weights_folder() / TRAINING_SIZE)))


def nearest(
    members: Sequence[CheckpointInfo], acceleration: float, n_coils: int = 1
) -> CheckpointInfo:
    """The member for so many coils whose R has the nearest logarithm.

    The lower of two that are as near. Where no member is for one coil, or for many, all are asked.
    """
    wanted = [info for info in members if (info.coils == MULTI) == (n_coils > 1)]
    return min(wanted or members, key=lambda info: abs(math.log(info.acceleration / acceleration)))


def members(which: str) -> tuple[CheckpointInfo, ...]:
    """The checkpoints that a name stands for: a family, one shipped network, or a file.

    Parameters
    ----------
    which
        ``natural``, ``natural-r4``, ``training-size/natural-500``, or a path to a
        ``.safetensors`` file.

    Raises
    ------
    ValueError
        If there is none.
    """
    path = Path(which)
    if path.suffix == SUFFIX:
        return (read_info(path),)
    folder = weights_folder()
    files = {_shipped_name(f): f for f in (*_files(folder), *_files(folder / TRAINING_SIZE))}
    if which in files:
        return (read_info(files[which]),)
    # File names tell the family, so that no other header needs to be read.
    family = _readable(file for name, file in files.items() if _family_name(name) == which)
    if not family:
        raise _unknown(which)
    return _in_order(family)


def find(which: str, acceleration: float | None = None, n_coils: int = 1) -> CheckpointInfo:
    """The one checkpoint that a name stands for.

    Parameters
    ----------
    which
        As for :func:`members`.
    acceleration
        R that picks the member of a family: the nearest.
    n_coils
        Of the scans it is for; one or many pick the member too.

    Raises
    ------
    ValueError
        If there is none, or several and no R.
    """
    found = members(which)
    if acceleration is not None:
        return nearest(found, acceleration, n_coils)
    if len(found) > 1:
        names = ", ".join(_shipped_name(info.path) for info in found)
        raise ValueError(f"source {which!r} must be told its R: choose one of {names}")
    return found[0]


def method_name(info: CheckpointInfo) -> str:
    """The method that uses one checkpoint: ``net:natural-r4`` or ``net:FILE.safetensors``."""
    return f"net:{_shipped_name(info.path) if _is_shipped(info) else info.path}"


def title(which: str, found: Sequence[CheckpointInfo]) -> str:
    """The name a person reads of what ``which`` stands for; one member of a family says its R.

    Parameters
    ----------
    which, found
        The argument of :func:`members` and what it returned.
    """
    first = found[0]
    is_family = not _is_shipped(first) or which == _family_name(_shipped_name(first.path))
    return first.label if is_family else f"{first.label}, R={first.acceleration:g}"


def _is_shipped(info: CheckpointInfo) -> bool:
    return info.path.is_relative_to(weights_folder())


def _shipped_name(path: Path) -> str:
    return path.relative_to(weights_folder()).with_suffix("").as_posix()


def _family_name(shipped_name: str) -> str:
    match = _MEMBER.fullmatch(shipped_name)
    return match["family"] if match else shipped_name


def _in_order(infos: Iterable[CheckpointInfo]) -> tuple[CheckpointInfo, ...]:
    return tuple(sorted(infos, key=lambda info: (info.coils == MULTI, info.acceleration)))


def _families(infos: Sequence[CheckpointInfo]) -> dict[str, tuple[CheckpointInfo, ...]]:
    gathered: dict[str, list[CheckpointInfo]] = {}
    for info in infos:
        gathered.setdefault(_family_name(_shipped_name(info.path)), []).append(info)
    return {name: _in_order(found) for name, found in gathered.items()}


def _unknown(which: str) -> ValueError:
    known = ", ".join(families()) or "(none shipped)"
    return ValueError(
        f"source must be one of {known}, one of their networks such as natural-r4, or a {SUFFIX} "
        f"file, got {which!r}"
    )
