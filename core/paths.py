"""Where things lie: shipped resources, the user's checkpoints, settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HOME_VARIABLE = "TLMRI_HOME"
"""Environment variable that moves the user's folder (the tests set it)."""


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


def user_data() -> Path:
    """Folder for what the user makes; created on first use."""
    override = os.environ.get(HOME_VARIABLE)
    folder = Path(override) if override else _default_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _default_folder() -> Path:
    import platformdirs  # here: a machine that only trains need not have it

    return platformdirs.user_data_path("tlmri", appauthor=False)


def checkpoints() -> Path:
    """Folder whose ``.safetensors`` files appear among the methods by themselves."""
    folder = user_data() / "checkpoints"
    folder.mkdir(exist_ok=True)
    return folder
