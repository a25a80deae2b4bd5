"""The add-on's folder: where it lies, what it holds, and how it goes."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from core import atomic, paths

RECORD = "tlmri-gpu.json"
"""Name of the file in the add-on that says what it is."""

_PARTIAL = "gpu.*.part"
ADVICE = "run 'tlmri gpu remove', then 'tlmri gpu add'"


@dataclass(frozen=True)
class Record:
    """What an add-on is: its torch and CUDA versions, and the Python and system it is built for."""

    torch: str
    cuda: str
    python: str


def folder() -> Path:
    """Where the add-on lies, whether or not there is one."""
    return paths.user_data() / "gpu"


def is_there() -> bool:
    """Whether there is an add-on; none is to be had in a folder that may not be entered."""
    return os.path.exists(folder())  # noqa: PTH110 - that of pathlib raises what it may not know


def shipped_torch() -> str:
    """The version of torch that this tlmri comes with, without its suffix (``+cpu``)."""
    return version("torch").partition("+")[0]


def this_python() -> str:
    """What compiled modules are built for here, such as ``cpython-311 linux x86_64``."""
    return f"{sys.implementation.cache_tag} {sys.platform} {platform.machine()}"


def write_record(addon: Path, record: Record) -> None:
    """Say in the add-on what it is."""
    atomic.write_bytes(addon / RECORD, json.dumps(asdict(record), indent=1).encode())


def read_record(addon: Path) -> Record:
    """What an add-on says it is.

    Raises
    ------
    ValueError
        If it does not say so.
    """
    try:
        values = json.loads((addon / RECORD).read_text(encoding="utf-8"))
        record = Record(**values)
        if not all(isinstance(value, str) for value in asdict(record).values()):
            raise TypeError
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(f"the GPU add-on is damaged: {ADVICE}") from error
    return record


@contextmanager
def being_made() -> Iterator[Path]:
    """An empty folder beside the add-on's, which becomes the add-on if the body ends well.

    What the body makes nobody else may write to, whatever the user's mask allows: it is code.

    Raises
    ------
    ValueError
        If the user's folder cannot be written.
    """
    partial = _partial()
    mask = os.umask(0o022)
    os.umask(mask | 0o022)
    try:
        with _written(partial.parent):
            partial.mkdir(mode=0o755)
        yield partial
        with _written(partial.parent):
            partial.rename(folder())
    finally:
        os.umask(mask)
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _written(place: Path) -> Iterator[None]:
    """A step that writes in a folder itself."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(f"{place}: must be writable, got {reason}") from error


def remove() -> bool:
    """Remove the add-on, and what interrupted commands left; whether there was an add-on.

    Raises
    ------
    ValueError
        If its files are in use or must stay.
    """
    sweep()
    addon, leaving = folder(), _partial()
    if not is_there():
        return False
    try:
        addon.rename(leaving)  # at once or not at all; Windows refuses while files are in use
        shutil.rmtree(leaving)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(
            f"{addon}: must be removable, got {reason}: close every window of tlmri and try again"
        ) from error
    return True


def sweep() -> None:
    """Remove what commands that no longer run have left half-made."""
    import psutil  # here: the start of the program needs it not

    for partial in paths.user_data().glob(_PARTIAL):
        number = partial.name.split(".")[1]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            shutil.rmtree(partial, ignore_errors=True)


def _partial() -> Path:
    return folder().with_name(f"gpu.{os.getpid()}.part")
