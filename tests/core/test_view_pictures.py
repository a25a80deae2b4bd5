import subprocess
import sys

import numpy as np
import pytest

from core import pipeline
from core.pipeline import choose_method, reconstruct_coils, undersample
from core.types import Scan, Score
from core.view_pictures import data_words, of_coils, of_data, of_methods, score_lines
from core.views import VIEWS, Picture
from tests.core.calibration.scans import known_scan
from tests.core.recon.coils import mask_with_centre

SHAPE = (64, 56)
N_COILS = 4


@pytest.fixture(scope="module")
def scan():
    return Scan("coils", kspace=known_scan(SHAPE, N_COILS, 0.001).kspace.numpy()[None])


@pytest.fixture(scope="module")
def found(scan):
    """Of two methods: comparisons, coil images."""
    undersampled = undersample(scan, 0, mask_with_centre(SHAPE, 2.0))
    results = [reconstruct_coils(undersampled, choose_method(name)) for name in ("zf", "sense")]
    comparisons = [pipeline.Comparison(r.recon, pipeline.score(r.recon)) for r in results]
    return comparisons, [r.coil_images for r in results]


def test_importing_it_needs_no_torch():
    code = "import sys, core.view_pictures; print(sorted({'torch', 'matplotlib'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_coil_has_its_picture_on_the_scale_of_all():
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    coils = of_coils(Picture(values, (0.0, 23.0), 2 * values, 46.0))
    assert [coil.title for coil in coils] == ["coil 1", "coil 2"]
    for i, coil in enumerate(coils):
        np.testing.assert_array_equal(coil.picture.values, values[i])
        np.testing.assert_array_equal(coil.picture.magnitude, 2 * values[i])
        assert (coil.picture.limits, coil.picture.white) == ((0.0, 23.0), 46.0)
    assert of_coils(Picture(values, (0.0, 23.0)))[1].picture.magnitude is None


@pytest.mark.parametrize("entry", [*VIEWS], ids=VIEWS.names())
def test_every_view_has_pictures_of_the_shape_of_a_slice(entry, scan, found):
    data, methods = of_data(entry.item, scan, 0), of_methods(entry.item, *found)
    if entry.item.of_method is None:
        assert [shown.title for shown in data] == [f"coil {i}" for i in range(1, N_COILS + 1)]
        assert methods == ()
    else:
        assert len(data) == 1
        assert [shown.title for shown in methods] == ["Zero-filled", "CG-SENSE"]
    assert all(shown.picture.values.shape == SHAPE for shown in (*data, *methods))


def test_each_method_shows_its_own_coil_images_under_its_own_mask(scan, found):
    comparisons, coil_images = found
    view = VIEWS["residual"].item
    mask = comparisons[0].recon.source.mask
    shown = of_methods(view, comparisons, coil_images)
    for item, images in zip(shown, coil_images, strict=True):
        expected = view.of_method(scan, 0, mask, images)
        np.testing.assert_array_equal(item.picture.values, expected.values)
        assert item.caption == expected.caption
    assert shown[0].caption == ("at samples < 0.01 %", "elsewhere 100 %")
    assert shown[1].caption != shown[0].caption


def test_scores_stand_where_the_picture_says_nothing_itself(found):
    comparisons, _ = found
    (zero_filled, _) = of_methods(VIEWS["phase"].item, *found)
    assert zero_filled.caption == score_lines(comparisons[0].score)
    assert zero_filled.caption[0] == f"PSNR {comparisons[0].score.psnr_db:.2f} dB"


def test_the_words_say_what_there_is_no_score_or_reference_for(scan):
    unscored = Score("volume", np.nan, np.nan, np.nan, np.nan, "never scored")
    assert score_lines(unscored) == ("never scored",)
    assert data_words(scan) == ("Reference", "fully sampled")
    acquired = Scan("half", kspace=scan.kspace, sampled=np.eye(*SHAPE, dtype=bool))
    assert data_words(acquired)[0] == "As acquired"
    assert of_data(VIEWS["kspace"].item, acquired, 0)[0].title == "As acquired"
    assert of_data(VIEWS["residual"].item, acquired, 0)[0].title == "Data"
