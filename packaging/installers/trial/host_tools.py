"""The commands that the trial itself needs on this machine: installed where we may."""

from __future__ import annotations

import os
import shutil
import subprocess

PACKAGES = {
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "import": "imagemagick",
}
"""Command to the Debian package that brings it."""


def missing() -> tuple[str, ...]:
    """Commands that are not on the path."""
    return tuple(command for command in PACKAGES if not shutil.which(command))


def see_to_them() -> tuple[str, ...]:
    """Install what is missing if this is root on a system with apt; returns what stays missing."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = [PACKAGES[command] for command in missing()]
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        for command in (["apt-get", "update", "-qq"], install):
            subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
    return missing()
