import numpy as np
import pytest
import torch

from core.calibration import noise_covariance, whiten, whitening_matrix


def correlated_noise(n_coils=6, n_samples=5000, seed=0):
    rng = np.random.default_rng(seed)
    mixing = np.eye(n_coils) * rng.uniform(1e-6, 1e-5, n_coils)
    mixing = mixing + 1e-6 * (rng.standard_normal((n_coils, n_coils)) * (1 + 0.5j))
    white = rng.standard_normal((2, n_coils, n_samples)) / np.sqrt(2)
    return torch.from_numpy((mixing @ (white[0] + 1j * white[1])).astype(np.complex64)), mixing


def test_covariance_is_numpys():
    noise, _ = correlated_noise()
    samples = noise.numpy().astype(complex)
    expected = samples @ samples.conj().T / samples.shape[1]
    np.testing.assert_allclose(noise_covariance(noise), expected, atol=1e-16)


def test_whitened_noise_has_the_unit_matrix_as_covariance():
    noise, _ = correlated_noise()
    whitened = whiten(noise[:, None], whitening_matrix(noise_covariance(noise)))[:, 0]
    np.testing.assert_allclose(np.cov(whitened.numpy(), bias=True), np.eye(6), atol=2e-3)


def test_other_noise_of_the_same_coils_is_whitened():
    noise, mixing = correlated_noise(n_samples=200_000)
    matrix = whitening_matrix(noise_covariance(noise)).numpy()
    theory = matrix @ mixing @ mixing.conj().T @ matrix.conj().T
    np.testing.assert_allclose(theory, np.eye(6), atol=0.02)


def test_the_first_coil_is_only_scaled():
    matrix = whitening_matrix(noise_covariance(correlated_noise()[0]))
    assert torch.equal(matrix, matrix.tril())
    assert matrix[0, 0].real > 0


def test_leading_axes_of_k_space():
    noise, _ = correlated_noise(3)
    matrix = whitening_matrix(noise_covariance(noise))
    kspace = torch.randn(2, 3, 5, 4, dtype=torch.complex64, generator=torch.manual_seed(0))
    expected = np.einsum("vc,scyx->svyx", matrix.numpy(), kspace.numpy())
    np.testing.assert_allclose(whiten(kspace, matrix).numpy(), expected, rtol=1e-4)


def test_refusals_in_one_line():
    noise, _ = correlated_noise(4, 50)
    with pytest.raises(ValueError, match="as many samples as coils, 4, got 3"):
        noise_covariance(noise[:, :3])
    with pytest.raises(ValueError, match=r"axes \(coil, samples\)"):
        noise_covariance(noise[None])
    with pytest.raises(ValueError, match="noise must be finite"):
        noise_covariance(noise * float("nan"))
    dead, double = noise.clone(), noise.clone()
    dead[2], double[3] = 0, double[1]
    with pytest.raises(ValueError, match="coil 2 has no noise of its own"):
        whitening_matrix(noise_covariance(dead))
    with pytest.raises(ValueError, match="coil 3 has no noise of its own"):
        whitening_matrix(noise_covariance(double))
    with pytest.raises(ValueError, match="the 3 coils of the data, got one for 4"):
        whiten(noise[:3, None], whitening_matrix(noise_covariance(noise)))
