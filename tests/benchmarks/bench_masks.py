"""How long a mask takes, against ``sigpy.mri.poisson`` in the same run, and how near its R comes.

Run with ``make bench`` or ``pytest -m benchmark -s tests/benchmarks``. Prints, asserts nothing
about time.
"""

import time

import numpy as np
import pytest
from sigpy.mri import poisson as sigpy_poisson

from core.masks import PATTERNS, make_mask
from core.masks.make import _draw

pytestmark = pytest.mark.benchmark

SIZES = (64, 128, 256, 512)
ACCELERATIONS = (2, 4, 10)


def milliseconds(function, repeats):
    """Best and worst of some runs, in time of one core: what else runs does not count."""
    times = []
    for seed in range(1, repeats + 1):
        start = time.thread_time()
        function(seed)
        times.append(1e3 * (time.thread_time() - start))
    return min(times), max(times)


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """sigpy compiles at its first call; ours warms up likewise."""
    sigpy_poisson((64, 64), 4, (8, 8), tol=1.0)
    for pattern in PATTERNS.names():
        make_mask(pattern, (64, 64), 4)


@pytest.mark.parametrize("size", SIZES)
def test_time_of_a_mask(size):
    print()
    for acceleration in ACCELERATIONS:
        acs = make_mask("poisson", (size, size), acceleration).acs_shape

        def theirs(seed, acceleration=acceleration, acs=acs):
            # A tolerance that it meets: it raises an error otherwise.
            return sigpy_poisson((size, size), acceleration, acs, seed=seed, tol=1.0)

        sigpy_best, _ = milliseconds(theirs, 1)
        print(f"{size} x {size}, R = {acceleration}: sigpy.mri.poisson {sigpy_best:.0f} ms")
        for pattern in PATTERNS.names():
            _draw.cache_clear()
            best, worst = milliseconds(
                lambda seed, p=pattern, r=acceleration: make_mask(p, (size, size), r, seed), 7
            )
            print(
                f"  {pattern:<11} {best:7.2f} ms (worst of 7: {worst:.2f}), "
                f"{sigpy_best / best:.0f} times faster"
            )


def test_worst_acceleration_error():
    rng = np.random.default_rng(0)
    print()
    for pattern in PATTERNS.names():
        worst = (0.0, (0, 0), 0.0)
        for _ in range(150):
            shape = tuple(int(n) for n in rng.integers(64, 513, 2))
            acceleration = float(rng.uniform(2, 10))
            achieved = make_mask(pattern, shape, acceleration).achieved_acceleration
            worst = max(worst, (abs(achieved / acceleration - 1), shape, acceleration))
        print(
            f"{pattern:<11} worst error of R in 150 masks: {100 * worst[0]:.3f} % "
            f"at {worst[1][0]} x {worst[1][1]}, R = {worst[2]:.2f}"
        )
