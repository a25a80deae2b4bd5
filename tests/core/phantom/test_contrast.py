import numpy as np
import pytest

from core.phantom import CONTRASTS, Brain, Label, flair, make_brain, t1_weighted, t2_weighted


def uniform(t1, t2, pd):
    maps = [np.full((1, 1, 1), value, np.float32) for value in (t1, t2, pd, 1.0)]
    return Brain(0, np.zeros((1, 1, 1), np.uint8), *maps, (1.0, 1.0, 1.0))


@pytest.fixture(scope="module")
def brain():
    return make_brain(1, n_slices=24, size=128)


def medians(image, brain):
    return {label: float(np.median(image[brain.labels == label])) for label in Label}


def test_mprage_nulls_at_the_inversion_time_of_the_tissue():
    """With full recovery between inversions the null is at TI = T1 ln 2."""
    subject = uniform(1000, 1e9, 1.0)
    null = t1_weighted(subject, ti_ms=1000 * np.log(2), tr_ms=1e7, te_ms=0)
    assert null.item() == pytest.approx(0, abs=1e-6)
    assert t1_weighted(subject, ti_ms=1e6, tr_ms=1e7, te_ms=0).item() == pytest.approx(1)


def test_mprage_reaches_the_steady_state_of_repeated_inversions():
    """Inversion and recovery, written out cycle by cycle, settle at the formula."""
    t1, ti, tr, magnetisation = 900.0, 700.0, 1500.0, 1.0
    for _ in range(40):
        at_ti = 1 - (1 + magnetisation) * np.exp(-ti / t1)
        magnetisation = 1 - (1 + magnetisation) * np.exp(-tr / t1)
    signal = t1_weighted(uniform(t1, 1e9, 0.6), ti, tr, te_ms=0)
    assert signal.item() == pytest.approx(0.6 * abs(at_ti), rel=1e-4)


def test_spin_echo_halves_after_ln_2_of_t2():
    subject = uniform(1e-6, 100, 0.8)
    signal = t2_weighted(subject, te_ms=100 * np.log(2), tr_ms=1000)
    assert signal.item() == pytest.approx(0.4, rel=1e-5)


def test_flair_nulls_at_the_inversion_time_of_the_tissue():
    assert flair(uniform(1000, 1e9, 1), 0, 1e7, 1000 * np.log(2)).item() == pytest.approx(
        0, abs=1e-6
    )
    assert flair(uniform(1000, 1e9, 1), 0, 1e7, 1e6).item() == pytest.approx(1)


def test_air_is_dark_in_every_contrast(brain):
    for entry in CONTRASTS:
        image = entry.item(brain)
        assert image.dtype == np.float32
        assert np.isfinite(image).all()
        assert image[brain.pd == 0].max() == 0


def test_order_of_tissues_in_t1(brain):
    m = medians(t1_weighted(brain), brain)
    assert m[Label.FAT] > m[Label.WHITE_MATTER] > m[Label.THALAMUS] > m[Label.GREY_MATTER]
    assert m[Label.GREY_MATTER] > 1.5 * m[Label.CSF] > 0
    assert m[Label.WHITE_MATTER] > m[Label.LESION]
    assert m[Label.BONE] < 0.4 * m[Label.WHITE_MATTER]


def test_order_of_tissues_in_t2(brain):
    m = medians(t2_weighted(brain), brain)
    assert m[Label.CSF] > m[Label.LESION] > m[Label.GREY_MATTER] > m[Label.WHITE_MATTER]
    assert m[Label.CAUDATE] > m[Label.PUTAMEN] > m[Label.PALLIDUM]
    assert m[Label.BLOOD] < 0.4 * m[Label.WHITE_MATTER]


def test_lesions_shine_in_flair_where_fluid_does_not(brain):
    m = medians(flair(brain), brain)
    assert m[Label.LESION] > m[Label.GREY_MATTER] > m[Label.WHITE_MATTER] > 2 * m[Label.CSF]
