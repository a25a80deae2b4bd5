"""The window on the virtual screen: how soon it is there, what it shows, what it can do."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil

from installers.project import project
from installers.trial.outcome import (
    MEDIAN,
    START,
    VISIBLE,
    Finished,
    Outcome,
    general_problems,
    last_lines,
)
from installers.trial.place import Place, Running, with_output
from installers.trial.screen import HEIGHT, Pixels, Screen, pixels_of

N_WARM_STARTS = 5
WARM_START_AIM_S = 3.0
VISIBLE_LIMIT_S = 120
DEMO_LIMIT_S = 300
TUNING_LIMIT_S = 900
KEEPING_LIMIT_S = 30
CLOSING_LIMIT_S = 60
WIDTH, USUAL_HEIGHT = 1480, 920
LEFT_COLUMN = 380
"""Width in pixels of the column with the buttons, generously."""

TISSUE_SHARE = 0.03
"""Of the right part of the window, at least."""

NETWORKS = Path(".local", "share", "tlmri", "checkpoints")
"""Where the user's own networks lie, below the home."""


@dataclass
class Opened:
    """A window that is (or will be) open, and the process that it belongs to."""

    screen: Screen
    running: Running
    log: Path
    window: str = ""
    visible_after_s: float = float("nan")

    def wait_visible(self) -> bool:
        """Whether it came."""
        found = self.screen.find(project().name, VISIBLE_LIMIT_S, self.is_running)
        self.visible_after_s = self.running.seconds
        self.window = found or ""
        return bool(found)

    def is_running(self) -> bool:
        """Whether the application has not ended."""
        return self.running.process.poll() is None

    def wait_for(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Whether the condition came true while the application ran."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end and self.is_running():
            if condition():
                return True
            time.sleep(0.2)
        return False

    def n_processes(self) -> int:
        """Of the application, with its children."""
        family = psutil.Process(self.running.process.pid).children(recursive=True)
        return sum(_is_application(process) for process in family)

    def close(self) -> Finished:
        """Close it as its frame's button does, and wait for the end of the process."""
        if self.window:
            self.screen.press(self.window, "alt+F4")
        finished = self.running.wait(CLOSING_LIMIT_S if self.window else 1)
        return with_output(finished, self.log.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def opened(place: Place, program: Sequence[str], screen: Screen, log: Path) -> Iterator[Opened]:
    """Start the application's window; whatever happens, it is gone afterwards."""
    environment = {"DISPLAY": screen.name}
    with log.open("wb") as file:
        running = Running(place.command([*program, "gui"], environment), file.fileno())
        it = Opened(screen, running, log)
        try:
            yield it
        finally:
            if it.is_running():
                running.wait(0)


def try_window(
    place: Place, program: Sequence[str], screen: Screen, out: Path, kind: str
) -> list[Outcome]:
    """A cold start with pictures, a reconstruction and a fine-tuning; then warm starts."""
    screen.park_pointer()
    worked = _work(place, program, screen, out, kind)
    return [worked, _warm_starts(place, program, screen, out)]


def shows_images(pixels: Pixels) -> bool:
    """Whether brains take up room to the right of the column: grey, neither dark nor bright."""
    right = pixels[:, LEFT_COLUMN:].astype(int)
    is_grey = np.ptp(right, axis=-1) < 4
    is_tissue = is_grey & (right[..., 0] > 90) & (right[..., 0] < 200)
    return bool(is_tissue.mean() > TISSUE_SHARE)


def start_button(pixels: Pixels) -> tuple[int, int] | None:
    """Middle `(x, y)` of the lowest wide button in the accent colour: *Start fine-tuning*."""
    red, green, blue = np.moveaxis(pixels[:, :LEFT_COLUMN].astype(int), -1, 0)
    accent = (blue > 140) & (red < 100) & (blue - red > 80) & (green < blue)
    rows = np.flatnonzero(accent.sum(axis=1) > LEFT_COLUMN // 2)
    if not rows.size:
        return None
    lowest = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)[-1]
    columns = np.flatnonzero(accent[lowest].any(axis=0))
    return int(np.median(columns)), int(np.median(lowest))


def _work(place: Place, program: Sequence[str], screen: Screen, out: Path, kind: str) -> Outcome:
    cold = _drop_caches()
    with opened(place, program, screen, out / f"window-{kind}.log") as it:
        problems = tuple(_use(it, place, out, kind))
        finished = it.close()
    outcome = _outcome(
        "opens the window, shows the demo scan, reconstructs, tunes a network in a child process",
        finished,
        problems,
    )
    start = "cold: the disk's cache was emptied before" if cold else "the first of its place"
    visible = round(it.visible_after_s, 2)
    return replace(outcome, findings={VISIBLE: visible, START: start})


def _use(it: Opened, place: Place, out: Path, kind: str) -> Iterator[str]:
    """Use the window; yields what is not as it should be."""
    screen = it.screen
    if not it.wait_visible():
        yield f"no window, waited {it.visible_after_s:.0f} s"
        return
    if not it.wait_for(lambda: "Phantom" in screen.title(it.window), DEMO_LIMIT_S):
        yield f"the demo scan was not opened; the window's title is '{screen.title(it.window)}'"
        return
    screen.resize(it.window, WIDTH, USUAL_HEIGHT)
    screen.wait_until_steady(it.window, DEMO_LIMIT_S)
    screen.press(it.window, "F5")
    picture = screen.wait_until_steady(it.window, DEMO_LIMIT_S)
    _save(out / f"window-{kind}.png", picture)
    if not shows_images(pixels_of(picture)):
        yield "the window shows no images, see its picture"
    screen.resize(it.window, WIDTH, HEIGHT - 50)
    screen.wait_until_steady(it.window, DEMO_LIMIT_S)
    yield from _tune(it, place)
    screen.park_pointer()
    screen.resize(it.window, WIDTH, USUAL_HEIGHT)
    _save(out / f"window-{kind}-tuned.png", screen.wait_until_steady(it.window, DEMO_LIMIT_S))


def _tune(it: Opened, place: Place) -> Iterator[str]:
    before = _networks(place)
    alone = it.n_processes()
    button = start_button(it.screen.pixels(it.window))
    if button is None:
        yield "the button 'Start fine-tuning' was not found in the window's picture"
        return
    it.screen.click(it.window, *button)
    if not it.wait_for(lambda: it.n_processes() > alone, 60):
        yield "no child process was started for the fine-tuning"
        return
    if not it.wait_for(lambda: it.n_processes() <= alone, TUNING_LIMIT_S):
        yield "the child process of the fine-tuning did not end"
    # The window moves it there once the child has ended.
    if not it.wait_for(lambda: bool(_networks(place) - before), KEEPING_LIMIT_S):
        yield "no network was kept after the fine-tuning"


def _networks(place: Place) -> set[Path]:
    return set((place.home / NETWORKS).glob("*.safetensors"))


def _warm_starts(place: Place, program: Sequence[str], screen: Screen, out: Path) -> Outcome:
    """Open and close the window at once, several times."""
    seconds: list[float] = []
    problems: list[str] = []
    total, last = 0.0, Finished(0, 0.0, "")
    while len(seconds) < N_WARM_STARTS and not problems:
        with opened(place, program, screen, out / "warm-start.log") as it:
            problems += [] if it.wait_visible() else ["no window"]
            seconds.append(round(it.visible_after_s, 2))
            last = it.close()
        problems += general_problems(last)
        total += last.seconds
    median = statistics.median(seconds)
    if median > WARM_START_AIM_S:
        problems.append(f"median {median:.1f} s, more than {WARM_START_AIM_S:.0f} s")
    title = f"opens and closes the window {N_WARM_STARTS} times"
    outcome = _outcome(title, replace(last, seconds=total), tuple(dict.fromkeys(problems)))
    return replace(outcome, findings={VISIBLE: seconds, MEDIAN: median})


def _outcome(title: str, finished: Finished, problems: tuple[str, ...]) -> Outcome:
    fonts = ("no fonts",) if "Fontconfig error" in finished.output else ()
    every = tuple(dict.fromkeys((*problems, *fonts, *general_problems(finished))))
    output = last_lines(finished.output)
    command = f"{project().name} gui"
    return Outcome(title, command, finished.code, finished.seconds, output, every)


def _is_application(process: psutil.Process) -> bool:
    try:
        ours = process.name().startswith(project().name)
        return ours and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _drop_caches() -> bool:
    """Empty the disk's cache, so that the next start reads everything anew; needs root."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3\n", encoding="utf-8")
    except OSError:
        return False
    return True


def _save(path: Path, picture: bytes) -> None:
    path.write_bytes(picture)
