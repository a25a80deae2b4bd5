"""Sequences: what they say of themselves, their key, and what they refuse."""

from dataclasses import replace

import pytest

from core.fingerprinting.sequence import (
    MAX_READOUTS,
    FingerprintSequence,
    Preparation,
    Segment,
)

FIRST = Segment(Preparation("inversion", wait_ms=20.0), (10.0, 20.0), (10.0, 11.0), 5.0)
SECOND = Segment(Preparation("diffusion", 60.0, 800.0, 3.0), (30.0,), (12.0,))
SEQUENCE = FingerprintSequence("both", 2.0, 3.14, (FIRST, SECOND, FIRST))


def test_read_outs_are_those_of_all_segments_in_order():
    assert SEQUENCE.n_readouts == 5
    assert SEQUENCE.starts == (0, 2, 3)
    assert SEQUENCE.flip_deg == (10.0, 20.0, 30.0, 10.0, 20.0)
    assert SEQUENCE.tr_ms == (10.0, 11.0, 12.0, 10.0, 11.0)


def test_duration_counts_preparations_waits_and_pauses():
    assert FIRST.duration_ms == 20 + 10 + 11 + 5
    assert SECOND.duration_ms == 60 + 3 + 12
    assert SEQUENCE.duration_ms == 2 * FIRST.duration_ms + SECOND.duration_ms


@pytest.mark.parametrize(
    ("preparation", "words"),
    [
        (Preparation(), "no preparation"),
        (Preparation("inversion", wait_ms=20.0), "inversion, TI 20 ms"),
        (Preparation("t2", te_ms=62.5), "T2 preparation, TE 62.5 ms"),
        (Preparation("diffusion", 60.0, 800.0), "diffusion, b = 800 s/mm², TE 60 ms"),
    ],
)
def test_preparations_in_words(preparation, words):
    assert preparation.words == words


def with_segment(**changes):
    return replace(SEQUENCE, segments=(FIRST, replace(SECOND, **changes), FIRST))


def with_preparation(**changes):
    return with_segment(preparation=replace(SECOND.preparation, **changes))


CHANGED = {
    "te_ms": replace(SEQUENCE, te_ms=2.5),
    "spoiler": replace(SEQUENCE, spoiler_rad_per_mm=3.0),
    "order": replace(SEQUENCE, segments=(SECOND, FIRST, FIRST)),
    "number": replace(SEQUENCE, segments=(FIRST, SECOND)),
    "flip": with_segment(flip_deg=(30.01,)),
    "tr": with_segment(tr_ms=(12.01,)),
    "recovery": with_segment(recovery_ms=1.0),
    "kind": with_segment(preparation=Preparation("t2", te_ms=60.0, wait_ms=3.0)),
    "preparation te": with_preparation(te_ms=61.0),
    "b": with_preparation(b_s_per_mm2=801.0),
    "wait": with_preparation(wait_ms=4.0),
    "where a segment ends": replace(
        SEQUENCE,
        segments=(
            replace(FIRST, flip_deg=(10.0,), tr_ms=(10.0,)),
            replace(SECOND, flip_deg=(20.0, 30.0), tr_ms=(11.0, 12.0)),
            FIRST,
        ),
    ),
}


def test_the_key_changes_with_whatever_changes_the_signal():
    keys = {SEQUENCE.key} | {changed.key for changed in CHANGED.values()}
    assert len(keys) == 1 + len(CHANGED)


def test_the_key_is_not_the_names():
    assert replace(SEQUENCE, name="other").key == SEQUENCE.key


def test_the_key_is_one_for_whole_numbers_of_either_kind():
    whole = with_preparation(te_ms=60, b_s_per_mm2=800, wait_ms=3)
    assert whole == SEQUENCE
    assert whole.key == SEQUENCE.key


def test_the_key_stays_what_it_was():
    """Weights and saved maps name it."""
    assert SEQUENCE.key == "c474e37cd6f0845f"


NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("spin",), "preparation must be one of none, inversion, t2, diffusion, got 'spin'"),
        (("t2",), "te_ms of preparation 't2' must be above 0, got 0.0"),
        (("t2", -1.0), "te_ms of preparation 't2' must be above 0, got -1.0"),
        (("t2", NAN), "te_ms of preparation 't2' must be above 0, got nan"),
        (("t2", INFINITY), "te_ms of preparation 't2' must be above 0, got inf"),
        (("t2", 60.0, 400.0), "b_s_per_mm2 of preparation 't2' must be 0, got 400.0"),
        (("none", 60.0), "te_ms of preparation 'none' must be 0, got 60.0"),
        (("none", NAN), "te_ms of preparation 'none' must be 0, got nan"),
        (("inversion", 60.0), "te_ms of preparation 'inversion' must be 0, got 60.0"),
        (("diffusion", 60.0), "b_s_per_mm2 of preparation 'diffusion' must be above 0, got 0.0"),
        (("diffusion", 0.0, 4.0), "te_ms of preparation 'diffusion' must be above 0, got 0.0"),
        (("none", 0.0, 0.0, -1.0), "wait_ms must be at least 0, got -1.0"),
        (("none", 0.0, 0.0, INFINITY), "wait_ms must be at least 0, got inf"),
    ],
)
def test_what_preparations_refuse(arguments, message):
    with pytest.raises(ValueError) as refusal:
        Preparation(*arguments)
    assert str(refusal.value) == message


COUNTS = "flip_deg and tr_ms of a segment must be as many and at least 1, got"


@pytest.mark.parametrize(
    ("flip_deg", "tr_ms", "recovery_ms", "message"),
    [
        ((), (), 0.0, f"{COUNTS} 0 and 0"),
        ((10.0,), (10.0, 11.0), 0.0, f"{COUNTS} 1 and 2"),
        ((10.0, 0.0), (10.0, 10.0), 0.0, "flip_deg must be above 0 and at most 180, got 0.0"),
        ((180.1,), (10.0,), 0.0, "flip_deg must be above 0 and at most 180, got 180.1"),
        ((NAN,), (10.0,), 0.0, "flip_deg must be above 0 and at most 180, got nan"),
        ((10.0,), (-3.0,), 0.0, "tr_ms must be above 0 and at most 10000, got -3.0"),
        ((10.0,), (10001.0,), 0.0, "tr_ms must be above 0 and at most 10000, got 10001.0"),
        ((10.0,), (10.0,), -1.0, "recovery_ms must be at least 0, got -1.0"),
        ((10.0,), (10.0,), NAN, "recovery_ms must be at least 0, got nan"),
    ],
)
def test_what_segments_refuse(flip_deg, tr_ms, recovery_ms, message):
    with pytest.raises(ValueError) as refusal:
        Segment(Preparation(), flip_deg, tr_ms, recovery_ms)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "name of a sequence must be printable text, got ' '"),
        ({"name": "a\nb"}, r"name of a sequence must be printable text, got 'a\nb'"),
        ({"segments": ()}, "a sequence must have at least one segment, got none"),
        ({"te_ms": 10.0}, "te_ms must be from 0 to below the shortest tr_ms (10), got 10.0"),
        ({"te_ms": -1.0}, "te_ms must be from 0 to below the shortest tr_ms (10), got -1.0"),
        ({"te_ms": NAN}, "te_ms must be from 0 to below the shortest tr_ms (10), got nan"),
        ({"spoiler_rad_per_mm": -0.1}, "spoiler_rad_per_mm must be from 0 to 10000, got -0.1"),
        ({"spoiler_rad_per_mm": 1e5}, "spoiler_rad_per_mm must be from 0 to 10000, got 100000.0"),
    ],
)
def test_what_sequences_refuse(changes, message):
    with pytest.raises(ValueError) as refusal:
        replace(SEQUENCE, **changes)
    assert str(refusal.value) == message


def test_a_sequence_has_a_most_of_read_outs():
    half = Segment(Preparation(), (10.0,) * (MAX_READOUTS // 2), (10.0,) * (MAX_READOUTS // 2))
    assert replace(SEQUENCE, segments=(half, half)).n_readouts == MAX_READOUTS
    with pytest.raises(ValueError, match="at most 5000 read-outs, got 5001"):
        replace(SEQUENCE, segments=(half, half, SECOND))
