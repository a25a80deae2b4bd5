import numpy as np
import pytest

from core.studies.selection import scored_slices, tuning_slices
from core.types import Scan

N_SLICES = 9


def scan(name: str) -> Scan:
    """Slices that differ; the first and the last are empty."""
    images = np.random.default_rng(len(name)).random((N_SLICES, 32, 32)).astype(np.float32)
    images[[0, -1]] = 0
    images[1:-1, :16] += 1
    return Scan(name, magnitude=images)


PEOPLE = [[scan("a")], [scan("bb")], [scan("ccc")]]


def keys(refs) -> list[str]:
    return [ref.key for ref in refs]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_images_are_nested_and_validation_is_fixed(seed):
    fixed = keys(tuning_slices(PEOPLE, 1, 2, seed)[1])
    before: list[str] = []
    for n in range(1, 3 * (N_SLICES - 2) - 1):
        tuning, validation = map(keys, tuning_slices(PEOPLE, n, 2, seed))
        assert len(tuning) == n
        assert tuning[: len(before)] == before
        assert validation == fixed
        assert not set(tuning) & set(validation)
        before = tuning


def test_first_images_are_spread_over_people():
    tuning, validation = tuning_slices(PEOPLE, 4, 2, seed=1)
    order = [ref.scan.name for ref in (*validation, *tuning)]
    assert len(set(order[:3])) == len(set(order[3:])) == 3


def test_first_images_of_a_person_lie_far_apart():
    for seed in range(5):
        tuning, validation = tuning_slices([[scan("a")]], 1, 2, seed)
        indices = sorted(ref.slice_index for ref in (*tuning, *validation))
        assert min(np.diff(indices)) >= 2


def test_seeds_choose_other_images():
    chosen = {tuple(r.key for r in tuning_slices(PEOPLE, 3, 2, seed)[0]) for seed in range(6)}
    assert len(chosen) > 3


def test_too_few_slices_are_refused():
    with pytest.raises(ValueError, match=r"needs 20 \+ 2 slices that show anatomy.* have 21"):
        tuning_slices(PEOPLE, 20, 2, seed=1)


def test_scored_slices_are_spread_over_those_with_anatomy():
    assert scored_slices(scan("a"), 0) == tuple(range(1, 8))
    assert scored_slices(scan("a"), 3) == (1, 4, 7)
    assert scored_slices(scan("a"), 1) == (4,)
    assert scored_slices(scan("a"), 99) == tuple(range(1, 8))


def test_slices_that_show_little_come_last():
    images = np.full((8, 32, 32), 0.01, np.float32)
    images[:, :24] = 1
    images[[0, 7], 6:24] = 0.01
    for seed in range(5):
        tuning, validation = tuning_slices([[Scan("head", magnitude=images)]], 6, 2, seed)
        order = [ref.slice_index for ref in (*validation, *tuning)]
        assert set(order[-2:]) == {0, 7}
