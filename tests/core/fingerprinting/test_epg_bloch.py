"""Extended phase graphs against vectors at many positions (``bloch``), which know no states."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.fingerprinting.epg import N_STATES, simulate
from core.fingerprinting.sequence import FingerprintSequence, Preparation, Segment
from core.fingerprinting.sequence_file import find
from tests.core.fingerprinting import bloch

TISSUES = {
    "cerebrospinal fluid": (4500, 2200, 3.0),
    "grey matter": (1300, 90, 0.8),
    "white matter": (800, 70, 0.7),
    "fat": (350, 60, 0.1),
    "shortest": (50, 5, 0.1),
    "short T1 alone": (50, 50, 3.5),
    "short T2 alone": (5000, 5, 0.1),
    "longest, still": (5000, 2500, 0.1),
    "longest, fastest": (5000, 2500, 3.5),
    "T2 of T1": (2500, 2500, 1.0),
}
B1 = (0.8, 1.0, 1.2)


def tissues_and_b1():
    """Every tissue with every B1, as tensors in float64."""
    tissues = torch.tensor(list(TISSUES.values()), dtype=torch.float64)
    return tissues.repeat(len(B1), 1), torch.tensor(B1).double().repeat_interleave(len(tissues))


def furthest(signals, expected):
    """Largest difference of each evolution, relative to its largest signal."""
    difference = np.abs(signals.double().numpy() - expected).max(axis=1)
    return difference / np.abs(expected).max(axis=1)


@pytest.fixture(scope="module")
def still():
    """The shipped sequence with spins that keep their place, and what it gives by vectors."""
    sequence = replace(find(), spoiler_rad_per_mm=0.0)
    tissues, b1 = tissues_and_b1()
    return sequence, bloch.signals(sequence, tissues.numpy(), b1.numpy())


def test_all_states_give_what_vectors_give(still):
    sequence, (along, _) = still
    found = simulate(sequence, *tissues_and_b1(), n_states=sequence.n_readouts + 1)
    assert furthest(found, along).max() < 1e-12


def test_single_precision_is_enough(still):
    sequence, (along, _) = still
    tissues, b1 = (value.float() for value in tissues_and_b1())
    found = simulate(sequence, tissues, b1, n_states=sequence.n_readouts + 1)
    assert found.dtype == torch.float32
    assert furthest(found, along).max() < 1e-5


def test_the_signal_lies_along_x(still):
    _, (along, across) = still
    assert np.abs(across).max() < 1e-12 * np.abs(along).max()


def test_the_default_sequence_as_it_stands_with_diffusion():
    chosen = ("cerebrospinal fluid", "white matter", "longest, still", "longest, fastest")
    tissues = np.array([TISSUES[name] for name in chosen])
    along, _ = bloch.signals(find(), tissues, n_steps=4)
    found = simulate(find(), torch.tensor(tissues, dtype=torch.float32), n_states=N_STATES)
    assert furthest(found, along).max() < 1e-4


def strongly_spoiled():
    """A short sequence whose spoiler attenuates much: 60 rad/mm."""

    def segment(preparation, n, recovery_ms):
        flip_deg, tr_ms = tuple(np.linspace(20, 70, n)), tuple(np.linspace(9, 13, n))
        return Segment(preparation, flip_deg, tr_ms, recovery_ms)

    segments = (
        segment(Preparation("inversion", wait_ms=15), 5, 20.0),
        segment(Preparation("t2", te_ms=40), 5, 30.0),
        segment(Preparation(), 4, 0.0),
    )
    return FingerprintSequence("strong", 2.0, 60.0, segments)


@pytest.fixture(scope="module")
def diffusing():
    """Evolutions of a strong spoiler by vectors, with ever smaller steps of diffusion."""
    tissues = np.array([(4500, 2200, 3.0), (800, 70, 0.7), (1000, 500, 3.5), (5000, 2500, 3.5)])
    return tissues, [bloch.signals(strongly_spoiled(), tissues, n_steps=n)[0] for n in (8, 16, 32)]


def test_the_spoilers_diffusion_weighting(diffusing):
    tissues, (_, coarse, fine) = diffusing
    found = simulate(strongly_spoiled(), torch.tensor(tissues))
    # Splitting errs with the square of the step, so two of them tell the limit
    assert furthest(found, (4 * fine - coarse) / 3).max() < 1e-6
    assert furthest(found, fine).max() < 1e-4


def test_smaller_steps_of_diffusion_come_closer(diffusing):
    tissues, evolutions = diffusing
    found = simulate(strongly_spoiled(), torch.tensor(tissues))
    first, second, third = (furthest(found, steps) for steps in evolutions)
    assert np.allclose(first / second, 4, rtol=0.05)
    assert np.allclose(second / third, 4, rtol=0.05)


def test_the_spoilers_diffusion_weighting_matters_here(diffusing):
    tissues, (*_, fine) = diffusing
    without = simulate(replace(strongly_spoiled(), spoiler_rad_per_mm=0.0), torch.tensor(tissues))
    assert furthest(without, fine).min() > 0.03


def test_no_recovery_during_a_preparation_outlives_it():
    """What grows back along z while the rest is transverse is tipped away, however short T1 is."""
    tissues = np.array([(60.0, 50.0, 1.0), (200.0, 150.0, 3.0)])
    preparations = Preparation("t2", te_ms=120), Preparation("diffusion", 90, 700)
    for preparation in preparations:
        sequence = FingerprintSequence("one", 0.0, 0.0, (Segment(preparation, (90.0,), (10.0,)),))
        pulses = bloch.Spins(tissues, sequence, 0)
        pulses.prepare(preparation)
        found = simulate(sequence, torch.tensor(tissues))
        assert furthest(found, pulses.vectors[2].mean(axis=-1)[:, None]).max() < 1e-12
