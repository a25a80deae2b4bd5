import math

import pytest
import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.estimate import Estimate
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.sequence_file import find
from core.fingerprinting.tissues import draw_tissues
from core.studies.fingerprinting.evaluation import EVALUATION_SEED, evaluation_tissues
from core.studies.fingerprinting.monte_carlo import (
    brain_tissues,
    dictionary_method,
    estimates,
    realisation,
)
from core.studies.fingerprinting.network import VALIDATION_SEED
from core.studies.fingerprinting.spec import RANGES, EvaluationPlan, FingerprintStudy


@pytest.fixture(scope="module")
def sequence():
    return find()


@pytest.fixture(scope="module")
def clean(sequence):
    return simulate(sequence, draw_tissues(50, 0))


@pytest.mark.parametrize("snr_db", [10.0, 30.0])
def test_noise_is_that_of_the_snr_in_both_parts(clean, snr_db):
    noisy = realisation(clean, snr_db, (1, 2, 3))
    energy = clean.square().sum(1)
    phase = (noisy * clean).sum(1)
    noise = noisy - clean * (phase / phase.abs())[:, None]
    for part in (noise.real, noise.imag):
        ratio = energy / part.square().sum(1)
        assert 10 * math.log10(ratio.mean()) == pytest.approx(snr_db, abs=0.3)


def test_phases_are_spread_over_the_circle(clean):
    phases = (realisation(clean, 60.0, (0,)) * clean).sum(1).angle()
    assert phases.min() < -2
    assert phases.max() > 2
    assert phases.abs().min() < 0.5


def test_a_realisation_is_its_own_and_comes_again(clean):
    first = realisation(clean, 20.0, (0, 1, 2))
    torch.testing.assert_close(realisation(clean, 20.0, (0, 1, 2)), first, rtol=0, atol=0)
    for other in ((1, 1, 2), (0, 2, 2), (0, 1, 3)):
        assert not torch.equal(realisation(clean, 20.0, other), first)


def test_fewer_realisations_are_the_first_of_more(sequence):
    seen: list[torch.Tensor] = []

    def method(signals: torch.Tensor) -> Estimate:
        seen.append(signals)
        return Estimate(torch.ones(len(signals), 3), torch.ones(len(signals)))

    tissues = draw_tissues(4, 0)
    for n_noise in (3, 7):
        found = list(estimates(method, sequence, tissues, [10.0, 20.0], n_noise, 0))
        assert [tuple(each.shape) for each in found] == [(n_noise, 4, 3)] * 2
    few, many = seen[:2], seen[2:]
    for a, b in zip(few, many, strict=True):
        torch.testing.assert_close(b[: len(a)], a, rtol=0, atol=0)


def test_says_how_far_it_is_and_can_be_cancelled(sequence):
    from core.progress import Cancelled

    def method(signals: torch.Tensor) -> Estimate:
        return Estimate(torch.ones(len(signals), 3), torch.ones(len(signals)))

    told: list[float] = []
    tissues = draw_tissues(4, 0)
    for _ in estimates(method, sequence, tissues, [1.0, 2.0], 3, 0, lambda f, _: told.append(f)):
        pass
    assert told == sorted(told)
    assert told[-1] == 1

    def stop(_fraction: float, _message: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        next(estimates(method, sequence, tissues, [1.0], 3, 0, stop))


def test_a_dictionary_finds_its_own_atoms_whatever_their_phase(sequence):
    from core.fingerprinting.dictionary import DictionarySettings, build_dictionary

    dictionary = build_dictionary(sequence, DictionarySettings(n_atoms=300, rank=40))
    method = dictionary_method(dictionary, torch.device("cpu"))
    tissues = dictionary.tissues[:20].clone()
    [found] = estimates(method, sequence, tissues, [100.0], 3, 0)
    torch.testing.assert_close(found, tissues.expand(3, -1, -1))


def test_tissues_of_the_brain_lie_in_the_range():
    _, values = brain_tissues()
    for column, parameter in zip(values.T, PARAMETERS, strict=True):
        assert column.min() >= parameter.low
        assert column.max() <= parameter.high


def test_nothing_that_is_judged_on_was_learned(sequence):
    most = RANGES["seeds"][1]
    assert min(EVALUATION_SEED, VALIDATION_SEED) > most
    assert EVALUATION_SEED != VALIDATION_SEED
    study = FingerprintStudy("x", sequence, (0,), evaluation=EvaluationPlan(n_tissues=50))
    judged = {tuple(tissue) for tissue in evaluation_tissues(study).tolist()}
    assert not judged & {tuple(tissue) for tissue in draw_tissues(50, 0).tolist()}
