"""Ways to look at a slice: the controller with a fake core, and the window by clicks."""

import threading

import numpy as np
import pytest
from PIL import Image

from core.views import VIEWS
from tests.gui.fakes import make_scan
from tests.gui.view_fakes import N_COILS, ViewCore, coil_scan
from tlmri_gui.app import build
from tlmri_gui.compare_controller import CompareController
from tlmri_gui.export import command_line
from tlmri_gui.jobs import Job
from tlmri_gui.models.present import stage_state
from tlmri_gui.models.view_stage import waiting_stage
from tlmri_gui.view_controller import ViewController
from tlmri_gui.view_state import DATA, MAGNITUDE

METHODS = ["zf", "cs", "net:natural"]


@pytest.fixture
def core(tmp_path):
    return ViewCore(folder=tmp_path)


@pytest.fixture
def views(session, runner, core):
    session.set_catalogue(core.catalogue(None))
    session.set_definition("volume")
    core.asked.clear()
    return ViewController(session, runner, core)


@pytest.fixture
def compare(session, runner, core, views):
    return CompareController(session, runner, core)


@pytest.fixture
def settle(qtbot, compare, runner):
    def is_quiet():
        return not compare._pause.isActive() and not runner._open_jobs

    return lambda: qtbot.waitUntil(is_quiet, timeout=60_000)


@pytest.fixture
def shown(session, compare, settle):
    """A scan of several coils with everything computed."""
    scan = coil_scan()
    session.add_scan(scan)
    settle()
    return scan


def drawn(core):
    return [entry[1:] for entry in core.asked if entry[0] == "picture"]


def ran(core):
    return [entry[1:3] for entry in core.asked if entry[0] == "reconstruct"]


def test_the_command_line_names_the_view_on_show(session, views, shown, settle):
    assert "--views" not in command_line(session, demo=shown)
    views.choose("coil-maps")
    settle()
    assert "--views coil-maps --out results" in command_line(session, demo=shown)
    views.choose(MAGNITUDE)
    assert "--views" not in command_line(session, demo=shown)


def test_magnitude_draws_nothing_more(core, session, shown):
    assert drawn(core) == []
    assert session.viewing.shown is None
    assert stage_state(session, ()).view is None


def test_a_view_shows_the_data_and_every_method_without_running_it_again(
    core, session, views, settle, shown
):
    before = ran(core)
    views.choose("phase")
    settle()
    assert ran(core) == before
    index = session.slice_index
    assert drawn(core) == [("phase", index, False), *3 * [("phase", index, True)]]
    state = stage_state(session, ())
    assert state.view is VIEWS["phase"]
    assert [panel.key for panel in state.panels] == [DATA, *METHODS]
    assert all(panel.picture is not None for panel in state.panels)
    assert state.panels[1].caption[0] == "PSNR 30.00 dB"
    assert not state.has_errors


def test_a_view_of_coils_has_a_panel_for_each_and_runs_no_method(
    core, session, views, settle, shown
):
    views.choose("coil-maps")
    settle()
    assert drawn(core) == [("coil-maps", session.slice_index, False)]
    state = stage_state(session, ())
    assert state.is_mosaic
    assert [panel.title for panel in state.panels] == [f"coil {i + 1}" for i in range(N_COILS)]
    assert state.panels[2].picture.values.shape == shown.slice_shape
    assert state.panels[2].picture.magnitude.shape == shown.slice_shape


def test_the_residual_says_its_own_figures_in_place_of_scores(session, views, settle, shown):
    views.choose("residual")
    settle()
    data, method, *_ = stage_state(session, ()).panels
    assert (data.title, data.caption) == ("Data", ("fully sampled",))
    assert method.caption == ("at samples 1 %",)
    assert not method.best


def test_coil_images_are_kept_of_the_slice_on_show_only(core, session, views, settle, shown):
    first = session.slice_index
    session.set_slice(first + 1)
    settle()
    assert session.outcomes[(first, "zf")].coil_images is None
    assert session.outcomes[(first, "zf")].comparison is not None
    assert session.outcome("zf").coil_images is not None
    views.choose("kspace")
    settle()
    del core.asked[:]
    session.set_slice(first)
    settle()
    assert ran(core) == [(first, name) for name in METHODS], "run again: their k-space is shown"
    assert all(p.picture is not None for p in stage_state(session, ()).panels)
    views.choose(MAGNITUDE)
    session.set_slice(first + 1)
    settle()
    assert ran(core)[3:] == [], "magnitude images were kept"


def test_a_method_chosen_again_is_drawn_of_what_was_kept(core, session, views, settle, shown):
    views.choose("phase")
    settle()
    session.set_checked("cs", False)
    settle()
    views.choose("kspace")
    settle()
    before = ran(core)
    session.set_checked("cs", True)
    settle()
    assert ran(core) == before, "its coil images are there"
    panels = {panel.key: panel for panel in stage_state(session, ()).panels}
    assert panels["cs"].picture is not None, panels["cs"].status


def test_the_old_pictures_stay_until_those_of_the_next_slice_have_come(
    session, views, settle, shown
):
    views.choose("phase")
    assert stage_state(session, ()) is None
    waiting = waiting_stage(session)
    assert (waiting.view, waiting.panels[0].status) == (VIEWS["phase"], "computing…")
    settle()
    session.set_slice(session.slice_index + 1)
    assert stage_state(session, ()) is None
    settle()
    assert stage_state(session, ()) is not None


def test_another_scan_is_seen_in_the_same_view_where_it_can_be(session, views, settle, shown):
    views.choose("phase")
    settle()
    session.add_scan(make_scan("magnitude"))
    settle()
    state = stage_state(session, ())
    assert state.view is None
    why = {choice.name: choice.unavailable for choice in state.choices}
    assert why[MAGNITUDE] == why["kspace"] == ""
    assert "lost their phase" in why["phase"]
    session.show_scan(shown)
    settle()
    assert stage_state(session, ()).view is VIEWS["phase"]


def test_what_cannot_be_drawn_says_why(core, session, views, settle, shown):
    core.errors["picture"] = ValueError("coils cannot be told apart")
    for view in ("phase", "coil-maps"):
        views.choose(view)
        settle()
        panel = stage_state(session, ()).panels[0]
        assert panel.status == "failed: coils cannot be told apart"
        assert panel.image is None


def test_rescoring_keeps_the_pictures(core, session, compare, views, settle, shown):
    views.choose("phase")
    settle()
    before = stage_state(session, ()).panels[1].picture
    session.clear_results("cs")
    assert stage_state(session, {"cs"}).panels[2].status == "computing…"
    assert stage_state(session, {"cs"}).panels[1].picture is before


def test_pictures_go_before_reconstructions_that_wait(qtbot, runner):
    order, gate = [], threading.Event()
    runner.submit(Job("running", lambda _: gate.wait(20)))
    for name, is_urgent in (("first", False), ("second", False), ("picture", True)):

        def work(_, name=name):
            order.append(name)

        runner.submit(Job(name, work, is_urgent=is_urgent))
    gate.set()
    qtbot.waitUntil(lambda: not runner._open_jobs)
    assert order == ["picture", "first", "second"]


# the window ------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot, core, tmp_path):
    window = build(core)
    qtbot.addWidget(window)
    window.show()
    window.controller.start([tmp_path / "coils.h5"])
    yield window
    window.close()


def test_by_clicks_a_view_is_chosen_and_exported_as_it_is_seen(window, calm, tmp_path):
    calm()
    stage = window.compare_page.stage
    assert stage.state.view is None
    row = [entry.name for entry in VIEWS].index("phase") + 1
    stage.chooser.setCurrentIndex(row)
    stage.chooser.activated.emit(row)
    calm()
    assert stage.state.view is VIEWS["phase"]
    assert len(stage.columns) == 1 + len(METHODS)
    window._export_figure(tmp_path / "view.png")
    calm()
    assert window.session.message.text.startswith("Wrote"), window.session.message.text
    with Image.open(tmp_path / "view.png") as image:
        assert image.info["View"] == "Phase"
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    seen = stage.columns[0].image_pane.picture.pixelColor(0, 0).getRgb()[:3]
    assert (np.abs(pixels.astype(int) - seen).max(axis=1) <= 1).any(), "colours of the window"
