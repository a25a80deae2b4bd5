"""Time for a 256 x 256 fingerprint map: a dictionary of 100,000 atoms against the network.

Run with ``pytest -m benchmark -s tests/benchmarks/bench_fingerprinting.py``. Prints, asserts
nothing about time.
"""

import time
from dataclasses import replace

import pytest
import torch

from core.fingerprinting import cards, sequence_file
from core.fingerprinting.dictionary import DictionarySettings, build_dictionary
from core.fingerprinting.epg import N_STATES, simulate
from core.fingerprinting.matching import match
from core.fingerprinting.sequence import DIFFUSION
from core.fingerprinting.signals import with_noise
from core.fingerprinting.tissues import draw_tissues
from core.fingerprinting.weights import load_network
from tests.core.fingerprinting import mrpro_epg

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("all_cores")]

N_VOXELS = 256 * 256
N_ATOMS = 100_000
REPEATS = 3
CPU = torch.device("cpu")


def best_seconds(function, repeats=REPEATS):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.fixture(scope="module")
def sequence():
    return sequence_file.find()


def test_a_map(sequence):
    network = load_network(cards.find(cards.DEFAULT), CPU)
    clean = simulate(sequence, draw_tissues(N_VOXELS, 5))
    signals = with_noise(clean, 30.0, torch.Generator().manual_seed(0))
    quick = best_seconds(lambda: network.estimate(signals))
    print(f"\n256 x 256 voxels, {sequence.n_readouts} read-outs: network {quick:.2f} s")
    for words, rank in (("compressed to rank 25", 25), ("not compressed", sequence.n_readouts)):
        settings = DictionarySettings(N_ATOMS, rank)
        start = time.perf_counter()
        dictionary = build_dictionary(sequence, settings)
        built = time.perf_counter() - start
        slow = best_seconds(lambda dictionary=dictionary: match(dictionary, signals), 2)
        print(
            f"matching {N_ATOMS:,} atoms, {words}: {slow:.1f} s, {slow / quick:.0f} times the "
            f"network's (and {built:.1f} s to make the dictionary)"
        )


def test_signals(sequence):
    """Of the segments that both know, in double precision, with as many states."""
    kept = tuple(s for s in sequence.segments if s.preparation.kind != DIFFUSION)
    known = replace(sequence, spoiler_rad_per_mm=0.0, segments=kept)
    tissues = draw_tissues(2000, 1).double()
    b1 = torch.ones(len(tissues), dtype=torch.float64)
    with torch.no_grad():
        ours = best_seconds(lambda: simulate(known, tissues))
        theirs = best_seconds(lambda: mrpro_epg.signals(known, tissues, b1, N_STATES), 1)
    print(
        f"\nsimulating {len(tissues):,} signals of {known.n_readouts} read-outs in double "
        f"precision: {ours:.2f} s, by MRpro's EPG {theirs:.1f} s ({theirs / ours:.0f} times)"
    )
