"""Whether somebody else may change the add-on, which is code that runs at every start."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from pathlib import Path

from core import paths
from core.gpu_addon.folder import ADVICE


def refuse_of_others(addon: Path) -> None:
    """Refuse an add-on that others than this user and root may change or exchange.

    Looked at are its folder and the one that it lies in, since who may write there may put another
    in its place. What lies in the add-on was made so that nobody else may write to it, and the
    folders above the user's were chosen with that one. Windows has rights of another kind, and
    keeps the usual place to the user.

    Raises
    ------
    ValueError
        With what was found and what to do.
    """
    if sys.platform == "win32":
        return
    found = _status(addon)
    if not stat.S_ISDIR(found.st_mode):
        raise ValueError(f"{addon}: the GPU add-on must be a folder and no link: {ADVICE}")
    _refuse_owner(addon, found, ADVICE)
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError(_writable(addon, found, ADVICE))
    refuse_place_of_others(addon.parent)


def refuse_place_of_others(place: Path) -> None:
    """Refuse a folder in which others than this user and root may exchange the add-on.

    A group with the user's own number is theirs alone, as Linux makes one for each user; and
    where the sticky bit is set nobody exchanges what belongs to others.

    Raises
    ------
    ValueError
        With what was found and what to do.
    """
    if sys.platform == "win32":
        return
    found = _status(place.resolve())
    elsewhere = f"set {paths.HOME_VARIABLE} to another folder"
    _refuse_owner(place, found, elsewhere)
    others = stat.S_IWOTH | (0 if found.st_gid == os.geteuid() else stat.S_IWGRP)
    if found.st_mode & others and not found.st_mode & stat.S_ISVTX:
        command = f"chmod go-w {shlex.quote(str(place))}"
        raise ValueError(_writable(place, found, f"run '{command}', or {elsewhere}"))


def _status(path: Path) -> os.stat_result:
    try:
        return path.lstat()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(f"{path}: must be a folder that can be read, got {reason}") from error


def _refuse_owner(path: Path, found: os.stat_result, advice: str) -> None:
    if found.st_uid not in (0, os.geteuid()):
        raise ValueError(
            f"{path}: must belong to you or to root, since the GPU add-on is code that runs as "
            f"you, got user {found.st_uid}: {advice}"
        )


def _writable(path: Path, found: os.stat_result, advice: str) -> str:
    return (
        f"{path}: must be writable by nobody else, since the GPU add-on is code that runs as you, "
        f"got mode {stat.S_IMODE(found.st_mode):04o}: {advice}"
    )
