"""The plots and panels of the Fingerprinting page by themselves."""

from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, QRect, Qt
from PyQt6.QtWidgets import QApplication

from core.fingerprinting.parameters import T1
from tests.gui.fingerprint_fakes import (
    CLEAN,
    TRANSFERRED,
    a_plan,
    make_fit,
    make_series,
    mapped_run,
)
from tlmri_gui import theme
from tlmri_gui.fingerprint_state import DICTIONARY, FingerprintRun, VoxelView
from tlmri_gui.models.fingerprint_boxes import boxes_state
from tlmri_gui.models.fingerprint_fit import EMPTY, fit_state
from tlmri_gui.models.fingerprint_maps import MapView, maps_state
from tlmri_gui.models.fingerprint_table import error_rows
from tlmri_gui.widgets.fingerprint_box_plot import BoxPlot
from tlmri_gui.widgets.fingerprint_errors import ErrorsPanel
from tlmri_gui.widgets.fingerprint_fit_plot import FitPlot
from tlmri_gui.widgets.fingerprint_grid import MapGrid
from tlmri_gui.widgets.fingerprint_page import FingerprintPage
from tlmri_gui.widgets.fingerprint_stage import FingerprintStage

ALL = (DICTIONARY, CLEAN, TRANSFERRED)


@pytest.fixture
def mapped(session):
    session.set_fingerprint_plan(a_plan(*ALL))
    session.set_fingerprint(mapped_run(methods=ALL))
    fits = {name: make_fit() for name in ALL}
    session.set_voxel(VoxelView((0, 5, 4), fits=fits))
    return session


@pytest.fixture
def shown(qtbot):
    """Show a widget in a size.

    It is held on to until the test is over: pytest-qt holds a weak reference only, and a widget
    that the garbage collector takes while it paints itself brings the interpreter down.
    """
    held = []

    def show(widget, width=420, height=300):
        held.append(widget)
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        return widget

    yield show
    held.clear()


def test_a_box_is_drawn_where_its_errors_lie_and_says_its_figures(mapped, shown):
    plot = shown(BoxPlot())
    plot.set_state(boxes_state(mapped, T1))
    plot.grab()
    boxes = list(plot.boxes())
    assert len(boxes) == 9
    field = plot.field()
    assert plot.at(0.0) == pytest.approx(field.center().x())
    assert plot.at(5.0) > plot.at(0.0) > plot.at(-5.0)
    assert plot.at(1e6) == pytest.approx(field.right())
    box, strip = boxes[1]
    assert plot.words_at(strip.center())[0] == f"Whole brain · {box.label}"
    assert plot.words_at(QPointF(1, 1)) == ()


def test_boxes_do_not_overlap_and_stay_within_the_plot(mapped, shown):
    plot = shown(BoxPlot(), 300, 90)
    plot.set_state(boxes_state(mapped, T1))
    strips = [strip for _, strip in plot.boxes()]
    assert all(a.bottom() <= b.top() + 1e-6 for a, b in pairwise(strips))
    assert strips[-1].bottom() <= plot.height()


def test_the_boxes_of_one_tissue_stand_apart_from_those_of_the_next(mapped, shown):
    plot = shown(BoxPlot())
    plot.set_state(boxes_state(mapped, T1))
    plot.resize(plot.minimumSize())
    strips = [strip for _, strip in plot.boxes()]
    height, n = strips[0].height(), len(ALL)
    for last, first in zip(strips[n - 1 :: n], strips[n::n], strict=False):
        assert first.top() - last.bottom() >= height


def test_an_empty_plot_says_why(session, shown):
    plot = shown(BoxPlot())
    plot.grab()
    assert list(plot.boxes()) == []
    assert plot.state.note


def test_the_table_follows_the_boxes(mapped, shown):
    panel = shown(ErrorsPanel())
    panel.set_state(boxes_state(mapped, T1), error_rows(mapped, T1))
    assert panel.buttons["t1"].isChecked()
    assert panel.legend.texts == ("Dictionary", "Clean network", "Transferred network")
    lines = panel.as_tsv().splitlines()
    assert lines[0] == "Tissue\tMethod\tTrue\tBias\tSD\tRMSE"
    assert len(lines) == 1 + 9


def test_the_columns_of_the_table_share_its_width(mapped, shown):
    panel = shown(ErrorsPanel(), 460, 400)
    panel.set_state(boxes_state(mapped, T1), error_rows(mapped, T1))
    panel.tabs.setCurrentIndex(1)
    columns = panel.view.horizontalHeader()
    for width in (460, 300, 700):
        panel.resize(width, 400)
        QApplication.processEvents()
        sizes = [columns.sectionSize(i) for i in range(columns.count())]
        assert sizes[0] < width / 3, "the name of the tissue leaves room for the others"
        assert width < 460 or sum(sizes) <= panel.view.viewport().width()


def test_the_segment_under_the_pointer_says_its_preparation(mapped, shown):
    plot = shown(FitPlot())
    plot.set_state(fit_state(mapped))
    plot.grab()
    (_, first), (_, second) = plot.mark_places()
    assert first.right() == pytest.approx(second.left())
    assert plot.words_at(first.center()) == "Segment 1: inversion, TI 20 ms"
    assert plot.words_at(second.center()).startswith("Segment 2: diffusion")
    assert plot.words_at(QPointF(0, 50)) == ""
    assert plot.at(1, 0).x() > first.left()
    plot.set_state(EMPTY)
    plot.grab()


def test_the_head_of_a_narrow_column_overlaps_nowhere(mapped, shown):
    grid = shown(MapGrid(), 96 + 4 + 3 * (84 + theme.SPACE), 400)
    for view in (MapView(), MapView(shows_errors=True)):
        grid.show_state(maps_state(mapped, view))
        QApplication.processEvents()
        for scale in grid.scales:
            assert scale.width() <= 90
            seen = [w for w in (scale.low, scale.high, scale.lock, scale.bar) if w.isVisible()]
            places = [QRect(w.mapTo(scale, QPoint(0, 0)), w.size()) for w in seen]
            assert not any(a.intersects(b) for a, b in combinations(places, 2))
            assert all(scale.rect().contains(place) for place in places)
            low, middle, high = scale.bar.seen_words()
            said = scale.fontMetrics().horizontalAdvance(low + middle + high)
            assert said < scale.bar.width()


def test_zoom_is_shared_and_stays_while_maps_come_in(mapped, shown):
    grid = shown(MapGrid(), 600, 400)
    grid.show_state(maps_state(mapped, MapView()))
    grid.camera.zoom_about(grid.middle((5, 4)), 4.0)
    targets = {(p.visible_target().width() / p.width()) for row in grid.panes for p in row}
    assert len({round(t, 1) for t in targets}) == 1
    mapped.set_fingerprint(replace(mapped.fingerprint, outcomes={}))
    grid.show_state(maps_state(mapped, MapView()))
    assert grid.camera.zoom == 4.0


def test_the_grid_follows_the_number_of_methods(mapped, shown):
    grid = shown(MapGrid(), 600, 400)
    for names in (ALL, (DICTIONARY,), ALL):
        mapped.set_fingerprint_plan(a_plan(*names))
        grid.show_state(maps_state(mapped, MapView()))
        assert len(grid.panes) == 1 + len(names)
    assert len(grid.findChildren(type(grid.panes[0][0]))) >= 12


def test_a_long_remark_leaves_all_maps_of_one_size(mapped, shown):
    remark = "at an end of the range that it learnt: T2 in 20, ADC in 764 of 12,629 voxels"
    run = mapped.fingerprint
    outcome = run.outcomes[CLEAN]
    said = replace(
        outcome, mapped=replace(outcome.mapped, preparation_seconds=0.0, remarks=(remark,))
    )
    mapped.set_fingerprint(replace(run, outcomes={**run.outcomes, CLEAN: said}))
    grid = MapGrid()
    grid.show_state(maps_state(mapped, MapView()))
    shown(grid, 600, 440)
    heights = [panes[0].height() for panes in grid.panes]
    assert max(heights) - min(heights) <= 1
    assert remark in grid.names[2].toolTip()
    name = grid.names[2]
    assert name.more.text() == remark
    assert name.height() >= name.needed_height


def test_an_own_network_is_told_by_its_file_beside_its_maps(mapped, shown):
    grid = MapGrid()
    state = maps_state(mapped, MapView())
    own = replace(state.rows[2], title="Network, noise from scratch (own.safetensors)")
    grid.show_state(replace(state, rows=(*state.rows[:2], own, *state.rows[3:])))
    shown(grid, 600, 440)
    assert grid.names[2].title.text() == "Network, noise from scratch (own)"
    assert "own.safetensors" in grid.names[2].toolTip()


def test_the_stage_says_what_is_done_before_there_is_a_series(session, shown):
    stage = shown(FingerprintStage(), 600, 400)
    stage.set_state(maps_state(session, MapView()))
    assert stage.demo.isVisible()
    session.set_fingerprint(FingerprintRun(busy="Simulating a series…"))
    stage.set_state(maps_state(session, MapView()))
    assert stage.hint.text() == "Simulating a series…"
    assert not stage.demo.isVisible()


def test_the_page_fits_a_small_screen_in_every_state(mapped, shown):
    page = shown(FingerprintPage(mapped), 1280, 600)
    mapped.set_voxel(replace(mapped.voxel, is_pinned=True))
    for view in (MapView(), MapView(shows_pd=True), MapView(shows_errors=True, shows_pd=True)):
        page.stage.view_chosen.emit(view)
        assert page.minimumSizeHint().width() <= 1280


def test_ticks_never_overlap_and_the_truth_is_always_named(mapped, shown):
    plot = shown(BoxPlot(), 330, 300)
    plot.set_state(boxes_state(mapped, T1))
    for width in (330, 420, 900):
        plot.resize(width, 300)
        places = plot.tick_places()
        assert "truth" in [text for text, _ in places]
        ordered = sorted((place for _, place in places), key=lambda place: place.left())
        assert all(a.right() < b.left() for a, b in pairwise(ordered))


def test_notes_of_a_series_are_shown(session, shown):
    page = shown(FingerprintPage(session), 1280, 640)
    assert not page.notes.isVisible()
    session.set_fingerprint(FingerprintRun(make_series(notes=("3 voxels are NaN: masked",))))
    assert page.notes.text() == "3 voxels are NaN: masked"
    assert page.notes.isVisible()


def test_notes_take_the_lines_they_need_and_no_more(session, shown):
    page = shown(FingerprintPage(session), 1280, 640)
    for n in (6, 2):  # a label that once was tall must shrink again
        note = "as many words as make a line or two in a narrow column of the page " * n
        session.set_fingerprint(FingerprintRun(make_series(notes=(note,))))
        QApplication.processEvents()
        metrics, width = page.notes.fontMetrics(), page.notes.width()
        flags = int(Qt.TextFlag.TextWordWrap)
        needed = metrics.boundingRect(QRect(0, 0, width, 9999), flags, note.strip()).height()
        assert needed <= page.notes.height() <= needed + metrics.lineSpacing()


def test_a_pin_beyond_the_next_series_is_not_read(mapped, shown):
    grid = shown(MapGrid(), 600, 400)
    grid.show_state(maps_state(mapped, MapView()))
    grid.set_pin((9, 9))
    assert grid.panes[0][0].readout
    mapped.set_fingerprint(mapped_run(make_series(size=8), ALL))
    grid.show_state(maps_state(mapped, MapView()))
    assert grid.panes[0][0].readout == ""


def test_how_to_point_at_a_voxel_is_said_once_there_are_maps(session, shown):
    page = shown(FingerprintPage(session), 1280, 640)
    assert not page.stage.readout.isVisible()
    session.set_fingerprint(FingerprintRun(make_series()))
    assert page.stage.readout.text().startswith("Point at a voxel")


def test_a_series_from_a_file_folds_the_settings_of_the_digital_brain(session, shown):
    session.set_fingerprint_plan(a_plan())
    page = shown(FingerprintPage(session), 1280, 640)
    session.set_fingerprint(FingerprintRun(make_series()))
    assert page.series.form.isVisible()
    run = FingerprintRun(make_series(path=Path("brain.npy")))
    session.set_fingerprint(run)
    assert not page.series.form.isVisible()
    page.series.fold.setChecked(True)
    session.set_fingerprint(replace(run, pending=(DICTIONARY,)))
    assert page.series.form.isVisible(), "it stays as the user wants it"
