"""One-dimensional patterns: whole lines along y, at most one of them shortened."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.masks import make_mask

LINES = pytest.mark.parametrize("pattern", ["random", "equispaced"])


@LINES
@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(64, 512), st.integers(64, 512)),
    acceleration=st.floats(2, 10),
    seed=st.integers(0, 1000),
)
def test_at_most_one_line_is_shortened_about_the_centre(
    pattern: str, shape: tuple[int, int], acceleration: float, seed: int
) -> None:
    samples = make_mask(pattern, shape, acceleration, seed).samples
    length = samples.sum(axis=0)
    partial = np.flatnonzero((length > 0) & (length < shape[0]))
    assert partial.size <= 1
    for column in partial:
        rows = np.flatnonzero(samples[:, column])
        assert np.array_equal(rows, np.arange(rows[0], rows[-1] + 1))
        centre = shape[0] // 2
        assert rows[0] <= centre <= rows[-1]
        # Of an even number, one more lies before the centre, as in every FFT of even size.
        assert (centre - rows[0]) - (rows[-1] - centre) == (rows.size + 1) % 2
        sampled = np.flatnonzero(length)
        assert abs(column - shape[1] // 2) == np.abs(sampled - shape[1] // 2).max()


@LINES
def test_lines_stay_whole_where_whole_lines_meet_the_acceleration(pattern: str) -> None:
    for n, acceleration in ((256, 4), (512, 3), (128, 8)):
        samples = make_mask(pattern, (n, n), acceleration).samples
        assert set(np.unique(samples.sum(axis=0))) == {0, n}


@settings(max_examples=60, deadline=None)
@given(n=st.integers(64, 512), acceleration=st.floats(2, 10), seed=st.integers(0, 1000))
def test_equispaced_gaps_differ_by_one_at_most(n: int, acceleration: float, seed: int) -> None:
    mask = make_mask("equispaced", (64, n), acceleration, seed)
    acs = mask.acs_shape[1]
    left = n // 2 - acs // 2
    outside = np.delete(mask.samples.any(axis=0), np.s_[left : left + acs])
    chosen = np.flatnonzero(outside)
    gaps = np.diff(np.append(chosen, chosen[0] + outside.size))
    assert gaps.max() - gaps.min() <= 1


def test_the_centre_follows_fastmri() -> None:
    """fastMRI's center fractions: 0.08 at R = 4 and 0.04 at R = 8."""
    for acceleration, fraction in ((4, 0.08), (8, 0.04)):
        acs = make_mask("random", (320, 320), acceleration).acs_shape
        assert acs[0] == 320
        assert acs[1] == pytest.approx(fraction * 320, abs=1)


def test_random_lines_are_uniform_outside_the_centre() -> None:
    """Each line is chosen about equally often, within the spread of 300 independent masks."""
    masks = [make_mask("random", (64, 128), 4, seed) for seed in range(300)]
    acs = masks[0].acs_shape[1]
    often = np.mean([m.samples.any(axis=0) for m in masks], axis=0)
    outside = np.delete(often, np.s_[64 - acs // 2 : 64 - acs // 2 + acs])
    expected = (32 - acs) / (128 - acs)
    spread = np.sqrt(expected * (1 - expected) / 300)
    assert np.abs(outside - expected).max() < 4.5 * spread
