"""The Study page's panels: each emits the user's intent, and repainting emits nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QMouseEvent
from PyQt6.QtTest import QTest

from tests.gui.study_fakes import OFFER, a_digest
from tests.gui.window_fakes import CATALOGUE, make_scan
from tlmri_gui.session import Session
from tlmri_gui.state import TuningPhase, TuningRun
from tlmri_gui.study_state import (
    Digest,
    EarlierStudy,
    Role,
    StudyPhase,
    StudyPlan,
    StudyProgress,
    StudyRun,
    StudyScan,
)
from tlmri_gui.widgets.finetune_panel import FinetunePanel
from tlmri_gui.widgets.study_page import StudyPage

LEFT = Qt.MouseButton.LeftButton
FOLDER = Path("/studies/one")


@pytest.fixture
def scans():
    return [make_scan(n, n_slices=20, path=Path(f"/scans/{n}.nii")) for n in ("a_T1w", "b_T1w")]


@pytest.fixture
def session(qapp, scans):
    session = Session()
    session.scans = tuple(scans)
    session.set_catalogue(CATALOGUE)
    roles = (StudyScan(scans[0], Role.TUNE), StudyScan(scans[1], Role.TEST))
    session.set_study_offer(OFFER, StudyPlan(scans=roles, native="t1", preset="fast"))
    return session


@pytest.fixture
def page(qtbot, session):
    page = StudyPage(session)
    qtbot.addWidget(page)
    page.resize(1280, 620)
    page.show()
    return page


def listen(signal):
    heard = []
    signal.connect(lambda *arguments: heard.append(arguments))
    return heard


def show(session, phase, **more):
    session.set_study(StudyRun(phase, FOLDER, a_digest(folder=FOLDER), **more))


# what to study


def test_every_scan_has_one_role(page, session, scans):
    assert [box.currentText() for box in page.scans.roles] == ["tune", "test"]
    heard = listen(page.scans.role_chosen)
    QTest.keyClick(page.scans.roles[0], Qt.Key.Key_Down)
    assert heard == [(scans[0], Role.TEST)]
    assert "1 scan to tune on (20 slices), 1 scan to test on" in page.scans.hint.text()


def test_without_scans_the_demo_is_offered(page, session):
    demo, files = listen(page.scans.demo_requested), listen(page.scans.open_requested)
    session.set_study_plan(StudyPlan())
    assert "try the demo study" in page.scans.hint.text()
    QTest.mouseClick(page.scans.demo_button, LEFT)
    QTest.mouseClick(page.scans.open_button, LEFT)
    assert (len(demo), len(files)) == (1, 1)


def test_the_grid_edits_the_plan(page, session):
    edited = listen(page.grid.plan_edited)
    grid, plan = page.grid, session.study_plan
    grid.sources["t1"].click()
    grid.accelerations[2.0].click()
    grid.baselines["zf"].click()
    grid.supervisions["self"].click()
    grid.seeds.setValue(3)
    grid.slices.setValue(0)
    QTest.keyClick(grid.native, Qt.Key.Key_Home)
    grid.counts.selectAll()
    QTest.keyClick(grid.counts, Qt.Key.Key_7)
    assert [entry[0] for entry in edited] == [
        replace(plan, sources=("natural", "t1")),
        replace(plan, accelerations=(2.0, 4.0)),
        replace(plan, baselines=("cs",)),
        replace(plan, supervisions=("full", "self")),
        replace(plan, n_seeds=3),
        replace(plan, slices_per_scan=0),
        replace(plan, native=""),
        replace(plan, counts_text="7"),
    ]


def test_an_r_without_weights_is_grey_with_the_reason(page, session):
    box = page.grid.accelerations[8.0]
    assert not box.isEnabled()
    assert "T1-weighted brain" in box.toolTip()
    session.set_study_plan(replace(session.study_plan, native=""))
    assert box.isEnabled()


def test_what_is_no_list_of_numbers_is_said_as_it_is_typed(page, session):
    assert not page.grid.counts_reason.isVisible()
    session.set_study_plan(replace(session.study_plan, counts_text="1, x"))
    assert "got 'x'" in page.grid.counts_reason.text()
    assert page.grid.counts_reason.isVisible()
    assert not page.bar.start.isEnabled()
    assert "got 'x'" in page.bar.reason.text()
    assert "got 'x'" in page.bar.start.toolTip()


def test_repainting_emits_nothing(page, session):
    heard = [listen(page.grid.plan_edited), listen(page.scans.role_chosen)]
    session.set_study_plan(replace(session.study_plan, counts_text="0, 3", n_seeds=2, native=""))
    assert heard == [[], []]


# start, stop, resume


def test_what_a_study_takes_is_said_before_it_starts(page):
    assert page.bar.start.isEnabled()
    assert page.bar.estimate.text().startswith("12 cells, about ")
    assert "on an idle machine" in page.bar.estimate.text()
    assert "One test scan" in page.bar.estimate.text()


def test_one_heavy_child_at_a_time_and_the_button_says_so(page, session, qtbot):
    session.set_run(TuningRun(TuningPhase.RUNNING))
    assert not page.bar.start.isEnabled()
    assert "fine-tuning is running" in page.bar.reason.text()
    session.set_run(TuningRun())
    panel = FinetunePanel(session)
    qtbot.addWidget(panel)
    panel.show()
    show(session, StudyPhase.RUNNING)
    assert not panel.start.isEnabled()
    assert "study is running" in panel.start.toolTip()


@pytest.mark.parametrize(
    ("phase", "seen"),
    [
        (StudyPhase.IDLE, {"start"}),
        (StudyPhase.RUNNING, {"stop"}),
        (StudyPhase.STOPPED, {"start", "resume"}),
        (StudyPhase.DONE, {"start"}),
    ],
)
def test_the_buttons_follow_the_phase(page, session, phase, seen):
    show(session, phase)
    buttons = ("start", "stop", "resume")
    assert {name for name in buttons if getattr(page.bar, name).isVisible()} == seen
    assert page.grid.isEnabled() != phase.is_active


def test_the_buttons_say_what_is_wished(page, session):
    heard = {
        name: listen(getattr(page.bar, f"{name}_requested")) for name in ("start", "stop", "resume")
    }
    QTest.mouseClick(page.bar.start, LEFT)
    show(session, StudyPhase.RUNNING)
    QTest.mouseClick(page.bar.stop, LEFT)
    show(session, StudyPhase.STOPPED)
    QTest.mouseClick(page.bar.resume, LEFT)
    assert all(len(calls) == 1 for calls in heard.values())


def test_progress_names_the_cell_and_the_time_left(page, session):
    show(session, StudyPhase.RUNNING)
    session.set_study_progress(StudyProgress(0.5, "natural, R=4: step 3"))
    assert page.bar.state.text() == "Cell 4 of 6 · about 65 s left\nnatural, R=4: step 3"
    assert page.bar.progress.value() == 500


def test_what_is_done_before_the_first_cell_is_said_and_the_bar_moves(page, session):
    session.set_study(StudyRun(StudyPhase.PREPARING, FOLDER))
    session.set_study_progress(StudyProgress(0.0, "starting its process"))
    assert page.bar.state.text() == "preparing…\nstarting its process"
    assert page.bar.progress.maximum() == 0
    session.set_study(StudyRun(StudyPhase.RUNNING, FOLDER))
    session.set_study_progress(StudyProgress(0.0, "reading a_T1w.nii, scan 1 of 2"))
    estimate, now = page.bar.state.text().split("\n")
    assert estimate.startswith("about ")
    assert estimate.endswith(" on an idle machine")
    assert now == "reading a_T1w.nii, scan 1 of 2"


def test_while_demo_scans_are_drawn_no_scan_is_asked_for(page, session):
    session.set_study_plan(StudyPlan())
    assert page.bar.reason.text()
    session.set_drawing("Demo scans: drawing a digital brain…")
    assert page.bar.state.text() == "Demo scans: drawing a digital brain…"
    assert page.bar.reason.text() == ""
    session.set_drawing("")
    assert page.bar.reason.text()
    assert page.bar.state.text() == ""


def test_cells_that_were_timed_tell_what_another_study_takes(page, session):
    digest = replace(a_digest(), tuning=OFFER.presets["fast"], seconds_a_step=1.0)
    session.set_study(StudyRun(StudyPhase.DONE, FOLDER, digest))
    assert "at the pace of the study on show" in page.bar.estimate.text()


def test_earlier_studies_can_be_shown(page, session):
    heard = listen(page.bar.earlier_chosen)
    assert not page.bar.earlier.isVisible()
    session.set_earlier((EarlierStudy(FOLDER, "one", 2, 6),))
    assert page.bar.earlier.itemText(1) == "one (2 of 6 cells)"
    assert page.bar.earlier.itemData(1, Qt.ItemDataRole.ToolTipRole) == str(FOLDER)
    page.bar.earlier.activated.emit(1)
    assert heard == [(FOLDER,)]


# what comes of it


def test_curves_and_answer_show(page, session):
    assert page.curves.empty.isVisible()
    show(session, StudyPhase.RUNNING)
    assert not page.curves.empty.isVisible()
    assert page.curves.legend.labels == ("Natural images", "Native: T1 tuned on 10", "Zero-filled")
    assert "confidence interval" in page.curves.footnote.text()
    assert page.curves.badge.text() == "simulated from magnitude"
    assert page.curves.name.text() == "T1 brains"
    assert page.results.answer.text() == session.study.digest.answer
    assert page.results.view.model().rowCount() == 3


def test_remarks_on_networks_stand_under_the_curves(page, session):
    digest = replace(a_digest(), remarks=("T1: trained for gaussian masks",))
    session.set_study(StudyRun(StudyPhase.DONE, FOLDER, digest))
    assert page.curves.footnote.text().endswith("people\nT1: trained for gaussian masks")


def test_another_metric_can_be_seen(page, session):
    show(session, StudyPhase.DONE)
    [plot] = page.curves.plots
    before = plot._panel.y
    page.curves.metric_box.activated.emit(1)
    assert plot._panel.y != before
    assert page.curves.metric_box.currentText() == "SSIM"


def hover(plot, place):
    none = Qt.MouseButton.NoButton
    plot.mouseMoveEvent(
        QMouseEvent(QEvent.Type.MouseMove, place, none, none, Qt.KeyboardModifier.NoModifier)
    )


def test_hovering_shows_values_and_a_click_selects_the_row(page, session):
    show(session, StudyPhase.DONE)
    [plot] = page.curves.plots
    tuned = session.study.digest.points[1]
    hover(plot, plot.place(tuned) + QPointF(3, 3))
    assert plot.hover_text[0] == "Natural images"
    assert "40.20 dB" in plot.hover_text[2]
    plot.grab()  # draws it too
    QTest.mouseClick(plot, LEFT, pos=plot.place(tuned).toPoint())
    assert page.results.selected == tuned
    hover(plot, QPointF(2, 2))
    assert plot.hover_text == ()


def test_a_reference_line_answers_along_its_whole_length(page, session):
    show(session, StudyPhase.DONE)
    [plot] = page.curves.plots
    native = session.study.digest.points[2]
    hover(plot, QPointF(plot.field().left() + 4, plot.place(native).y()))
    assert plot.hover_text[0].startswith("Native")


def test_curves_are_drawn_in_their_colours(page, session):
    show(session, StudyPhase.DONE)
    [plot] = page.curves.plots
    picture = plot.grab().toImage()
    ratio = picture.width() / plot.width()
    place = plot.place(session.study.digest.points[1])
    colour = picture.pixelColor(round(place.x() * ratio), round(place.y() * ratio))
    assert colour.blue() > 200 > colour.red()


def test_panels_come_and_go(page, session, qtbot):
    digest = a_digest()
    more = tuple(replace(p, acceleration=8.0) for p in digest.points)
    session.set_study(
        StudyRun(StudyPhase.DONE, FOLDER, replace(digest, points=digest.points + more))
    )
    assert len(page.curves.plots) == 2
    session.set_study(StudyRun())
    assert page.curves.plots == []
    assert page.curves.empty.isVisible()


def test_a_tuned_network_can_be_kept_and_only_once(page, session):
    heard = listen(page.results.keep_requested)
    show(session, StudyPhase.DONE)
    untuned, tuned = session.study.digest.points[:2]
    assert not page.results.keep.isEnabled()
    page.results.select(untuned)
    assert not page.results.keep.isEnabled()
    assert "tuned network" in page.results.keep.toolTip()
    page.results.select(tuned)
    page.results.keep.click()
    assert heard == [(tuned,)]
    show(session, StudyPhase.DONE, kept=frozenset({tuned.checkpoint}))
    assert page.results.selected == tuned, "the selection outlives new rows"
    assert not page.results.keep.isEnabled()
    assert "already" in page.results.keep.toolTip()


def test_the_table_is_copied(page, session):
    show(session, StudyPhase.DONE)
    page.results.copy()
    assert QGuiApplication.clipboard().text().count("\n") == 3


def test_an_empty_study_can_be_shown(page, session):
    session.set_study(StudyRun(StudyPhase.STOPPED, FOLDER, Digest(counts=(0, 1), n_cells=4)))
    assert page.curves.empty.isVisible()
    assert not page.results.isVisible()
    assert page.bar.resume.isVisible()


def test_a_baseline_below_the_axis_answers_in_a_strip_of_its_own(page, session):
    show(session, StudyPhase.DONE)
    [plot] = page.curves.plots
    corner = plot._below_corner()
    [place] = plot._below_places(plot.field().width())
    assert corner.y() > plot.field().bottom()
    assert corner.y() + place.bottom() <= plot.height()
    hover(plot, corner + place.center())
    assert plot.hover_text[0] == "Zero-filled"
    assert "25.00 dB" in plot.hover_text[2]
    plot.grab()  # draws it too
