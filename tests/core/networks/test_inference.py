import dataclasses

import numpy as np
import pytest
import torch

from core.acquisition import undersample
from core.calibration import calibrate, calibration_of
from core.coils import combine
from core.fourier import fft2c, ifft2c
from core.masks import make_mask
from core.networks import NETWORKS, files
from core.networks.handling import AllCoils, CoilByCoil, Samples
from core.networks.inference import reconstruct_magnitude
from core.networks.multicoil import Multicoil, MulticoilConfig
from core.pipeline import choose_method, reconstruct
from core.types import Scan
from tests.core.calibration.scans import known_scan
from tests.core.networks.small import CONFIGS, small_network

CPU = torch.device("cpu")
SHAPE = (72, 64)
MASK = make_mask("poisson", SHAPE, 3, seed=1)
TINY = {"n_subnetworks": 2, "n_layers": 1, "n_channels": 3}


@pytest.fixture(scope="module")
def kspace():
    return known_scan(SHAPE, 4, noise_sd=0.002).kspace


def networks():
    return [small_network(architecture) for architecture in CONFIGS]


def fresh_networks():
    """What a skip connection makes the identity."""
    return [entry.item(CONFIGS[entry.name]) for entry in NETWORKS]


def run(model, kspace, mask=MASK, **changes):
    sampled = kspace * torch.from_numpy(mask.samples)
    return reconstruct_magnitude(model, sampled, mask, False, CPU, **changes)


@pytest.mark.parametrize("model", networks(), ids=CONFIGS)
def test_full_sampling_gives_the_sensitivity_weighted_image(model, kspace):
    everything = dataclasses.replace(
        MASK, samples=np.ones(SHAPE, bool), acs_shape=(24, 24), acceleration=1.0
    )
    maps = calibrate(kspace, (24, 24)).sens_maps
    expected = combine(ifft2c(kspace), maps).abs()
    torch.testing.assert_close(run(model, kspace, everything), expected, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("model", networks(), ids=CONFIGS)
def test_the_result_is_in_the_units_of_the_samples(model, kspace):
    for scale in (1e-4, 1e4):
        expected = run(model, kspace)
        # bfloat16 rounds what differs in the last bit of float32
        assert torch.dist(run(model, scale * kspace) / scale, expected) < 0.01 * expected.norm()


def test_each_network_is_run_as_it_takes_coils(kspace):
    messages = []
    for model in networks():
        run(model, kspace, progress=lambda _, message: messages.append(message))
    coil_by_coil = [f"network, run {i} of 4" for i in (1, 2, 3, 4)]
    assert messages == [*coil_by_coil, "network, run 1 of 1", "network, run 1 of 1"]


def test_the_maps_of_all_coils_carry_the_phase_of_the_centre(kspace):
    sampled = torch.from_numpy(MASK.samples)
    samples = Samples(kspace * sampled, sampled, MASK.acs_shape, is_real=False)
    zero_filled, _, maps, _ = AllCoils(5, "centre").given(samples, 1.0, CPU)
    image = combine(zero_filled, maps)
    assert image.imag.norm() < 0.3 * image.norm()
    zero_filled, _, papers, _ = AllCoils(5, "none").given(samples, 1.0, CPU)
    torch.testing.assert_close(papers[0], calibrate(kspace * sampled, MASK.acs_shape).sens_maps)
    assert combine(zero_filled, papers).imag.norm() > 0.3 * image.norm()


def test_five_projections_are_five_convolutions_in_kspace(kspace):
    """Against the kernel slid over circular k-space, sample by sample."""
    sampled = torch.from_numpy(MASK.samples)
    samples = Samples(kspace * sampled, sampled, MASK.acs_shape, is_real=False)
    handling = AllCoils(2, "none")
    _, kernel = handling.calibrated(samples)
    kernel = kernel / 2  # which no pixel makes grow, so that nothing is held back
    coils = ifft2c(kspace)
    found = torch.einsum("oiyx,iyx->oyx", handling.consistency(kernel, SHAPE, CPU), coils)
    expected = kspace
    for _ in range(2):
        turns = [
            torch.einsum("oi,iyx->oyx", kernel[:, :, dy, dx],
                         expected.roll((3 - dy, 3 - dx), dims=(-2, -1)))
            for dy in range(7) for dx in range(7)
        ]  # fmt: skip
        expected = torch.stack(turns).sum(0)
    torch.testing.assert_close(fft2c(found), expected, atol=1e-3, rtol=1e-3)


def test_one_coil_needs_no_calibration_and_a_complex_image_keeps_its_phase(kspace):
    one = kspace[:1] * torch.from_numpy(MASK.samples)
    sampled = torch.from_numpy(MASK.samples)
    samples = Samples(one, sampled, (3, 3), is_real=False)
    zero_filled, _, maps, consistency = AllCoils(5, "centre").given(samples, 1.0, CPU)
    assert consistency is None
    _, _, phase = CoilByCoil().given(samples, 1.0, CPU)
    torch.testing.assert_close(maps[0], phase)
    for model in fresh_networks():
        result = reconstruct_magnitude(model, one, MASK, False, CPU)
        # a fresh skip network corrects nothing but what has not the centre's phase
        assert torch.dist(result, zero_filled[0, 0].abs()) < 0.5 * result.norm()


def test_a_centre_too_small_to_calibrate_is_refused_in_one_line(kspace):
    small = dataclasses.replace(MASK, acs_shape=(5, 5))
    with pytest.raises(ValueError, match="calibration region must be at least as large") as error:
        run(small_network("multicoil"), kspace, small)
    assert "\n" not in str(error.value)


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "multi.safetensors"
    task = {"domain": "t1", "acceleration": 3.0, "pattern": "poisson", "tuned": False}
    config = MulticoilConfig(**TINY)
    torch.manual_seed(3)
    document = files.describe(
        "multicoil", config, label="Tiny", task={**task, "coils": "multi"}, provenance={}
    )
    files.save(path, Multicoil(config), document)
    return path


def test_a_checkpoint_of_all_coils_is_a_method_like_any_other(kspace, checkpoint):
    scan = Scan("phantom", kspace=kspace[None].numpy())
    undersampled = undersample(scan, 0, MASK)
    method = choose_method(f"net:{checkpoint}", "cpu")
    method.params.prepare(undersampled)
    known = calibration_of(undersampled)
    recon = reconstruct(undersampled, method)
    assert calibration_of(undersampled) is known  # learnt once for all methods
    assert recon.image.shape == SHAPE
    assert all("centre of 9 x 8 is small" in remark for remark in recon.remarks)
    expected = run(files.load(checkpoint, CPU), kspace)
    np.testing.assert_allclose(recon.image, expected, atol=1e-4, rtol=1e-3)
