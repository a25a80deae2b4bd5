"""The line profile in the window, by real clicks, drags and keys."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from core.figure_style import STYLES, method_stroke
from core.line_profile import COLUMN, ROW, Line, LineChoice
from core.types import Scan
from core.views import VIEWS
from tests.gui.fakes import make_scan
from tests.gui.view_fakes import ViewCore, coil_scan
from tlmri_gui.app import build
from tlmri_gui.export import command_line
from tlmri_gui.models.profile import OTHER_VIEW
from tlmri_gui.state import Reference
from tlmri_gui.widgets.profile_plot import curve_pen

LEFT = Qt.MouseButton.LeftButton
SIZE = 16


class ProfileCore(ViewCore):
    """Shows magnitude scans as they are, and scans of coils as one level."""

    def reference(self, scan, slice_index, progress):
        if scan.magnitude is None:
            return super().reference(scan, slice_index, progress)
        return Reference(scan, slice_index, scan.magnitude[slice_index], 100.0)

    def reconstruct(self, scan, slice_index, mask, method, params, definition, device, progress):
        if method in self.errors:
            raise self.errors[method]
        given = (scan, slice_index, mask, method, params, definition, device, progress)
        if scan.magnitude is None:
            return super().reconstruct(*given)
        return super(ViewCore, self).reconstruct(*given)


@pytest.fixture
def core(tmp_path):
    return ProfileCore(folder=tmp_path)


@pytest.fixture
def window(qtbot, core, tmp_path):
    window = build(core)
    qtbot.addWidget(window)
    window.show()
    window.controller.start([tmp_path / "head.nii"])
    yield window
    window.close()


@pytest.fixture
def page(window, calm, qtbot):
    """The comparison with its profile, shown by its shortcut's action."""
    calm()
    window.actions_by_name["profile"].trigger()
    page = window.compare_page
    qtbot.waitUntil(lambda: page.profile_panel.plot.width() > 300)
    return page


def line_of(page):
    return page.profile.line


def pane(page, column=0):
    return page.stage.columns[column].image_pane


def at(pane, x, y):
    """Where a voxel lies in a pane, pixels."""
    target = pane.visible_target()
    scale = target.width() / SIZE
    left_top = target.topLeft()
    return QPoint(round(left_top.x() + (x + 0.5) * scale), round(left_top.y() + (y + 0.5) * scale))


def drag(pane, start, end):
    QTest.mousePress(pane, LEFT, pos=start)
    for part in (0.5, 1.0):
        QTest.mouseMove(pane, start + (end - start) * part)
    QTest.mouseRelease(pane, LEFT, pos=end)


def test_it_is_shown_on_demand_and_put_away_again(window, calm, page):
    panel, action = page.profile_panel, window.actions_by_name["profile"]
    assert action.isChecked()
    assert action.shortcut().toString() == "Ctrl+L"
    assert line_of(page) == Line(SIZE // 2)
    assert panel.legend.texts == ("Reference", "Zero-filled", "Wavelet", "Natural images")
    volume = window.session.scan.magnitude[window.session.slice_index]
    np.testing.assert_array_equal(page.profile.curves[0].values, volume[SIZE // 2])
    shown = [*page.stage.columns[0:1], *page.stage.columns]
    assert {column.image_pane.line for column in shown} == {Line(SIZE // 2)}
    assert page.stage.columns[1].error_pane.line == Line(SIZE // 2)
    QTest.mouseClick(panel.close_button, LEFT)
    assert not panel.isVisible()
    assert not action.isChecked()
    assert pane(page).line is None


def test_a_click_puts_the_line_there_and_a_drag_takes_it_along(page):
    view = pane(page, 1)
    QTest.mouseClick(view, LEFT, pos=at(view, 3, 11))
    assert line_of(page) == Line(11)
    centre = page.stage.camera.centre
    drag(view, at(view, 5, 11), at(view, 5, 4))
    assert line_of(page) == Line(4)
    assert page.stage.camera.centre == centre, "the image was not moved"
    drag(view, at(view, 5, 4), at(view, 5, 4) - QPoint(0, 2 * view.height()))
    assert line_of(page) == Line(0), "it stays at the edge"


def test_the_pointer_says_where_the_line_can_be_taken_hold_of(page):
    view = pane(page, 2)
    for axis, held in ((ROW, Qt.CursorShape.SplitVCursor), (COLUMN, Qt.CursorShape.SplitHCursor)):
        QTest.mouseClick(page.profile_panel.axes[axis], LEFT)
        QTest.mouseMove(view, view.line_point(Line(SIZE // 2, axis)).toPoint())
        assert view.cursor().shape() == held
        QTest.mouseMove(view, at(view, 2, 2))
        assert view.cursor().shape() == Qt.CursorShape.CrossCursor


def test_a_drag_beside_the_line_moves_the_image_and_not_the_line(page, qtbot):
    view = pane(page)
    page.stage.camera.zoom_about(page.stage.camera.centre, 4.0)
    before, middle = page.stage.camera.centre, view.rect().center()
    drag(view, middle + QPoint(0, 40), middle + QPoint(30, 60))
    assert page.stage.camera.centre != before
    assert line_of(page) == Line(SIZE // 2)


def test_a_double_click_shows_the_whole_image_and_leaves_the_line(page):
    view = pane(page)
    page.stage.camera.zoom_about(page.stage.camera.centre, 2.0)
    spot = view.rect().center() + QPoint(0, view.height() // 4)
    QTest.mouseClick(view, LEFT, pos=spot)
    assert line_of(page) != Line(SIZE // 2)
    QTest.mouseDClick(view, LEFT, pos=spot)
    assert page.stage.camera.zoom == 1.0
    assert line_of(page) == Line(SIZE // 2)


def test_arrow_keys_move_the_line_and_leave_the_slice_alone(page, window):
    view, index = pane(page), window.session.slice_index
    QTest.mouseClick(view, LEFT, pos=at(view, 3, 5))
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert line_of(page) == Line(6)
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert line_of(page) == Line(0)
    QTest.mouseClick(page.profile_panel.axes[COLUMN], LEFT)
    assert line_of(page) == Line(SIZE // 2, COLUMN)
    QTest.mouseClick(view, LEFT, pos=at(view, 3, 5))
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert line_of(page) == Line(4, COLUMN)
    assert window.session.slice_index == index


def test_the_panel_names_the_line_and_takes_another(page):
    panel = page.profile_panel
    assert (panel.spin.value(), panel.spin.maximum()) == (SIZE // 2, SIZE - 1)
    panel.spin.setFocus()
    panel.spin.selectAll()
    QTest.keyClicks(panel.spin, "13")
    QTest.keyClick(panel.spin, Qt.Key.Key_Return)
    assert line_of(page) == Line(13)
    QTest.mouseClick(panel.axes[COLUMN], LEFT)
    assert line_of(page) == Line(SIZE // 2, COLUMN)
    assert pane(page).line == Line(SIZE // 2, COLUMN)
    QTest.mouseClick(panel.axes[ROW], LEFT)
    QTest.keyClick(panel.spin, Qt.Key.Key_Up)
    QTest.mouseClick(panel.middle, LEFT)
    assert line_of(page) == Line(SIZE // 2)


def test_the_pointer_is_seen_in_both_the_images_and_the_curves(page, window):
    plot, view = page.profile_panel.plot, pane(page)
    QTest.mouseMove(view, at(view, 3, 5))
    assert plot.marked_lines[0] == "3 pixels from the left"
    row = window.session.scan.magnitude[window.session.slice_index][SIZE // 2]
    assert plot.marked_lines[1] == f"{row[3]:.4g}  Reference"
    field = plot.field()
    QTest.mouseMove(plot, field.center().toPoint())
    assert view.readout.startswith(f"x 7, y {SIZE // 2}:") or view.readout.startswith("x 8, y")
    plot.leaveEvent(None)
    assert view.readout == ""
    assert plot.marked_lines == ()


def test_another_slice_another_choice_of_methods_and_a_failure_are_followed(
    page, window, calm, core
):
    session = window.session
    window.actions_by_name["next"].trigger()
    calm()
    image = session.scan.magnitude[session.slice_index]
    np.testing.assert_array_equal(page.profile.curves[0].values, image[SIZE // 2])
    page.methods_panel.rows["cs"].box.click()
    calm()
    assert page.profile_panel.legend.texts == ("Reference", "Zero-filled", "Natural images")
    core.errors["net:natural"] = ValueError("too few samples")
    window.actions_by_name["reconstruct"].trigger()
    calm()
    assert page.profile_panel.legend.texts[-1] == "Natural images (failed)"
    assert page.profile.curves[-1].values is None
    page.profile_panel.grab()


def test_curves_look_as_in_the_figure_for_slides(page):
    look = STYLES["dark"].item
    reference, zero_filled, wavelet, network = map(curve_pen, page.profile.curves)
    assert reference.widthF() > network.widthF()
    wanted = [method_stroke(look, *which) for which in ((0, False), (1, False), (0, True))]
    for pen, stroke in zip((zero_filled, wavelet, network), wanted, strict=True):
        assert pen.color().name() == stroke.colour
        assert tuple(pen.dashPattern()) == stroke.dashes


def test_another_scan_begins_at_its_own_middle(page, window, calm):
    view = pane(page)
    QTest.mouseClick(view, LEFT, pos=at(view, 3, 2))
    window.session.add_scan(make_scan("larger", size=24))
    calm()
    assert line_of(page) == Line(12)
    window.session.remove_scan(window.session.scan)
    window.session.remove_scan(window.session.scan)
    calm()
    assert line_of(page) is None
    assert page.profile_panel.plot._state.note == "No image yet"
    window.controller.profile.move(3)
    window.controller.profile.step(1)
    assert window.session.profile.choice == LineChoice(ROW, 2), "there is no image to move it in"


def test_other_views_have_no_profile_and_say_so(page, window, calm):
    window.session.add_scan(coil_scan())
    window.controller.views.choose("phase")
    calm()
    assert page.stage.state.view is VIEWS["phase"]
    assert page.profile_panel.plot._state.note == OTHER_VIEW
    assert pane(page).line is None
    window.controller.views.choose("magnitude")
    calm()
    assert line_of(page) == Line(8)


def test_a_scan_without_a_reference_has_its_own_image_in_its_place(page, window, calm):
    scan = coil_scan("fast")
    sampled = np.zeros(scan.slice_shape, bool)
    sampled[:, ::2] = True
    window.session.add_scan(replace(scan, sampled=sampled))
    calm()
    assert page.profile_panel.legend.texts[:2] == ("As acquired", "Zero-filled")
    assert page.stage.columns[0].image_pane.line == Line(8)


def test_a_spacing_that_is_known_is_told_in_mm(page, window, calm):
    volume = np.ones((3, SIZE, SIZE), np.float32)
    window.session.add_scan(Scan("measured", magnitude=volume, spacing_mm=(3, 1.5, 0.5)))
    calm()
    assert page.profile.label == "mm from the left"
    assert page.profile_panel.place.text() == "12.0 mm from the top"
    QTest.mouseClick(page.profile_panel.axes[COLUMN], LEFT)
    assert page.profile_panel.place.text() == "4.0 mm from the left"


def test_the_command_line_names_the_line(page, window):
    session = window.session
    assert command_line(session).endswith("--profile middle --out results")
    window.controller.profile.move(3)
    assert "--profile 3 " in command_line(session)
    window.controller.profile.choose_axis(COLUMN)
    assert "--profile column " in command_line(session)
    window.controller.profile.show(False)
    assert "--profile" not in command_line(session)


def test_it_is_exported_as_a_figure_and_as_a_table(page, window, calm, tmp_path):
    window.controller.profile.move(3)
    window.controller.export_profile(tmp_path / "profile.png")
    window.controller.export_profile(tmp_path / "profile.csv")
    calm()
    assert window.session.message.text.startswith("Wrote"), window.session.message.text
    with Image.open(tmp_path / "profile.png") as picture:
        assert picture.info["Line"] == "row 3"
        assert "--profile 3" in picture.info["Command"]
    rows = list(csv.DictReader((tmp_path / "profile.csv").read_text().splitlines()))
    image = window.session.scan.magnitude[window.session.slice_index]
    np.testing.assert_allclose([float(r["reference"]) for r in rows], image[3], rtol=1e-5)
    np.testing.assert_allclose([float(r["zf"]) for r in rows], 0.9 * image[3], rtol=1e-5)


def test_nothing_to_export_is_said(page, window, calm, tmp_path):
    window.session.clear_results()
    window.controller.export_profile(tmp_path / "profile.png")
    calm()
    assert "no finished reconstruction of this slice" in window.session.message.text
    assert not (tmp_path / "profile.png").exists()


def test_a_small_window_keeps_all_of_it_in_reach(page, window, qtbot):
    window.resize(900, 640)
    qtbot.waitUntil(lambda: window.height() <= 700)
    plot = page.profile_panel.plot
    assert plot.field().height() > 30
    assert plot.width() > 240
    page.profile_panel.grab()
