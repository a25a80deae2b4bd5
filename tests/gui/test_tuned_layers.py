"""Which layers a fine-tuning may change, by real clicks on the real core."""

import numpy as np
import pytest
import torch
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from safetensors.torch import load_file

from core import checkpoints, paths
from core.networks import files
from tests.core.networks.small import CONFIGS, small_network
from tests.gui.test_flow import TASK, discs
from tlmri_gui.jobs import Job
from tlmri_gui.state import TuningPhase

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def unet():
    """A small U-Net where the lists find it."""
    path = paths.checkpoints() / "small.safetensors"
    document = files.describe("unet", CONFIGS["unet"], label="Small", task=TASK, provenance={})
    files.save(path, small_network("unet"), document)
    return f"net:{path}"


@pytest.fixture
def panel(window, calm, unet, tmp_path):
    """The panel of a window on two scans, set to tune the U-Net for two steps."""
    controller = window.controller
    window.jobs.submit(Job("Starting", controller._core.catalogue, controller._take_catalogue))
    calm()
    for name, row in window.compare_page.methods_panel.rows.items():
        if row.box.isChecked() and name != "zf":
            row.box.click()
    for seed, name in enumerate(("local", "shown")):
        np.save(tmp_path / f"{name}.npy", discs(seed, n=4))
    controller.open_files(sorted(tmp_path.glob("*.npy")))
    calm()
    panel = window.compare_page.finetune_panel
    choose(panel.source, panel.source.findData(unet))
    for name, value in (("n_images", 2), ("n_validation", 1), ("length", 2)):
        box = panel.form.editors[name].widget
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, str(value))
        QTest.keyClick(box, Qt.Key.Key_Return)
    calm()
    assert window.session.plan.source == unet
    return panel


def choose(box, row):
    """Go to a row by keys."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(row):
        QTest.keyClick(box, Qt.Key.Key_Down)


def panel_source(window):
    return window.session.plan.source.removeprefix("net:")


def choose_layers(panel, text):
    box = panel.form.editors["trainable"].widget
    choose(box, offered(box).index(text))
    assert box.currentText() == text


def offered(box):
    """The choices that are not grey."""
    items = box.model()
    found = (items.item(row) for row in range(items.rowCount()))
    return [item.text() for item in found if item.isEnabled()]


def test_only_the_layers_that_the_network_has_are_offered(window, panel):
    box = panel.form.editors["trainable"].widget
    assert offered(box) == ["all", "decoder", "last block", "normalisation"]
    grey = box.model().item(box.findText("biases"))
    assert grey.toolTip() == "No layers 'biases' in Small"
    assert window.session.plan.settings.trainable == "all"
    box.setCurrentIndex(box.findText("decoder"))
    assert panel.start.isEnabled()
    choose(panel.source, panel.source.findData("net:natural"))
    assert offered(box) == ["all", "last block", "all but first block", "biases"]
    assert panel.reason.text() == "No layers 'decoder' in Network (Natural images)"
    assert not panel.start.isEnabled()
    choose(box, 0)
    assert panel.start.isEnabled()


def test_a_part_alone_is_tuned(qtbot, window, panel, calm):
    choose_layers(panel, "last block")
    QTest.mouseClick(panel.start, LEFT)
    qtbot.waitUntil(lambda: window.session.run.phase is TuningPhase.IDLE, timeout=120_000)
    calm()
    [tuned] = [info for info in checkpoints.user_checkpoints() if info.tuned]
    assert "last block tuned" in tuned.label
    before, after = load_file(panel_source(window)), load_file(tuned.path)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith(("unet.decoder.1.", "unet.last.")) for name in changed)
