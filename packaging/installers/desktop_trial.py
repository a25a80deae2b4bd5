"""The trial of an installed application on Windows and macOS, where no clean system can be made.

``python -m installers.desktop_trial PLACE --out FOLDER``: the same work as that of the Linux
packages (:mod:`installers.trial`), then the window on the screen. PLACE is the folder of the
program, or ``tlmri.app``. Nothing of the Python that runs this is within the application's reach.
"""

from __future__ import annotations

import argparse
import os
import plistlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageGrab

from installers.project import WINDOWED
from installers.trial.checks import scores_from_source
from installers.trial.outcome import Finished, last_lines
from installers.trial.samples import write_all
from installers.trial.steps import SAMPLES_FOLDER, STUDY, Step, judge, work
from installers.windows_on_screen import SEEN, has_window

PATIENCE = 120.0
"""Seconds that the window may take on a machine that is new to it."""

LINGERING = 10.0
"""Seconds that the window must stay before its picture is taken."""

_PATHS = {
    "win32": r"{SystemRoot}\System32;{SystemRoot}",
    "darwin": "/usr/bin:/bin:/usr/sbin:/sbin",
    "linux": "/usr/bin:/bin",
}
_LEADING_TO_PYTHON = ("PYTHON", "VIRTUAL_ENV", "CONDA", "QT_", "DYLD_", "LD_", "TLMRI_")


@dataclass(frozen=True)
class Programs:
    """What starts an application: in a terminal, and with the window."""

    console: tuple[str, ...]
    window: tuple[str, ...]


def programs(place: Path) -> Programs:
    """The programs in a folder or in a macOS application.

    Raises
    ------
    ValueError
        If one of them is missing.
    """
    if place.suffix == ".app":
        told = plistlib.loads((place / "Contents" / "Info.plist").read_bytes())
        inside = place / "Contents" / "MacOS"
        found = Programs((str(inside / "tlmri"),), (str(inside / told["CFBundleExecutable"]),))
    elif (place / "tlmri.exe").is_file():
        found = Programs((str(place / "tlmri.exe"),), (str(place / f"{WINDOWED}.exe"),))
    else:
        found = Programs((str(place / "tlmri"),), (str(place / "tlmri"), "gui"))
    for program in (found.console[0], found.window[0]):
        if not Path(program).is_file():
            raise ValueError(f"application must have its programs, {program} is missing")
    return found


def environment() -> dict[str, str]:
    """The variables of this process, without those that lead to its Python or set Qt up."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(_LEADING_TO_PYTHON)}
    return {**kept, "PATH": _PATHS[sys.platform].format(**os.environ)}


def run_step(console: Sequence[str], step: Step, home: Path) -> tuple[str, ...]:
    """Run a step of the trial in a folder, show what it wrote, and return what is wrong with it."""
    print(f"\n$ tlmri {subprocess.list2cmdline(step.words)}", flush=True)
    start = time.monotonic()
    code: int | None
    try:
        done = subprocess.run(
            [*console, *step.words],
            cwd=home,
            env={**environment(), **step.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=step.limit_s,
        )
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, output = None, late.stdout or b""
    text = output.decode("utf-8", "replace").replace("\r\n", "\n")
    print(last_lines(text), flush=True)
    return judge(step, Finished(code, time.monotonic() - start, text), home)


def show_window(command: Sequence[str], picture: Path, home: Path) -> tuple[str, ...]:
    """Open the window, see that it stays, take the screen's picture, close it.

    Elsewhere than on Windows only the program is seen to stay: look at the picture.

    Returns
    -------
    What is wrong, one line each.
    """
    print(f"\n$ {Path(command[0]).name}", flush=True)
    start = time.monotonic()
    with subprocess.Popen([*command], cwd=home, env=environment()) as program:
        try:
            while not has_window(program.pid):
                if program.poll() is not None:
                    return (f"ended with code {program.returncode} before its window was open",)
                if time.monotonic() - start > PATIENCE:
                    return (f"no window after {PATIENCE:.0f} s",)
                time.sleep(0.2)
            seconds = time.monotonic() - start
            time.sleep(LINGERING)
            if program.poll() is not None:
                return (f"ended with code {program.returncode} before it was closed",)
            print(f"{SEEN} after {seconds:.1f} s", flush=True)
            _photograph(picture)
        finally:
            program.terminate()
    return ()


def _photograph(picture: Path) -> None:
    """Not every machine lets its screen be read, so a picture is wished for and not asked for."""
    try:
        ImageGrab.grab().save(picture)
        print(f"picture: {picture.name}")
    except OSError as error:
        print(f"no picture: {error}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trial; 1 if the application fails it, and every problem on a line."""
    parser = argparse.ArgumentParser(prog="installers.desktop_trial", description=main.__doc__)
    parser.add_argument("place", type=Path, metavar="PLACE", help="the program's folder, or .app")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    args = parser.parse_args(arguments)
    out: Path = args.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    try:
        found = programs(args.place.resolve())
    except (OSError, ValueError) as error:
        print(f"desktop_trial: {error}", file=sys.stderr)
        return 1
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="home of ", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        write_all(home / SAMPLES_FOLDER)
        (home / "study.toml").write_text(STUDY, encoding="utf-8")
        for step in work(scores_from_source(out)):
            problems += (f"{step.title}: {p}" for p in run_step(found.console, step, home))
        problems += (f"window: {p}" for p in show_window(found.window, out / "window.png", home))
    print(f"\n{len(problems)} problems", *problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
