"""Each panel emits the user's intent, and repainting emits nothing."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel

from core.checkpoints import CheckpointInfo
from core.masks.poisson import PoissonParams
from core.types import Scan
from tests.gui.window_fakes import CATALOGUE, TuneLike, WaveletLike, make_scan
from tlmri_gui import theme
from tlmri_gui.session import Session
from tlmri_gui.state import (
    Catalogue,
    Message,
    MethodOffer,
    Sampling,
    ScanImages,
    TuningPhase,
    TuningPlan,
    TuningRun,
)
from tlmri_gui.widgets.finetune_panel import FinetunePanel
from tlmri_gui.widgets.message_bar import MessageBar
from tlmri_gui.widgets.methods_panel import MethodsPanel
from tlmri_gui.widgets.options_panel import OptionsPanel
from tlmri_gui.widgets.sampling_panel import SamplingPanel
from tlmri_gui.widgets.scan_panel import ScanPanel
from tlmri_gui.widgets.tuning_images import SCAN, TUNING

LEFT = Qt.MouseButton.LeftButton
PANELS = (ScanPanel, SamplingPanel, MethodsPanel, OptionsPanel, FinetunePanel)


@pytest.fixture
def session(qapp):
    session = Session()
    session.set_catalogue(CATALOGUE)
    session.set_definition("volume")
    for name in "ab":
        session.add_scan(make_scan(name))
    scan = session.scans[0]
    session.set_plan(
        TuningPlan("net:natural", TuneLike(), (ScanImages(scan, (0, 1), (2,)),)),
    )
    return session


@pytest.fixture
def panel(request, qtbot, session):
    panel = request.param(session)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def of(kind):
    return pytest.mark.parametrize("panel", [kind], indirect=True)


def listen(*signals):
    heard = []
    for signal in signals:
        signal.connect(lambda *values: heard.append(values))
    return heard


def intents(panel):
    """Every signal that the panel's own class declares."""
    own = vars(type(panel)).items()
    return [getattr(panel, name) for name, value in own if isinstance(value, pyqtSignal)]


@pytest.mark.parametrize("kind", PANELS)
def test_repainting_emits_no_intent(kind, qtbot, session):
    panel = kind(session)
    qtbot.addWidget(panel)
    heard = listen(*intents(panel))
    if kind is FinetunePanel:
        heard_of_images = listen(*intents(panel.images))
    assert intents(panel)
    session.add_scan(make_scan("c", n_slices=9))
    session.show_scan(session.scans[0])
    session.set_slice(1)
    session.set_sampling(Sampling("gaussian", 7.0, 5))
    session.set_checked("zf", False)
    session.set_method_params("cs", WaveletLike(n_iterations=5))
    session.set_definition("slice")
    session.set_device("cpu")
    session.set_catalogue(CATALOGUE)
    session.set_plan(TuningPlan("net:natural", TuneLike(epochs=8), ()))
    for phase in TuningPhase:
        session.set_run(TuningRun(phase))
    session.remove_scan(session.scans[0])
    assert heard == []
    if kind is FinetunePanel:
        assert heard_of_images == []


@of(ScanPanel)
def test_scan_panel(panel, session):
    opened, demo = listen(panel.open_requested), listen(panel.demo_requested)
    QTest.mouseClick(panel.open_button, LEFT)
    QTest.mouseClick(panel.demo_button, LEFT)
    assert (opened, demo) == ([()], [()])
    chosen = listen(panel.scan_chosen)
    panel.list.setCurrentRow(0)
    assert chosen == [(session.scans[0],)]
    slices = listen(panel.slice_chosen)
    QTest.keyClick(panel.slider, Qt.Key.Key_Home)
    assert slices == [(0,)]
    panel.list.setFocus()
    closed = listen(panel.close_requested)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert closed == [(session.scans[0],)]


@of(ScanPanel)
def test_scan_panel_says_what_the_scan_is(panel, session):
    assert "6 slices of 16 × 16" in panel.facts.text()
    assert panel.badge.text() == "simulated from magnitude"
    assert panel.list.currentRow() == 1
    for scan in session.scans:
        session.remove_scan(scan)
    assert panel.facts.text() == "No scan is open"
    assert not panel.slider.isEnabled()


@of(SamplingPanel)
def test_sampling_panel(panel, session):
    wished = listen(panel.sampling_wished)
    panel.acceleration.setValue(8.0)
    panel.seed.setValue(3)
    panel.pattern.setCurrentIndex(1)
    panel.form.editors["centre"].write(0.15)
    assert [w.acceleration for (w,) in wished] == [8.0, 4.0, 4.0, 4.0]  # the session never moved
    assert wished[1][0].seed == 3
    assert wished[2][0].pattern == "gaussian"
    assert wished[3][0].params.centre == 0.15


@of(SamplingPanel)
def test_the_patterns_own_settings_are_folded_away(panel):
    assert not panel.form.isVisible()
    panel.fold.click()
    assert panel.form.isVisible()
    panel.fold.click()
    assert not panel.form.isVisible()


@of(SamplingPanel)
def test_sampling_panel_shows_the_patterns_own_defaults(panel, session):
    session.set_sampling(Sampling("gaussian"))
    assert panel.form.editors["centre"].read() == 0.1
    session.set_sampling(Sampling("poisson"))
    assert panel.form.editors["centre"].read() == 0.05


@of(MethodsPanel)
def test_methods_panel(panel, session):
    checked, edited = listen(panel.method_checked), listen(panel.params_edited)
    QTest.mouseClick(panel.rows["zf"].box, LEFT, pos=panel.rows["zf"].box.rect().center())
    panel.rows["zf"].box.click()
    assert checked[-1][0] == "zf"
    row = panel.rows["cs"]
    assert not row.form.isVisible()
    row.fold.click()
    assert row.form.isVisible()
    row.form.editors["n_iterations"].write(7)
    assert edited[-1] == ("cs", WaveletLike(n_iterations=7))
    tuned = listen(panel.tune_requested)
    QTest.mouseClick(row.tune, LEFT)
    assert tuned == [("cs",)]


@of(MethodsPanel)
def test_presets_fill_the_form_and_are_recognised(panel, session):
    edited = listen(panel.params_edited)
    row = panel.rows["cs"]
    row.fold.click()
    assert row.preset.isVisible()
    assert row.preset.currentText() == "default"
    row.preset.setCurrentText("paper")
    row.preset.textActivated.emit("paper")
    [(name, params)] = edited
    assert (name, params) == ("cs", WaveletLike(n_iterations=80))
    session.set_method_params(name, params)
    assert row.form.editors["n_iterations"].read() == 80
    assert row.preset.currentText() == "paper"
    session.set_method_params(name, WaveletLike(n_iterations=81))
    assert row.preset.currentText() == "other settings"
    row.preset.setCurrentText("default")
    row.preset.textActivated.emit("other settings")
    assert row.preset.currentText() == "other settings"
    assert len(edited) == 1
    assert not panel.rows["zf"].preset.isVisibleTo(panel)


@of(MethodsPanel)
def test_what_cannot_be_used_is_grey_and_says_why(panel):
    row = panel.rows["net:bad"]
    assert not row.box.isEnabled()
    assert row.box.toolTip() == "bad.safetensors: damaged"


@of(MethodsPanel)
def test_what_needs_coils_is_grey_where_there_is_one(panel, session):
    sense = MethodOffer("sense", "SENSE", "Baselines", min_coils=2)
    session.set_catalogue(replace(CATALOGUE, methods=(*CATALOGUE.methods, sense)))
    session.set_checked("sense", True)
    row = panel.rows["sense"]
    assert not row.box.isEnabled()
    assert not row.box.isChecked()
    assert row.box.toolTip() == "needs at least 2 receive coils; this scan has 1"
    assert "sense" not in session.chosen()
    session.add_scan(Scan("coils", kspace=np.ones((6, 2, 16, 16), np.complex64)))
    assert row.box.isEnabled()
    assert row.box.isChecked(), "what was wished for is not forgotten"
    assert row.box.toolTip() == ""
    assert "sense" in session.chosen()


@of(MethodsPanel)
def test_a_new_checkpoint_appears_and_open_settings_stay_open(panel, session):
    panel.rows["cs"].fold.click()
    new = MethodOffer("net:tuned", "Tuned", "Fine-tuned here")
    session.set_checked("net:tuned", True)
    session.set_catalogue(replace(CATALOGUE, methods=(*CATALOGUE.methods, new)))
    assert panel.rows["net:tuned"].box.isChecked()
    assert panel.rows["cs"].fold.isChecked()


@of(MethodsPanel)
def test_tuned_settings_can_be_forgotten(panel, session):
    row = panel.rows["cs"]
    row.fold.click()
    assert not row.reset.isEnabled()
    session.set_method_params("cs", WaveletLike(tuned_on=frozenset({"a"})))
    edited = listen(panel.params_edited)
    QTest.mouseClick(row.reset, LEFT)
    assert edited == [("cs", WaveletLike())]


def network(acceleration, pattern="poisson"):
    task = {"acceleration": acceleration, "pattern": pattern, "coils": "single"}
    name = f"t1-r{acceleration}"
    return CheckpointInfo(
        Path(name), name, "T1", "t1", acceleration, pattern, False, frozenset(), {"task": task}
    )


@pytest.fixture
def families(session):
    """A family of two networks, and one of a single network for other masks."""
    offers = (
        MethodOffer("zf", "Zero-filled", "Baselines"),
        MethodOffer("net:t1", "T1", "Networks", note="t1", checkpoints=(network(4), network(8))),
        MethodOffer("net:g", "G", "Networks", note="g", checkpoints=(network(4, "gaussian"),)),
    )
    session.set_catalogue(replace(CATALOGUE, methods=offers))
    return session


@of(MethodsPanel)
def test_a_network_says_where_it_is_chosen_what_it_was_trained_for(panel, families):
    def badges():
        return [row.badge.text() for row in panel.rows.values() if row.badge.isVisible()]

    session, t1 = families, panel.rows["net:t1"]
    assert badges() == ["trained for gaussian masks"]
    session.set_sampling(Sampling("poisson", 8.0))
    assert badges() == ["trained for R=4, gaussian masks"], "the family has one for R=8"
    session.set_sampling(Sampling("poisson", 6.0))
    assert t1.badge.text() == "trained for R=8"
    assert "trained for R=8, used at R=6" in t1.box.toolTip()
    assert "trained for R=8, used at R=6" in t1.badge.toolTip()
    session.set_sampling(Sampling("poisson", 4.0, params=PoissonParams(growth=5.0)))
    assert t1.badge.text() == "trained for a growth of the distance of 10"
    session.set_sampling(Sampling("gaussian", 4.0))
    assert badges() == ["trained for poisson masks"]
    kspace = np.ones((2, 3, 16, 16), np.complex64)
    session.add_scan(Scan("coils", kspace=kspace))
    assert t1.badge.text() == "trained for poisson masks, one coil"
    assert panel.rows["net:g"].badge.text() == "trained for one coil"
    session.show_scan(session.scans[0])
    assert badges() == ["trained for poisson masks"]


@of(FinetunePanel)
def test_the_choice_of_the_source_says_what_each_was_trained_for(panel, families):
    def entries():
        return [panel.source.itemText(row) for row in range(panel.source.count())]

    session = families
    assert entries() == ["T1", "G, trained for gaussian masks"]
    session.set_sampling(Sampling("poisson", 7.0))
    assert entries()[0] == "T1, trained for R=8"
    scan = Scan("coils", kspace=np.ones((2, 3, 16, 16), np.complex64))
    session.set_plan(TuningPlan("net:t1", TuneLike(), (ScanImages(scan, (0,), (1,)),)))
    assert panel.source.currentText() == "T1, trained for R=8, one coil"
    assert panel.trained_for.text() == "trained for R=8, one coil"
    assert panel.trained_for.isVisible()
    session.set_sampling(Sampling("poisson", 8.0))
    session.set_plan(TuningPlan("net:t1", TuneLike(), ()))
    assert not panel.trained_for.isVisible()
    assert "Tuning images" not in panel.sampling.text()


@of(FinetunePanel)
def test_tuning_on_simulated_images_is_said(panel):
    assert "Tuning images: simulated from magnitude" in panel.sampling.text()


@of(OptionsPanel)
def test_options_panel(panel):
    definitions, devices = listen(panel.definition_chosen), listen(panel.device_chosen)
    again = listen(panel.reconstruct_requested)
    QTest.keyClick(panel.definition, Qt.Key.Key_Down)
    QTest.keyClick(panel.device, Qt.Key.Key_Down)
    QTest.mouseClick(panel.reconstruct, LEFT)
    assert (definitions, devices, again) == ([("slice",)], [("cpu",)], [()])


@of(FinetunePanel)
def test_finetune_panel_plans(panel, session):
    presets, settings = listen(panel.preset_chosen), listen(panel.settings_edited)
    QTest.keyClick(panel.preset, Qt.Key.Key_Down)
    assert presets == [("paper",)]
    panel.form.editors["epochs"].write(12)
    assert settings[-1][0].epochs == 12
    assert "acceleration" not in panel.form.editors
    session.set_plan(TuningPlan("net:natural", TuneLike(epochs=12), session.plan.images))
    assert panel.preset.currentText() == "custom"


@of(FinetunePanel)
def test_slices_are_edited_and_nonsense_is_refused(panel, session):
    images, refused = listen(panel.images.images_edited), listen(panel.images.refused)
    panel.images.item(0, TUNING).setText("1, 3-4")
    [(entry,)] = images
    assert (entry.scan, entry.tuning, entry.validation) == (session.scans[0], (1, 3, 4), (2,))
    panel.images.item(0, TUNING).setText("77")
    assert "from 0 to 5" in refused[0][0]
    assert panel.images.item(0, TUNING).text() == "0, 1"
    scans = listen(panel.images.scans_chosen)
    panel.images.item(1, SCAN).setCheckState(Qt.CheckState.Checked)
    assert scans == [(session.scans,)]


@of(FinetunePanel)
def test_buttons_follow_the_phase(panel, session):
    signals = (
        panel.start_requested,
        panel.stop_requested,
        panel.cancel_requested,
        panel.keep_requested,
        panel.discard_requested,
    )
    heard = [listen(signal) for signal in signals]
    buttons = (panel.start, panel.stop, panel.cancel, panel.keep, panel.discard)
    usable = {
        TuningPhase.IDLE: (panel.start,),
        TuningPhase.STARTING: (panel.cancel,),
        TuningPhase.RUNNING: (panel.stop, panel.cancel),
        TuningPhase.STOPPING: (panel.cancel,),
        TuningPhase.CANCELLING: (),
        TuningPhase.INTERRUPTED: (panel.keep, panel.discard),
    }
    for phase in TuningPhase:
        session.set_run(TuningRun(phase))
        found = tuple(b for b in buttons if b.isVisible() and b.isEnabled())
        assert found == usable[phase], phase
        for button in found:
            QTest.mouseClick(button, LEFT)
    assert [len(calls) for calls in heard] == [1, 1, 3, 1, 1]


@of(FinetunePanel)
def test_tuning_on_the_scan_on_show_is_said(panel, session):
    shown, other = session.scan, next(s for s in session.scans if s is not session.scan)
    for scan, is_said in ((shown, True), (other, False)):
        session.set_plan(TuningPlan("net:natural", TuneLike(), (ScanImages(scan, (0,), (1,)),)))
        said = f"{shown.name} will not be scored by the tuned network: tune on another person"
        assert (said in panel.unscored.text()) == is_said == panel.unscored.isVisible()


@of(FinetunePanel)
def test_tuning_on_another_scan_of_the_person_on_show_is_said(panel, session):
    t1, t2 = (make_scan(name, path=Path(f"/d/{name}/l3_{name}.nii")) for name in ("t1", "t2"))
    session.add_scan(t1)
    session.set_plan(TuningPlan("net:natural", TuneLike(), (ScanImages(t2, (0,), (1,)),)))
    assert "t2 shows the same person, so t1 will not be scored" in panel.unscored.text()
    session.show_scan(session.scans[0])
    assert not panel.unscored.isVisible()


@of(FinetunePanel)
def test_without_images_there_is_no_start(panel, session):
    session.set_plan(TuningPlan("net:natural", TuneLike(), (ScanImages(session.scans[0]),)))
    assert not panel.start.isEnabled()


@of(FinetunePanel)
def test_progress_is_told_with_the_time_left(panel, session):
    point = SimpleNamespace(
        step=10, loss=None, validation_psnr_db=30.0, seconds_left=75.2, measure="PSNR"
    )
    session.set_run(TuningRun(TuningPhase.RUNNING, (point,), "step 10/200"))
    assert panel.state.text() == "step 10/200 · 75 s left"
    assert panel.curves.isVisible()
    session.set_run(TuningRun(TuningPhase.STOPPING, (point,), "step 10/200"))
    assert panel.state.text() == "stopping, the best is kept…"


@of(MethodsPanel)
def test_methods_that_never_come_are_not_awaited(panel, session):
    session.set_catalogue(Catalogue())
    said = lambda: [label.text() for label in panel.findChildren(QLabel)]  # noqa: E731
    assert said() == ["loading…"]
    session.set_load_failed()
    assert said() == ["could not be loaded"]


def test_message_bar(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    assert not bar.isVisible()
    bar.set_message(Message("a.nii: must not be empty", "Traceback …", is_error=True))
    assert bar.isVisible()
    assert bar.text.text() == "a.nii: must not be empty"
    assert not bar.details.isVisible()
    QTest.mouseClick(bar.details_button, LEFT)
    assert bar.details.isVisible()
    dismissed = listen(bar.dismissed)
    QTest.mouseClick(bar.close_button, LEFT)
    assert dismissed == [()]
    bar.set_message(Message("Wrote figure.png"))
    assert not bar.details_button.isVisible()


def test_message_bar_has_a_sign_for_each_kind_also_when_the_files_are_gone(qtbot, monkeypatch):
    drawn = {
        name: theme.icon(name).pixmap(16, 16).toImage() for name in ("warning", "info", "done")
    }
    bar = MessageBar()
    qtbot.addWidget(bar)
    monkeypatch.setattr(theme, "_icon_folder", lambda: Path("gone"))
    for message, sign in (
        (Message("failed", is_error=True), "warning"),
        (Message("also here", is_notice=True), "info"),
        (Message("Wrote figure.png"), "done"),
    ):
        bar.set_message(message)
        assert bar.text.text() == message.text
        assert bar.sign.pixmap().toImage() == drawn[sign]


@of(MethodsPanel)
def test_a_long_name_is_broken_and_widens_nothing(panel, session, qtbot):
    before = panel.minimumSizeHint().width()
    name = "Network (Natural images), tuned on 10 undersampled images of a far hospital"
    offers = (*session.catalogue.methods, MethodOffer("net:long", name, "Fine-tuned here"))
    session.set_catalogue(replace(session.catalogue, methods=offers))
    panel.resize(320, panel.height())
    row = panel.rows["net:long"]
    qtbot.waitUntil(lambda: "\n" in row.box.text())
    assert row.box.text().replace("\n", " ") == name
    assert panel.minimumSizeHint().width() == before
