from datetime import datetime

import pytest

from tlmri_gui.models.words import counted, moment


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 slices"), (1, "1 slice"), (2, "2 slices"), (24, "24 slices")]
)
def test_numbers_of_things(number, said):
    assert counted(number, "slice") == said


def test_words_that_take_more_than_an_s():
    assert counted(1, "person", "people") == "1 person"
    assert counted(3, "person", "people") == "3 people"


def test_a_moment_is_a_day_and_a_time():
    assert moment(datetime(2026, 3, 1, 9, 5, 59)) == "1 Mar 09:05"
    assert moment(datetime(2026, 12, 21, 14, 5)) == "21 Dec 14:05"
