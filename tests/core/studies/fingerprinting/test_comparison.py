import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.fingerprinting.sequence_file import find
from core.studies.fingerprinting.answer import answer
from core.studies.fingerprinting.cells import cells_of, methods_of
from core.studies.fingerprinting.comparison import comparisons_of
from core.studies.fingerprinting.found import Found
from core.studies.fingerprinting.moments import Moments
from core.studies.fingerprinting.result import BrainErrors, FingerprintResult
from core.studies.fingerprinting.rows import (
    comparison_csv,
    costs_of,
    scores_csv,
    tissue_errors,
    tissues_csv,
)
from core.studies.fingerprinting.scores import (
    ALL,
    BIAS,
    BOUND,
    LONG_T2,
    LOSS,
    MSE,
    SD,
    group_words,
    groups_of,
    scores_of,
)
from core.studies.fingerprinting.spec import EvaluationPlan, FingerprintStudy, TrainingPlan

SEEDS = (0, 1, 2)
N_TISSUES = 20


@pytest.fixture(scope="module")
def study():
    plan = EvaluationPlan(snr_db=(10.0, 60.0), n_tissues=N_TISSUES, n_noise=50)
    return FingerprintStudy(
        "made up", find(), SEEDS, TrainingPlan(steps_clean=7, steps_noisy=5), plan
    )


def result(variance, seconds=2.0):
    """No bias, and one variance at each SNR, of all tissues or tissue by tissue."""
    shape = (2, N_TISSUES, 3)
    values = np.broadcast_to(np.reshape(variance, (2, -1, 1)), shape).copy()
    # Exactly without bias: the mean square is what noise alone explains.
    moments = Moments(np.sqrt(values / 50), values, np.full((2, 3), 0.1), 50)
    brain = BrainErrors(np.full((2, 5, 3), 3.0), np.full((2, 5, 3), 4.0))
    return FingerprintResult(moments, brain, seconds, 1.0)


def results(study, factors):
    """Results of every cell; ``factors`` of a method multiply the variance seed by seed.

    A factor is a number, or one for each SNR and tissue.
    """
    found = {}
    for cell in cells_of(study):
        factor = factors.get(cell.method, (1.0, 1.0, 1.0))[cell.seed]
        found[cell] = result(np.array([[0.4], [0.2]]) * factor)
    return found


def test_the_reduction_is_paired_by_seed(study):
    factors = {"transferred": (0.8, 1.6, 2.4), "noisy": (1.0, 2.0, 4.0)}
    found = {
        (c.method, c.other, c.snr_db, c.parameter): c
        for c in comparisons_of(study, results(study, factors))
        if c.tissues == ALL and not math.isnan(c.snr_db)
    }
    for parameter in (ALL, "t1", "adc"):
        one = found["transferred", "noisy", 60.0, parameter]
        by_seed = [20.0, 20.0, 40.0]
        assert one.reduction.mean == pytest.approx(np.mean(by_seed))
        low, high = stats.t.interval(0.95, 2, np.mean(by_seed), stats.sem(by_seed))
        assert (one.reduction.low, one.reduction.high) == pytest.approx((low, high))
        assert one.n_better == 3
    # The dictionary has no seeds: each network is compared with the one.
    one = found["transferred", "dictionary", 10.0, ALL]
    assert one.reduction.mean == pytest.approx(np.mean([20, -60, -140]))
    assert one.n_better == 1


def test_scores_are_root_mean_squares_in_percent(study):
    scores = {
        (s.method, s.snr_db, s.parameter, s.figure): s
        for s in scores_of(study, results(study, {"clean": (1.0, 4.0, 9.0)}))
        if s.tissues == ALL
    }
    sd = scores["clean", 10.0, "t2", SD]
    by_seed = 100 * np.sqrt(0.4) * np.array([1, 2, 3])
    assert sd.value == pytest.approx(by_seed.mean())
    low, high = stats.t.interval(0.95, 2, by_seed.mean(), stats.sem(by_seed))
    assert (sd.low, sd.high) == pytest.approx((low, high))
    assert sd.over == "3 seeds"
    assert scores["clean", 10.0, "t2", BIAS].value == pytest.approx(0, abs=1e-6)
    assert scores["noisy", 60.0, "adc", MSE].value == pytest.approx(0.2)
    assert scores["dictionary", 60.0, ALL, LOSS].over == f"{N_TISSUES} tissues"
    assert scores[BOUND, 60.0, "t1", SD].value < scores[BOUND, 10.0, "t1", SD].value


def test_cost_counts_the_parent(study):
    costs = {cell.name: cost for cell, cost in costs_of(results(study, {})).items()}
    assert (costs["clean-seed1"].steps, costs["clean-seed1"].total_steps) == (7, 7)
    assert (costs["transferred-seed1"].steps, costs["transferred-seed1"].total_steps) == (5, 12)
    assert costs["transferred-seed1"].total_seconds == 4
    assert (costs["noisy-total-seed1"].steps, costs["noisy-total-seed1"].total_steps) == (12, 12)
    assert costs["dictionary"].steps == 0


def sentences(study, factors, left_out=()):
    """What is said where the methods ``left_out`` are not done."""
    done = {c: r for c, r in results(study, factors).items() if c.method not in left_out}
    found = Found(study, done, scores_of(study, done), comparisons_of(study, done))
    return answer(found)


@pytest.mark.parametrize(
    ("transferred", "said"),
    [
        ((0.80, 0.79, 0.81), "20.0 % (95 % CI 17.5 to 22.5) below that of"),
        (
            (0.80, 0.79, 0.81),
            "3 of 3 seeds): the paper's 15 % is reached; the interval lies above 15 %.",
        ),
        ((0.80, 0.88, 0.80), "the paper's 15 % is reached; the interval holds 15 %."),
        # A mean that large of seeds that disagree shows nothing.
        ((0.50, 1.10, 0.70), "no difference is shown, so the paper's 15 % is not reached; though"),
        (
            (0.92, 0.91, 0.90),
            "the interval leaves out 0, but the paper's 15 % is not reached; the interval lies "
            "below 15 %.",
        ),
        ((0.90, 0.84, 0.87), "but the paper's 15 % is not reached; the interval holds 15 %."),
        (
            (0.90, 1.10, 1.00),
            "no difference is shown, so the paper's 15 % is not reached; the interval holds 15 %.",
        ),
        ((1.20, 1.21, 1.22), "21.0 % (95 % CI 18.5 to 23.5) above that of"),
        ((1.20, 1.21, 1.22), "the transfer does harm here, against the paper's 15 % of gain"),
    ],
)
def test_says_what_was_found_whichever_way_it_comes_out(study, transferred, said):
    first = sentences(study, {"transferred": transferred})[0]
    assert said in first
    assert "After the same 5 steps of noisy training" in first


def test_says_what_the_clean_network_is_at_both_ends(study):
    good = sentences(study, {"transferred": (0.5, 0.51, 0.49)})[2]
    near = "near that one's (at most 10 % above it) or lower"
    assert f"60 dB is 50.0 % (95 % CI 47.5 to 52.5) below that one's: it is {near}" in good
    assert "at 10 dB it is 50.0 % (95 % CI 47.5 to 52.5) below: it is shown to be lower" in good
    bad = sentences(study, {"transferred": (2.0, 2.1, 1.9)})[2]
    assert f"it is not {near}" in bad
    assert "above: it is shown to be higher" in bad
    # By the mean it would be near, but not by the interval.
    unsure = sentences(study, {"transferred": (0.9, 1.1, 1.2)})[2]
    assert f"whether it is {near} is not shown" in unsure
    assert "no difference is shown" in unsure


@pytest.mark.parametrize("paragraph", [0, 1, 2, 3])
def test_says_of_longer_t2_what_it_says_of_all(study, paragraph):
    """A gain in the tissues of short T2 hides a loss in the others, at the highest SNR."""
    chosen = groups_of(study)[LONG_T2]
    gain = np.where(chosen, 0.9, 0.2)
    at_snr = np.stack([gain, np.where(chosen, 1.3, 0.2)])
    found = sentences(study, {"transferred": [at_snr, at_snr * 1.01, at_snr * 0.99]})
    whole, _, part = found[paragraph].partition(f"n {group_words(study)[LONG_T2]}")
    assert "shown to be lower at every SNR, higher at none." in whole
    assert "shown to be lower at 10 dB, higher at 60 dB." in part
    assert "60 dB +30.0 ± 3.2 %" in part


def test_no_seconds_stand_beside_equal_cost(study):
    """Wall times of a busy machine do not compare."""
    total = sentences(study, {"transferred": (0.8, 0.81, 0.79)})[1]
    assert "(12 steps of 1,024 signals each), its loss in all 20 tissues is 20.0 %" in total
    assert " s)" not in total
    assert " s and" not in total


def test_says_that_the_papers_gain_is_of_another_error(study):
    first = sentences(study, {})[0]
    # 0.4 at 10 dB and 0.2 at 60 dB
    assert "errors of logarithms, and in its mean over SNR the lowest, 10 dB, makes 67 %" in first


def test_tells_median_errors(study):
    done = results(study, {})
    for cell in done:
        if cell.method == "transferred":
            medians = np.array([[0.2, 0.05, 0.1], [0.03, 0.3, 0.1]])
            moments = replace(done[cell].moments, median=medians)
            done[cell] = replace(done[cell], moments=moments)
    found = Found(study, done, scores_of(study, done), comparisons_of(study, done))
    first = answer(found)[0]
    assert "T1 20 and 10 % at 10 dB, 3 and 10 % at 60 dB; T2 5 and 10 % at 10 dB" in first
    assert (
        "of the 6 medians by parameter and SNR the transferred network's is the smaller in 2"
        in first
    )


def test_tells_methods_below_the_bound(study):
    large = dict.fromkeys(methods_of(study), (3.0, 3.0, 3.0))
    assert "No method's mean squared error lies below" in sentences(study, large)[-1]
    last = sentences(study, {**large, "clean": (1e-9, 1e-9, 1e-9)})[-1]
    assert "Network, clean signals: T1 at 10 dB" in last
    assert "Dictionary" not in last


def test_says_nothing_of_what_is_not_done(study):
    [only] = sentences(study, {}, left_out=("transferred", "clean", "noisy", "noisy-total"))
    assert "bound" in only


def test_one_seed_gets_no_interval(study):
    one = FingerprintStudy(study.name, study.sequence, (0,), study.training, study.evaluation)
    found = sentences(one, {"transferred": (0.8,)})
    first = found[0]
    assert "20.0 % below" in first
    assert "one seed, no interval" in first
    assert "with one seed it cannot be said whether the paper's 15 % is reached" in first
    for paragraph in found[:4]:
        assert "CI" not in paragraph
        assert "no difference is shown" not in paragraph
        assert "shown to be" not in paragraph
        assert "nan" not in paragraph


def test_errors_in_the_brain_are_in_units_of_the_parameter(study):
    errors = tissue_errors(study, results(study, {}))
    first = errors[0]
    assert (first.tissue, first.parameter, first.unit, first.truth) == (
        "white matter",
        "t1",
        "ms",
        830,
    )
    assert first.rmse == pytest.approx(5)
    assert first.bias_size == pytest.approx(3)
    # 2.5 % at 10 dB is what the sequence allows
    assert 10 < first.bound_sd < 40


def test_biases_of_opposite_sign_do_not_cancel(study):
    done = results(study, {})
    for cell, sign in zip([c for c in done if c.method == "noisy"], (1, -1, 0), strict=True):
        done[cell] = replace(done[cell], brain=replace(done[cell].brain))
        done[cell].brain.bias[:] *= sign
    error = next(e for e in tissue_errors(study, done) if e.method == "noisy")
    assert error.bias.mean == pytest.approx(0)
    assert error.bias_size == pytest.approx(2)
    assert error.rmse == pytest.approx((5 + 5 + 4) / 3)
    head, *rows = tissues_csv([error]).splitlines()
    assert head.endswith("sd_low,sd_high,bias_size,rmse,bound_sd,seeds")
    assert rows[0].split(",")[-4:-2] == ["2", "4.66667"]


def test_tables_have_empty_cells_for_what_there_is_not(study):
    done = results(study, {})
    rows = comparison_csv(comparisons_of(study, done)).splitlines()
    assert rows[0].startswith("method,other,snr_db,tissues,parameter,reduction_percent")
    assert rows[1].startswith("transferred,noisy,all,all,all,0,0,0,3,0")
    bound = next(r for r in scores_csv(scores_of(study, done)).splitlines() if r.startswith(BOUND))
    assert bound.endswith(",,,")


def test_a_group_without_tissues_is_left_out(study):
    assert list(groups_of(study)) == [ALL, LONG_T2]
    plan = replace(study.evaluation, n_tissues=4, long_t2_ms=500.0)
    few = replace(study, evaluation=plan)
    assert list(groups_of(few)) == [ALL]
    assert group_words(few) == {ALL: "all 4 tissues"}
