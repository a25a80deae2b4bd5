import math

import numpy as np
import pytest
from scipy.ndimage import uniform_filter
from skimage.metrics import structural_similarity

from core import metrics

REFERENCE = np.full((8, 8), 2.0, np.float32)
REFERENCE[3, 4] = 4.0
SHIFTED = REFERENCE + 1


def textured(seed=0, shape=(40, 36)):
    return np.random.default_rng(seed).random(shape).astype(np.float32) * 100


@pytest.mark.parametrize(
    ("definition", "psnr_db", "nmse", "rmse"),
    [
        # Every pixel is 1 too bright; the volume's maximum is 10, the slice's 4.
        ("fastmri-volume", 20.0, 64 / 268, 1.0),
        ("slice-max", 10 * math.log10(16), 64 / 268, 1.0),
        # Over 4: from 0.5 to 1.25, errors 1/4.
        ("calgary", 10 * math.log10(0.75**2 * 16), 64 / 268, 0.25),
        # 0.5 against 0.6, and 1 against 1.
        ("cukur-lab", 10 * math.log10(64 / 0.63), 0.63 / 16.75, math.sqrt(0.63 / 64)),
    ],
)
def test_hand_computed(definition, psnr_db, nmse, rmse):
    score = metrics.score(definition, REFERENCE, SHIFTED, 10.0)
    assert score.definition == definition
    assert score.psnr_db == pytest.approx(psnr_db, abs=1e-5)
    assert score.nmse == pytest.approx(nmse, rel=1e-5)
    assert score.rmse == pytest.approx(rmse, rel=1e-5)
    assert metrics.psnr(definition, REFERENCE, SHIFTED, 10.0) == score.psnr_db


def test_every_definition_is_hand_computed_above():
    assert set(metrics.DEFINITIONS.names()) == {
        "fastmri-volume",
        "slice-max",
        "calgary",
        "cukur-lab",
    }
    assert metrics.label(metrics.DEFAULT) == "fastMRI (volume maximum)"
    assert "paper" not in metrics.label("cukur-lab")


@pytest.mark.parametrize(
    ("definition", "prepare"),
    [
        ("fastmri-volume", lambda r, x: (r, x, 250.0)),
        ("slice-max", lambda r, x: (r, x, r.max())),
        (
            "calgary",
            lambda r, x: (
                r / r.max(),
                x / r.max(),
                (max(r.max(), x.max()) - min(r.min(), x.min())) / r.max(),
            ),
        ),
        ("cukur-lab", lambda r, x: (r / r.max(), x / x.max(), 2.0)),
    ],
)
def test_ssim_is_scikit_images_with_the_definitions_range(definition, prepare):
    reference = textured(0).astype(np.float64)
    image = reference + 0.1 * textured(1)
    scaled_reference, scaled, data_range = prepare(reference, image)
    expected = structural_similarity(scaled_reference, scaled, data_range=data_range)
    score = metrics.score(definition, reference, image, 250.0)
    assert score.ssim == pytest.approx(expected, rel=1e-9)


def test_ssim_is_that_of_the_formula():
    reference, image = textured(0).astype(float), textured(0) + 0.2 * textured(1).astype(float)
    n, c1, c2 = 49, (0.01 * 120) ** 2, (0.03 * 120) ** 2

    def mean(values):
        return uniform_filter(values, 7)

    mu, nu = mean(reference), mean(image)
    sample = n / (n - 1)
    var_r = sample * (mean(reference**2) - mu**2)
    var_x = sample * (mean(image**2) - nu**2)
    cov = sample * (mean(reference * image) - mu * nu)
    ssim = (2 * mu * nu + c1) * (2 * cov + c2) / ((mu**2 + nu**2 + c1) * (var_r + var_x + c2))
    score = metrics.score("fastmri-volume", reference, image, 120.0)
    assert score.ssim == pytest.approx(ssim[3:-3, 3:-3].mean(), rel=1e-9)


@pytest.mark.parametrize("definition", metrics.DEFINITIONS.names())
@pytest.mark.parametrize("seed", range(5))
def test_rmse_in_percent_of_the_peak_follows_from_the_psnr(definition, seed):
    random = np.random.default_rng(seed)
    reference = (random.random((20, 24)) * 10 ** random.uniform(-3, 5)).astype(np.float32)
    image = (reference * random.uniform(0.5, 1.5, reference.shape)).astype(np.float32)
    maximum = 1.7 * float(reference.max())
    score = metrics.score(definition, reference, image, maximum)
    prepared = metrics.DEFINITIONS[definition].item.prepare(
        reference.astype(float), image.astype(float), maximum
    )
    expected = 100 * score.rmse / prepared.peak
    assert metrics.rmse_percent(score.psnr_db) == pytest.approx(expected, rel=1e-12)


def test_rmse_in_percent_of_the_peak_at_known_values():
    assert metrics.rmse_percent(40.0) == pytest.approx(1.0)
    assert metrics.rmse_percent(0.0) == 100.0
    assert metrics.rmse_percent(math.inf) == 0.0
    assert math.isnan(metrics.rmse_percent(math.nan))


def noisy_head():
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    head = np.where(np.hypot(x, y) < 0.7, 100 + 20 * np.cos(9 * x) * np.cos(7 * y), 0)
    noise = np.random.default_rng(0).normal(0, 2, head.shape)
    return head.astype(np.float32), np.abs(head + noise).astype(np.float32)


def psnr_db(definition, reference, image):
    return metrics.score(definition, reference, image, float(reference.max())).psnr_db


def test_halved_intensity_ruins_every_definition_but_the_own_maximum():
    reference, image = noisy_head()
    for definition in ("fastmri-volume", "slice-max", "calgary"):
        before = psnr_db(definition, reference, image)
        after = psnr_db(definition, reference, image / 2)
        assert after < before - 10
    before = psnr_db("cukur-lab", reference, image)
    assert psnr_db("cukur-lab", reference, image / 2) == pytest.approx(before, abs=1e-4)


def test_hot_pixel_never_improves_the_default_but_fools_calgary():
    reference, image = noisy_head()
    hot = image.copy()
    hot[32, 32] = 3 * reference.max()
    assert psnr_db("fastmri-volume", reference, hot) < psnr_db("fastmri-volume", reference, image)
    assert psnr_db("slice-max", reference, hot) < psnr_db("slice-max", reference, image)
    # The range follows the hot pixel, so Calgary's PSNR falls by far less.
    lost = [
        psnr_db(name, reference, image) - psnr_db(name, reference, hot)
        for name in ("fastmri-volume", "calgary")
    ]
    assert lost[1] < lost[0] - 8


@pytest.mark.parametrize("definition", metrics.DEFINITIONS.names())
def test_identical_images(definition):
    score = metrics.score(definition, textured(), textured(), 100.0)
    assert (score.psnr_db, score.ssim, score.nmse, score.rmse) == (math.inf, 1.0, 0.0, 0.0)


@pytest.mark.parametrize("definition", metrics.DEFINITIONS.names())
def test_black_image_is_scored(definition):
    score = metrics.score(definition, textured(), np.zeros_like(textured()), 100.0)
    assert score.excluded is None
    assert score.nmse == pytest.approx(1)


@pytest.mark.parametrize("definition", metrics.DEFINITIONS.names())
def test_empty_reference_is_excluded(definition):
    score = metrics.score(definition, np.zeros((16, 16), np.float32), textured(0, (16, 16)), 9.0)
    assert score.excluded == "empty reference"
    assert math.isnan(score.psnr_db)
    assert math.isnan(score.ssim)


def test_image_that_is_not_finite_is_excluded():
    image = textured()
    image[0, 0] = np.nan
    score = metrics.score("slice-max", textured(), image, 100.0)
    assert score.excluded == "image has values that are not finite"


def test_refusals():
    with pytest.raises(ValueError, match=r"7 x 7 pixels for SSIM, got \(6, 20\)"):
        metrics.score("slice-max", np.ones((6, 20)), np.ones((6, 20)), 1.0)
    with pytest.raises(ValueError, match=r"shape \(8, 8\), got \(8, 9\)"):
        metrics.score("slice-max", np.ones((8, 8)), np.ones((8, 9)), 1.0)
    with pytest.raises(ValueError, match="unknown metric definition 'mine'"):
        metrics.score("mine", np.ones((8, 8)), np.ones((8, 8)), 1.0)
    with pytest.raises(ValueError, match="unknown metric definition 'mine'"):
        metrics.excluded("mine", "tuned")
