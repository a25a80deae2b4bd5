"""Where things lie: shipped resources, the user's checkpoints, settings."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

HOME_VARIABLE = "TLMRI_HOME"
"""Environment variable that moves the user's folder (the tests set it)."""

GUIDE = "user-guide.md"
"""The guide for users, in :func:`documents`."""


def is_frozen() -> bool:
    """Whether this is the application of an installer, which brings its own Python."""
    return bool(getattr(sys, "frozen", False))


def resources() -> Path:
    """Folder of shipped weights, icons and styles.

    It lies beside the packages in an editable install and in a frozen application, and inside
    ``core`` in a wheel.

    Raises
    ------
    FileNotFoundError
        If the installation lacks it.
    """
    here = Path(__file__).resolve().parent
    for candidate in (here.parent / "resources", here / "resources"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the folder 'resources' is missing beside {here}: reinstall tlmri")


def documents() -> Path:
    """Folder of the guides and of the studies that they name.

    It lies beside the packages in a checkout and in a frozen application; a wheel has none.

    Raises
    ------
    FileNotFoundError
        If the installation has none.
    """
    folder = Path(__file__).resolve().parent.parent / "docs"
    if not (folder / GUIDE).is_file():  # beside a wheel's packages it could be anybody's
        raise FileNotFoundError("this installation of tlmri came without its guides")
    return folder


def user_data() -> Path:
    """Folder for what the user makes; created on first use.

    Where it cannot be created there is nothing to read, and writing to it says why.
    """
    override = os.environ.get(HOME_VARIABLE)
    return _made(Path(override) if override else _absolute("user_data_path"))


def in_user_data(name: str) -> Path:
    """A folder in the user's folder; created like it."""
    return _made(user_data() / name)


def caches() -> Path:
    """Folder for what is made anew when it is gone; made by whoever writes there first."""
    override = os.environ.get(HOME_VARIABLE)
    return Path(override) / "caches" if override else _absolute("user_cache_path")


def checkpoints() -> Path:
    """Folder whose ``.safetensors`` files appear among the methods by themselves."""
    return in_user_data("checkpoints")


def unwritable() -> str:
    """Why nothing can be kept in the user's folder, and what to do; empty if it can be."""
    for folder in (user_data(), checkpoints()):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(1024))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return (
                f"{shown(folder)} must be a folder that can be written to, got {reason} "
                f"(set {HOME_VARIABLE} to another)"
            )
    return ""


def shown(path: Path) -> str:
    """A path for a message, with ``~`` for the user's home."""
    try:
        homes = {Path.home(), Path.home().resolve()}
    except (OSError, RuntimeError):  # a user without a home
        return str(path)
    for home in homes - {Path(home.anchor) for home in homes}:
        if path.is_relative_to(home):
            return str(Path("~") / path.relative_to(home))
    return str(path)


def _made(folder: Path) -> Path:
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _absolute(kind: str) -> Path:
    import platformdirs  # here: a machine that only trains need not have it

    folder: Path = getattr(platformdirs, kind)("tlmri", appauthor=False)
    # Of a user without a home it is relative, and would come to lie in any folder.
    return folder if folder.is_absolute() else Path(os.devnull) / "tlmri"
