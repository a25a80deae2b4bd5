"""The scan seen by other receive coils: the session, and the window by clicks."""

import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from core.coil_forms import COIL_FORMS, N_COILS
from core.progress import no_progress
from tests.gui.fakes import make_scan
from tests.gui.study_fakes import OFFER
from tests.gui.view_fakes import ViewCore, coil_scan
from tlmri_gui.app import build
from tlmri_gui.controller import Controller
from tlmri_gui.export import command_line
from tlmri_gui.models.coil_offers import coil_offers, shown_coils
from tlmri_gui.models.study_plan import problem, remarks, unsuitable
from tlmri_gui.state import OtherCoils
from tlmri_gui.study_core import StudyAccess, spec_of
from tlmri_gui.study_state import Named, Role, StudyPlan, StudyScan

SIMULATED, VIRTUAL = COIL_FORMS["simulated"], COIL_FORMS["virtual"]


class CoilCore(ViewCore):
    """Offers the forms of coils, and gives scans of the real ones."""

    def catalogue(self, progress):
        return replace(super().catalogue(progress), coil_forms=tuple(COIL_FORMS))

    def load_scan(self, path, progress):
        if "coils" in path.stem:
            return replace(coil_scan(path.stem, n_coils=N_COILS + 1), path=path)
        return make_scan(path.stem, size=48, path=path)


@pytest.fixture
def opened(session):
    """Two scans of magnitude images, the first on show at its last slice."""
    session.set_catalogue(CoilCore().catalogue(None))
    scans = [make_scan(name, path=Path(f"{name}.nii")) for name in ("first", "second")]
    for scan in scans:
        session.add_scan(scan)
    session.show_scan(scans[0])
    session.set_slice(5)
    return scans


def test_another_form_takes_the_place_of_the_scan_at_the_same_slice(session, opened):
    found = coil_scan("first")
    session.see_by(opened[0], found, OtherCoils(opened[0], SIMULATED))
    assert session.scans == (found, opened[1])
    assert (session.scan, session.slice_index) == (found, 5)
    assert session.original(found) is opened[0]
    assert shown_coils(session) == "simulated"
    session.see_by(found, opened[0], None)
    assert (session.scans, session.slice_index) == (tuple(opened), 5)
    assert session.other_coils == {}


def test_what_is_not_on_show_changes_in_the_list_alone(session, opened):
    found = coil_scan("second")
    session.see_by(opened[1], found, OtherCoils(opened[1], SIMULATED))
    assert session.scans == (opened[0], found)
    assert session.scan is opened[0]


def test_a_scan_that_was_closed_meanwhile_is_not_opened_again(session, opened):
    session.remove_scan(opened[0])
    session.see_by(opened[0], coil_scan("first"), OtherCoils(opened[0], SIMULATED))
    assert session.scans == (opened[1],)


def test_closing_a_scan_lets_go_of_what_it_was(session, opened):
    found = coil_scan("first")
    session.see_by(opened[0], found, OtherCoils(opened[0], SIMULATED))
    session.remove_scan(found)
    assert session.other_coils == {}


def test_offers_say_what_the_scan_has_and_why_not(session, opened):
    offers = {offer.name: offer for offer in coil_offers(session)}
    assert offers[""].label == "none: magnitude images"
    assert offers["simulated"].unavailable == ""
    assert offers["virtual"].unavailable == "this scan has 1 coil"
    raw = coil_scan("raw", n_coils=12)
    session.add_scan(raw)
    offers = {offer.name: offer for offer in coil_offers(session)}
    assert offers[""].label == "12 coils as opened"
    assert "has coils of its own" in offers["simulated"].unavailable
    assert offers["virtual"].unavailable == ""


def test_the_command_line_says_the_form(session, opened):
    for entry in (SIMULATED, VIRTUAL):
        before = session.scan
        session.see_by(before, coil_scan("first"), OtherCoils(opened[0], entry))
        assert f"recon first.nii {' '.join(entry.item.option)} " in command_line(session)
    session.see_by(session.scan, coil_scan("first"), OtherCoils(opened[0], SIMULATED))
    assert "recon demo --simulate-coils 8" in command_line(session, demo=opened[0])


def test_a_study_simulates_the_coils_that_its_scans_are_seen_by(tmp_path):
    plan = StudyPlan(preset="fast")
    raw = replace(coil_scan("raw"), path=tmp_path / "raw.h5")
    seen = replace(coil_scan("seen"), path=tmp_path / "seen.nii", kspace_origin="x")
    seen = replace(seen, kspace_origin="simulated from magnitude")
    for test, n_coils in ((seen, 5), (raw, 0)):
        scans = (StudyScan(raw, Role.TUNE), StudyScan(test, Role.TEST))
        assert spec_of(replace(plan, scans=scans), "study").targets[0].coils == n_coils


def study_of(*scans):
    """Tuned on the first, tested on the others."""
    roles = (Role.TUNE, *[Role.TEST] * (len(scans) - 1))
    entries = tuple(StudyScan(scan, role) for scan, role in zip(scans, roles, strict=True))
    return StudyPlan(preset="fast", scans=entries)


def test_a_study_refuses_virtual_coils_before_it_starts(tmp_path):
    raw = replace(coil_scan("raw", n_coils=12), path=tmp_path / "raw.h5")
    plan = study_of(raw, replace(VIRTUAL.item.of(raw, no_progress), name="fewer"))
    said = "must all be seen by the coils as opened, not by virtual ones: choose so for fewer"
    assert said in problem(OFFER, plan)
    with pytest.raises(ValueError, match=said):
        spec_of(plan, "study")
    assert problem(OFFER, replace(study_of(raw, raw), counts_text="0, 1")) == ""


def test_a_study_refuses_simulated_coils_for_some_of_its_scans():
    plain = [make_scan(name, path=Path(f"{name}.nii"), n_slices=20) for name in ("one", "two")]
    seen = replace(SIMULATED.item.of(plain[0], no_progress), name="seen")
    said = "must all be seen by 8 simulated coils, or all by none: choose so for two"
    plan = study_of(seen, plain[1])
    assert said in problem(OFFER, plan)
    with pytest.raises(ValueError, match=said):
        spec_of(plan, "study")
    for scans in ((seen, seen), plain):
        assert problem(OFFER, study_of(*scans)) == ""
    unused = (*study_of(seen, seen).scans, StudyScan(plain[1]))
    assert problem(OFFER, replace(plan, scans=unused)) == ""


def test_an_earlier_study_keeps_its_coils_until_others_are_chosen(
    qtbot, runner, session, tmp_path, settle
):
    core = StudyAccess()
    plain = [make_scan(name, path=tmp_path / f"{name}.nii", n_slices=20) for name in ("a", "b")]
    seen = [SIMULATED.item.of(scan, no_progress) for scan in plain]
    folder = core.create(study_of(*seen), "cpu", datetime(2026, 1, 2), no_progress)
    controller = Controller(session, runner, CoilCore(folder=tmp_path))
    session.set_catalogue(CoilCore().catalogue(None))
    controller.study.planner.take_offer(OFFER)
    for scan in plain:
        session.add_scan(scan)
    found = core.plan_of(folder, session.study_plan, no_progress)
    controller.study.planner.adopt(found)
    assert spec_of(session.study_plan, "again").targets[0].coils == N_COILS
    assert "8 simulated coils as in the earlier study" in remarks(session.study_plan)[0]
    for_coils = Named("sense", "CG-SENSE", min_coils=2)
    real = Named("cs-real", "Real", needs_real=True)
    assert unsuitable(for_coils, session.study_plan) == ""
    assert "seen by no coils" in unsuitable(real, session.study_plan)
    controller.see_by("")
    settle()
    assert spec_of(session.study_plan, "again").targets[0].coils == 0
    assert unsuitable(for_coils, session.study_plan) != ""
    assert unsuitable(real, session.study_plan) == ""


# the window ------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot, tmp_path):
    window = build(CoilCore(folder=tmp_path))
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()


def wish(window, row):
    coils = window.compare_page.scan_panel.coils
    coils.setCurrentIndex(row)
    coils.activated.emit(row)


def choose(window, calm, row):
    wish(window, row)
    calm()


def test_by_clicks_coils_are_simulated_and_taken_back(window, calm, tmp_path):
    window.controller.start([tmp_path / "head.nii"])
    calm()
    session, panel = window.session, window.compare_page.scan_panel
    opened = session.scan
    choose(window, calm, 1)
    assert (session.scan.n_coils, session.scan.name) == (N_COILS, "head")
    assert panel.coils.currentText() == SIMULATED.label
    assert "simulated from magnitude" in panel.badge.text().lower()
    assert session.outcome("zf") is not None, "methods run on it"
    choose(window, calm, 0)
    assert session.scan is opened
    assert panel.coils.currentText() == "none: magnitude images"


def test_by_clicks_many_coils_are_compressed(window, calm, tmp_path):
    window.controller.start([tmp_path / "coils.h5"])
    calm()
    choose(window, calm, 2)
    scan = window.session.scan
    assert scan.n_coils == N_COILS
    assert "9 coils compressed to 8" in window.compare_page.scan_panel.notes.text()


@pytest.fixture
def held(window, monkeypatch):
    """What is asked of the core waits until this is set."""
    plain, gate = window.controller._core.see_by, threading.Event()

    def see_by(form, scan, progress):
        assert gate.wait(20)
        return plain(form, scan, progress)

    monkeypatch.setattr(window.controller._core, "see_by", see_by)
    return gate


def shown_text(window):
    return window.compare_page.scan_panel.coils.currentText()


def test_the_latest_wish_counts(window, calm, held, tmp_path):
    window.controller.start([tmp_path / "head.nii"])
    calm()
    opened = window.session.scan
    wish(window, 1)
    assert shown_text(window) == "none: magnitude images", "it is not there yet"
    wish(window, 0)
    held.set()
    calm()
    assert window.session.scans == (opened,)


def test_what_is_on_show_is_not_computed_again(window, calm, tmp_path):
    window.controller.start([tmp_path / "head.nii"])
    calm()
    choose(window, calm, 1)
    seen, found = window.session.scan, window.session.outcome("zf")
    wish(window, 1)
    assert not window.jobs._open_jobs
    assert window.session.scan is seen
    assert window.session.outcome("zf") is found


def test_work_that_is_cancelled_leaves_what_is_on_show(window, calm, held, tmp_path):
    window.controller.start([tmp_path / "head.nii"])
    calm()
    opened = window.session.scan
    wish(window, 1)
    window.controller.cancel()
    held.set()
    calm()
    assert window.session.scan is opened
    assert shown_text(window) == "none: magnitude images"


def test_work_that_fails_leaves_what_is_on_show(window, calm, monkeypatch, tmp_path):
    def refuse(form, scan, progress):
        raise ValueError("no room")

    window.controller.start([tmp_path / "head.nii"])
    calm()
    monkeypatch.setattr(window.controller._core, "see_by", refuse)
    choose(window, calm, 1)
    assert window.session.message.text == "no room"
    assert shown_text(window) == "none: magnitude images"


def test_wishes_for_two_scans_are_both_granted(window, calm, held, tmp_path):
    window.controller.start([tmp_path / "head.nii", tmp_path / "other.nii"])
    calm()
    first, second = window.session.scans
    for scan in (first, second):
        window.session.show_scan(scan)
        wish(window, 1)
    held.set()
    calm()
    assert [scan.n_coils for scan in window.session.scans] == [N_COILS, N_COILS]


def test_a_long_provenance_does_not_widen_the_panels(window, calm, tmp_path):
    window.controller.start([tmp_path / "coils.h5"])
    calm()
    choose(window, calm, 2)
    page = window.compare_page
    assert page.scan_panel.badge.text() == "measured k-space of 9 coils compressed, 8 coils"
    badge, room = page.scan_panel.badge, page._area.viewport().width()
    assert badge.height() >= badge.heightForWidth(badge.width()), "all lines are seen"
    assert page.scan_panel.minimumSizeHint().width() <= room
    assert page._area.widget().width() <= room
