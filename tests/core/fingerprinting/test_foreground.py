import numpy as np
import pytest

from core.fingerprinting.foreground import mask_of


def series():
    """A bright square, a dim one and a background of noise."""
    rng = np.random.default_rng(0)
    signals = np.zeros((2, 30, 20, 20), np.complex64)
    evolution = rng.uniform(-1, 1, 30)[:, None, None]
    signals[:, :, 3:12, 3:12] = evolution
    signals[:, :, 14:17, 3:12] = 0.4 * evolution
    noise = 0.02 * rng.standard_normal((2, *signals.shape))
    return (signals + noise[0] + 1j * noise[1]).astype(np.complex64)


def test_signal_is_told_from_background():
    mask, notes = mask_of(series())
    expected = np.zeros((2, 20, 20), bool)
    expected[:, 3:12, 3:12] = expected[:, 14:17, 3:12] = True
    np.testing.assert_array_equal(mask, expected)
    (note,) = notes
    background = int((~expected).sum())
    assert note.startswith(f"{background} of 800 voxels are taken for background (below 15% of")


@pytest.mark.parametrize("bad", [np.nan, np.inf, complex(0, np.nan), complex(0, -np.inf)])
def test_voxels_with_one_bad_read_out_are_left_out_and_counted(bad):
    signals = series()
    signals[0, 7, 5, 5] = signals[1, 29, 5, 6] = bad
    mask, notes = mask_of(signals)
    assert not mask[0, 5, 5]
    assert not mask[1, 5, 6]
    assert mask[1, 5, 5]
    assert notes[0] == "2 of 800 voxels hold NaN or infinity, and are not mapped"


def test_zero_voxels_are_left_out_and_counted():
    signals = series()
    signals[:, :, :, 5] = 0
    mask, notes = mask_of(signals)
    assert not mask[:, :, 5].any()
    assert notes[0] == "40 of 800 voxels are 0 at every read-out, and are not mapped"


def test_values_whose_squares_overflow_are_still_signal():
    mask, _ = mask_of(series() * np.float32(1e30))
    assert mask[0, 5, 5]
    assert not mask[0, 0, 0]


@pytest.mark.parametrize(
    ("value", "words"), [(1e37, "hold numbers beyond 1e+35"), (1e-37, "are 0 at every read-out")]
)
def test_what_single_precision_has_no_room_for_is_left_out(value, words):
    signals = series()
    signals[0, :, 5, 5] = value
    mask, notes = mask_of(signals)
    assert not mask[0, 5, 5]
    assert mask[0, 5, 6]
    assert notes[0] == f"1 of 800 voxels {words}, and are not mapped"


def test_a_series_without_background_is_mapped_whole():
    signals = np.ones((1, 5, 4, 4), np.complex64)
    mask, notes = mask_of(signals)
    assert mask.all()
    assert notes == ()


@pytest.mark.parametrize(
    ("value", "message"), [(0, "0 in every voxel"), (np.nan, "NaN or infinity in every voxel")]
)
def test_a_series_without_signal_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        mask_of(np.full((1, 5, 4, 4), value, np.complex64))
