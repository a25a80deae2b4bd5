"""What a frozen application says of its build: the date, and the commit where git knows one."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from installers.project import ROOT

_COMMIT = ("git", "describe", "--always", "--dirty", "--abbrev=7", "--exclude=*")


def build_line(source: Path = ROOT) -> str:
    """Such as ``built 2026-11-22 from abc1234``.

    ``-dirty`` after the commit says that the source was changed since. ``SOURCE_DATE_EPOCH`` sets
    the date (UTC), as for the archives.

    Parameters
    ----------
    source
        A checkout, or any folder.
    """
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(stated), UTC) if stated else datetime.now(UTC)
    commit = _commit(source)
    return f"built {moment:%Y-%m-%d}{f' from {commit}' if commit else ''}"


def _commit(source: Path) -> str:
    try:
        done = subprocess.run(_COMMIT, cwd=source, capture_output=True, text=True)
    except OSError:  # no git
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
