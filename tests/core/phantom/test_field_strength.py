from itertools import pairwise

import numpy as np
import pytest

from core.people import same_person
from core.phantom import (
    CONTRASTS,
    FIELDS_T,
    TISSUES,
    Label,
    magnitude_scan,
    make_brain,
    noise_sd,
    simulate_scan,
    tissues_at,
    weighted_images,
)

OTHER_FIELDS_T = [field_t for field_t in FIELDS_T if field_t != 3]


@pytest.fixture(scope="module")
def brains():
    return {field_t: make_brain(5, n_slices=3, size=64, field_t=field_t) for field_t in FIELDS_T}


def t1(label, field_t):
    return tissues_at(field_t)[label].t1_ms


def t2(label, field_t):
    return tissues_at(field_t)[label].t2_ms


def test_at_3_t_the_tissues_are_those_of_the_table():
    assert tissues_at(3.0) == TISSUES


def test_at_3_t_the_brain_and_its_scans_are_what_they_were_before_other_fields():
    """Means recorded before the phantom had a field strength."""
    brain = make_brain(5, n_slices=3, size=64)
    means = {"t1_ms": 575.3825028, "t2_ms": 63.99950115, "pd": 0.2983219139}
    for name, mean in means.items():
        assert getattr(brain, name).mean(dtype=float) == pytest.approx(mean, rel=1e-6)
    means = {"t1": 116.6634267, "t2": 105.7245965, "flair": 53.76229437}
    for contrast, mean in means.items():
        scan = magnitude_scan(brain, contrast, seed=3)
        assert scan.magnitude.mean(dtype=float) == pytest.approx(mean, rel=1e-6)
    kspace = simulate_scan(brain, "t1", 2, seed=3).kspace
    assert np.abs(kspace).mean(dtype=float) == pytest.approx(61.90428068, rel=1e-6)


# Wright et al., MAGMA 21:121 (2008): T1 in ms at 1.5, 3 and 7 T by MPRAGE.
WRIGHT_T1 = {
    Label.WHITE_MATTER: (646, 838, 1126),
    Label.GREY_MATTER: (1197, 1607, 1939),
    Label.PUTAMEN: (1084, 1332, 1644),
    Label.CAUDATE: (1109, 1395, 1684),
}


@pytest.mark.parametrize("label", WRIGHT_T1)
def test_t1_changes_as_it_was_measured_at_three_fields(label):
    low, middle, high = WRIGHT_T1[label]
    assert t1(label, 1.5) / t1(label, 3.0) == pytest.approx(low / middle, rel=0.07)
    assert t1(label, 7.0) / t1(label, 3.0) == pytest.approx(high / middle, rel=0.15)


def test_t1_of_white_matter_at_7_t_is_that_of_its_long_component():
    """939 ms at 3 T and 1349 ms at 7 T: Rioux et al., MRM 75:2265 (2016)."""
    ratio = t1(Label.WHITE_MATTER, 7.0) / t1(Label.WHITE_MATTER, 3.0)
    assert ratio == pytest.approx(1349 / 939, rel=0.06)


def test_t1_of_blood_at_7_t_is_10_to_20_percent_above_that_in_vitro():
    """2171 ms in vitro, and so much more in people: Grgac et al., MRM 70:1153 (2013)."""
    assert t1(Label.BLOOD, 7.0) == pytest.approx(1.15 * 2171, rel=0.05)


def test_t2_of_white_matter_falls_as_the_law_of_another_study():
    """R2 = 9 + (0.9 + 2e4 [Fe] + 5.7 [lipid]) B0, with 42 ppm of iron and 16 % of lipid."""
    slope = 0.9 + 2e4 * 42e-6 + 5.7 * 0.16
    expected = (9 + 3 * slope) / (9 + 7 * slope)
    ratio = t2(Label.WHITE_MATTER, 7.0) / t2(Label.WHITE_MATTER, 3.0)
    assert ratio == pytest.approx(expected, rel=0.1)


# Hallgren and Sourander, J Neurochem 3:41 (1958): mg of iron in 100 g of wet tissue.
NUCLEI_IRON = {
    Label.CAUDATE: 9.28,
    Label.PUTAMEN: 13.32,
    Label.PALLIDUM: 21.30,
    Label.THALAMUS: 4.76,
}


@pytest.mark.parametrize("field_t", OTHER_FIELDS_T)
@pytest.mark.parametrize("label", NUCLEI_IRON)
def test_r2_of_deep_nuclei_rises_linearly_with_the_field(label, field_t):
    """R2 = 9 + (0.9 + 2e4 [Fe] + 5.7 [lipid]) B0, with 5 % of lipid."""
    slope = 0.9 + 2e4 * NUCLEI_IRON[label] / 100_000 + 5.7 * 0.05
    expected = (9 + 3 * slope) / (9 + field_t * slope)
    assert t2(label, field_t) / t2(label, 3.0) == pytest.approx(expected, rel=1e-9)


def test_t2_of_the_pallidum_is_that_of_the_law_worked_out_by_hand():
    """R2 of 11.72, 17.17, 25.34 and 47.12 per second at 0.5, 1.5, 3 and 7 T; 58 ms at 3 T."""
    here = [t2(Label.PALLIDUM, field_t) for field_t in FIELDS_T]
    assert here == pytest.approx([125.4, 85.6, 58.0, 31.2], abs=0.1)


BRAIN_TISSUES = (
    Label.GREY_MATTER,
    Label.WHITE_MATTER,
    Label.CORPUS_CALLOSUM,
    *NUCLEI_IRON,
    Label.BRAINSTEM,
    Label.LESION,
)


@pytest.mark.parametrize("label", BRAIN_TISSUES)
def test_t2_of_brain_tissue_falls_with_the_field(label):
    for lower, upper in pairwise(FIELDS_T):
        assert t2(label, lower) > t2(label, upper)


def test_t1_never_falls_and_t2_never_rises_with_the_field():
    for lower, upper in pairwise(FIELDS_T):
        for label in Label:
            assert t1(label, lower) <= t1(label, upper)
            assert t2(label, lower) >= t2(label, upper) > 0
        for label in (Label.GREY_MATTER, Label.WHITE_MATTER, Label.MUSCLE, Label.FAT):
            assert t1(label, lower) < t1(label, upper)


def test_fluids_and_proton_densities_stay_as_they_are():
    for field_t in OTHER_FIELDS_T:
        here = tissues_at(field_t)
        assert here[Label.CSF] == TISSUES[Label.CSF]
        assert here[Label.VITREOUS] == TISSUES[Label.VITREOUS]
        assert [tissue.pd for tissue in here] == [tissue.pd for tissue in TISSUES]


@pytest.mark.parametrize("label", [Label.BLOOD, Label.BONE, Label.FAT])
def test_effective_t2_stays_as_it_is(label):
    assert [t2(label, field_t) for field_t in OTHER_FIELDS_T] == [TISSUES[label].t2_ms] * 3


def test_iron_darkens_deep_nuclei_most_at_7_t():
    def lost(label):
        return t2(label, 3.0) / t2(label, 7.0)

    assert lost(Label.PALLIDUM) > lost(Label.PUTAMEN) > lost(Label.CAUDATE)
    assert lost(Label.CAUDATE) > lost(Label.WHITE_MATTER)


@pytest.mark.parametrize("field_t", OTHER_FIELDS_T)
def test_a_seed_has_the_same_anatomy_at_every_field(brains, field_t):
    here, there = brains[field_t], brains[3.0]
    assert here.field_t == field_t
    for name in ("labels", "pd", "adc_um2_per_ms"):
        np.testing.assert_array_equal(getattr(here, name), getattr(there, name))
    assert not np.array_equal(here.t1_ms, there.t1_ms)
    assert same_person(magnitude_scan(here), magnitude_scan(there))


@pytest.mark.parametrize("field_t", FIELDS_T)
def test_pure_tissue_has_the_values_of_its_field(field_t):
    brain = make_brain(1, n_slices=3, size=128, field_t=field_t)
    white, tissue = brain.labels == Label.WHITE_MATTER, tissues_at(field_t)[Label.WHITE_MATTER]
    assert np.median(brain.t1_ms[white]) == pytest.approx(tissue.t1_ms, rel=0.06)
    assert np.median(brain.t2_ms[white]) == pytest.approx(tissue.t2_ms, rel=0.06)


@pytest.mark.parametrize("field_t", FIELDS_T)
def test_white_matter_is_brighter_than_grey_in_t1_and_darker_in_t2(brains, field_t):
    brain = brains[field_t]

    def ratio(contrast):
        images = weighted_images(brain, contrast)
        labels = (Label.WHITE_MATTER, Label.GREY_MATTER)
        white, grey = (np.median(images[brain.labels == label]) for label in labels)
        return white / grey

    assert ratio("t1") > 1.1
    assert ratio("t2") < 0.8


@pytest.mark.parametrize("field_t", OTHER_FIELDS_T)
def test_noise_in_the_air_is_inversely_proportional_to_the_field(brains, field_t):
    def power(brain, seed):
        scan = magnitude_scan(brain, "t2", seed=seed)
        return np.square(scan.magnitude[brain.pd == 0]).mean()

    ratio = np.sqrt(power(brains[field_t], seed=1) / power(brains[3.0], seed=2))
    assert ratio == pytest.approx(3 / field_t, rel=0.03)


@pytest.mark.parametrize("field_t", OTHER_FIELDS_T)
@pytest.mark.parametrize("contrast", CONTRASTS.names())
def test_noise_does_not_follow_the_relaxation_of_white_matter(brains, contrast, field_t):
    there = noise_sd(brains[3.0], contrast, 0.02)
    assert noise_sd(brains[field_t], contrast, 0.02) == pytest.approx(there * 3 / field_t, rel=0.01)


def test_noise_of_kspace_follows_the_field_too(brains):
    brain = brains[0.5]
    noisy = simulate_scan(brain, "t1", 2, seed=1).kspace
    noise = noisy - simulate_scan(brain, "t1", 2, noise=0.0, seed=1).kspace
    assert noise.real.std() == pytest.approx(6 * noise_sd(brains[3.0], "t1", 0.02), rel=0.03)


def test_a_scan_says_its_field_unless_it_is_3_t(brains):
    usual, low = magnitude_scan(brains[3.0]), simulate_scan(brains[1.5], "t2")
    assert usual.name == "Phantom subject 5, T1-weighted"
    assert low.name == "Phantom subject 5, T2-weighted, 1.5 T"
    assert set(usual.notes) < set(low.notes)
    assert any(note.startswith("1.5 T: ") for note in low.notes)


@pytest.mark.parametrize("field_t", [0.0, -3.0, 2.0, 11.7, float("nan")])
def test_other_fields_are_refused(field_t):
    with pytest.raises(ValueError, match=f"field_t must be one of 0.5, 1.5, 3, 7 T, got {field_t}"):
        make_brain(1, n_slices=2, size=32, field_t=field_t)
