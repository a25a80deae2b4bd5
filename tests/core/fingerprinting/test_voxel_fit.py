import dataclasses

import numpy as np
import pytest
import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.series import Mapped
from core.fingerprinting.voxel_fit import fit_of
from core.phantom import Label


@pytest.fixture(scope="module")
def right(small_series):
    """The truth, as if it had been mapped."""
    return Mapped(small_series, "truth", "Truth", small_series.truth.maps, 0.0)


@pytest.fixture(scope="module")
def voxel(small_series):
    index = np.argwhere(small_series.truth.labels == Label.WHITE_MATTER)[5]
    return tuple(int(i) for i in index)


def test_true_values_fit_down_to_the_noise(right, voxel, small_series):
    fit = fit_of(right, voxel)
    assert fit.measured.shape == fit.fitted.shape == (small_series.sequence.n_readouts,)
    assert 0 < fit.residual_share < 0.05
    truth = small_series.truth.maps
    assert fit.values == tuple(float(truth[name][voxel]) for name in ("t1", "t2", "adc"))
    assert fit.pd == float(truth.pd[voxel])
    expected = fit.pd * simulate(small_series.sequence, torch.tensor([fit.values]))[0]
    np.testing.assert_allclose(fit.fitted, expected, rtol=1e-6)
    index, y, x = voxel
    energy = np.linalg.norm(small_series.signals[index, :, y, x])
    assert np.linalg.norm(fit.measured) == pytest.approx(energy, rel=0.01)


def test_wrong_values_leave_a_residual(right, voxel):
    maps = dataclasses.replace(right.maps, t1_ms=right.maps.t1_ms * np.float32(1.5))
    wrong = fit_of(dataclasses.replace(right, maps=maps), voxel)
    assert wrong.residual_share > 0.1


@pytest.mark.parametrize("unit", [1e-25, 1e30])
def test_the_unit_of_the_series_does_not_change_the_fit(right, voxel, small_series, unit):
    scaled = dataclasses.replace(small_series, signals=small_series.signals * np.float32(unit))
    maps = dataclasses.replace(right.maps, pd=right.maps.pd * np.float32(unit))
    fit = fit_of(dataclasses.replace(right, series=scaled, maps=maps), voxel)
    usual = fit_of(right, voxel)
    np.testing.assert_allclose(fit.measured / np.float32(unit), usual.measured, atol=1e-5)
    assert fit.residual_share == pytest.approx(usual.residual_share, rel=1e-3)


def test_the_sign_follows_the_fit(right, voxel, small_series):
    turned = dataclasses.replace(small_series, signals=-1j * small_series.signals)
    fit = fit_of(dataclasses.replace(right, series=turned), voxel)
    np.testing.assert_allclose(fit.measured, fit_of(right, voxel).measured, atol=1e-5)


@pytest.mark.parametrize("beyond", [(2, 5, 5), (-1, 5, 5), (0, 32, 0), (0, 0, 32)])
def test_voxels_that_are_not_there_are_refused(right, beyond):
    with pytest.raises(ValueError, match=r"voxel must lie within \(2, 32, 32\), got"):
        fit_of(right, beyond)


def test_voxels_that_were_not_mapped_are_refused(right):
    with pytest.raises(ValueError, match=r"must be one that was mapped, got \(0, 0, 0\)"):
        fit_of(right, (0, 0, 0))
