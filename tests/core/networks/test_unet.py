import dataclasses

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.coils import combine, expand
from core.fourier import keep_sampled, to_corner
from core.networks.unet import ImageUNet, Normalisation, UNet, UNetConfig, cropped, padded
from tests.core.networks.small import CONFIGS, small_network

SMALL = CONFIGS["unet"]


def images(*shape, dtype=torch.complex64):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(4))


def a_mask(*shape):
    samples = np.random.default_rng(3).random(shape) < 0.4
    return to_corner(torch.from_numpy(samples))


def given_of(image, maps, mask):
    zero_filled = keep_sampled(expand(image, maps), mask.unsqueeze(-3))
    return zero_filled, mask, maps, None


def maps_of(n_coils, *shape, dtype=torch.complex64):
    maps = images(1, n_coils, *shape, dtype=dtype)
    return maps / torch.linalg.vector_norm(maps, dim=1, keepdim=True)


# --- the shape of fastMRI's network

DOWN = [(32, 1), (32, 32), (64, 32), (64, 64), (128, 64), (128, 128), (256, 128), (256, 256)]
BOTTOM = [(512, 256), (512, 512)]
UP = [(256, 512), (256, 256), (128, 256), (128, 128), (64, 128), (64, 64), (32, 64), (32, 32)]
TRANSPOSED = [(512, 256), (256, 128), (128, 64), (64, 32)]


def test_the_default_is_fastmris_network_layer_by_layer():
    model = ImageUNet(1, 1, UNetConfig(norm="plain"))
    found = {name: tuple(p.shape) for name, p in model.named_parameters()}
    shapes = [*found.values()]
    assert sorted(s[:2] for s in shapes if s[2:] == (3, 3)) == sorted([*DOWN, *BOTTOM, *UP])
    assert [s for s in shapes if s[2:] == (2, 2)] == [(i, o, 2, 2) for i, o in TRANSPOSED]
    assert found["last.weight"] == (1, 32, 1, 1)
    assert found["last.bias"] == (1,)
    convolutions = sum(o * i * 9 for o, i in (*DOWN, *BOTTOM, *UP))
    assert convolutions + sum(i * o * 4 for i, o in TRANSPOSED) + 33 == 7_756_097
    assert sum(p.numel() for p in model.parameters()) == 7_756_097


def test_a_learned_scale_and_shift_are_all_that_affine_adds():
    plain, affine = (ImageUNet(2, 1, UNetConfig(norm=norm)) for norm in ("plain", "affine"))
    added = {*dict(affine.named_parameters())} - {*dict(plain.named_parameters())}
    norms = [m for m in affine.modules() if isinstance(m, Normalisation)]
    assert len(norms) == 2 * 9 + 4  # two a block, one an upsampling
    assert len(added) == 2 * len(norms)
    sizes = [w for w, _ in (*DOWN, *BOTTOM, *UP)] + [o for _, o in TRANSPOSED]
    assert sum(dict(affine.named_parameters())[name].numel() for name in added) == 2 * sum(sizes)


# --- its layers


def test_normalisation_is_torchs_instance_normalisation():
    x = torch.randn(3, 5, 9, 7, generator=torch.Generator().manual_seed(0))
    layer = Normalisation(5, is_affine=True)
    with torch.no_grad():
        layer.weight.uniform_(0.5, 2)
        layer.bias.uniform_(-1, 1)
    expected = functional.instance_norm(x, weight=layer.weight, bias=layer.bias)
    torch.testing.assert_close(layer(x), expected)
    torch.testing.assert_close(Normalisation(5, is_affine=False)(x), functional.instance_norm(x))


@pytest.mark.parametrize("shape", [(16, 16), (17, 30), (32, 48), (1, 5), (256, 340)])
@pytest.mark.parametrize("factor", [2, 16])
def test_padding_is_undone_by_cropping(shape, factor):
    x = 1 + torch.rand(2, 3, *shape)
    wide = padded(x, factor)
    assert all(n % factor == 0 and n >= 2 * factor for n in wide.shape[-2:])
    assert torch.equal(cropped(wide, shape), x)
    assert wide.count_nonzero() == x.count_nonzero()  # zeros all round
    assert (wide is x) == (shape == (32, 48) or (factor == 2 and shape in {(16, 16), (256, 340)}))


def test_the_image_lies_in_the_middle_of_the_zeros():
    wide = padded(torch.ones(1, 1, 37, 42), 16)
    rows, columns = np.flatnonzero(wide[0, 0].any(1)), np.flatnonzero(wide[0, 0].any(0))
    assert (wide.shape[-2], rows[0], 47 - rows[-1]) == (48, 5, 6)
    assert (wide.shape[-1], columns[0], 47 - columns[-1]) == (48, 3, 3)


# --- the whole


@pytest.mark.parametrize("shape", [(20, 33), (32, 16)])
@pytest.mark.parametrize("n_coils", [1, 3])
@pytest.mark.parametrize("values", ["real", "complex"])
def test_any_size_and_number_of_coils(shape, n_coils, values):
    model = UNet(dataclasses.replace(SMALL, values=values))
    maps, mask = maps_of(n_coils, *shape), a_mask(2, *shape)
    given = given_of(images(2, *shape), maps, mask)
    assert model(*given).shape == (2, *shape)
    assert model.coil_images(*given).shape == (2, n_coils, *shape)


def test_the_samples_are_kept_exactly_or_not_at_all():
    maps, mask = torch.ones(1, 1, 24, 20, dtype=torch.complex64), a_mask(1, 24, 20)
    given = given_of(images(1, 24, 20), maps, mask)
    kept = small_network("unet")
    torch.testing.assert_close(
        keep_sampled(kept(*given), mask), given[0][:, 0], atol=1e-5, rtol=1e-5
    )
    free = UNet(dataclasses.replace(SMALL, reg_weight=0.0))
    free.load_state_dict(kept.state_dict())
    plain = free(*given)
    assert torch.equal(plain.imag, torch.zeros_like(plain.imag))  # a real image, as it was found
    drawn = UNet(dataclasses.replace(SMALL, reg_weight=1.0))
    drawn.load_state_dict(kept.state_dict())  # λ = 1: half way between the two
    torch.testing.assert_close(drawn(*given), (kept(*given) + plain) / 2, atol=1e-5, rtol=1e-5)


def test_a_fresh_network_with_a_skip_connection_changes_nothing():
    maps, mask = maps_of(3, 24, 20), a_mask(1, 24, 20)
    zero_filled = given_of(images(1, 24, 20), maps, mask)[0]
    free = dataclasses.replace(SMALL, reg_weight=0.0)
    combined = combine(zero_filled, maps)
    found = UNet(dataclasses.replace(free, values="complex"))(zero_filled, mask, maps)
    torch.testing.assert_close(found, combined, atol=1e-6, rtol=1e-5)
    found = UNet(free)(zero_filled, mask, maps)
    torch.testing.assert_close(found, combined.real + 0j, atol=1e-6, rtol=1e-5)
    other = UNet(dataclasses.replace(free, skip="none"))(zero_filled, mask, maps)
    assert not torch.allclose(other, combined.real + 0j, atol=1e-2)


def test_the_unet_sees_the_combined_image_with_its_phase():
    model = UNet(SMALL)
    seen = []
    model.unet.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    maps, mask = maps_of(3, 16, 16), a_mask(1, 16, 16)
    zero_filled, *others = given_of(images(1, 16, 16), maps, mask)
    model(zero_filled, *others)
    expected = combine(zero_filled, maps)
    torch.testing.assert_close(seen[0], torch.stack([expected.real, expected.imag], 1))


@pytest.mark.parametrize("values", ["real", "complex"])
def test_gradients_are_those_of_differences(values):
    torch.manual_seed(5)
    config = UNetConfig(n_channels=1, n_poolings=1, values=values, reg_weight=0.7)
    model = UNet(config).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    maps, mask = maps_of(2, 5, 6, dtype=torch.complex128), a_mask(1, 5, 6)
    zero_filled, *others = given_of(images(1, 5, 6, dtype=torch.complex128), maps, mask)
    names, weights = zip(*model.named_parameters(), strict=True)

    def run(image, *values):
        found = torch.func.functional_call(
            model, dict(zip(names, values, strict=True)), (image, *others)
        )
        return torch.view_as_real(found)

    inputs = (zero_filled.requires_grad_(), *(w.detach().requires_grad_() for w in weights))
    assert torch.autograd.gradcheck(run, inputs, fast_mode=True)


def test_impossible_shapes_are_refused():
    with pytest.raises(ValueError, match="n_poolings must be at least 1, got 0"):
        UNetConfig(n_poolings=0)
    with pytest.raises(ValueError, match="values must be one of real, complex, got 'double'"):
        UNetConfig(values="double")


def test_a_parent_of_another_width_is_refused_by_its_width():
    wide = UNet(dataclasses.replace(SMALL, n_channels=3))
    with pytest.raises(ValueError, match="of its own shape, n_channels 2, got 3"):
        UNet(SMALL).start_from(wide)
    with pytest.raises(ValueError, match="of its own architecture, UNet, got Cascade"):
        UNet(SMALL).start_from(small_network("cascade"))
    same = small_network("unet", seed=9)
    model = UNet(SMALL)
    model.start_from(same)
    assert all(map(torch.equal, model.parameters(), same.parameters()))
