"""Every slice by every method: the controller on a fake core, then a window on the real one."""

import csv
import json
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from core.progress import no_progress
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
    pieces = reconstructed(core)
    batches = [set(pieces[:2]), set(pieces[2:4]), set(pieces[4:6]), *({p} for p in pieces[6:])]
    assert batches == [
        *({(1, name), (2, name)} for name in METHODS),
        *({(4, name)} for name in METHODS),
    ]
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
    assert list(dict.fromkeys(s.message for s in told)) == [
        "slices 1 to 2 by Zero-filled, 0 of 9 done",
        "slices 1 to 2 by Wavelet, 2 of 9 done",
        "slices 1 to 2 by Natural images, 4 of 9 done",
        "slice 4 by Zero-filled, 6 of 9 done",
        "slice 4 by Wavelet, 7 of 9 done",
        "slice 4 by Natural images, 8 of 9 done",
    ]
    first = {s.message: s.fraction for s in reversed(told)}  # said before a slice is done
    assert list(first.values())[::-1] == pytest.approx([i / 9 for i in (0, 2, 4, 6, 7, 8)])
    fractions = [s.fraction for s in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    for status in told:
        done = int(status.message.split(", ")[1].split()[0])
        size = 2 if status.message.startswith("slices") else 1
        assert done / 9 - 1e-9 <= status.fraction <= (done + size) / 9 + 1e-9


def test_progress_names_no_slice_that_was_computed_before(
    session, core, runner, controller, settle, shown, monkeypatch
):
    monkeypatch.setattr("tlmri_gui.jobs._REPORT_INTERVAL_S", 0.0)
    core.at_once = 4
    seen = []
    runner.status_changed.connect(lambda status: seen.append(status.message))
    controller.all_slices.start()
    settle()
    assert "slices 1 to 2, 4 by Zero-filled, 0 of 9 done" in seen


def test_the_slices_of_a_batch_run_at_once(session, core, controller, settle, shown, monkeypatch):
    """Each waits for the other, and would wait in vain if they came one after the other."""
    meeting, plain = threading.Barrier(2, timeout=20), core.reconstruct

    def reconstruct(scan, slice_index, *rest):
        if slice_index in (1, 2):
            meeting.wait()
        return plain(scan, slice_index, *rest)

    monkeypatch.setattr(core, "reconstruct", reconstruct)
    controller.all_slices.start()
    settle()
    assert session.means.slices == (1, 2, 3, 4)
    assert session.message is None


def test_one_at_a_time_where_there_is_one_worker(session, core, controller, settle, shown):
    core.at_once = 1
    controller.all_slices.start()
    settle()
    assert reconstructed(core) == [(i, name) for i in (1, 2, 4) for name in METHODS]


def test_a_failure_ends_no_other_image(session, core, controller, settle, shown, monkeypatch):
    plain = core.reconstruct

    def reconstruct(scan, slice_index, mask, method, *rest):
        if (slice_index, method) == (2, "cs"):
            raise RuntimeError("broken\nin detail")
        return plain(scan, slice_index, mask, method, *rest)

    monkeypatch.setattr(core, "reconstruct", reconstruct)
    controller.all_slices.start()
    settle()
    failed = {key for key, outcome in session.outcomes.items() if outcome.comparison is None}
    assert failed == {(2, "cs")}
    assert session.outcomes[2, "cs"].error == "broken"
    assert (session.message.text, session.message.is_error) == ("broken", True)
    assert "in detail" in session.message.details
    assert [(s.method, s.n) for s in session.means.summaries] == [
        ("zf", 4),
        ("cs", 3),
        ("net:natural", 4),
    ]


def test_coils_are_let_go_of_on_the_way_but_for_the_slice_on_show(
    session, core, controller, settle, shown, monkeypatch
):
    plain, taken = core.reconstruct, {}

    def reconstruct(*args):
        found = plain(*args)
        images = np.ones((4, 16, 16), np.complex64)
        return replace(found, outcome=replace(found.outcome, coil_images=images))

    def take(mask, index, name, result):
        taken[index, name] = result.outcome.coil_images is not None

    monkeypatch.setattr(core, "reconstruct", reconstruct)
    monkeypatch.setattr(controller.compare, "take_outcome", take)
    session.clear_results()
    controller.all_slices.start()
    settle()
    assert {key for key, has_coils in taken.items() if has_coils} == {(3, m) for m in METHODS}
    assert len(taken) == 12


def test_cancel_ends_a_batch_at_work(
    session, core, controller, settle, shown, qtbot, runner, monkeypatch
):
    begun, ended = [], []

    def reconstruct(scan, slice_index, *rest):
        begun.append(slice_index)
        try:
            while True:
                rest[-1](0.5, "at work")
                time.sleep(0.005)
        finally:
            ended.append(slice_index)

    monkeypatch.setattr(core, "reconstruct", reconstruct)
    controller.all_slices.start()
    qtbot.waitUntil(lambda: len(begun) == 2, timeout=20_000)
    controller.cancel()
    settle()
    assert sorted(begun) == sorted(ended) == [1, 2]
    assert len(session.outcomes) == len(METHODS)
    assert session.message is None


@pytest.mark.parametrize("count", [1, 2, 3])
def test_cancel_keeps_what_was_taken_in(session, runner, controller, settle, shown, core, count):
    def after():
        if len(session.outcomes) == len(METHODS) + count:
            controller.cancel()

    session.results_changed.connect(after)
    controller.all_slices.start()
    settle()
    assert len(reconstructed(core)) <= 4
    assert len(session.outcomes) == len(METHODS) + count
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


def test_what_the_user_asks_for_meanwhile_waits_for_one_batch(
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
    assert {(1, "zf"), (2, "zf")} == set(order[:2])
    assert order[2:5] == [(0, name) for name in METHODS]
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


def test_by_clicks_on_the_real_core(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("core.parallel.default_workers", lambda: 2)  # wherever the tests run
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
    for index, name in session.outcomes:
        work = controller.compare.work(session.scan, session.mask, index, name)
        alone = work(no_progress).outcome.comparison.recon.image
        together = session.outcomes[index, name].comparison.recon.image
        np.testing.assert_allclose(together, alone, atol=1e-4 * alone.max())

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
