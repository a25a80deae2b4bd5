"""The mask of a scan that was acquired undersampled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.masks import acquired_mask, make_mask, sampled_centre
from core.masks.patterns import centre
from core.types import Scan

RANDOM = np.random.default_rng(4)


def scan_of(sampled):
    kspace = RANDOM.normal(size=(2, 3, *sampled.shape)).astype(np.complex64) * sampled
    return Scan("head", kspace=kspace, sampled=sampled)


@pytest.mark.parametrize("pattern", ["poisson", "gaussian", "random", "equispaced"])
def test_a_drawn_mask_is_found_again(pattern):
    drawn = make_mask(pattern, (96, 80), 4.0, seed=2)
    found = acquired_mask(scan_of(drawn.samples))
    np.testing.assert_array_equal(found.samples, drawn.samples)
    assert found.pattern == "acquired"
    assert found.acceleration == drawn.achieved_acceleration == found.achieved_acceleration
    assert all(a >= b for a, b in zip(found.acs_shape, drawn.acs_shape, strict=True))
    assert found.samples[centre((96, 80), found.acs_shape)].all()


def test_a_line_through_the_centre_is_no_wider_a_centre_than_a_square():
    sampled = np.zeros((64, 64), bool)
    sampled[:, 32] = True
    sampled[27:37, 27:37] = True
    assert sampled_centre(sampled) == (10, 10)


def test_zero_filled_edges_do_not_count():
    sampled = np.zeros((40, 48), bool)
    sampled[6:36, 20:30] = True
    assert sampled_centre(sampled) == (29, 9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1), st.floats(0.5, 1.0))
def test_no_rectangle_is_better(height, width, seed, density):
    sampled = np.random.default_rng(seed).random((height, width)) < density
    sizes = [(h, w) for h in range(1, height + 1) for w in range(1, width + 1)]
    full = [s for s in sizes if sampled[centre((height, width), s)].all()]
    best = max(full, key=lambda s: (min(s), s[0] * s[1]), default=(0, 0))
    assert sampled_centre(sampled) == best


def test_a_scan_without_its_centre_is_refused():
    sampled = np.ones((40, 40), bool)
    sampled[20, 20] = False
    with pytest.raises(ValueError, match="head: the centre of k-space must be sampled"):
        acquired_mask(scan_of(sampled))


def test_a_fully_sampled_scan_is_refused():
    scan = Scan("head", kspace=np.ones((1, 1, 40, 40), np.complex64))
    with pytest.raises(ValueError, match="head: must be acquired undersampled, got a fully"):
        acquired_mask(scan)
