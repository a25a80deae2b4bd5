"""Packages fetched into a folder by pip's own code, also inside the frozen program."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """Where packages come from: pip's usual index, the one of an address, or a folder of wheels."""

    index_url: str = ""
    wheels: Path | None = None

    @property
    def is_ordinary(self) -> bool:
        """Whether nothing in particular was named."""
        return not self.index_url and self.wheels is None

    def options(self) -> list[str]:
        """The source as pip's options."""
        if self.wheels is not None:
            return ["--no-index", "--find-links", str(self.wheels)]
        return ["--index-url", self.index_url] if self.index_url else []


_SCRATCH = ".t"
"""Short, since paths inside torch's wheel take 171 of the 259 characters that Windows allows."""


def fetch(requirement: str, target: Path, source: Source) -> None:
    """Unpack a package and what it needs into a folder; pip shows on stdout how far it is.

    Only built packages are taken, so that nothing of theirs is run. All that is temporary lies in
    the folder: the system's own place for it is often too small for gigabytes.

    Raises
    ------
    ValueError
        If they were not found, could not be fetched, or did not fit on the disk.
    KeyboardInterrupt
        If the user interrupted pip.
    """
    _pip(requirement, ["install", requirement, "--target", str(target)], target, source)


def offered(package: str, folder: Path, source: Source) -> list[str]:
    """The versions of a package that there are for this Python and system, the newest first.

    Only the index is read. What pip needs for a moment lies in ``folder``.

    Raises
    ------
    ValueError, KeyboardInterrupt
        As of :func:`fetch`.
    """
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        _pip(package, ["index", "versions", package], folder, source)
    found = re.search(r"^Available versions:(.*)$", said.getvalue(), re.MULTILINE)
    return re.findall(r"[^\s,]+", found[1]) if found else []


def _pip(wanted: str, command: list[str], folder: Path, source: Source) -> None:
    """Run a command of pip's that asks for a package."""
    arguments = [
        *(*command, "--only-binary", ":all:", "--no-cache-dir", "--no-input"),
        *("--disable-pip-version-check", "--retries", "2", *source.options()),
    ]
    main = importlib.import_module("pip._internal.cli.main").main  # the entry pip declares
    errors = io.StringIO()
    with _surroundings(folder / _SCRATCH, source), contextlib.redirect_stderr(errors):
        code = main(arguments)
    said = errors.getvalue()
    if "cancelled by user" in said:
        raise KeyboardInterrupt
    if code != 0:
        raise ValueError(f"{wanted}: {_reason(said)}")


@contextlib.contextmanager
def _surroundings(scratch: Path, source: Source) -> Iterator[None]:
    """What pip finds while it runs: its temporary folder, and the user's settings where they help.

    Those are an index of the institute, a proxy and certificates. Where wheels are at hand none
    is heeded, so that nothing comes from elsewhere.
    """
    scratch.mkdir()
    kept, before = dict(os.environ), tempfile.tempdir
    if source.wheels is not None:
        for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
            del os.environ[name]
        os.environ["PIP_CONFIG_FILE"] = os.devnull
    os.environ.update(PIP_REQUIRE_VIRTUALENV="0", PIP_USER="0")  # they would forbid a target
    tempfile.tempdir = str(scratch)
    try:
        yield
    finally:
        tempfile.tempdir = before
        os.environ.clear()
        os.environ.update(kept)
        shutil.rmtree(scratch, ignore_errors=True)


_REASONS = {
    r"Long Path": "Windows must allow long paths (set LongPathsEnabled, as an administrator)",
    r"No space left|not enough space": "the disk is full",
    r"ConnectionError|Connection\w* (refused|broken|aborted)|ProxyError|SSLError|timed? ?out|"
    r"resolve|unreachable": "the package index cannot be reached; check the network and its proxy, "
    "or fetch the wheels on another machine and give their folder by --from",
    r"No matching distribution|Could not find a version": "not found there for "
    f"Python {sys.version_info[0]}.{sys.version_info[1]} on this system",
}
"""What pip says, as a pattern, and what that means; the first that is found counts."""


def _reason(said: str) -> str:
    """What went wrong, in one line."""
    for pattern, meaning in _REASONS.items():
        if re.search(pattern, said, re.IGNORECASE):
            return meaning
    lines = [line for line in said.splitlines() if line.startswith("ERROR:")] or said.splitlines()
    return " ".join(lines[-1].removeprefix("ERROR:").split()) if lines else "pip said nothing"
