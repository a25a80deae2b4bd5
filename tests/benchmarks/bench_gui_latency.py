"""How soon the window shows, and how long its event loop is ever held up. Prints, asserts nothing.

Run as ``python tests/benchmarks/bench_gui_latency.py`` on a screen, or under ``xvfb-run``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

PROBE_MS = 5
TUNING_STEPS = 40
SIZE = 256
SHOWN, REPORT = "window visible", "gap"


@pytest.mark.benchmark
def test_latency():
    main()


def main() -> None:
    """Run the window in a process of its own and print what it says, with the time it took."""
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "TLMRI_HOME": home, "PYTHONPATH": str(root)}
        scan = Path(home) / "scan.npy"
        np.save(scan, _phantom())
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, __file__, "window", str(scan)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(SHOWN):
                    line = f"{SHOWN} after {time.perf_counter() - start:.2f} s;{line[len(SHOWN) :]}"
                print(line.rstrip(), flush=True)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _phantom() -> np.ndarray:
    """Discs with texture: any image serves, for what is measured is time."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    volume = random.normal(0, 0.5, (12, SIZE, SIZE)).astype(np.float32) ** 2
    for image in volume:
        for cy, cx, r in random.uniform([0.3, 0.3, 0.02], [0.7, 0.7, 0.3], (20, 3)):
            image += random.uniform(5, 40) * ((y - cy) ** 2 + (x - cx) ** 2 < r**2)
    return volume


def window(scan: Path) -> None:
    """The window's process: load, reconstruct by compressed sensing, tune, with a probe running."""
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

    from tlmri_gui import theme
    from tlmri_gui.app import build
    from tlmri_gui.state import TuningPhase

    sys.setswitchinterval(0.001)
    app = QApplication(sys.argv[:1])
    theme.apply(app)
    built = build()
    built.show()
    app.processEvents()
    heavy = [name for name in ("torch", "sigpy", "nibabel") if name in sys.modules]
    print(f"{SHOWN} heavy modules imported before: {', '.join(heavy) or 'none'}", flush=True)
    gaps = _Gaps()
    timer = QTimer()
    timer.timeout.connect(gaps.beat)
    timer.start(PROBE_MS)

    def wait(condition) -> None:
        while not condition():
            app.processEvents()
            time.sleep(0.0005)

    session, controller = built.session, built.controller
    controller.start([scan])
    wait(lambda: session.mask is not None and session.catalogue.methods)
    gaps.report("loading the core and opening a scan")
    wait(lambda: session.outcome("cs") is not None)
    gaps.report("first compressed sensing")
    wait(lambda: not built.jobs.is_busy() and not controller.compare.pending)
    gaps.report("network and drawing")
    for run in range(3):
        for method in ("zf", "net:natural"):
            session.set_checked(method, False)
        controller.compare.reconstruct()
        wait(lambda: session.outcome("cs") is not None)
        gaps.report(f"compressed sensing, run {run + 1}")
    session.set_checked("net:natural", True)
    wait(lambda: not built.jobs.is_busy() and not controller.compare.pending)
    if not session.plan.source:
        print("no network is installed: fine-tuning is not measured")
    else:
        _tune(built, wait, gaps, TuningPhase)
    built.close()


def _tune(built, wait, gaps, phases) -> None:
    from dataclasses import replace

    session, controller = built.session, built.controller
    controller.finetune.planner.set_settings(
        replace(session.plan.settings, n_images=4, n_validation=1, length=TUNING_STEPS)
    )
    wait(lambda: not built.jobs.is_busy())
    gaps.report("network and drawing")
    controller.finetune.start()
    wait(lambda: session.run.phase is phases.RUNNING)
    gaps.report("starting the tuning process")
    wait(lambda: session.run.phase is phases.IDLE)
    gaps.report(f"fine-tuning, {len(session.run.points)} validations")


class _Gaps:
    """Times between beats of the probe."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._gaps: list[float] = []

    def beat(self) -> None:
        now = time.perf_counter()
        self._gaps.append(1000 * (now - self._last))
        self._last = now

    def report(self, what: str) -> None:
        gaps = np.asarray(self._gaps or [0.0])
        median, high, longest = np.quantile(gaps, [0.5, 0.99, 1.0])
        print(
            f"{REPORT} during {what}: longest {longest:.0f} ms, 99 % {high:.0f} ms, "
            f"median {median:.1f} ms",
            flush=True,
        )
        self._gaps = []


if __name__ == "__main__":
    if sys.argv[1:2] == ["window"]:
        window(Path(sys.argv[2]))
    else:
        main()
