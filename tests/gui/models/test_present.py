"""What the views are told of the session."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from core.types import Mask, Score
from tests.gui.window_fakes import CATALOGUE, make_scan, score
from tlmri_gui.models.present import score_rows, stage_state
from tlmri_gui.models.stage import EMPTY
from tlmri_gui.session import Session
from tlmri_gui.state import Outcome, Reference


@pytest.fixture
def session(qapp):
    session = Session()
    session.set_catalogue(CATALOGUE)
    session.set_definition("volume")
    return session


@pytest.fixture
def shown(session):
    scan = make_scan()
    session.add_scan(scan)
    index = session.slice_index
    session.set_reference(Reference(scan, index, scan.magnitude[index], 123.0))
    session.set_mask(Mask(np.ones(scan.slice_shape, bool), (2, 2), "poisson", 4.0, 1))
    return scan


def add(session, name, psnr=30.0, excluded=None, remarks=()):
    nan = math.nan
    figures = score("volume")
    if excluded:
        figures = Score("volume", nan, nan, nan, nan, excluded)
    else:
        figures = Score("volume", psnr, 0.9, 0.01, 1.0)
    recon = SimpleNamespace(
        label=name,
        image=session.reference.image,
        remarks=remarks,
        seconds=0.5,
        source=SimpleNamespace(slice_index=session.slice_index),
    )
    outcome = Outcome(SimpleNamespace(recon=recon, score=figures))
    session.add_outcome(session.mask, session.slice_index, name, outcome)


def panel(session, key, pending=()):
    return next(p for p in stage_state(session, pending).panels if p.key == key)


def test_nothing_is_open(session):
    assert stage_state(session, ()) is EMPTY


def test_the_old_pictures_stay_until_the_reference_has_come(session):
    session.add_scan(make_scan())
    assert stage_state(session, ()) is None


def test_reference_first_then_the_methods_of_the_list(session, shown):
    state = stage_state(session, ())
    assert [p.key for p in state.panels] == ["reference", "zf", "cs", "net:natural"]
    assert (state.peak, state.provenance) == (123.0, "simulated from magnitude")


def test_what_has_no_image_says_why(session, shown):
    session.add_outcome(session.mask, session.slice_index, "cs", Outcome(error="no wavelet"))
    assert panel(session, "zf", {"zf"}).status == "computing…"
    assert panel(session, "zf").status == "not computed"
    assert panel(session, "cs").status == "failed: no wavelet"


def test_the_best_is_the_highest_psnr(session, shown):
    add(session, "zf", 28.0)
    assert not panel(session, "zf").best  # alone it is compared with nothing
    add(session, "cs", 31.0)
    add(session, "net:natural", excluded="used for tuning, never scored")
    assert [p.key for p in stage_state(session, ()).panels if p.best] == ["cs"]


def test_an_image_used_for_tuning_shows_no_figures(session, shown):
    add(session, "net:natural", excluded="used for tuning, never scored")
    assert panel(session, "net:natural").caption == ("used for tuning, never scored",)
    [row] = score_rows(session)
    assert math.isnan(row.psnr)
    assert row.note == "used for tuning, never scored"


def test_remarks_reach_both_views(session, shown):
    add(session, "net:natural", remarks=("trained for R=4, used at R=8",))
    assert panel(session, "net:natural").remark == "trained for R=4, used at R=8"
    assert score_rows(session)[0].note == "trained for R=4, used at R=8"


def test_the_slice_on_show_comes_first_in_the_table(session, shown):
    for index in (5, 1, 3):
        session.set_slice(index)
        scan = session.scan
        session.set_reference(Reference(scan, index, scan.magnitude[index], 123.0))
        add(session, "zf")
    assert [row.slice_text for row in score_rows(session)] == ["3", "1", "5"]
