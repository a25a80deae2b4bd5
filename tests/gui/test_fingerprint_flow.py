"""The Fingerprinting page by real clicks: on a core that answers at once, and on the real one."""

import json

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QTabBar, QToolButton

from core.cli.main import parser
from core.fingerprinting.simulate_settings import SimulateSettings
from tests.gui.fingerprint_fakes import CLEAN, SEQUENCE, TRANSFERRED
from tests.gui.window_fakes import FakeCore
from tlmri_gui.app import build
from tlmri_gui.fingerprint_state import DICTIONARY, FingerprintMethod
from tlmri_gui.main_window import MAP, RECONSTRUCT
from tlmri_gui.models.fingerprint_maps import Range

LEFT = Qt.MouseButton.LeftButton
LAST_TAB = 2


def click(button):
    assert button.isEnabled(), button.toolTip()
    QTest.mouseClick(button, LEFT)


def tick(box):
    assert box.isEnabled(), box.toolTip()
    QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))


def open_page(window):
    tabs = window.navigation
    QTest.mouseClick(tabs, LEFT, pos=tabs.tabRect(LAST_TAB).center())
    assert window.fingerprint_page.isVisible()
    return window.fingerprint_page


def place_of(page, voxel, row=0, column=0):
    """Where a voxel (y, x) lies in a pane, pixels."""
    QApplication.processEvents()  # a new grid is laid out first
    grid = page.stage.grid
    pane = grid.panes[row][column]
    at = grid.camera.to_pane(grid.middle(voxel), pane.width(), pane.height())
    return pane, QPoint(round(at.x()), round(at.y()))


def hover(page, voxel, row=0, column=0):
    pane, at = place_of(page, voxel, row, column)
    QTest.mouseMove(pane, at)


def type_into(box, text):
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


def drop(window, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, plain = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), copy, mime, LEFT, plain))


def answer(window, qtbot, path):
    """Type a path into the dialog on show."""

    def on_show():
        return [d for d in window.findChildren(QFileDialog) if d.isVisible()]

    qtbot.waitUntil(lambda: bool(on_show()))
    [dialog] = on_show()
    dialog.selectFile(str(path))
    dialog.accept()
    qtbot.waitUntil(lambda: not on_show())


# with a core that answers at once --------------------------------------------------------------


@pytest.fixture
def core(tmp_path):
    return FakeCore(folder=tmp_path)


@pytest.fixture
def window(qtbot, core):
    window = build(core)
    qtbot.addWidget(window)
    window.show()
    window.controller.fingerprint.load()
    yield window
    window.close()


@pytest.fixture
def settle(qtbot, window):
    return lambda: qtbot.waitUntil(lambda: not window.jobs._open_jobs, timeout=20_000)


@pytest.fixture
def page(window, settle):
    settle()
    return open_page(window)


@pytest.fixture
def mapped(page, settle):
    click(page.stage.demo)
    settle()
    return page


def asked(core, what):
    return [entry for entry in core.fingerprints.asked if entry[0] == what]


def test_nothing_runs_until_it_is_asked_for(page, core):
    assert core.fingerprints.names() == ["plan"]
    assert page.stage.demo.isVisible()
    assert not page.bar.map.isEnabled()
    assert not page.details.isVisible()
    assert not page.methods.boxes["net:bad"].isEnabled()


def test_one_click_simulates_and_maps(mapped, core):
    assert [entry[1] for entry in asked(core, "map")] == [DICTIONARY, TRANSFERRED]
    grid = mapped.stage.grid
    assert [name.title.text() for name in grid.names] == [
        "Truth",
        "Dictionary",
        "Transferred network",
    ]
    assert all(pane.picture is not None for panes in grid.panes for pane in panes)
    assert [scale.title.text() for scale in grid.scales] == ["T1", "T2", "ADC"]
    assert mapped.errors.plot.state.tissues
    assert mapped.details.isVisible()


def test_settings_are_simulated_as_typed(page, core, settle):
    type_into(page.series.form.editors["seed"].widget, "7")
    type_into(page.series.form.editors["snr_db"].widget, "20")
    click(page.series.simulate)
    settle()
    [(_, settings)] = asked(core, "simulate")
    assert (settings.seed, settings.snr_db) == (7, 20.0)
    assert page.series.name.text() == "Phantom subject 7"
    assert not asked(core, "map")


def test_settings_that_do_not_go_together_are_refused(page, window):
    type_into(page.series.form.editors["n_slices"].widget, "20")
    assert "must stay within slices" in window.message_bar.text.text()
    type_into(page.series.form.editors["n_slices"].widget, "1")
    assert window.session.message is None, "mended by what was there before"


def test_settings_of_the_next_series_do_not_pass_for_those_of_the_one_on_show(mapped, settle):
    assert mapped.series.whose.text() == "Digital brain"
    type_into(mapped.series.form.editors["seed"].widget, "7")
    assert mapped.series.whose.text() == "Digital brain, for the next Simulate"
    click(mapped.series.simulate)
    settle()
    assert mapped.series.whose.text() == "Digital brain"


def test_methods_are_chosen_and_f5_maps_what_is_missing(mapped, window, core, settle):
    core.fingerprints.asked.clear()
    tick(mapped.methods.boxes[CLEAN])
    assert mapped.stage.grid.panes[2][0].status == "not mapped yet"
    QTest.keyClick(window, Qt.Key.Key_F5)
    settle()
    assert [entry[1] for entry in asked(core, "map")] == [CLEAN]
    tick(mapped.methods.boxes[DICTIONARY])
    assert len(mapped.stage.grid.panes) == 3
    assert not mapped.methods.atoms.isEnabled()


def test_f5_is_called_by_what_it_does(window, page):
    action = window.actions_by_name["reconstruct"]
    assert action.text() == MAP
    QTest.mouseClick(window.navigation, LEFT, pos=window.navigation.tabRect(0).center())
    assert action.text() == RECONSTRUCT


def test_the_size_of_the_dictionary_is_typed(page, core, settle):
    type_into(page.methods.atoms, "500")
    click(page.stage.demo)
    settle()
    assert asked(core, "map")[0] == ("map", DICTIONARY, 500, "auto")


def test_escape_gives_up_the_mapping_and_keeps_the_series(mapped, window, core, settle, qtbot):
    core.fingerprints.steps = 10**9
    tick(mapped.methods.boxes[CLEAN])
    click(mapped.bar.map)
    qtbot.waitUntil(lambda: len(asked(core, "map")) == 3)
    assert mapped.stage.grid.panes[2][0].status == "mapping…"
    qtbot.waitUntil(lambda: "Mapping by Clean network" in window.job_bar.text)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert mapped.stage.grid.panes[2][0].status == "not mapped yet"
    settle()
    assert mapped.stage.grid.panes[1][0].picture is not None


def test_a_bad_series_says_why_and_the_earlier_one_stays(mapped, window, core, settle, qtbot):
    core.fingerprints.errors["open"] = ValueError("bad.npy: must be finite, got NaN")
    click(mapped.series.open)
    (core.folder / "bad.npy").touch()
    answer(window, qtbot, core.folder / "bad.npy")
    settle()
    assert window.message_bar.text.text() == "bad.npy: must be finite, got NaN"
    assert mapped.series.name.text() == "Phantom subject 1"
    assert mapped.stage.grid.panes[1][0].picture is not None


def test_a_series_dropped_on_the_page_is_opened(page, window, core, settle, tmp_path):
    drop(window, tmp_path / "measured.npy")
    settle()
    assert asked(core, "open") == [("open", tmp_path / "measured.npy")]
    assert page.series.name.text() == "measured"
    assert not page.stage.errors.isEnabled()


def test_networks_dropped_beside_a_series_join_the_list(page, window, core, settle, tmp_path):
    drop(window, tmp_path / "own.safetensors", tmp_path / "measured.npy")
    settle()
    assert asked(core, "open") == [("open", tmp_path / "measured.npy")]
    assert page.methods.boxes[f"net:{tmp_path / 'own.safetensors'}"].isChecked()


def test_a_good_series_takes_the_refusal_of_a_bad_one_away(page, window, core, settle, tmp_path):
    core.fingerprints.errors["open"] = ValueError("bad.npy: must be finite, got NaN")
    drop(window, tmp_path / "bad.npy")
    settle()
    assert window.message_bar.isVisible()
    del core.fingerprints.errors["open"]
    drop(window, tmp_path / "good.npy")
    settle()
    assert not window.message_bar.isVisible()


def test_a_network_of_another_sequence_is_greyed_while_such_a_series_is_shown(
    mapped, window, core, settle, tmp_path
):
    own = FingerprintMethod("net:own", "Own", sequence_key="none", sequence_name="Long")
    fits = FingerprintMethod("net:fits", "Fits", sequence_key=SEQUENCE.key)
    control = window.controller.fingerprint
    for method in (own, fits):
        control._take_network(method)
    box, other = mapped.methods.boxes["net:own"], mapped.methods.boxes["net:fits"]
    assert (box.isEnabled(), box.isChecked()) == (False, False)
    assert box.toolTip() == "trained for another sequence, 'Long'"
    assert (other.isEnabled(), other.isChecked()) == (True, True)
    core.fingerprints.asked.clear()
    click(mapped.bar.map)
    settle()
    assert [entry[1] for entry in asked(core, "map")] == ["net:fits"]
    assert "net:own" not in control.command_line()


def test_the_pointer_reads_every_method_in_units(mapped, settle):
    hover(mapped, (5, 4))
    grid = mapped.stage.grid
    assert [pane.readout for pane in grid.panes[0]] == ["800 ms", "70 ms", "0.70 µm²/ms"]
    assert [pane.readout for pane in grid.panes[2]] == ["840 ms", "74 ms", "0.73 µm²/ms"]
    assert "White matter · truth: T1 800 ms" in mapped.stage.readout.text()
    settle()
    assert mapped.fit.place.text() == "x 4, y 5 · White matter"
    assert len(mapped.fit.plot.state.curves) == 2
    assert mapped.fit.legend.texts[1] == "Dictionary, residual 10.0 %"
    hover(mapped, (0, 0))
    assert grid.panes[0][0].readout == ""


def test_a_click_pins_the_voxel_and_another_lets_it_go(mapped, settle):
    pane, at = place_of(mapped, (5, 4), 1, 2)
    QTest.mouseClick(pane, LEFT, pos=at)
    hover(mapped, (6, 8))
    settle()
    assert mapped.fit.place.text() == "x 4, y 5 · White matter"
    click(mapped.fit.release)
    hover(mapped, (6, 7))
    settle()
    assert mapped.fit.place.text() == "x 7, y 6 · Cortical grey matter"
    assert not mapped.fit.release.isVisible()


def test_a_voxel_is_pinned_and_moved_by_keys(mapped, window, settle):
    grid = mapped.stage.grid
    slice_before = window.session.fingerprint.slice_index
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Space)
    settle()
    start = window.session.voxel.voxel
    assert window.session.voxel.is_pinned
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up):
        QTest.keyClick(grid, key)
    settle()
    assert window.session.voxel.voxel == (slice_before, start[1] - 2, start[2] - 1)
    QTest.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert window.session.voxel.voxel[1] == grid._state.window.nearest(start[1] + 8, 0)[0]
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert not window.session.voxel.is_pinned


def test_keys_go_to_the_maps_once_the_demo_is_there(mapped, window):
    grid = mapped.stage.grid
    assert window.focusWidget() is grid
    assert not grid.shows_ring, "a frame is for those who use keys"
    QTest.keyClick(grid, Qt.Key.Key_Tab)
    assert window.focusWidget() is not grid
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Backtab)
    assert window.focusWidget() is grid
    assert grid.shows_ring


def test_a_pinned_voxel_is_read_while_the_pointer_is_away(mapped, settle):
    pane, at = place_of(mapped, (5, 4), 1, 2)
    QTest.mouseClick(pane, LEFT, pos=at)
    settle()
    assert mapped.stage.grid.hasFocus(), "keys go to what was clicked"
    pane.unhovered.emit()
    assert mapped.stage.grid.panes[2][0].readout == "840 ms"
    assert mapped.stage.grid.panes[2][0].accessibleDescription() == "840 ms"


def test_what_has_no_text_has_a_name(mapped, qtbot):
    for button in mapped.findChildren(QToolButton):
        if not button.text() and not isinstance(button.parent(), QTabBar):
            assert button.accessibleName(), button.toolTip()
    for scale in mapped.stage.grid.scales:
        assert scale.title.text() in scale.lock.accessibleName()
    names = [pane.accessibleName() for pane in mapped.stage.grid.panes[1]]
    assert names == ["T1, Dictionary", "T2, Dictionary", "ADC, Dictionary"]


def test_a_drag_moves_all_maps_and_pins_nothing(mapped, window, settle):
    pane, at = place_of(mapped, (5, 4))
    mapped.stage.grid.camera.zoom_about(mapped.stage.grid.middle((5, 4)), 3.0)
    before = mapped.stage.grid.camera.centre
    QTest.mousePress(pane, LEFT, pos=at)
    QTest.mouseMove(pane, at + QPoint(30, 0))
    QTest.mouseRelease(pane, LEFT, pos=at + QPoint(30, 0))
    settle()
    assert not window.session.voxel.is_pinned
    assert mapped.stage.grid.camera.centre != before
    click(mapped.stage.whole)
    assert mapped.stage.grid.camera.zoom == 1.0


def test_errors_are_shown_on_one_scale(mapped):
    click(mapped.stage.errors)
    grid = mapped.stage.grid
    assert len(grid.panes) == 2, "the truth has no error"
    assert [scale.bar.words for scale in grid.scales] == [("−20", "0", "+20 %")] * 3
    hover(mapped, (5, 4))
    assert grid.panes[1][0].readout == "840 ms  +5.0 %"
    type_into(mapped.stage.error_scale, "5")
    assert grid.scales[0].bar.words[0] == "−5"
    click(mapped.stage.maps)
    assert len(grid.panes) == 3


def test_a_range_is_typed_and_locked(mapped):
    grid = mapped.stage.grid
    before = grid.panes[1][0].picture.pixel(4, 5)
    type_into(grid.scales[0].high, "1000")
    assert mapped.stage.state.columns[0].range == Range(0, 1000)
    assert grid.panes[1][0].picture.pixel(4, 5) != before
    click(grid.scales[0].lock)
    assert mapped.stage.state.columns[0].range == Range(800, 1400, is_locked=False)
    click(grid.scales[0].lock)
    assert mapped.stage.state.columns[0].range == Range(800, 1400)


def test_an_empty_range_is_undone_with_a_word(mapped, window):
    high = mapped.stage.grid.scales[0].high
    before = mapped.stage.state.columns[0].range
    type_into(mapped.stage.grid.scales[0].low, "300")
    type_into(high, "200")
    assert "T1: the highest value" in window.message_bar.text.text()
    assert "got 300 to 200" in window.message_bar.text.text()
    assert high.value() == before.high
    type_into(high, "900")
    assert mapped.stage.state.columns[0].range == Range(300, 900)
    assert window.session.message is None


def test_proton_density_is_switched_on(mapped):
    tick(mapped.stage.pd)
    assert [scale.title.text() for scale in mapped.stage.grid.scales] == ["T1", "T2", "ADC", "PD"]


def test_the_parameter_of_the_errors_is_chosen(mapped):
    click(mapped.errors.buttons["adc"])
    assert mapped.errors.plot.state.parameter.name == "adc"
    assert mapped.errors.as_tsv().splitlines()[1].startswith("Whole brain\tDictionary\t")


def test_slices_are_stepped_by_the_keys_of_the_window(page, window, settle):
    type_into(page.series.form.editors["n_slices"].widget, "3")
    click(page.stage.demo)
    settle()
    assert (page.series.spin.text(), page.series.spin.isVisible()) == ("2 of 3", True)
    page.stage.grid.setFocus()
    QTest.keyClick(page.stage.grid, Qt.Key.Key_Right)
    assert window.session.fingerprint.slice_index == 2, "the maps keep the keys for a pin only"
    window.setFocus()
    QTest.keyClick(window, Qt.Key.Key_Left)
    assert window.session.fingerprint.slice_index == 1
    page.series.slider.setValue(0)
    assert window.session.fingerprint.slice_index == 0
    type_into(page.series.spin, "3")
    assert window.session.fingerprint.slice_index == 2
    assert page.series.slider.value() == 2


def test_maps_leave_the_page_as_they_are_shown(mapped, window, core, settle, qtbot, tmp_path):
    type_into(mapped.stage.grid.scales[0].high, "2000")
    click(mapped.stage.save)
    answer(window, qtbot, tmp_path)
    settle()
    [saved] = asked(core, "save")
    look = saved[-1]
    assert saved[1] == tmp_path
    assert look.ranges["t1"] == (0, 2000)
    assert (look.error_percent, look.shows_pd) == (20.0, False)
    window.actions_by_name["figure"].trigger()
    answer(window, qtbot, tmp_path / "maps.png")
    window.actions_by_name["table"].trigger()
    answer(window, qtbot, tmp_path / "scores.csv")
    settle()
    assert asked(core, "figure")[0][1] == tmp_path / "maps.png"
    assert asked(core, "scores")[0][1] == tmp_path / "scores.csv"


def test_nothing_is_exported_before_there_are_maps(page, window):
    for name in ("figure", "table"):
        window.session.dismiss_message()
        window.actions_by_name[name].trigger()
        assert "there are no maps yet" in window.message_bar.text.text()


def test_the_copied_command_is_one_that_tlmri_takes(page, window, core, settle):
    type_into(page.series.form.editors["seed"].widget, "123456")
    click(page.stage.demo)
    settle()
    window.actions_by_name["command"].trigger()
    simulate, mapping = QGuiApplication.clipboard().text().split(" && ")
    args = parser().parse_args(simulate.split()[1:])
    assert args.seed == 123456
    args = parser().parse_args(mapping.split()[1:])
    assert args.methods == f"{DICTIONARY},{TRANSFERRED}"
    assert (args.atoms, str(args.series)) == (1000, "series")


def test_a_network_file_joins_the_list(page, window, core, settle, qtbot, tmp_path):
    (tmp_path / "own.safetensors").touch()
    click(page.methods.network)
    answer(window, qtbot, tmp_path / "own.safetensors")
    settle()
    box = page.methods.boxes[f"net:{tmp_path / 'own.safetensors'}"]
    assert box.isChecked()
    assert "Own" in box.text()


# with the real core ------------------------------------------------------------------------------


def test_a_tiny_brain_on_the_real_core(qtbot, tmp_path):
    window = build()
    qtbot.addWidget(window)
    window.show()

    def calm():
        qtbot.waitUntil(lambda: not window.jobs._open_jobs, timeout=120_000)

    control, session = window.controller.fingerprint, window.session
    control.load()
    calm()
    page = open_page(window)
    tiny = SimulateSettings(size=32, snr_db=40.0)
    control.set_simulation(tiny)
    for name, box in page.methods.boxes.items():
        if box.isChecked() != (name == DICTIONARY):
            tick(box)
    type_into(page.methods.atoms, "400")
    click(page.stage.demo)
    calm()
    assert session.message is None
    outcome = session.fingerprint.outcomes[DICTIONARY]
    truth = session.fingerprint.series.truth.maps
    error = np.abs(np.log(outcome.mapped.maps.t1_ms / truth.t1_ms))
    assert np.nanmedian(error) < 0.2, "a coarse dictionary, yet of the right tissue"
    assert page.errors.plot.state.tissues[0].tissue == "Whole brain"

    y, x = (int(i) for i in np.argwhere(session.fingerprint.series.mask[0])[200])
    hover(page, (y, x))
    calm()
    [curve] = page.fit.plot.state.curves
    assert len(page.fit.plot.state.measured) == session.fingerprint.series.sequence.n_readouts
    assert 0 < curve.residual < 50

    click(page.stage.save)
    answer(window, qtbot, tmp_path)
    calm()
    assert (tmp_path / "dictionary" / "t1.nii.gz").is_file()
    assert (tmp_path / "scores.csv").is_file()
    assert (tmp_path / "maps.png").read_bytes().startswith(b"\x89PNG")
    document = json.loads((tmp_path / "maps.json").read_text())
    assert "--atoms 400" in document["provenance"]["command"]

    np.save(tmp_path / "short.npy", np.ones((7, 32, 32), np.complex64))
    control.open(tmp_path / "short.npy")
    calm()
    assert session.message.is_error
    assert "short.npy" in session.message.text
    assert session.fingerprint.simulation == tiny
    assert session.fingerprint.outcomes
    window.close()
