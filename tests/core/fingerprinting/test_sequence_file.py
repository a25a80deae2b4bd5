"""Sequences as TOML: what is written comes back, and what is wrong is named in one line."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fingerprinting.sequence import FingerprintSequence, Preparation, Segment
from core.fingerprinting.sequence_file import (
    DEFAULT,
    find,
    from_toml,
    read_sequence,
    shipped,
    to_toml,
)


def between(low, high):
    return st.floats(low, high, allow_nan=False)


def times(high=1e6):
    return between(0.0, high)


positive = between(1e-9, 1e9)
preparations = st.one_of(
    st.builds(Preparation, st.just("none"), wait_ms=times()),
    st.builds(Preparation, st.just("inversion"), wait_ms=times()),
    st.builds(Preparation, st.just("t2"), te_ms=positive, wait_ms=times()),
    st.builds(Preparation, st.just("diffusion"), positive, positive, times()),
)


@st.composite
def segments(draw):
    n = draw(st.integers(1, 5))
    flip_deg = tuple(draw(between(1e-9, 180.0)) for _ in range(n))
    tr_ms = tuple(draw(between(1.0, 1e4)) for _ in range(n))
    return Segment(draw(preparations), flip_deg, tr_ms, draw(times()))


sequences = st.builds(
    FingerprintSequence,
    name=st.text(min_size=1).filter(lambda text: text.isprintable() and text.strip()),
    te_ms=between(0.0, 0.99),
    spoiler_rad_per_mm=between(0.0, 9999.0),
    segments=st.lists(segments(), min_size=1, max_size=4).map(tuple),
)


@settings(deadline=None)
@given(sequences)
def test_what_is_written_is_read_back_exactly(sequence):
    found = from_toml(to_toml(sequence), "file.toml")
    assert found == sequence
    assert found.key == sequence.key


def test_a_file_is_read_as_its_text(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(to_toml(find()).encode())
    assert read_sequence(path) == find(str(path)) == find()


def test_the_default_sequence_is_shipped():
    assert DEFAULT in shipped()
    sequence = find()
    kinds = [segment.preparation.kind for segment in sequence.segments]
    assert sequence == find(DEFAULT)
    assert sequence.n_readouts == 320
    assert set(kinds) == {"inversion", "none", "t2", "diffusion"}
    weightings = {segment.preparation.b_s_per_mm2 for segment in sequence.segments}
    assert weightings == {0, 400, 800, 1200}


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_sequence_reads(name):
    assert from_toml(to_toml(find(name)), name) == find(name)


GOOD = """
name = "short"
te_ms = 2
spoiler_rad_per_mm = 3.0

[[segment]]
preparation = "inversion"
wait_ms = 20
readouts = 3
flip_lobe_deg = [10, 50]
tr_lobe_ms = [10, 12]

[[segment]]
preparation = "diffusion"
te_ms = 60
b_s_per_mm2 = 800
flip_deg = [10, 20.5]
tr_ms = [11, 12]
recovery_ms = 500
"""


def test_lobes_are_half_sines_rounded_as_a_scanner_would():
    first = from_toml(GOOD, "file.toml").segments[0]
    heights = [math.sin(math.pi * (i + 0.5) / 3) for i in range(3)]
    assert first.flip_deg == tuple(round(10 + 40 * height, 2) for height in heights)
    assert first.tr_ms == tuple(round(10 + 2 * height, 2) for height in heights)
    assert first.flip_deg == (30.0, 50.0, 30.0)


def test_lists_are_taken_as_they_stand():
    second = from_toml(GOOD, "file.toml").segments[1]
    expected = Segment(Preparation("diffusion", 60.0, 800.0), (10.0, 20.5), (11.0, 12.0), 500.0)
    assert second == expected


def test_a_list_and_a_lobe_go_together():
    text = GOOD.replace("flip_lobe_deg = [10, 50]", "flip_deg = [10, 20, 30]")
    first = from_toml(text, "file.toml").segments[0]
    assert first.flip_deg == (10.0, 20.0, 30.0)
    assert first.tr_ms == (11.0, 12.0, 11.0)


def test_what_is_not_stated_of_a_segment_is_none():
    text = 'name="n"\nte_ms=1\nspoiler_rad_per_mm=0\n[[segment]]\npreparation="none"\n'
    sequence = from_toml(text + "flip_deg=[10]\ntr_ms=[10]", "file.toml")
    assert sequence.segments == (Segment(Preparation(), (10.0,), (10.0,), 0.0),)


KNOWN = (
    "preparation, te_ms, b_s_per_mm2, wait_ms, readouts, flip_deg, tr_ms, flip_lobe_deg, "
    "tr_lobe_ms, recovery_ms"
)
HUGE = "1" + "0" * 400
REFUSALS = [
    ("name = ", "nom = ", "key must be one of name, te_ms, spoiler_rad_per_mm, segment, got 'nom'"),
    ('"short"', "5", "name must be a text, got 5"),
    ('name = "short"', "", "name must be a text, got None"),
    ('"short"', '""', "name of a sequence must be printable text, got ''"),
    ("te_ms = 2", "", "te_ms must be a number, got None"),
    ("te_ms = 2", "te_ms = '2'", "te_ms must be a number, got '2'"),
    ("te_ms = 2", "te_ms = true", "te_ms must be a number, got True"),
    (
        "te_ms = 2",
        f"te_ms = {HUGE}",
        "te_ms must be a number from -1e308 to 1e308, got one beyond",
    ),
    ("te_ms = 2", "te_ms = 30", "te_ms must be from 0 to below the shortest tr_ms (11), got 30.0"),
    ("te_ms = 2", "te_ms = nan", "te_ms must be from 0 to below the shortest tr_ms (11), got nan"),
    ("= 3.0", "= -3.0", "spoiler_rad_per_mm must be from 0 to 10000, got -3.0"),
    ("= 3.0", "= inf", "spoiler_rad_per_mm must be from 0 to 10000, got inf"),
    (
        '"inversion"',
        '"invert"',
        "segment 1: preparation must be one of none, inversion, t2, diffusion, got 'invert'",
    ),
    ('"inversion"', "1", "segment 1: preparation must be a text, got 1"),
    ('preparation = "diffusion"', "", "segment 2: preparation must be a text, got None"),
    ("wait_ms", "pause_ms", f"segment 1: key must be one of {KNOWN}, got 'pause_ms'"),
    ("wait_ms = 20", "wait_ms = -1", "segment 1: wait_ms must be at least 0, got -1.0"),
    ("wait_ms = 20", "wait_ms = []", "segment 1: wait_ms must be a number, got []"),
    (
        "wait_ms = 20",
        "te_ms = 20",
        "segment 1: te_ms of preparation 'inversion' must be 0, got 20.0",
    ),
    (
        "b_s_per_mm2 = 800",
        "",
        "segment 2: b_s_per_mm2 of preparation 'diffusion' must be above 0, got 0.0",
    ),
    ("readouts = 3", "", "segment 1: readouts must be a whole number from 1 to 5000, got None"),
    ("= 3\n", "= 3.5\n", "segment 1: readouts must be a whole number from 1 to 5000, got 3.5"),
    ("= 3\n", "= true\n", "segment 1: readouts must be a whole number from 1 to 5000, got True"),
    ("= 3\n", "= 0\n", "segment 1: readouts must be a whole number from 1 to 5000, got 0"),
    ("= 3\n", "= 9999\n", "segment 1: readouts must be a whole number from 1 to 5000, got 9999"),
    ("[10, 50]", "[10, 50, 60]", "segment 1: flip_lobe_deg must hold two numbers, got 3"),
    ("[10, 50]", "30", "segment 1: flip_lobe_deg must be a list of numbers, got 30"),
    ("[10, 50]", "[10, 'x']", "segment 1: flip_lobe_deg must be a number, got 'x'"),
    ("[10, 50]", "[10, 300]", "segment 1: flip_deg must be above 0 and at most 180, got 300.0"),
    ("[10, 50]", "[10, nan]", "segment 1: flip_deg must be above 0 and at most 180, got nan"),
    ("[10, 50]", "[10, inf]", "segment 1: flip_deg must be above 0 and at most 180, got inf"),
    (
        "flip_lobe_deg = [10, 50]",
        "",
        "segment 1: either flip_deg or flip_lobe_deg must be stated, got neither",
    ),
    (
        "tr_ms = [11, 12]",
        "tr_ms = [11, 12]\ntr_lobe_ms = [11, 12]",
        "segment 2: either tr_ms or tr_lobe_ms must be stated, got both",
    ),
    (
        "flip_deg = [10, 20.5]",
        "flip_deg = [10, 20.5]\nreadouts = 40",
        "segment 2: readouts must be as many as flip_deg (2), got 40",
    ),
    (
        "[10, 20.5]",
        "[]",
        "segment 2: flip_deg and tr_ms of a segment must be as many and at least ",
    ),
    ("[10, 20.5]", "[[10], 20]", "segment 2: flip_deg must be a number, got [10]"),
    ("tr_ms = [11, 12]", "tr_ms = [11, 0]", "segment 2: tr_ms must be above 0 and at most 10000, "),
    (
        "recovery_ms = 500",
        "recovery_ms = nan",
        "segment 2: recovery_ms must be at least 0, got nan",
    ),
    ("[[segment]]", "[[part]]", "key must be one of name, te_ms, spoiler_rad_per_mm, segment, got"),
    ("te_ms = 2", "te_ms 2", "must be TOML, got: "),
    ("te_ms = 2", "te_ms = " + "[" * 5000, "must be TOML, got: "),
]


@pytest.mark.parametrize(("old", "new", "message"), REFUSALS)
def test_what_is_refused_is_named_in_one_line(old, new, message):
    assert old in GOOD
    with pytest.raises(ValueError) as refusal:
        from_toml(GOOD.replace(old, new), "mine.toml")
    words = str(refusal.value)
    assert words.startswith(f"mine.toml: {message}")
    assert len(words.splitlines()) == 1


@pytest.mark.parametrize(
    ("value", "got"), [("", "None"), ("segment = 3", "3"), ("segment=[1]", "[1]")]
)
def test_segments_are_sections(value, got):
    text = f'name = "n"\nte_ms = 1\nspoiler_rad_per_mm = 0\n{value}'
    with pytest.raises(ValueError) as refusal:
        from_toml(text, "mine.toml")
    words = f"mine.toml: segment must be sections [[segment]], got {got}"
    assert str(refusal.value) == words


def test_a_file_without_segments():
    text = 'name = "n"\nte_ms = 1\nspoiler_rad_per_mm = 0\nsegment = []'
    with pytest.raises(ValueError, match=r"^mine.toml: a sequence must have at least one segment"):
        from_toml(text, "mine.toml")


def test_a_file_that_is_missing(tmp_path):
    path = tmp_path / "none.toml"
    with pytest.raises(ValueError) as refusal:
        find(str(path))
    assert str(refusal.value) == f"{path}: must be readable, got: No such file or directory"


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"^binary.toml: must be UTF-8 text, got: ") as refusal:
        read_sequence(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["fisp", "", "diffusion.tom", "../diffusion"])
def test_a_name_that_is_not_shipped(name):
    with pytest.raises(ValueError) as refusal:
        find(name)
    known = ", ".join(shipped())
    words = f"sequence must be one of {known}, or a .toml file, got {name!r}"
    assert str(refusal.value) == words


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused_in_one_line(text):
    with pytest.raises(ValueError) as refusal:
        from_toml(text, "mine.toml")
    assert len(str(refusal.value).splitlines()) == 1
