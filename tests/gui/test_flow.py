"""The whole main job by real clicks on the real core: open, choose, reconstruct, tune, export."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog

from core import checkpoints, paths
from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig
from core.seen import THIS_SLICE
from tlmri_gui.app import build
from tlmri_gui.jobs import Job
from tlmri_gui.state import TuningPhase

LEFT = Qt.MouseButton.LeftButton
TINY = CascadeConfig(n_subnetworks=2, n_layers=2, n_channels=8)
TASK = {"domain": "discs", "acceleration": 4.0, "pattern": "poisson", "tuned": False}


def discs(seed, n=8, size=64):
    """Overlapping discs: structure enough to learn from."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    volume = np.zeros((n, size, size), np.float32)
    for image in volume:
        for cy, cx, r in random.uniform([0.3, 0.3, 0.1], [0.7, 0.7, 0.35], (6, 3)):
            image += random.uniform(20, 60) * ((y - cy) ** 2 + (x - cx) ** 2 < r**2)
    return volume


@pytest.fixture
def network():
    """A small untrained network where the lists find it."""
    torch.manual_seed(0)
    path = paths.checkpoints() / "tiny.safetensors"
    document = files.describe("cascade", TINY, label="Tiny", task=TASK, provenance={})
    files.save(path, Cascade(TINY), document)
    return f"net:{path}"


@pytest.fixture
def scans(tmp_path):
    paths_ = [tmp_path / "local.npy", tmp_path / "shown.npy"]
    for seed, path in enumerate(paths_):
        np.save(path, discs(seed))
    return paths_


@pytest.fixture
def window(qtbot, network):
    window = build()
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()


def click(button):
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, LEFT)


def answer(window, qtbot, path):
    """Type a path into the dialog on show."""

    def on_show():
        return [d for d in window.findChildren(QFileDialog) if d.isVisible()]

    qtbot.waitUntil(lambda: bool(on_show()))
    [dialog] = on_show()
    dialog.selectFile(str(path))
    dialog.accept()
    qtbot.waitUntil(lambda: not on_show())


def only_network(window, network):
    """Zero filling and the small network: what this test can wait for."""
    rows = window.compare_page.methods_panel.rows
    for name, row in rows.items():
        if row.box.isChecked() != (name in ("zf", network)):
            row.box.click()


@pytest.fixture
def opened(window, calm, qtbot, network, scans):
    controller = window.controller
    window.jobs.submit(Job("Starting", controller._core.catalogue, controller._take_catalogue))
    calm()
    for path in scans:
        click(window.compare_page.scan_panel.open_button)
        answer(window, qtbot, path)
    only_network(window, network)
    calm()
    return window


def tune(window, steps):
    panel = window.compare_page.finetune_panel
    for name, value in (("n_images", 3), ("n_validation", 1), ("length", steps)):
        box = panel.form.editors[name].widget
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, str(value))
        QTest.keyClick(box, Qt.Key.Key_Return)
    return panel


def test_the_main_job_by_clicks(qtbot, opened, calm, network, tmp_path):
    window, session = opened, opened.session
    page = window.compare_page
    assert session.scan.name == "shown"
    assert [p.key for p in page.stage.state.panels] == ["reference", "zf", network]

    # another acceleration draws another mask and reconstructs by itself
    box = page.sampling_panel.acceleration
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "5")
    QTest.keyClick(box, Qt.Key.Key_Return)
    calm()
    assert session.mask.achieved_acceleration == pytest.approx(5, rel=0.005)
    assert all(p.image is not None for p in page.stage.state.panels)
    assert "used at R=5" in page.stage.state.panels[2].remark

    # fine-tune for six steps on the other scan
    panel = tune(window, 6)
    calm()
    assert [entry.scan.name for entry in session.plan.images] == ["local"]
    click(panel.start)
    assert session.run.phase is TuningPhase.STARTING
    qtbot.waitUntil(lambda: session.run.phase is TuningPhase.IDLE, timeout=120_000)
    assert [point.step for point in session.run.points] == list(range(7))
    calm()

    # the checkpoint has appeared by itself, checked and reconstructed
    [info] = [i for i in checkpoints.user_checkpoints() if i.tuned]
    tuned = checkpoints.method_name(info)
    assert page.methods_panel.rows[tuned].box.isChecked()
    assert session.outcome(tuned).comparison.score.psnr_db > 0
    assert info.acceleration == 5

    # a slice it was tuned on is never scored
    local = next(s for s in session.scans if s.name == "local")
    seen = session.plan.images[0].tuning[0]
    page.scan_panel.list.setCurrentRow(session.scans.index(local))
    page.scan_panel.spin.setValue(seen)
    calm()
    panels = {p.key: p for p in page.stage.state.panels}
    assert panels[tuned].caption == (THIS_SLICE,)
    assert panels[network].caption[0].startswith("PSNR")

    # export
    window.actions_by_name["figure"].trigger()
    answer(window, qtbot, tmp_path / "figure.png")
    window.actions_by_name["table"].trigger()
    answer(window, qtbot, tmp_path / "table.csv")
    calm()
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    names = [f"net:{Path(name.removeprefix('net:')).name}" for name in (network, tuned)]
    assert {row["method"] for row in rows} == {"zf", *names}
    assert [row["psnr_db"] for row in rows if row["method"] == names[1] and row["note"]] == [""]
    assert not session.message.is_error


def test_stop_keeps_and_a_killed_child_offers_what_was_saved(qtbot, opened, calm):
    session = opened.session
    panel = tune(opened, 500)
    calm()
    click(panel.start)
    qtbot.waitUntil(lambda: len(session.run.points) >= 2, timeout=180_000)
    click(panel.stop)
    assert panel.state.text() == "stopping, the best is kept…"
    qtbot.waitUntil(lambda: session.run.phase is TuningPhase.IDLE, timeout=60_000)
    calm()
    assert len([i for i in checkpoints.user_checkpoints() if i.tuned]) == 1

    click(panel.start)
    qtbot.waitUntil(lambda: len(session.run.points) >= 2, timeout=180_000)
    [child] = opened.jobs._children
    child.kill()
    qtbot.waitUntil(lambda: session.run.phase is TuningPhase.INTERRUPTED, timeout=180_000)
    assert "ended from outside" in opened.message_bar.text.text()
    saved = session.run.saved
    click(panel.discard)
    calm()
    assert not saved.exists()
    assert len([i for i in checkpoints.user_checkpoints() if i.tuned]) == 1
    assert list((paths.user_data() / "unfinished").iterdir()) == []
