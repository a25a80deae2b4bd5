"""Extended phase graphs against another program's, on what both know: all but diffusion."""

import sys
from dataclasses import replace

import pytest
import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.sequence import DIFFUSION
from core.fingerprinting.sequence_file import find
from tests.core.fingerprinting import mrpro_epg

TISSUES = torch.tensor(
    [(4500, 2200, 3.0), (1300, 90, 0.8), (800, 70, 0.7), (350, 60, 0.1), (50, 5, 0.1)],
    dtype=torch.float64,
)
B1 = torch.tensor([1.0, 0.9, 1.1, 0.8, 1.2], dtype=torch.float64)


def without_diffusion():
    """The default sequence's inversion, T2 and plain segments, in its order."""
    sequence = find()
    kept = tuple(s for s in sequence.segments if s.preparation.kind != DIFFUSION)
    return replace(sequence, spoiler_rad_per_mm=0.0, segments=kept)


@pytest.fixture(scope="module")
def theirs():
    sequence = without_diffusion()
    return mrpro_epg.signals(sequence, TISSUES, B1, n_states=sequence.n_readouts + 1)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
def test_mrpro_finds_the_same_signals(theirs, dtype, tolerance):
    sequence = without_diffusion()
    tissues, b1 = TISSUES.to(dtype), B1.to(dtype)
    ours = simulate(sequence, tissues, b1, n_states=sequence.n_readouts + 1)
    largest = theirs.abs().amax(1)
    assert (((ours - theirs).abs().amax(1)) / largest).max() < tolerance


def test_all_kinds_but_diffusion_are_compared(theirs):
    kinds = [segment.preparation.kind for segment in without_diffusion().segments]
    assert set(kinds) == {"inversion", "t2", "none"}
    assert theirs.shape == (len(TISSUES), 40 * len(kinds))


def test_loading_mrpro_leaves_no_stand_in_behind():
    mrpro_epg.load()
    left = [name for name in mrpro_epg.VISION if name in sys.modules]
    assert all(sys.modules[name].__spec__ is not None for name in left)
