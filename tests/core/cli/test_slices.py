import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cli.slices import parse_slices


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", (7,)),
        ("20:24", (20, 21, 22, 23)),
        ("20:25:2", (20, 22, 24)),
        ("3,5,9", (3, 5, 9)),
        ("9, 3, 9", (9, 3)),
        ("1:3,2:5", (1, 2, 3, 4)),
        ("all", tuple(range(30))),
        ("29", (29,)),
        ("0:30:29", (0, 29)),
        ("29:60:31", (29,)),
    ],
)
def test_parse(text, expected):
    assert parse_slices(text, "scan", 30) == expected


@pytest.mark.parametrize("text", ["30", "20:31", "3,40"])
def test_beyond_the_scan_names_its_number_of_slices(text):
    with pytest.raises(ValueError, match=r"of head must be from 0 to 29 \(it has 30\), got '"):
        parse_slices(text, "head", 30)


@pytest.mark.parametrize(
    "text", ["", "x", "1:", ":4", "1:2:3:4", "-1", "1.5", "1,,2", "5:5", "6:5", "1:5:0", "١:x"]
)
def test_malformed_or_empty(text):
    with pytest.raises(ValueError, match="--slices must"):
        parse_slices(text, "head", 30)


@given(
    st.integers(1, 300).flatmap(
        lambda n: st.tuples(
            st.just(n), st.integers(0, n - 1), st.integers(1, n), st.integers(1, 50)
        )
    )
)
def test_ranges_are_pythons(case):
    n, start, stop, step = case
    text = f"{start}:{stop}:{step}"
    expected = tuple(range(n))[start:stop:step]
    if expected:
        assert parse_slices(text, "head", n) == expected
    else:
        with pytest.raises(ValueError, match="at least one"):
            parse_slices(text, "head", n)


@given(st.text(alphabet="0123456789:, al", max_size=12), st.integers(1, 50))
def test_any_text_gives_valid_slices_or_one_line(text, n):
    try:
        found = parse_slices(text, "head", n)
    except ValueError as error:
        lines = str(error).splitlines()
    else:
        assert found
        assert len(set(found)) == len(found)
        assert set(found) <= set(range(n))
        return
    assert len(lines) == 1
