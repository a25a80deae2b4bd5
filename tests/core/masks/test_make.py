"""Properties that every registered pattern has, whatever its size, acceleration and seed."""

import dataclasses
import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.masks import (
    DEFAULT_PATTERN,
    PATTERNS,
    Plan,
    make_mask,
    settings_in_full,
    training_masks,
)
from core.training import settings as settings_of_training

ALL = pytest.mark.parametrize("pattern", PATTERNS.names())
SIZES = st.integers(64, 512)
SMALL = st.integers(64, 200)
ACCELERATIONS = st.floats(2, 10)
quick = settings(max_examples=25, deadline=None)


def centre_of(samples: np.ndarray, acs_shape: tuple[int, int]) -> np.ndarray:
    y, x = (n // 2 - acs // 2 for n, acs in zip(samples.shape, acs_shape, strict=True))
    return samples[y : y + acs_shape[0], x : x + acs_shape[1]]


def test_training_offers_every_registered_pattern() -> None:
    assert PATTERNS.names() == settings_of_training.PATTERNS


def test_the_patterns_and_their_order() -> None:
    assert PATTERNS.names() == ("poisson", "gaussian", "random", "equispaced")
    assert DEFAULT_PATTERN == "poisson"


@ALL
@quick
@given(shape=st.tuples(SIZES, SIZES), acceleration=ACCELERATIONS, seed=st.integers(0, 2**32))
def test_acceleration_and_centre(
    pattern: str, shape: tuple[int, int], acceleration: float, seed: int
) -> None:
    mask = make_mask(pattern, shape, acceleration, seed)
    assert mask.samples.shape == shape
    assert mask.samples.dtype == np.bool_
    assert abs(mask.achieved_acceleration / acceleration - 1) < 0.005
    assert min(mask.acs_shape) >= 1
    centre = centre_of(mask.samples, mask.acs_shape)
    assert centre.shape == mask.acs_shape
    assert centre.all()
    assert mask.samples[shape[0] // 2, shape[1] // 2]
    assert (mask.pattern, mask.acceleration, mask.seed, mask.split) == (
        pattern, acceleration, seed, "test",
    )  # fmt: skip


@pytest.mark.parametrize("pattern", ["poisson", "gaussian"])
@quick
@given(shape=st.tuples(SMALL, SMALL), acceleration=st.floats(1, 20))
def test_two_dimensional_patterns_have_exactly_the_samples(
    pattern: str, shape: tuple[int, int], acceleration: float
) -> None:
    samples = make_mask(pattern, shape, acceleration).samples
    assert np.count_nonzero(samples) == round(shape[0] * shape[1] / acceleration)


@ALL
@pytest.mark.parametrize("acceleration", [2, 3.7, 10])
@pytest.mark.parametrize("shape", [(64, 512), (512, 64), (64, 64), (511, 97), (512, 512)])
def test_extreme_shapes(pattern: str, shape: tuple[int, int], acceleration: float) -> None:
    mask = make_mask(pattern, shape, acceleration)
    assert abs(mask.achieved_acceleration / acceleration - 1) < 0.005


@ALL
@pytest.mark.parametrize("shape", [(32, 32), (33, 47), (32, 300), (300, 32)])
@pytest.mark.parametrize("acceleration", [1.01, 1.5, 17, 20])
def test_the_limits_of_what_is_allowed(
    pattern: str, shape: tuple[int, int], acceleration: float
) -> None:
    mask = make_mask(pattern, shape, acceleration)
    wanted = shape[0] * shape[1] / acceleration
    assert abs(np.count_nonzero(mask.samples) - wanted) <= max(0.5, 0.005 * wanted)


@ALL
def test_no_acceleration_is_full_sampling(pattern: str) -> None:
    assert make_mask(pattern, (64, 71), 1).samples.all()


@ALL
def test_every_setting_of_the_centre_works(pattern: str) -> None:
    kind = PATTERNS[pattern].params
    assert kind is not None
    sizes = []
    for share in (0.0, 0.2, 0.5):
        mask = make_mask(pattern, (96, 80), 5, params=kind(centre_share=share))
        assert abs(mask.achieved_acceleration / 5 - 1) < 0.005
        assert centre_of(mask.samples, mask.acs_shape).all()
        sizes.append(mask.acs_shape[0] * mask.acs_shape[1])
    assert sizes == sorted(set(sizes))
    assert sizes[2] == pytest.approx(0.5 * 96 * 80 / 5, rel=0.2)


@ALL
def test_same_arguments_same_mask(pattern: str) -> None:
    state = np.random.get_state(legacy=True)[1].copy()  # type: ignore[index]  # noqa: NPY002
    first, other = (make_mask(pattern, (80, 90), 4, seed) for seed in (3, 4))
    first.samples[:] = False  # a caller's changes stay with the caller
    again = make_mask(pattern, (80, 90), 4, 3)
    code = (
        "import sys; from core.masks import make_mask;"
        f"sys.stdout.buffer.write(make_mask({pattern!r}, (80, 90), 4, 3).samples.tobytes())"
    )
    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert again.samples.tobytes() == elsewhere.stdout
    assert not np.array_equal(again.samples, other.samples)
    assert np.array_equal(state, np.random.get_state(legacy=True)[1])  # type: ignore[index]  # noqa: NPY002


@pytest.mark.parametrize("pattern", ["poisson", "gaussian", "random"])
def test_hundred_training_and_hundred_test_masks_all_differ(pattern: str) -> None:
    train = training_masks(pattern, (128, 128), 4)
    test = [make_mask(pattern, (128, 128), 4, seed) for seed in range(100)]
    assert [m.split for m in train] == ["train"] * 100
    assert [m.seed for m in train] == list(range(100))
    assert len({m.samples.tobytes() for m in (*train, *test)}) == 200


@pytest.mark.parametrize(
    ("n", "acceleration"), list(itertools.product((64, 101, 128, 256), (2, 4, 8, 10)))
)
def test_the_pools_of_equispaced_lines_never_overlap(n: int, acceleration: float) -> None:
    """Few equispaced masks exist, so they repeat; yet none is in both pools."""
    train, test = (
        {make_mask("equispaced", (64, n), acceleration, k, split=s).samples.tobytes()
         for k in range(100)}
        for s in ("train", "test")
    )  # fmt: skip
    assert len(train) >= 5
    assert len(test) >= 5
    assert not train & test


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shape": (31, 64)}, r"shape .* from 32 to 1024, got \(31, 64\)"),
        ({"shape": (64, 1025)}, r"shape .* got \(64, 1025\)"),
        ({"shape": (64, 64, 64)}, r"shape .* two sizes"),
        ({"shape": (64.5, 64)}, r"shape .* got \(64.5, 64\)"),
        ({"acceleration": 0.9}, "acceleration must be from 1 to 20, got 0.9"),
        ({"acceleration": 20.5}, "acceleration .* got 20.5"),
        ({"acceleration": float("nan")}, "acceleration .* got nan"),
        ({"seed": -1}, "seed must be an integer from 0, got -1"),
        ({"seed": 1.5}, "seed .* got 1.5"),
        ({"split": "val"}, "split must be one of train, test, got 'val'"),
        ({"pattern": "spiral"}, "unknown mask 'spiral': choose one of poisson, gaussian"),
        ({"params": PATTERNS["gaussian"].params()}, "must be PoissonParams, got GaussianParams"),  # type: ignore[misc]
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments: dict, message: str) -> None:
    good = {"pattern": "poisson", "shape": (64, 64), "acceleration": 4}
    with pytest.raises(ValueError, match=message) as caught:
        make_mask(**(good | arguments))
    assert "\n" not in str(caught.value)


@ALL
def test_settings_outside_their_range_are_refused(pattern: str) -> None:
    kind = PATTERNS[pattern].params
    assert kind is not None
    for field in dataclasses.fields(kind):
        for value in (-1.0, 1e3, float("nan")):
            with pytest.raises(ValueError, match=field.name):
                kind(**{field.name: value})


def test_a_centre_larger_than_the_samples_is_refused() -> None:
    @dataclasses.dataclass(frozen=True)
    class Greedy(PATTERNS["gaussian"].params):  # type: ignore[misc, name-defined]
        def acs_shape(self, shape: tuple[int, int], n_samples: int) -> tuple[int, int]:
            return (40, 40)

    with pytest.raises(ValueError, match="at most the 410 samples of R = 10, got 40 x 40"):
        make_mask("gaussian", (64, 64), 10, params=Greedy())


def test_patterns_receive_what_they_must_meet() -> None:
    plan = Plan((64, 64), 512, (6, 6), 1)
    samples = PATTERNS["poisson"].item(plan, np.random.default_rng(0), PATTERNS["poisson"].params())  # type: ignore[misc]
    assert np.count_nonzero(samples) == 512


@ALL
def test_a_mask_carries_its_settings(pattern: str) -> None:
    kind = PATTERNS[pattern].params
    assert make_mask(pattern, (64, 64), 4).params == kind()
    others = kind(centre_share=0.1)
    mask = make_mask(pattern, (64, 64), 4, params=others, split="train")
    assert (mask.params, mask.split) == (others, "train")


def test_settings_in_full() -> None:
    assert settings_in_full("poisson", None) == {"growth": 10.0, "centre_share": 0.05}
    chosen = PATTERNS["random"].params(centre_share=0.2)
    assert settings_in_full("random", chosen) == {"centre_share": 0.2}
    with pytest.raises(ValueError, match="params of mask 'poisson' must be PoissonParams"):
        settings_in_full("poisson", chosen)
