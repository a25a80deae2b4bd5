import pytest

from core.training.tuning_data import choose_images
from core.types import Scan
from tests.core.training.images import blobs, discs


@pytest.fixture
def scan():
    return Scan("blobs", magnitude=blobs(8))


def test_chosen_images_are_distinct_and_reproducible(scan):
    tuning, validation = choose_images([scan], 4, 2, seed=3)
    keys = [ref.key for ref in (*tuning, *validation)]
    assert len(set(keys)) == 6
    again = choose_images([scan], 4, 2, seed=3)
    assert [[r.key for r in refs] for refs in again] == [keys[:4], keys[4:]]


def test_empty_slices_are_never_chosen():
    images = blobs(6)
    images[[0, 5]] = 0
    tuning, validation = choose_images([Scan("gaps", magnitude=images)], 3, 1, seed=0)
    assert {r.slice_index for r in (*tuning, *validation)} == {1, 2, 3, 4}


def test_too_few_slices_are_refused_with_the_number(scan):
    with pytest.raises(ValueError, match=r"tuning needs 10 \+ 2 slices .* have 8"):
        choose_images([scan], 10, 2, seed=0)


def people(n, slices=6):
    return [Scan(f"p{i}", magnitude=discs([0.7] * slices) * (i + 1)) for i in range(n)]


def test_validation_is_on_a_person_who_is_not_tuned_on():
    tuning, validation = choose_images(people(3), 6, 2, seed=0)
    (own,) = {ref.scan.name for ref in validation}
    assert {ref.scan.name for ref in tuning} == {"p0", "p1", "p2"} - {own}
    drawn = {choose_images(people(3), 6, 2, seed)[1][0].scan.name for seed in range(20)}
    assert drawn == {"p0", "p1", "p2"}


def test_scans_of_one_person_are_held_out_together():
    scans = [
        Scan(f"s{i}", magnitude=discs([0.7] * 4) * (i + 1), person=person)
        for i, person in enumerate("aabbcc")
    ]
    for seed in range(5):
        tuning, validation = choose_images(scans, 6, 2, seed)
        assert not {r.scan.person for r in tuning} & {r.scan.person for r in validation}


@pytest.mark.parametrize(("n_people", "n_images"), [(2, 6), (3, 14)])
def test_nobody_is_held_out_where_that_would_leave_too_little(n_people, n_images):
    tuning, validation = choose_images(people(n_people), n_images, 2, seed=0)
    assert {ref.scan.name for ref in tuning} == {f"p{i}" for i in range(n_people)}
    chosen = [(ref.scan.name, ref.slice_index) for ref in (*tuning, *validation)]
    assert len(set(chosen)) == n_images + 2


def test_slices_that_show_little_come_last():
    sizes = [0.4, 0.75, 0.8, 0.8, 0.8, 0.75, 0.4]  # the outer ones show a quarter of the area
    scan = Scan("head", magnitude=discs(sizes))
    tuning, validation = choose_images([scan], 4, 1, seed=0)
    assert {r.slice_index for r in (*tuning, *validation)} == {1, 2, 3, 4, 5}
    tuning, validation = choose_images([scan], 5, 1, seed=0)
    assert {0, 6} <= {r.slice_index for r in (*tuning, *validation)}


def chosen_slices(scans, wanted):
    tuning, validation = choose_images(scans, wanted - 1, 1, seed=0)
    return sorted((ref.scan.name, ref.slice_index) for ref in (*tuning, *validation))


@pytest.mark.parametrize(("wanted", "expected"), [(2, [1, 5]), (3, [1, 3, 5]), (7, range(7))])
def test_few_slices_are_from_the_middle(wanted, expected):
    scan = Scan("head", magnitude=discs([0.7] * 7))
    assert chosen_slices([scan], wanted) == [("head", i) for i in expected]


def test_slices_come_evenly_from_all_scans():
    scans = [Scan(name, magnitude=discs([0.7] * n)) for name, n in (("long", 9), ("short", 2))]
    expected = [("long", i) for i in (0, 2, 4, 6, 8)] + [("short", i) for i in (0, 1)]
    assert chosen_slices(scans, 7) == expected
