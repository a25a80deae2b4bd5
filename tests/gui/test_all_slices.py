"""Every slice by every method: the controller on a fake core, then a window on the real one."""

import csv
import json

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from core.recon.wavelet import WaveletParams
from tests.gui.window_fakes import FakeCore, WaveletLike, make_scan
from tlmri_gui.all_slices_controller import ALL_SLICES
from tlmri_gui.app import build
from tlmri_gui.controller import Controller
from tlmri_gui.jobs import Job
from tlmri_gui.models.present import score_rows
from tlmri_gui.session import Session
from tlmri_gui.state import Sampling

METHODS = ("zf", "cs", "net:natural")


@pytest.fixture
def core(tmp_path):
    return FakeCore(folder=tmp_path)


@pytest.fixture
def session(qapp, core):
    session = Session()
    session.set_catalogue(core.catalogue(None))
    session.set_definition("volume")
    return session


@pytest.fixture
def controller(session, runner, core):
    return Controller(session, runner, core)


@pytest.fixture
def settle(qtbot, controller, runner):
    def is_quiet():
        return not (runner._open_jobs or controller.compare._pause.isActive())

    return lambda: qtbot.waitUntil(is_quiet, timeout=30_000)


@pytest.fixture
def shown(session, core, controller, settle):
    """A scan of six slices of which the third is computed; the outer two show no anatomy."""
    session.add_scan(make_scan())
    settle()
    core.asked.clear()


def reconstructed(core):
    return [(entry[1], entry[2]) for entry in core.asked if entry[0] == "reconstruct"]


def test_every_slice_with_anatomy_is_computed_once(session, core, controller, settle, shown):
    controller.all_slices.start()
    settle()
    assert reconstructed(core) == [(i, name) for i in (1, 2, 4) for name in METHODS]
    means = session.means
    assert means.slices == (1, 2, 3, 4)
    assert [(s.method, s.n) for s in means.summaries] == [(name, 4) for name in METHODS]
    rows = score_rows(session)
    assert [row.slice_text for row in rows[:4]] == ["mean of 4"] * 3 + ["3"]
    assert rows[0].psnr == 30.0


def test_progress_is_that_of_the_whole(session, runner, controller, settle, shown, monkeypatch):
    monkeypatch.setattr("tlmri_gui.jobs._REPORT_INTERVAL_S", 0.0)
    seen = []
    runner.status_changed.connect(lambda status: seen.append(status))
    controller.all_slices.start()
    settle()
    told = [s for s in seen if s.title == "All slices" and s.message.startswith("slice")]
    assert [s.fraction for s in told] == pytest.approx([(i + 0.5) / 9 for i in range(9)])
    assert told[-1].message == "slice 4, 9 of 9"


def test_cancel_keeps_what_was_computed(session, runner, controller, settle, shown, core):
    def after_two():
        if len(session.outcomes) == len(METHODS) + 2:
            controller.cancel()

    session.results_changed.connect(after_two)
    controller.all_slices.start()
    settle()
    assert len(reconstructed(core)) <= 3
    assert len(session.outcomes) == len(METHODS) + 2
    assert session.means is None
    assert not runner.is_busy(ALL_SLICES)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.set_sampling(Sampling("poisson", 5.0)),
        lambda c: c.set_method_params("cs", WaveletLike(n_iterations=3)),
        lambda c: c.set_checked("zf", False),
        lambda c: c.set_device("cpu"),
        lambda c: c.reconstruct(),
    ],
    ids=["sampling", "settings", "methods", "device", "anew"],
)
def test_other_wishes_end_it_and_drop_the_means(session, runner, controller, settle, shown, change):
    controller.all_slices.start()
    settle()
    controller.all_slices.start()
    change(controller.compare)
    assert not runner.is_busy(ALL_SLICES)
    settle()
    assert session.means is None
    assert "mean" not in score_rows(session)[0].slice_text


def test_what_the_user_asks_for_meanwhile_waits_for_one_piece(
    session, core, controller, settle, shown
):
    def step():
        if session.slice_index == 3 and len(session.outcomes) == len(METHODS) + 1:
            controller.compare.show_slice(0)
            controller.compare.update()

    session.results_changed.connect(step)
    controller.all_slices.start()
    settle()
    order = reconstructed(core)
    assert order.index((0, "net:natural")) < order.index((4, "zf"))
    assert session.means.slices == (1, 2, 3, 4)


def test_means_follow_the_definition(session, core, controller, settle, shown):
    controller.all_slices.start()
    settle()
    controller.compare.set_definition("slice")
    assert "mean" not in score_rows(session)[0].slice_text  # not those of the old one
    settle()
    assert session.means.definition == "slice"
    assert score_rows(session)[0].psnr == 28.0


def test_a_definition_chosen_meanwhile_is_that_of_the_means(
    session, core, controller, settle, shown
):
    def choose():
        if len(session.outcomes) == len(METHODS) + 8 and session.definition == "volume":
            controller.compare.set_definition("slice")

    session.results_changed.connect(choose)
    controller.all_slices.start()
    settle()
    assert {c.score.definition for c in session.comparisons()} == {"slice"}
    assert session.means.definition == "slice"
    assert session.message is None


def test_without_a_scan_it_says_what_is_missing(session, controller):
    controller.all_slices.start()
    assert session.message.is_error


def volume(size=64):
    """Five slices, the outer two with hardly anything."""
    y, x = np.mgrid[:size, :size] / size
    radii = (0.05, 0.3, 0.35, 0.4, 0.05)
    discs = [(y - 0.5) ** 2 + (x - 0.5) ** 2 < r**2 for r in radii]
    return np.stack([50.0 * d + 30.0 * (d & (x > 0.6)) for d in discs]).astype(np.float32)


def test_by_clicks_on_the_real_core(qtbot, tmp_path):
    window = build()
    qtbot.addWidget(window)
    window.show()
    controller, session = window.controller, window.session
    np.save(tmp_path / "scan.npy", volume())

    def is_quiet():
        return not (window.jobs._open_jobs or controller.compare._pause.isActive())

    window.jobs.submit(Job("Starting", controller._core.catalogue, controller._take_catalogue))
    qtbot.waitUntil(is_quiet, timeout=60_000)
    controller.compare.set_checked("net:natural", False)
    controller.compare.set_method_params("cs", WaveletParams(n_iterations=5))
    controller.open_files([tmp_path / "scan.npy"])
    qtbot.waitUntil(is_quiet, timeout=60_000)
    QTest.mouseClick(window.compare_page.options_panel.all_slices, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(is_quiet, timeout=60_000)
    assert session.means.slices == (1, 2, 3)
    psnr = {
        m: np.mean([c.score.psnr_db for c in session.comparisons() if c.recon.method == m])
        for m in ("zf", "cs")
    }
    assert [row.psnr for row in score_rows(session)[:2]] == pytest.approx(list(psnr.values()))

    controller.compare.show_slice(0)  # no anatomy: in the table, not in the file
    qtbot.waitUntil(is_quiet, timeout=60_000)
    for suffix in ("csv", "json"):
        controller.export_table(tmp_path / f"table.{suffix}")
    qtbot.waitUntil(is_quiet, timeout=60_000)
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert [row["slice"] for row in rows] == list("112233") + ["mean of 3"] * 2
    assert float(rows[-1]["psnr_db"]) == pytest.approx(psnr["cs"])
    assert rows[-1]["definition"] == session.definition
    document = json.loads((tmp_path / "table.json").read_text())
    assert document["summary"]["cs"]["n"] == 3
    assert document["summary"]["cs"]["mean"]["psnr_db"] == pytest.approx(psnr["cs"])
    window.close()
