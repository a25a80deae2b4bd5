"""The chooser, the fixed scales and the mosaic of the stage."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt

from core.phase_colours import phase_colours
from core.views import GREY, VIEWS
from tests.gui.view_fakes import SHAPE, picture
from tlmri_gui.models.offer import Offer
from tlmri_gui.models.stage import Panel, StageState
from tlmri_gui.widgets.chooser import Chooser
from tlmri_gui.widgets.lookup import draw
from tlmri_gui.widgets.mosaic import best_columns
from tlmri_gui.widgets.readout import readout
from tlmri_gui.widgets.stage import ComparisonStage
from tlmri_gui.widgets.view_scale import scale_words

CHOICES = (
    Offer("magnitude", "Magnitude", "Scored."),
    Offer("phase", "Phase", "Phase it is."),
    Offer("coil-maps", "Coil maps", "Maps.", "this scan has one coil"),
)


@pytest.fixture
def stage(qtbot):
    stage = ComparisonStage()
    qtbot.addWidget(stage)
    stage.resize(900, 700)
    stage.show()
    return stage


def state(view, n=2):
    """A view of data and methods, or of n coils."""
    seen = picture(view)
    panels = tuple(
        Panel(f"p{i}", f"Title {i}", seen.values, ("PSNR 30 dB",), picture=seen) for i in range(n)
    )
    return StageState(panels, 100.0, has_errors=False, view=VIEWS[view], choices=CHOICES)


def magnitude():
    image = np.linspace(0, 100, SHAPE[0] * SHAPE[1], dtype=np.float32).reshape(SHAPE)
    panels = (Panel("reference", "Reference", image), Panel("zf", "Zero-filled", image * 0.9))
    return StageState(panels, 100.0, choices=CHOICES)


def test_the_chooser_greys_what_is_impossible_and_says_why(qtbot):
    chooser = Chooser("What is shown")
    qtbot.addWidget(chooser)
    heard = []
    chooser.chosen.connect(heard.append)
    chooser.show_offers(CHOICES, "phase")
    assert (chooser.currentText(), heard) == ("Phase", [])
    items = [chooser.model().item(i) for i in range(3)]
    assert [item.isEnabled() for item in items] == [True, True, False]
    tip = items[2].data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "Not possible: this scan has one coil."
    chooser.setCurrentIndex(0)
    chooser.activated.emit(0)
    assert heard == ["magnitude"]
    assert chooser.currentText() == "Phase", "until it is told otherwise"


def test_phase_is_drawn_in_its_colours_dimmed_by_magnitude():
    seen = picture("phase")
    drawn = draw(seen, "phase")
    colours = phase_colours(seen.values, np.full(SHAPE, 0.5, np.float32))
    for y, x in ((0, 0), (5, 7), (15, 11)):
        assert drawn.pixelColor(x, y).getRgb()[:3] == tuple(colours[y, x])


def test_grey_is_drawn_from_limit_to_limit():
    seen = replace(picture("kspace"), values=np.array([[-80, -40, 0]], np.float32))
    found = [draw(seen, GREY).pixelColor(x, 0).red() for x in range(3)]
    assert found == pytest.approx([0, 127, 255], abs=1)


def test_a_view_has_a_fixed_scale_with_its_unit_and_says_what_is_seen(stage):
    stage.set_state(magnitude())
    assert stage.levels.isVisible()
    assert not stage.scale.isVisible()
    assert not stage.explanation.isVisible()
    stage.set_state(state("phase"))
    assert stage.scale.isVisible()
    assert not stage.levels.isVisible()
    assert stage.scale.bar.words == ("−π rad", "0", "π rad")
    assert stage.explanation.text() == VIEWS["phase"].item.help
    assert not any(column.error_pane.isVisible() for column in stage.columns)
    assert not stage.legend.isVisible()
    assert scale_words(VIEWS["kspace"].item, picture("kspace")) == ("−80 dB", "−40 dB", "0 dB")


def test_the_grey_window_survives_a_look_at_phase_and_the_zoom_stays(stage):
    stage.set_state(magnitude())
    stage.set_window(10.0, 60.0)
    stage.camera.zoom_about(QPointF(3, 3), 2.0)
    stage.set_state(state("phase"))
    assert stage.camera.zoom == 2.0
    stage.set_state(magnitude())
    assert stage.grey_window == (10.0, 60.0)
    assert stage.camera.zoom == 2.0


def test_a_right_drag_changes_nothing_where_the_scale_is_fixed(stage):
    stage.set_state(magnitude())
    before = stage.grey_window
    heard = []
    stage.window_changed.connect(lambda *a: heard.append(a))
    stage.set_state(state("phase"))
    stage.columns[0].image_pane.window_dragged.emit(30.0, 10.0)
    assert heard == []
    assert stage.grey_window == before


def test_the_cross_hair_says_phase_and_magnitude_and_in_k_space_the_distance(stage):
    stage.set_state(state("phase"))
    stage.columns[1].image_pane.hovered.emit(QPointF(2.5, 1.5))
    value = picture("phase").values[1, 2]
    words = f"{value:.2f} rad · magnitude 0.25".replace("-", "−")
    assert stage.columns[0].image_pane.readout == f"x 2, y 1:  {words}"
    assert stage.columns[1].image_pane.readout == words
    stage.set_state(state("kspace"))
    stage.columns[1].image_pane.hovered.emit(QPointF(2.5, 1.5))
    assert stage.columns[0].image_pane.readout.startswith("kx -4, ky -7:")
    assert readout(VIEWS["kspace"].item, picture("kspace"), (15, 11)) == "3.00 dB"


def test_coils_are_a_mosaic_of_linked_panes(stage, qtbot):
    stage.set_state(state("coil-maps", 6))
    mosaic = stage.mosaic
    assert mosaic.isVisible()
    assert [pane.tag for pane in mosaic.panes] == [f"Title {i}" for i in range(6)]
    mosaic.panes[4].hovered.emit(QPointF(2.5, 1.5))
    assert all("rad · |s| 0.25" in pane.readout for pane in mosaic.panes)
    steps = []
    stage.slice_step.connect(steps.append)
    mosaic.panes[3].slice_step.emit(1)
    assert steps == [1]
    stage.set_state(state("coil-maps", 3))
    assert len(mosaic.panes) == 3
    stage.set_state(magnitude())
    assert not mosaic.isVisible()
    assert len(stage.columns) == 2


def test_panes_of_a_mosaic_are_as_large_as_they_can_be():
    assert best_columns(8, 800, 400, 1.0) == 4
    assert best_columns(8, 400, 800, 1.0) == 2
    assert best_columns(8, 800, 400, 2.5) == 8
    assert best_columns(1, 300, 100, 1.0) == 1
    assert best_columns(0, 300, 100, 1.0) == 1
