"""The session's rules: what a change clears, what is dropped, and when it is announced."""

from types import SimpleNamespace

import pytest

from core.types import Mask
from tests.gui.window_fakes import CATALOGUE, make_scan, score
from tlmri_gui.session import Session
from tlmri_gui.state import Outcome, Reference, Sampling


@pytest.fixture
def session(qapp):
    session = Session()
    session.set_catalogue(CATALOGUE)
    return session


def make_mask(scan):
    import numpy as np

    return Mask(np.ones(scan.slice_shape, bool), (2, 2), "poisson", 4.0, 1)


def outcome(label="ZF"):
    recon = SimpleNamespace(label=label)
    return Outcome(SimpleNamespace(recon=recon, score=score("volume")))


def with_results(session):
    scan = make_scan()
    session.add_scan(scan)
    mask = make_mask(scan)
    session.set_mask(mask)
    session.add_outcome(mask, session.slice_index, "zf", outcome())
    assert session.outcome("zf") is not None
    return scan, mask


def test_a_scan_is_shown_at_its_middle_slice(session):
    scan = make_scan(n_slices=7)
    session.add_scan(scan)
    assert (session.scan, session.slice_index) == (scan, 3)


def test_a_scan_added_quietly_is_listed_and_not_shown(session):
    first, second = make_scan("a"), make_scan("b")
    session.add_scan(first)
    session.add_scan(second, show=False)
    assert session.scans == (first, second)
    assert session.scan is first


def test_a_file_opened_again_takes_the_place_of_its_first_reading(session, tmp_path):
    path = tmp_path / "a.nii"
    old, new = make_scan(path=path), make_scan(path=path)
    session.add_scan(old)
    session.add_scan(make_scan("other"))
    session.add_scan(new)
    assert session.scans[0] is new
    assert len(session.scans) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.add_scan(make_scan("other")),
        lambda s: s.set_sampling(Sampling("poisson", 5.0)),
        lambda s: s.remove_scan(s.scan),
        lambda s: s.set_mask(make_mask(s.scan)),
    ],
    ids=["scan", "sampling", "closed", "mask"],
)
def test_what_lies_downstream_is_cleared(session, change):
    with_results(session)
    change(session)
    assert not session.outcomes


def test_results_of_another_mask_are_dropped(session):
    _, old = with_results(session)
    session.set_sampling(Sampling("poisson", 5.0))
    session.add_outcome(old, session.slice_index, "zf", outcome())
    assert not session.outcomes


def test_a_reference_of_another_slice_is_dropped(session):
    scan = make_scan()
    session.add_scan(scan)
    session.set_reference(Reference(scan, 0, scan.magnitude[0], 1.0))
    assert session.reference is None
    session.set_reference(Reference(scan, session.slice_index, scan.magnitude[3], 1.0))
    assert session.reference is not None
    session.set_slice(0)
    assert session.reference is None


def test_results_of_other_slices_are_kept(session):
    with_results(session)
    middle = session.slice_index
    session.set_slice(0)
    assert session.outcome("zf") is None
    session.set_slice(middle)
    assert session.outcome("zf") is not None


def test_slices_outside_the_scan_become_the_nearest(session):
    session.add_scan(make_scan(n_slices=4))
    session.set_slice(99)
    assert session.slice_index == 3
    session.set_slice(-5)
    assert session.slice_index == 0


def test_new_settings_clear_that_method_alone(session):
    _, mask = with_results(session)
    session.add_outcome(mask, session.slice_index, "cs", outcome())
    session.set_method_params("cs", "new")
    assert session.outcome("cs") is None
    assert session.outcome("zf") is not None


def test_nothing_is_announced_without_a_change(session, qtbot):
    scan, mask = with_results(session)
    signals = (
        session.sampling_changed,
        session.mask_changed,
        session.methods_changed,
        session.slice_changed,
        session.options_changed,
        session.results_changed,
    )
    fired = []
    for signal in signals:
        signal.connect(lambda: fired.append(1))
    session.set_sampling(session.sampling)
    session.set_mask(mask)
    session.set_checked("zf", "zf" in session.checked)
    session.set_slice(session.slice_index)
    session.set_device(session.device)
    session.set_definition(session.definition)
    session.show_scan(scan)
    assert fired == []


def test_unusable_methods_are_never_chosen(session):
    session.set_checked("net:bad", True)
    assert session.chosen() == ("zf", "cs", "net:natural")


def test_comparisons_come_by_slice_in_the_order_of_the_list(session):
    scan = make_scan()
    session.add_scan(scan)
    mask = make_mask(scan)
    session.set_mask(mask)
    for index, name in ((2, "cs"), (2, "zf"), (0, "cs")):
        session.add_outcome(mask, index, name, outcome(f"{index} {name}"))
    session.add_outcome(mask, 0, "net:natural", Outcome(error="no"))
    labels = [c.recon.label for c in session.comparisons()]
    assert labels == ["0 cs", "2 zf", "2 cs"]
    assert [c.recon.label for c in session.comparisons([2])] == ["2 zf", "2 cs"]


def test_rescored_results_do_not_bring_back_what_was_cleared(session):
    with_results(session)
    stale = dict(session.outcomes)
    session.clear_results()
    session.replace_outcomes(stale)
    assert not session.outcomes


def test_closing_the_scan_on_show_shows_its_neighbour(session):
    a, b, c = (make_scan(name) for name in "abc")
    for scan in (a, b, c):
        session.add_scan(scan)
    session.show_scan(b)
    session.remove_scan(b)
    assert session.scan is c
    session.remove_scan(c)
    session.remove_scan(a)
    assert session.scan is None
