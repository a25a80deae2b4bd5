"""The Study page's panels: each emits the user's intent, and repainting emits nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QMouseEvent
from PyQt6.QtTest import QTest

from tests.gui.study_fakes import OFFER, a_digest, findings, point, some_points
from tests.gui.window_fakes import CATALOGUE, make_scan
from tlmri_gui.session import Session
from tlmri_gui.state import TuningPhase, TuningRun
from tlmri_gui.study_state import (
    Digest,
    EarlierStudy,
    Findings,
    Role,
    SourceOffer,
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


def test_a_family_of_one_r_greys_the_others_or_says_why_it_cannot_start(page, session):
    unet = SourceOffer("unet-t1", "T1-weighted brain, U-Net", (4.0,))
    offer = replace(OFFER, sources=(*OFFER.sources, unet))
    plan = replace(session.study_plan, sources=("unet-t1",), native="")
    session.set_study_offer(offer, plan)
    assert page.grid.sources["unet-t1"].text().split() == ["T1-weighted", "brain,", "U-Net"]
    why = "No weights trained for R = 8 from T1-weighted brain, U-Net"
    box = page.grid.accelerations[8.0]
    assert not box.isEnabled()
    assert box.toolTip() == why
    assert page.bar.start.isEnabled()
    session.set_study_plan(replace(plan, accelerations=(4.0, 8.0)))
    assert box.isEnabled(), "it can be taken back"
    assert not page.bar.start.isEnabled()
    assert page.bar.reason.text() == why
    session.set_study_plan(replace(plan, accelerations=(4.0, 8.0), source_acceleration=4.0))
    assert page.bar.start.isEnabled()


def test_an_untrained_network_is_a_source_but_no_line_to_reach(page):
    assert "scratch" in page.grid.sources
    names = [page.grid.native.itemData(i) for i in range(page.grid.native.count())]
    assert names == ["", "natural", "t1"]


def test_further_settings_are_folded_away_until_they_are_asked_for(page, session):
    grid = page.grid
    assert not grid.parts["decoder"].isVisible()
    QTest.mouseClick(grid.fold, LEFT)
    assert grid.parts["decoder"].isVisible()
    assert grid.parts["decoder"].toolTip() == "what goes up again"
    edited = listen(grid.plan_edited)
    grid.parts["decoder"].click()
    QTest.keyClick(grid.source_rate, Qt.Key.Key_End)
    assert [entry[0] for entry in edited] == [
        replace(session.study_plan, trainable=("all", "decoder")),
        replace(session.study_plan, source_acceleration=8.0),
    ]


def test_what_is_unusual_is_not_folded_away(page, session):
    plan = replace(session.study_plan, trainable=("all", "decoder"))
    session.set_study_plan(plan)
    assert page.grid.parts["decoder"].isVisible()
    assert page.bar.estimate.text().startswith("20 cells")
    session.set_study_plan(replace(plan, trainable=()))
    assert page.bar.reason.text() == "Choose which layers change, under Further settings"


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


def test_the_plan_beside_a_study_on_show_is_told_to_be_the_next_ones(page, session):
    assert not page.whose_plan.isVisible()
    assert page.bar.estimate.text().startswith("12 cells")
    show(session, StudyPhase.DONE)
    assert page.whose_plan.isVisible()
    said = "This plan is for the next study. On show beside it: T1 brains"
    assert page.whose_plan.text() == said
    assert page.bar.estimate.text().startswith("Next study: 12 cells")
    show(session, StudyPhase.RUNNING)
    assert not page.whose_plan.isVisible()


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
    assert page.curves.legend.texts == ("Natural images", "Native: T1 tuned on 10", "Zero-filled")
    assert "confidence interval" in page.curves.footnote.text()
    assert page.curves.badge.text() == "simulated from magnitude"
    assert page.curves.name.text() == "T1 brains"
    assert page.results.answer.text() == session.study.digest.targets[0].answer
    assert page.results.view.model().rowCount() == 3


def test_remarks_on_networks_stand_under_the_curves(page, session):
    digest = a_digest(targets=(findings(remarks=("T1: trained for gaussian masks",)),))
    session.set_study(StudyRun(StudyPhase.DONE, FOLDER, digest))
    assert page.curves.footnote.text().endswith("people\nT1: trained for gaussian masks")


def test_another_metric_can_be_seen(page, session):
    show(session, StudyPhase.DONE)
    [plot] = page.curves.plots
    before = plot._panel.y
    page.curves.metric_box.activated.emit(1)
    assert plot._panel.y != before
    assert page.curves.metric_box.currentText() == "SSIM"


@pytest.fixture
def of_three_targets(page, session):
    """The page on a study of which one target has its own network and one has nothing yet."""
    saved = FOLDER / "checkpoints" / "chest--natural-5.safetensors"
    chest = [point(mean=30.0, n_images=0), point(mean=33.0, n_images=5, checkpoint=saved)]
    other = findings(chest, "chest", answer="Of the chest.", label="measured, 8 coils")
    targets = (findings(target="T1", folder=FOLDER), other, Findings("knee & hip"))
    session.set_study(StudyRun(StudyPhase.STOPPED, FOLDER, a_digest(targets=targets)))
    return page


def test_without_several_targets_there_is_no_choice_of_them(page, session):
    show(session, StudyPhase.DONE)
    assert not page.curves.target_box.isVisible()
    assert not page.curves.target_label.isVisible()


def test_the_target_on_show_can_be_chosen(of_three_targets, session):
    page, box = of_three_targets, of_three_targets.curves.target_box
    assert box.isVisible()
    assert [box.itemText(i) for i in range(box.count())] == ["T1", "chest", "knee & hip"]
    page.results.select(page.results._model.points[1])
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert page.results.answer.text() == "Of the chest."
    assert box.toolTip() == "What was found on the target chest"
    assert page.curves.badge.text() == "measured, 8 coils"
    assert page.curves.legend.texts == ("Natural images",)
    assert page.results.view.model().rowCount() == 2
    selected = page.results.selected
    assert selected.psnr.mean == 33.0, "the same row of the other target"

    heard = listen(page.results.keep_requested)
    QTest.mouseClick(page.results.keep, LEFT)
    assert heard == [(selected,)]
    [plot] = page.curves.plots
    hover(plot, plot.place(selected))
    assert "33.00 dB" in plot.hover_text[2]
    page.results.copy()
    assert "\tchest\tvolume\tmeasured, 8 coils" in QGuiApplication.clipboard().text()
    session.set_study(replace(session.study, kept=frozenset({selected.checkpoint})))
    assert box.currentText() == "chest", "it stays on show"


def test_a_target_with_nothing_done_says_so(of_three_targets, session):
    page, box = of_three_targets, of_three_targets.curves.target_box
    QTest.keyClick(box, Qt.Key.Key_End)
    assert "Nothing is done on the target knee &amp; hip yet" in page.curves.empty.text()
    assert page.curves.empty.isVisible()
    assert page.curves.plots == []
    assert not page.results.isVisible()
    assert box.isVisible()
    QTest.keyClick(box, Qt.Key.Key_Home)
    assert len(page.curves.plots) == 1
    assert page.results.isVisible()
    show(session, StudyPhase.DONE)
    assert not box.isVisible()


def test_the_names_of_all_curves_are_seen_in_a_narrow_page(page, session):
    many = [point(f"{i} full", label=f"A network of some name {i}") for i in range(9)]
    session.set_study(StudyRun(StudyPhase.DONE, FOLDER, a_digest(targets=(findings(many),))))
    for width in (1400, 900):
        page.resize(width, 620)
        legend = page.curves.legend
        QTest.qWait(1)
        assert legend.height() >= legend.heightForWidth(legend.width())


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
    more = tuple(replace(p, acceleration=8.0) for p in some_points())
    digest = a_digest(targets=(findings(some_points() + more),))
    session.set_study(StudyRun(StudyPhase.DONE, FOLDER, digest))
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
    session.set_study(
        StudyRun(StudyPhase.STOPPED, FOLDER, Digest((Findings(counts=(0, 1)),), n_cells=4))
    )
    assert page.curves.empty.isVisible()
    assert not page.results.isVisible()
    assert page.bar.resume.isVisible()


def test_a_baseline_beyond_the_axis_answers_in_a_strip_of_its_own(page, session):
    show(session, StudyPhase.DONE)
    [plot] = page.curves.plots
    corner = plot._beyond_corner()
    [place] = plot._beyond_places(plot.field().width())
    assert corner.y() > plot.field().bottom()
    assert corner.y() + place.bottom() <= plot.height()
    hover(plot, corner + place.center())
    assert plot.hover_text[0] == "Zero-filled"
    assert "25.00 dB" in plot.hover_text[2]
    plot.grab()  # draws it too
