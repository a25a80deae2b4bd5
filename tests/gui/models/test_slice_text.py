import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlmri_gui.models.slice_text import format_slices, parse_slices, spoken_slices


@settings(deadline=None)
@given(st.sets(st.integers(0, 199)))
def test_what_is_written_reads_back(slices):
    assert set(parse_slices(format_slices(slices), 200)) == slices


@pytest.mark.parametrize(
    ("text", "slices"),
    [("", ()), ("3", (3,)), (" 7 ,3,3 ", (3, 7)), ("2-4, 9", (2, 3, 4, 9)), ("2 – 3", (2, 3))],
)
def test_reading(text, slices):
    assert parse_slices(text, 10) == slices


@pytest.mark.parametrize("text", ["10", "a", "3-1", "8-12", "-1", "1.5", "3 4"])
def test_refusing(text):
    with pytest.raises(ValueError, match="slices must be"):
        parse_slices(text, 10)


@pytest.mark.parametrize(
    ("slices", "said"),
    [
        ((4,), "slice 4"),
        ((1, 2), "slices 1 to 2"),
        ((1, 5), "slices 1, 5"),
        ((0, 3, 4, 5, 7), "slices 0, 3 to 5, 7"),
    ],
)
def test_slices_in_a_sentence(slices, said):
    assert spoken_slices(slices) == said
