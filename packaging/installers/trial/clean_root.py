"""A minimal Debian without Python, compiler or this project, made once and copied for each trial.

The mirror is the one that this machine's own apt is set to.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

USER = "reader"
"""An ordinary user of the place."""


class NoCleanRootError(RuntimeError):
    """No such system can be made on this machine; the message says why."""


def make(cache: Path, folder: Path) -> Path:
    """Unpack a fresh copy into ``folder``, which must not exist, and return it.

    Parameters
    ----------
    cache
        Folder that keeps the system as a tar file between trials.

    Raises
    ------
    NoCleanRootError
        If ``debootstrap`` or its mirror cannot be had.
    """
    release = platform.freedesktop_os_release()
    suite = release.get("VERSION_CODENAME", "")
    kept = cache / f"clean-{suite}.tar"
    if not kept.is_file():
        _bootstrap(suite, components(release), kept)
    folder.mkdir(parents=True)
    subprocess.run(["tar", "-xpf", kept, "-C", folder, "--numeric-owner"], check=True)
    return folder


def system_name(root: Path) -> str:
    """How the system in ``root`` calls itself."""
    lines = (root / "etc" / "os-release").read_text(encoding="utf-8").splitlines()
    named = dict(line.split("=", 1) for line in lines if "=" in line)
    return named["PRETTY_NAME"].strip('"')


def components(release: Mapping[str, str]) -> str:
    """Where a system keeps what tlmri needs: Ubuntu has some of Qt's X libraries in *universe*."""
    is_ubuntu = "ubuntu" in (release.get("ID"), *release.get("ID_LIKE", "").split())
    return "main,universe" if is_ubuntu else "main"


def _bootstrap(suite: str, parts: str, kept: Path) -> None:
    if not shutil.which("debootstrap"):
        raise NoCleanRootError("debootstrap is not installed (apt-get install debootstrap)")
    work = kept.with_suffix(".work")
    shutil.rmtree(work, ignore_errors=True)
    work.parent.mkdir(parents=True, exist_ok=True)
    try:
        minimal = ("--variant=minbase", f"--components={parts}")
        _run("debootstrap", *minimal, suite, str(work), _mirror(suite))
        _run("chroot", str(work), "useradd", "--create-home", "--shell", "/bin/bash", USER)
        part = kept.with_suffix(".part")
        _run("tar", "-cpf", str(part), "-C", str(work), "--numeric-owner", ".")
        part.rename(kept)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _mirror(suite: str) -> str:
    wanted = [f"Codename: {suite}", "Component: main", "Identifier: Packages"]
    found = _run("apt-get", "indextargets", "--format", "$(SITE)", *wanted).split()
    if not found:
        raise NoCleanRootError(f"apt knows no mirror of {suite or 'this system'}")
    return found[0]


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or [""]
        raise NoCleanRootError(f"{command[0]} ended with code {done.returncode}: {last[0]}")
    return done.stdout
