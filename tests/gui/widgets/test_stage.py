"""The comparison stage draws what it is given, links its panes, and asks only when a user does."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication

from tlmri_gui.models.stage import Panel, StageState
from tlmri_gui.widgets.stage import COLUMN_WIDTH, ComparisonStage

PEAK = 200.0
SHAPE = (40, 50)


def ramp(scale=1.0):
    return np.linspace(0, PEAK * scale, SHAPE[0] * SHAPE[1], dtype=np.float32).reshape(SHAPE)


def state(n_methods=2, **changes):
    """Reference and methods whose error is 10, 20, ... everywhere."""
    panels = [Panel("reference", "Reference", ramp())]
    panels += [
        Panel(
            f"m{i}",
            f"Method {i}",
            ramp() + np.float32(10 * i),
            (f"PSNR {40 - i}.0 dB", "SSIM 0.9"),
            best=i == 1,
        )
        for i in range(1, n_methods + 1)
    ]
    given = StageState(
        tuple(panels),
        PEAK,
        edges=("R", "L", "A", "P"),
        provenance="simulated from magnitude",
    )
    return replace(given, **changes)


@pytest.fixture
def stage(qtbot):
    stage = ComparisonStage()
    qtbot.addWidget(stage)
    stage.resize(900, 700)
    stage.show()
    return stage


@pytest.fixture
def filled(stage, qtbot):
    stage.set_state(state())
    qtbot.waitUntil(lambda: stage.columns[0].image_pane.width() > 200)
    return stage


@pytest.fixture
def intents(stage):
    """Everything the stage asks for."""
    heard = []
    stage.window_changed.connect(lambda *a: heard.append(("window", *a)))
    stage.error_factor_changed.connect(lambda *a: heard.append(("factor", *a)))
    stage.slice_step.connect(lambda *a: heard.append(("slice", *a)))
    return heard


def panes(stage):
    found = [column.image_pane for column in stage.columns]
    return found + [column.error_pane for column in stage.columns[1:]]


def grey(pane, y, x):
    return pane.picture.pixelColor(x, y).red()


def wheel(pane, notches, modifiers=Qt.KeyboardModifier.NoModifier, at=None):
    at = QPointF(pane.rect().center()) if at is None else at
    event = QWheelEvent(
        at,
        pane.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)


def drag(pane, button, dx, dy):
    """A drag from the centre by (dx, dy) pixels, as Qt delivers it."""
    start = QPointF(pane.rect().center())
    steps = (
        (QEvent.Type.MouseButtonPress, start, button),
        (QEvent.Type.MouseMove, start + QPointF(dx, dy), Qt.MouseButton.NoButton),
        (QEvent.Type.MouseButtonRelease, start + QPointF(dx, dy), button),
    )
    for kind, at, changed in steps:
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        event = QMouseEvent(
            kind, at, pane.mapToGlobal(at), changed, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(pane, event)


def test_a_new_stage_invites_to_open_a_scan(stage):
    assert stage.columns == []
    assert stage._pages.currentWidget().text() == "Open a scan, or drop a file here"
    assert not stage._head.isVisible()


def test_it_shows_titles_scores_and_badge(filled):
    assert [c.title.text() for c in filled.columns] == ["Reference", "Method 1", "Method 2"]
    assert filled.columns[2].score.text() == "PSNR 38.0 dB"
    assert filled.columns[2].details.text() == "SSIM 0.9"
    assert filled._badge.text() == "simulated from magnitude"
    assert filled._badge.isVisible()


def test_images_are_drawn_in_the_window(filled):
    filled.set_window(0.0, PEAK)
    pane = filled.columns[0].image_pane
    assert grey(pane, 0, 0) == 0
    assert grey(pane, *(n - 1 for n in SHAPE)) == 255
    assert grey(pane, 20, 25) == pytest.approx(ramp()[20, 25] / PEAK * 255, abs=1)


def test_error_maps_share_one_scale_that_ends_at_peak_over_factor(filled):
    filled.set_error_factor(10.0)
    assert filled.legend.end == PEAK / 10
    first, second = (column.error_pane.picture for column in filled.columns[1:])
    bright, middle = second.pixelColor(5, 5).getRgb(), first.pixelColor(5, 5).getRgb()
    assert bright[:3] == (252, 255, 164), "an error of 20 is the end of the scale"
    assert middle[:3] != bright[:3]
    assert filled.columns[1].error_pane.tag == "|error| × 10"
    assert filled.legend.choice.currentText() == "× 10"


def test_the_reference_has_no_error_map_and_alone_it_needs_no_legend(filled):
    assert not filled.columns[0].error_pane.isVisible()
    assert filled.legend.isVisible()
    filled.set_state(state(n_methods=0))
    assert len(filled.columns) == 1
    assert not filled.legend.isVisible()


@pytest.mark.parametrize("height", [440, 520, 700])
def test_nothing_is_cut_off_on_a_short_window(filled, qtbot, height):
    filled.resize(900, height)
    QApplication.processEvents()
    area = filled._pages.currentWidget()
    content, legend = area.widget(), filled.legend
    assert content.height() == area.viewport().height(), "all rows are in sight"
    layout = legend.layout()
    assert legend.height() >= layout.totalHeightForWidth(legend.width())
    assert legend.geometry().bottom() < content.height()
    assert filled.columns[1].error_pane.geometry().bottom() < content.height()


def test_where_even_the_least_does_not_fit_it_scrolls(filled):
    filled.resize(900, 250)
    QApplication.processEvents()
    area = filled._pages.currentWidget()
    assert area.verticalScrollBar().maximum() > 0


def test_the_best_is_marked_in_words(filled):
    assert filled.columns[1].score.text() == "PSNR 39.0 dB  ·  best"
    assert filled.columns[1].score.property("role") == "best"
    assert filled.columns[2].score.property("role") == "score"


def test_the_mark_of_the_best_moves_with_it(filled):
    panels = state().panels
    moved = (panels[0], replace(panels[1], best=False), replace(panels[2], best=True))
    filled.set_state(state(panels=moved))
    roles = [column.score.property("role") for column in filled.columns]
    assert roles == ["score", "score", "best"]


def test_a_status_stands_in_place_of_an_image(filled):
    reference, first, second = state().panels
    failed = replace(second, image=None, status="failed: out of memory", caption=())
    filled.set_state(state(panels=(reference, first, failed)))
    column = filled.columns[2]
    assert column.image_pane.picture is None
    assert column.error_pane.picture is None
    assert column.image_pane.status == "failed: out of memory"
    assert not column.score.isVisible()


def test_a_remark_is_shown_and_taken_away(filled):
    reference, first, second = state().panels
    remarked = replace(first, remark="trained for R=4")
    filled.set_state(state(panels=(reference, remarked, second)))
    assert filled.columns[1].remark.text() == "trained for R=4"
    assert filled.columns[1].remark.isVisible()
    filled.set_state(state())
    assert not filled.columns[1].remark.isVisible()


def test_the_picture_keeps_the_physical_aspect(filled):
    filled.set_state(state(spacing=(2.0, 1.0)))
    target = filled.columns[0].image_pane.visible_target()
    assert target.height() / target.width() == pytest.approx(2 * SHAPE[0] / SHAPE[1])


def test_wheel_zooms_all_panes_alike_and_double_click_resets(filled, qtbot):
    wheel(filled.columns[1].error_pane, 3)
    assert filled.camera.zoom == pytest.approx(1.2**3)
    widths = {round(p.visible_target().width() / p.width(), 2) for p in panes(filled)}
    assert len(widths) == 1
    qtbot.mouseDClick(filled.columns[2].image_pane, Qt.MouseButton.LeftButton)
    assert filled.camera.zoom == 1.0


def test_drag_pans_all_panes(filled):
    wheel(filled.columns[0].image_pane, 6)
    before = [p.visible_target().left() for p in panes(filled)]
    drag(filled.columns[0].image_pane, Qt.MouseButton.LeftButton, 15, 0)
    moved = [p.visible_target().left() - b for p, b in zip(panes(filled), before, strict=True)]
    assert moved == pytest.approx([15.0] * len(moved), abs=0.5)


def test_gestures_of_sight_are_no_intents(filled, intents):
    pane = filled.columns[0].image_pane
    wheel(pane, 2)
    drag(pane, Qt.MouseButton.LeftButton, 10, 5)
    assert intents == []


@pytest.mark.parametrize("notches", [1, -1])
def test_ctrl_wheel_asks_for_another_slice_and_does_not_zoom(filled, intents, notches):
    wheel(filled.columns[1].image_pane, notches, Qt.KeyboardModifier.ControlModifier)
    assert intents == [("slice", notches)]
    assert filled.camera.zoom == 1.0


def test_right_drag_changes_the_window_of_all_panes(filled, intents):
    filled.set_window(50.0, 150.0)
    before = [grey(c.image_pane, 20, 25) for c in filled.columns]
    drag(filled.columns[2].image_pane, Qt.MouseButton.RightButton, 0, 30)
    assert filled.grey_window == pytest.approx((30.0, 130.0))
    assert intents == [("window", *filled.grey_window)]
    assert all(grey(c.image_pane, 20, 25) > b for c, b in zip(filled.columns, before, strict=True))


def test_the_slider_and_auto_are_intents(filled, intents):
    filled.levels.levels_changed.emit(10.0, 90.0)
    filled.levels.auto_requested.emit()
    assert intents[0] == ("window", 10.0, 90.0)
    assert intents[1][0] == "window"
    assert intents[1][2] == pytest.approx(0.98 * PEAK, rel=0.01)


def test_choosing_a_factor_is_an_intent(filled, intents, qtbot):
    choice = filled.legend.choice
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert intents == [("factor", 10.0)]
    assert filled.error_factor == 10.0
    assert filled.columns[1].error_pane.tag == "|error| × 10"


def test_a_factor_off_the_list_is_listed_in_order(filled):
    filled.set_error_factor(7.5)
    choice = filled.legend.choice
    values = [choice.itemData(i) for i in range(choice.count())]
    assert values == sorted(values)
    assert choice.currentText() == "× 7.5"


def test_repainting_emits_no_intent(stage, intents):
    stage.set_state(state())
    stage.set_window(5.0, 50.0)
    stage.set_error_factor(2.0)
    stage.set_state(state(n_methods=4, peak=400.0))
    stage.grab()
    assert intents == []


def test_zoom_and_window_stay_with_another_slice_and_other_methods(filled):
    filled.set_window(5.0, 50.0)
    wheel(filled.columns[0].image_pane, 4)
    zoom = filled.camera.zoom
    filled.set_state(state(n_methods=4))
    assert len(filled.columns) == 5
    assert filled.camera.zoom == zoom
    assert filled.grey_window == (5.0, 50.0)


def test_zoom_starts_afresh_with_another_size_and_window_with_another_peak(filled):
    filled.set_window(5.0, 50.0)
    wheel(filled.columns[0].image_pane, 4)
    other = Panel("reference", "Reference", np.full((30, 30), 8.0, np.float32))
    filled.set_state(state(panels=(other,), peak=10.0))
    assert filled.camera.zoom == 1.0
    assert filled.grey_window == (0.0, 8.0)


def test_the_window_waits_for_the_reference(stage):
    stage.set_state(state(panels=(Panel("reference", "R", None, status="computing…"),)))
    stage.set_state(state())
    assert stage.grey_window[1] == pytest.approx(0.98 * PEAK, rel=0.01)


def test_an_empty_scan_is_black_and_harms_nothing(stage, qtbot):
    nothing = np.zeros(SHAPE, np.float32)
    panels = (Panel("reference", "R", nothing), Panel("zf", "ZF", nothing))
    stage.set_state(StageState(panels, peak=0.0))
    stage.grab()
    drag(stage.columns[0].image_pane, Qt.MouseButton.RightButton, 10, 10)
    assert grey(stage.columns[0].image_pane, 3, 3) == 0
    assert stage.columns[1].error_pane.picture.pixelColor(3, 3).getRgb()[:3] == (0, 0, 4)


def test_the_crosshair_is_linked_and_reads_out_values(filled):
    filled.set_state(state(spacing=(2.0, 1.0)))
    filled._hover(QPointF(25.5, 41.0))
    value = float(ramp()[20, 25])
    reference, first, second = filled.columns
    assert reference.image_pane.readout == f"x 25, y 20:  {value:.4g}"
    assert first.image_pane.readout == f"{value + 10:.4g}"
    assert float(second.error_pane.readout) == pytest.approx(20, abs=0.01)
    filled._unhover()
    assert {pane.readout for pane in panes(filled)} == {""}


def test_moving_the_mouse_over_a_pane_reads_out_its_voxel(filled, qtbot):
    pane = filled.columns[1].image_pane
    target = pane.visible_target()
    qtbot.mouseMove(pane, pos=QPointF(target.left() + 2, target.top() + 2).toPoint())
    qtbot.waitUntil(lambda: filled.columns[0].image_pane.readout == "x 0, y 0:  0")


def test_outside_the_image_there_is_no_value(filled):
    filled._hover(QPointF(-1.0, 5.0))
    assert filled.columns[0].image_pane.readout == ""


def test_narrow_columns_say_less_and_break_no_figure(filled, qtbot):
    filled.resize(820, 600)
    caption = ("PSNR 39.00 dB", "SSIM 0.8672", "NMSE 0.0236")
    title = "Natural images, fine-tuned on Phantom subject 1 at R=4 with Poisson-disc masks"
    first, *others = state(n_methods=4).panels
    panels = [replace(panel, title=title, caption=caption) for panel in others]
    filled.set_state(state(panels=(first, *panels)))
    qtbot.waitUntil(lambda: filled.columns[1].image_pane.width() < 170)
    column = filled.columns[2]
    assert filled._pages.currentWidget().horizontalScrollBar().maximum() == 0
    assert column.score.text() == "PSNR 39.00 dB"
    assert column.details.text() == "SSIM 0.8672\nNMSE 0.0236", "the same measures at any width"
    assert "…" in column.title.text()
    assert column.title.text().endswith("masks"), "the end tells one from another"
    assert column.title.toolTip() == title
    assert column.title.height() < 3 * column.title.fontMetrics().lineSpacing()
    filled.resize(2200, 600)
    qtbot.waitUntil(lambda: column.details.text() == "SSIM 0.8672  ·  NMSE 0.0236")


@pytest.mark.parametrize(
    ("provenance", "role"),
    [("simulated from magnitude", "badge"), ("measured k-space, 8 coils", "badge-calm")],
)
def test_only_what_is_not_measured_has_a_warning_badge(filled, provenance, role):
    filled.set_state(state(provenance=provenance))
    assert filled._badge.property("role") == role


def test_more_columns_than_fit_scroll(filled, qtbot):
    filled.set_state(state(n_methods=7))
    area = filled._pages.currentWidget()
    qtbot.waitUntil(lambda: area.horizontalScrollBar().maximum() > 0)
    assert {c.image_pane.width() for c in filled.columns[1:]} == {COLUMN_WIDTH}
    filled.set_state(state(n_methods=2))
    qtbot.waitUntil(lambda: area.horizontalScrollBar().maximum() == 0)


def test_what_is_seen_is_what_was_given(filled):
    """The pixels on the screen, not only the pictures kept: white at the peak."""
    white = replace(state().panels[0], image=np.full(SHAPE, PEAK, np.float32))
    filled.set_state(state(panels=(white,), edges=None))
    filled.set_window(0.0, PEAK)
    shot = filled.columns[0].image_pane.grab().toImage()
    assert shot.pixelColor(shot.width() // 2, shot.height() // 2).getRgb()[:3] == (255, 255, 255)
