from math import nan

from core.studies.tables import plus_minus


def test_a_mean_of_one_slice_has_no_deviation():
    assert plus_minus(44.467, 2.661, 2) == "44.47 ± 2.66"
    assert plus_minus(44.467, nan, 2) == "44.47"
