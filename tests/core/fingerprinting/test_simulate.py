import dataclasses

import numpy as np
import pytest
import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.foreground import BRAIN
from core.fingerprinting.sequence_file import find
from core.fingerprinting.signals import noise_sd
from core.fingerprinting.simulate import SimulateSettings, simulate_series
from core.phantom import Label, make_brain, smooth_phase
from core.progress import Cancelled

CLEAN = SimulateSettings(size=32, snr_db=100.0)


def made(sequence, **changes):
    return simulate_series(dataclasses.replace(CLEAN, **changes), sequence)


@pytest.fixture(scope="module")
def clean(short_sequence):
    return made(short_sequence)


def voxels_of(series, mask):
    return np.moveaxis(series.signals, 1, -1)[mask]


def test_every_voxel_is_its_tissue_times_its_protons_turned_by_the_phase(clean, short_sequence):
    truth = clean.truth.maps
    tissues = np.stack([truth.t1_ms, truth.t2_ms, truth.adc_um2_per_ms], -1)[clean.mask]
    expected = simulate(short_sequence, torch.from_numpy(tissues)).numpy()
    expected = expected * truth.pd[clean.mask][:, None]
    phase = np.exp(1j * smooth_phase((32, 32), CLEAN.seed))[None][clean.mask]
    found = clean.voxels * phase.conj()[:, None]
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found.real, expected, atol=1e-4 * scale)
    np.testing.assert_allclose(found.imag, 0, atol=1e-4 * scale)
    assert np.ptp(np.angle(phase)) > 0.5


def test_the_truth_is_the_digital_brain(clean):
    brain = make_brain(CLEAN.seed, 24, 32)
    expected = brain.t2_ms[CLEAN.first_slice]
    np.testing.assert_array_equal(clean.truth.maps.t2_ms[0][clean.mask[0]], expected[clean.mask[0]])
    np.testing.assert_array_equal(clean.truth.labels[0], brain.labels[CLEAN.first_slice])
    assert np.isnan(clean.truth.maps.t1_ms[~clean.mask]).all()
    assert not np.isin(clean.truth.labels[clean.mask], (Label.AIR, Label.BONE)).any()
    assert Label.FAT in clean.truth.labels[clean.mask]


def test_bone_marrow_and_fat_keep_their_low_adc(clean):
    low = clean.truth.maps.adc_um2_per_ms[clean.truth.labels == Label.FAT].min()
    assert 0 < low < 0.2


@pytest.mark.parametrize("snr_db", [10.0, 30.0])
def test_noise_is_as_strong_as_asked_for_everywhere(clean, short_sequence, snr_db):
    noisy = made(short_sequence, snr_db=snr_db)
    noise = noisy.signals - clean.signals
    brain = voxels_of(clean, clean.mask & np.isin(clean.truth.labels, BRAIN))
    # The definition of the noise study, at the mean over the brain.
    expected = float(noise_sd(torch.from_numpy(brain), snr_db).mean())
    for part in (noise.real, noise.imag):
        assert part.std() == pytest.approx(expected, rel=0.01)
        outside, inside = part[:, :, :4], np.moveaxis(part, 1, -1)[clean.mask]
        assert outside.std() == pytest.approx(expected, rel=0.04)
        assert inside.std() == pytest.approx(expected, rel=0.04)
    assert abs(np.corrcoef(noise.real.ravel(), noise.imag.ravel())[0, 1]) < 0.02


def test_seeds_say_what_is_random(clean, short_sequence):
    np.testing.assert_array_equal(made(short_sequence).signals, clean.signals)
    noisy, again, other = (made(short_sequence, snr_db=20.0, noise_seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(noisy.signals, again.signals)
    assert not np.array_equal(noisy.signals, other.signals)
    np.testing.assert_array_equal(other.truth.labels, clean.truth.labels)
    someone = made(short_sequence, seed=2)
    assert not np.array_equal(someone.truth.labels, clean.truth.labels)


def test_slices_are_the_same_alone_and_among_others(short_sequence):
    both = made(short_sequence, first_slice=10, n_slices=2, b1_spread=0.2)
    second = made(short_sequence, first_slice=11, b1_spread=0.2)
    # 100 dB below the brain's signal
    np.testing.assert_allclose(both.signals[1], second.signals[0], atol=1e-4)
    assert both.grid.shape == (32, 32, 2)
    world = both.grid.affine @ [0, 0, 1, 1]
    np.testing.assert_allclose(second.grid.affine @ [0, 0, 0, 1], world)


def test_the_grid_is_that_of_the_head(clean):
    whole = make_brain(CLEAN.seed, 24, 32).grid
    expected = whole.affine @ [3, 5, CLEAN.first_slice, 1]
    np.testing.assert_allclose(clean.grid.affine @ [3, 5, 0, 1], expected)


def test_b1_changes_flip_angles_smoothly_and_is_told(clean, short_sequence):
    off = made(short_sequence, b1_spread=0.2)
    assert not np.allclose(off.voxels, clean.voxels, atol=1e-3)
    assert any("B1" in note for note in off.notes)
    assert not any("B1" in note for note in clean.notes)
    # A smooth factor of the flip angles scales neighbours alike.
    energy = [np.linalg.norm(series.signals[0], axis=0) for series in (off, clean)]
    ratio = np.divide(*energy, out=np.ones_like(energy[0]), where=clean.mask[0])
    inner = clean.mask[0] & np.isin(clean.truth.labels[0], BRAIN)
    pairs = inner[:, 1:] & inner[:, :-1]
    steps = np.abs(np.diff(ratio, axis=1))[pairs]
    assert steps.mean() < 0.25 * ratio[inner].std() + 0.02


def test_field_strengths_change_relaxation(clean, short_sequence):
    lower = made(short_sequence, field_t=1.5)
    white = lower.truth.labels == Label.WHITE_MATTER
    assert lower.truth.maps.t1_ms[white].mean() < 0.9 * clean.truth.maps.t1_ms[white].mean()


def test_undersampled_images_are_near_the_plain_ones(clean, short_sequence):
    undersampled = made(short_sequence, acceleration=2.0, rank=10)
    error = np.linalg.norm(undersampled.voxels - clean.voxels) / np.linalg.norm(clean.voxels)
    assert error < 0.05
    assert any("rank 10" in note for note in undersampled.notes)


def test_undersampled_noise_is_that_of_the_samples(clean, short_sequence):
    """Of full rank and fully sampled it would be that of the images: the transform is unitary."""
    quiet = made(short_sequence, acceleration=1.05, rank=8)
    noisy = made(short_sequence, acceleration=1.05, rank=8, snr_db=20.0)
    sd = (noisy.signals - quiet.signals).real.std()
    plain = (made(short_sequence, snr_db=20.0).signals - clean.signals).real.std()
    assert sd == pytest.approx(plain * np.sqrt(8 / 32 * 1.05), rel=0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rank": 15, "acceleration": 4.0}, r"at most the 8 times .* at acceleration 4, got 15"),
        ({"rank": 40, "acceleration": 2.0}, "rank must be from 1 to the 32 read-outs"),
        ({"field_t": 2.0}, "field_t must be one of"),
        ({"first_slice": 23, "n_slices": 2}, "must stay within slices 0 to 23, got 23 and 2"),
        ({"size": 16}, "size must be at least 32, got 16"),
        ({"snr_db": float("nan")}, "snr_db must be at least 0, got nan"),
    ],
)
def test_bad_settings_are_refused_in_one_line(short_sequence, changes, message):
    with pytest.raises(ValueError, match=message) as refused:
        made(short_sequence, **changes)
    assert "\n" not in str(refused.value)


def test_it_can_be_stopped(short_sequence):
    heard = []

    def stop(fraction, message):
        heard.append(fraction)
        if len(heard) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        simulate_series(dataclasses.replace(CLEAN, n_slices=3), short_sequence, stop)
    assert heard == sorted(heard)
    assert len(heard) == 3


def test_a_series_too_large_to_be_read_back_is_refused():
    settings = SimulateSettings(size=512, first_slice=0, n_slices=24)
    with pytest.raises(ValueError, match=r"at most 1073741824 values, got shape \(24, 320, 512"):
        simulate_series(settings, find())
