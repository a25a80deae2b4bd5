"""The copied command computes the figures of the window's table, on the real core."""

import json
import shlex
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtGui import QGuiApplication

from core.cli.main import main
from core.masks.poisson import PoissonParams
from core.recon.wavelet import WaveletParams
from core.types import Scan
from tlmri_gui.app import build
from tlmri_gui.jobs import Job
from tlmri_gui.state import Sampling


def box_and_disc(n=3, size=64):
    y, x = np.mgrid[:size, :size] / size
    disc = 40.0 * ((y - 0.5) ** 2 + (x - 0.5) ** 2 < 0.16)
    return np.stack(
        [disc + 20 * (i + 1) * (abs(y - 0.4) < 0.1) for i in range(n)], dtype=np.float32
    )


@pytest.fixture
def window(qtbot):
    window = build()
    qtbot.addWidget(window)
    window.show()
    controller = window.controller
    window.jobs.submit(Job("Starting", controller._core.catalogue, controller._take_catalogue))
    yield window
    window.close()


def settle(qtbot, window):
    def is_quiet():
        return not (window.jobs._open_jobs or window.controller.compare._pause.isActive())

    qtbot.waitUntil(is_quiet, timeout=60_000)


def copied(window):
    window.actions_by_name["command"].trigger()
    return shlex.split(QGuiApplication.clipboard().text())


def test_it_gives_the_figures_of_the_table(qtbot, window, tmp_path, monkeypatch):
    path = tmp_path / "my scan.npy"
    np.save(path, box_and_disc())
    compare = window.controller.compare
    settle(qtbot, window)
    compare.set_checked("net:natural", False)
    compare.set_sampling(Sampling("poisson", 3.5, 4, PoissonParams(growth=6.0)))
    # as tuning leaves them: in no round numbers
    tuned = replace(WaveletParams(), reg_weight=10**-3.125, n_iterations=30, seed=2)
    compare.set_method_params("cs", tuned)
    window.controller.open_files([path])
    settle(qtbot, window)
    shown = {c.recon.method: c.score for c in window.session.comparisons()}
    assert list(shown) == ["zf", "cs"]

    program, *arguments = copied(window)
    assert program == "tlmri"
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 0
    document = json.loads((tmp_path / "results" / "metrics.json").read_text())
    rows = {row["method"]: row for row in document["rows"]}
    assert list(rows) == ["zf", "cs"]
    for method, score in shown.items():
        assert rows[method]["psnr_db"] == pytest.approx(score.psnr_db, abs=0.01)
        assert rows[method]["slice"] == window.session.slice_index
    assert document["definition"] == window.session.definition


def test_the_demo_scan_has_a_word_and_other_drawn_scans_have_none(
    qtbot, window, tmp_path, monkeypatch
):
    demo = Scan("demo", magnitude=box_and_disc())
    monkeypatch.setattr("core.phantom.demo_scan", lambda: demo)
    other = Scan("other", magnitude=box_and_disc()[::-1].copy())
    settle(qtbot, window)
    window.controller.compare.set_checked("net:natural", False)
    for scan in (demo, other):
        window.controller._take_drawn(scan)
    settle(qtbot, window)
    arguments = copied(window)[1:]
    assert arguments[:2] == ["recon", "demo"]
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 0
    rows = json.loads((tmp_path / "results" / "metrics.json").read_text())["rows"]
    shown = [c.score.psnr_db for c in window.session.comparisons()]
    assert [row["psnr_db"] for row in rows] == pytest.approx(shown, abs=0.01)

    window.controller.close_scan(demo)
    assert window.session.scan is other
    before = QGuiApplication.clipboard().text()
    window.actions_by_name["command"].trigger()
    assert QGuiApplication.clipboard().text() == before
    assert window.session.message.is_error
    assert "other" in window.session.message.text
