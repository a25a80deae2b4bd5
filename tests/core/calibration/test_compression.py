import h5py
import numpy as np
import pytest
import torch

from core.calibration import compress, geometric_compression, svd_compression
from core.coils import root_sum_of_squares
from core.fourier import ifft2c
from core.phantom.coils import coil_sensitivities
from tests.core.calibration.scans import as_bart, known_scan, needs_bart, run_bart


def random_complex(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.complex64, generator=generator)


def energy(array):
    return float((np.abs(np.asarray(array, np.complex128)) ** 2).sum())


def along_readout(n_positions=24, n_coils=8):
    """Hybrid data whose coils change along the readout. `(position, coil, y, x)`."""
    maps = torch.from_numpy(coil_sensitivities(n_coils, (n_positions, 32)))
    image = random_complex(n_positions, 20, 32, seed=3) + 2
    hybrid = maps[:, :, None, :] * image.movedim(0, 0)[None]  # coil, position, y, x
    return torch.fft.fft(hybrid.movedim(1, 0), dim=-1, norm="ortho")


def test_svd_keeps_what_numpys_singular_values_say():
    kspace = known_scan((48, 40), 8, noise_sd=0.005).kspace
    singular = np.linalg.svd(kspace.flatten(1).numpy(), compute_uv=False)
    for n_virtual in (1, 3, 8):
        virtual = compress(kspace, svd_compression(kspace, n_virtual))
        assert virtual.shape == (n_virtual, 48, 40)
        kept = virtual.flatten(1).norm(dim=1)
        np.testing.assert_allclose(kept, singular[:n_virtual], rtol=1e-3)


def test_all_virtual_coils_give_the_same_image():
    kspace = known_scan((48, 40), 6, noise_sd=0.005).kspace
    virtual = compress(kspace, svd_compression(kspace, 6))
    before, after = (root_sum_of_squares(ifft2c(k)) for k in (kspace, virtual))
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


def test_virtual_coils_are_the_same_whatever_the_common_phase():
    kspace = known_scan((48, 40), 6, noise_sd=0.005).kspace
    torch.testing.assert_close(
        svd_compression(kspace * 1j, 4), svd_compression(kspace, 4), atol=1e-3, rtol=1e-3
    )


def test_a_matrix_for_each_leading_axis():
    slices = random_complex(3, 5, 12, 10)
    matrices = svd_compression(slices, 2)
    assert matrices.shape == (3, 2, 5)
    torch.testing.assert_close(matrices[1], svd_compression(slices[1], 2), atol=1e-4, rtol=1e-4)
    assert compress(slices, matrices).shape == (3, 2, 12, 10)


@needs_bart
@pytest.mark.parametrize("n_virtual", [2, 4])
def test_svd_spans_the_subspace_of_barts_cc(n_virtual):
    kspace = known_scan((64, 48), 8, noise_sd=0.01).kspace
    (theirs,) = run_bart(f"cc -S -A -p{n_virtual}", as_bart(kspace))
    ours = compress(kspace, svd_compression(kspace, n_virtual))
    assert energy(ours) == pytest.approx(energy(theirs), rel=1e-4)
    expected = np.linalg.norm(theirs, axis=-1).squeeze()
    np.testing.assert_allclose(root_sum_of_squares(ours), expected, atol=1e-3 * expected.max())


@needs_bart
@pytest.mark.parametrize("n_virtual", [2, 3])
def test_geometric_compression_spans_the_subspaces_of_barts_cc(n_virtual):
    hybrid = along_readout()
    ours = compress(hybrid, geometric_compression(hybrid, n_virtual))
    shifted = np.fft.ifftshift(hybrid.numpy(), axes=0)
    kspace = np.fft.fftshift(np.fft.fft(shifted, axis=0, norm="ortho"), axes=0)
    (theirs,) = run_bart(f"cc -G -A -p{n_virtual}", kspace.transpose(0, 2, 3, 1))
    shifted = np.fft.ifftshift(theirs, axes=0)
    back = np.fft.fftshift(np.fft.ifft(shifted, axis=0, norm="ortho"), axes=0)
    at_each = np.linalg.norm(back.reshape(len(back), -1), axis=1)
    np.testing.assert_allclose(ours.flatten(1).norm(dim=1), at_each, rtol=2e-3)


def test_geometric_compression_keeps_more_than_one_matrix_for_all():
    hybrid = along_readout()
    together = hybrid.movedim(0, -2).flatten(-2)
    one = svd_compression(together, 2)
    many = geometric_compression(hybrid, 2)
    assert energy(compress(hybrid, many)) > 1.05 * energy(compress(hybrid, one))


def test_geometric_compression_is_smooth_along_the_readout():
    hybrid = along_readout()
    aligned, plain = geometric_compression(hybrid, 3), svd_compression(hybrid, 3)
    step, rough = ((m[1:] - m[:-1]).flatten(1).norm(dim=1) for m in (aligned, plain))
    assert step.max() < 0.5
    assert step.max() < 0.5 * rough.max()
    # Turning does not change what is kept.
    spaces = [m.mH @ m for m in (aligned, plain)]
    torch.testing.assert_close(*spaces, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(aligned @ aligned.mH, torch.eye(3).expand(24, 3, 3) + 0j,
                               atol=1e-4, rtol=0)  # fmt: skip


@pytest.mark.data
def test_eight_of_sixteen_real_coils_hold_most_signal(shared_data):
    with h5py.File(shared_data / "kspace" / "chiew_brain_16ch_v73.mat") as file:
        raw = file["raw"][()].squeeze()
    kspace = torch.from_numpy((raw["real"] + 1j * raw["imag"]).astype(np.complex64))
    kspace = kspace if kspace.shape[0] == 16 else kspace.movedim(-1, 0)
    virtual = compress(kspace, svd_compression(kspace))
    assert virtual.shape == (8, 96, 96)
    assert 0.95 < energy(virtual) / energy(kspace) < 1


def test_refusals_in_one_line():
    kspace = random_complex(4, 8, 8)
    with pytest.raises(ValueError, match="from 1 to the number of coils, 4, got 8"):
        svd_compression(kspace)
    with pytest.raises(ValueError, match="from 1 to the number of coils, 4, got 0"):
        svd_compression(kspace, 0)
    with pytest.raises(ValueError, match="not all zero"):
        svd_compression(0 * kspace, 2)
    with pytest.raises(ValueError, match="must be finite"):
        svd_compression(kspace * float("nan"), 2)
    with pytest.raises(ValueError, match=r"axes \(position, coil, y, x\), got shape \(4, 8, 8\)"):
        geometric_compression(kspace, 2)
    with pytest.raises(ValueError, match="from 1 to the number of coils, 4, got 5"):
        geometric_compression(kspace[None], 5)
    with pytest.raises(ValueError, match="the 4 coils of the data, got one for 3"):
        compress(kspace, random_complex(2, 3))
