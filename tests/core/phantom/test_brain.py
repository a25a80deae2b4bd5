import nibabel as nib
import numpy as np
import pytest

from core.phantom import TISSUES, Label, make_brain
from core.phantom.noise import WaveField
from core.phantom.shapes import coverage, ellipsoid, tube


@pytest.fixture(scope="module")
def brain():
    return make_brain(1, n_slices=24, size=128)


@pytest.fixture(scope="module")
def small():
    return make_brain(7, n_slices=3, size=64)


def test_maps_have_the_documented_shapes_and_types(brain):
    assert brain.labels.shape == (24, 128, 128)
    assert brain.labels.dtype == np.uint8
    for name in ("t1_ms", "t2_ms", "pd", "adc_um2_per_ms"):
        values = getattr(brain, name)
        assert values.shape == brain.labels.shape
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
        assert values.min() >= 0
    assert brain.pd.max() <= 1
    assert brain.spacing_mm == pytest.approx((112.7 / 23, 220 / 128, 220 / 128))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_tissue_is_present(seed):
    labels = make_brain(seed, n_slices=24, size=128).labels
    missing = [label.name for label in Label if not (labels == label).any()]
    assert not missing


def test_proportions_are_those_of_a_head(brain):
    voxel_ml = np.prod(brain.spacing_mm) / 1000
    volume = {label: (brain.labels == label).sum() * voxel_ml for label in Label}
    cerebral = sum(volume[label] for label in range(Label.GREY_MATTER, Label.BLOOD))
    assert 900 < cerebral < 1700
    assert 0.6 < volume[Label.GREY_MATTER] / volume[Label.WHITE_MATTER] < 2.0
    assert 0.3 < volume[Label.LESION] < 30


def test_pure_tissue_has_its_table_values(brain):
    for label in (Label.WHITE_MATTER, Label.GREY_MATTER, Label.THALAMUS):
        here, tissue = brain.labels == label, TISSUES[label]
        assert np.median(brain.t1_ms[here]) == pytest.approx(tissue.t1_ms, rel=0.06)
        assert np.median(brain.t2_ms[here]) == pytest.approx(tissue.t2_ms, rel=0.06)
        assert np.median(brain.pd[here]) == pytest.approx(tissue.pd, rel=0.03)
        assert np.median(brain.adc_um2_per_ms[here]) == pytest.approx(
            tissue.adc_um2_per_ms, rel=0.1
        )


def test_edges_share_voxels_between_tissues(brain):
    # Between the proton densities of white matter and fluid lie voxels of every mixture.
    head = brain.pd[12][brain.labels[12] == Label.CSF]
    assert ((head > 0.75) & (head < 0.95)).mean() > 0.1


def test_the_cortex_is_folded(brain):
    # An axial slice of an unfolded brain has an outline of grey matter of about its hull's length.
    grey = brain.labels[16] == Label.GREY_MATTER
    inside = (brain.labels[16] >= Label.CSF) & (brain.labels[16] <= Label.BLOOD)

    def edge(region):
        return sum(np.count_nonzero(np.diff(region, axis=axis)) for axis in (0, 1))

    assert edge(grey) > 4 * edge(inside)


def test_hemispheres_are_alike_but_not_mirrored(brain):
    white = (brain.labels[14] == Label.WHITE_MATTER).astype(float)
    left_right = np.corrcoef(white.ravel(), white[:, ::-1].ravel())[0, 1]
    assert 0.3 < left_right < 0.98


def test_a_seed_always_gives_the_same_brain_and_another_seed_another(small):
    again, other = make_brain(7, n_slices=3, size=64), make_brain(8, n_slices=3, size=64)
    np.testing.assert_array_equal(small.t1_ms, again.t1_ms)
    np.testing.assert_array_equal(small.labels, again.labels)
    assert (small.labels != other.labels).mean() > 0.02


def test_the_global_random_state_is_left_alone():
    np.random.seed(3)  # noqa: NPY002 - the state that must not move
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_brain(2, n_slices=2, size=32)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_the_number_of_slices_does_not_change_the_subject():
    few, many = make_brain(4, n_slices=2, size=64), make_brain(4, n_slices=24, size=64)
    np.testing.assert_allclose(few.pd[0], many.pd[0], atol=1e-5)
    np.testing.assert_allclose(few.pd[-1], many.pd[-1], atol=1e-5)


def test_row_0_is_anterior_and_the_eyes_look_forward(brain):
    rows = np.nonzero(brain.labels == Label.VITREOUS)[1]
    assert rows.mean() < 0.35 * brain.labels.shape[1]


def test_grid_leads_to_ras_and_back(brain):
    volume = brain.pd
    array = brain.grid.to_file(volume)
    assert array.shape == brain.grid.shape
    np.testing.assert_array_equal(brain.grid.to_scan(array), volume)
    assert nib.aff2axcodes(brain.grid.affine) == ("R", "A", "S")
    assert nib.affines.voxel_sizes(brain.grid.affine) == pytest.approx(brain.spacing_mm[::-1])
    eyes = np.argwhere(brain.grid.to_file(brain.labels) == Label.VITREOUS)
    world = nib.affines.apply_affine(brain.grid.affine, eyes)
    assert set(np.sign(np.round(world[:, 0], -1))) == {-1, 1}
    assert world[:, 1].min() > 40
    assert world[:, 2].max() < 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": 0, "n_slices": 1}, "n_slices must be at least 2, got 1"),
        ({"seed": 0, "size": 8}, "size must be at least 32, got 8"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_brain(**arguments)


def test_wave_field_has_unit_variance_the_same_values_everywhere_and_its_own_gradient():
    field = WaveField.random(np.random.default_rng(0), (10, 20))
    x = np.arange(0, 300, 3, dtype=np.float32)
    plane = field.on_plane(x, x, 5.0)
    assert plane.std() == pytest.approx(1, abs=0.2)
    across, down = np.meshgrid(x, x)
    points = np.stack([across, down, np.full_like(across, 5)], axis=-1).reshape(-1, 3)
    np.testing.assert_allclose(field.at(points), plane.ravel(), atol=2e-3)
    _, gradient = field.with_gradient(points)
    step = np.array([0.05, 0, 0], np.float32)
    slope = (field.at(points + step) - field.at(points - step)) / 0.1
    np.testing.assert_allclose(gradient[:, 0], slope, atol=5e-3)


def test_depths_of_sphere_and_capsule_are_distances():
    x = np.linspace(1, 30, 50, dtype=np.float32)
    zero = np.zeros_like(x)
    sphere = ellipsoid(x, zero, zero, (0, 0, 0), (10, 10, 10))
    np.testing.assert_allclose(sphere, 10 - x, atol=1e-2)
    capsule = tube(zero, x, zero, ((0, -5, 0, 3), (0, 0, 0, 3)))
    np.testing.assert_allclose(capsule, 3 - x, atol=1e-4)


def test_coverage_rises_from_0_to_1_over_the_blur():
    depth = np.array([-1, -0.5, 0, 0.5, 1], np.float32)
    np.testing.assert_allclose(coverage(depth, 1.0), [0, 0, 0.5, 1, 1])
