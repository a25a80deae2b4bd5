import numpy as np
import pytest
import torch

from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.tissues import draw_tissues
from core.studies.fingerprinting.moments import EVEN_VARIANCE, log_errors, moments_of


@pytest.fixture
def errors():
    """Bias 0.3 and standard deviation 0.2 of all; 2000 realisations of 3 tissues."""
    return np.random.default_rng(0).normal(0.3, 0.2, (2000, 3, 3))


def test_squared_bias_and_variance_add_up_to_the_mean_square(errors):
    moments = moments_of([errors, 2 * errors])
    assert moments.mean.shape == (2, 3, 3)
    np.testing.assert_allclose(moments.mse[0], (errors**2).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.mse[1], 4 * moments.mse[0], rtol=1e-12)
    np.testing.assert_allclose(moments.variance[0], 0.04, rtol=0.1)
    np.testing.assert_allclose(moments.squared_bias[0], 0.09, rtol=0.1)


def test_few_realisations_do_not_make_a_bias():
    """Means of 4 realisations scatter by half the noise; that is no bias."""
    errors = np.random.default_rng(1).normal(0, 1, (4, 20_000, 3))
    moments = moments_of([errors])
    assert abs(moments.squared_bias.mean()) < 0.02
    assert (moments.mean**2).mean() > 0.2


def test_the_loss_of_knowing_nothing_is_one():
    """To say the middle of each range, whatever the signal, of tissues spread evenly."""
    logs = np.stack([np.linspace(np.log(p.low), np.log(p.high), 10_001) for p in PARAMETERS], 1)
    errors = np.broadcast_to(logs.mean(axis=0) - logs, (2, *logs.shape))
    moments = moments_of([errors])
    assert moments.loss.shape == (1, 10_001)
    assert moments.loss.mean() == pytest.approx(1, rel=1e-3)
    np.testing.assert_allclose(moments.mse.mean(axis=(0, 1)), EVEN_VARIANCE, rtol=1e-3)


def test_errors_are_logarithms_of_ratios():
    tissues = draw_tissues(5, 0)
    found = log_errors(torch.stack([2 * tissues, tissues / 2]), tissues)
    np.testing.assert_allclose(found[0], np.log(2), rtol=1e-6)
    np.testing.assert_allclose(found[1], -np.log(2), rtol=1e-6)
    np.testing.assert_allclose(moments_of([found]).median, [[0.75] * 3], rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_refuses_what_is_no_tissue(value):
    tissues = draw_tissues(2, 0)
    found = tissues[None].clone()
    found[0, 1, 2] = value
    with pytest.raises(ValueError, match="estimates must be positive and finite"):
        log_errors(found, tissues)


def test_some_tissues_are_a_part_of_all(errors):
    moments = moments_of([errors])
    part = moments.among(np.array([True, False, True]))
    np.testing.assert_array_equal(part.mse, moments.mse[:, [0, 2]])
