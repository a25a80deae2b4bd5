"""What the fakes of the window's tests have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core import jobs as core_jobs
from core.types import Scan
from tlmri_gui.jobs import Child


@dataclass
class Asked:
    """Remembers what was asked of it, and fails where it is told to."""

    folder: Path = Path()
    asked: list = field(default_factory=list)
    errors: dict = field(default_factory=dict)

    def _ask(self, what, *arguments):
        self.asked.append((what, *arguments))
        if what in self.errors:
            raise self.errors[what]

    def names(self):
        return [entry[0] for entry in self.asked]


class SilentChild(Child):
    """Has no process: it speaks only when told, and remembers what was asked of it."""

    def __init__(self, function, argument, on_event, status):
        super().__init__(on_event, status)
        self.function, self.argument = function, argument
        self.asked = []

    def stop(self):
        self.asked.append("stop")

    def cancel(self):
        self.asked.append("cancel")

    def kill(self):
        self.asked.append("kill")

    def say(self, event: core_jobs.Event):
        self.on_event(event)


def make_scan(name="brain", n_slices=6, size=16, seed=0, path=None) -> Scan:
    random = np.random.default_rng(seed)
    volume = random.uniform(0, 100, (n_slices, size, size)).astype(np.float32)
    return Scan(name, magnitude=volume, path=path)
