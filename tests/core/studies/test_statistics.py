import numpy as np
import pytest
from scipy import stats

from core.studies.statistics import over_people, within_people


def test_interval_is_students():
    values = [30.1, 31.4, 29.2, 33.0]
    expected = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    found = over_people(values)
    assert (found.low, found.high) == pytest.approx(expected)
    assert (found.has_interval, found.n_people) == (True, 4)


def test_one_person_has_no_interval():
    found = over_people([30.0])
    assert not found.has_interval
    assert (found.mean, found.n_people) == (30.0, 1)
    with pytest.raises(ValueError, match="at least 1"):
        over_people([])


def test_bootstrap_draws_slices_within_people():
    random = np.random.default_rng(3)
    values = {"a": random.normal(30, 1, 40), "b": random.normal(35, 1, 40)}
    low, high = within_people(values)
    mean = (values["a"].mean() + values["b"].mean()) / 2
    half = 1.96 * np.sqrt(values["a"].var() / 40 + values["b"].var() / 40) / 2
    assert (low, high) == pytest.approx((mean - half, mean + half), abs=0.03)
    assert (low, high) == within_people(values)
