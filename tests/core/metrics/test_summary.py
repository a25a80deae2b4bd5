import math
from typing import NamedTuple

import numpy as np
import pytest

from core import metrics
from core.acquisition import reference_image, undersample, volume_maximum
from core.types import Mask, Recon, Scan, Score

MASK = Mask(np.ones((8, 8), bool), (8, 8), "poisson", 4.0, 1)


class Item(NamedTuple):
    recon: Recon
    score: Score


def scan_of(value, name):
    """Three flat slices; the last holds the volume's maximum, 10."""
    magnitude = np.full((3, 8, 8), value, np.float32)
    magnitude[2, 0, 0] = 10
    return Scan(name, magnitude=magnitude)


def item(scan, index, error, definition=metrics.DEFAULT, method="cs", mask=MASK):
    reference = reference_image(scan, index)
    image = (reference + error).astype(np.float32)
    recon = Recon(undersample(scan, index, mask), method, method.upper(), image, 0.1)
    score = metrics.score(definition, reference, image, volume_maximum(scan))
    return Item(recon, score)


def test_mean_deviation_and_pooled_figures_by_hand():
    scan = scan_of(2, "a")
    (summary,) = metrics.summarise(metrics.DEFAULT, [item(scan, 0, 1), item(scan, 1, 3)])
    slices = [10 * math.log10(100 / 1), 10 * math.log10(100 / 9)]
    assert (summary.method, summary.label, summary.definition) == ("cs", "CS", "fastmri-volume")
    assert summary.n == 2
    assert summary.mean["psnr_db"] == pytest.approx(sum(slices) / 2)
    assert summary.sd["psnr_db"] == pytest.approx((slices[0] - slices[1]) / math.sqrt(2))
    assert summary.mean["rmse"] == pytest.approx(2)
    assert summary.pooled.n_volumes == 1
    assert summary.pooled.psnr_db == pytest.approx(10 * math.log10(100 / 5))
    assert summary.pooled.nmse == pytest.approx(5 / 4)


def test_pooled_figures_are_means_over_volumes():
    a, b = scan_of(2, "a"), scan_of(4, "b")
    (summary,) = metrics.summarise(metrics.DEFAULT, [item(a, 0, 1), item(b, 0, 2)])
    expected = (10 * math.log10(100) + 10 * math.log10(100 / 4)) / 2
    assert summary.pooled.n_volumes == 2
    assert summary.pooled.psnr_db == pytest.approx(expected)
    assert summary.pooled.nmse == pytest.approx((1 / 4 + 4 / 16) / 2)


def test_only_fastmri_pools_volumes():
    for entry in metrics.DEFINITIONS:
        items = [item(scan_of(2, "a"), 2, 1, entry.name)]
        (summary,) = metrics.summarise(entry.name, items)
        assert (summary.pooled is not None) == (entry.name == "fastmri-volume")


def test_excluded_slices_count_in_nothing():
    scan = scan_of(2, "a")
    hidden = item(scan, 1, 5)._replace(score=metrics.excluded(metrics.DEFAULT, "used for tuning"))
    (summary,) = metrics.summarise(metrics.DEFAULT, [item(scan, 0, 1), hidden])
    assert (summary.n, summary.n_excluded) == (1, 1)
    assert summary.mean["psnr_db"] == pytest.approx(20)
    assert math.isnan(summary.sd["psnr_db"])
    assert summary.pooled.psnr_db == pytest.approx(20)
    assert summary.note == "1 slice not scored: used for tuning"
    (summary,) = metrics.summarise(metrics.DEFAULT, [hidden])
    assert (summary.n, summary.pooled) == (0, None)
    assert math.isnan(summary.mean["ssim"])


def test_a_method_without_any_score_leaves_the_means_of_the_others():
    scan = scan_of(2, "a")
    refused = metrics.excluded(metrics.DEFAULT, "used for tuning")
    items = [item(scan, 0, 1), item(scan, 1, 3)]
    items += [item(scan, i, 1, method="net")._replace(score=refused) for i in (0, 1)]
    cs, net = metrics.summarise(metrics.DEFAULT, items)
    assert (cs.n, cs.note, cs.mean["rmse"]) == (2, "", pytest.approx(2))
    assert (net.n, net.n_excluded, net.pooled) == (0, 2, None)
    assert net.note == "2 slices not scored: used for tuning"
    assert math.isnan(net.mean["rmse"])


def test_means_of_all_methods_are_over_the_same_slices():
    scan = scan_of(2, "a")
    tuned = item(scan, 1, 1, method="net")._replace(
        score=metrics.excluded(metrics.DEFAULT, "used for tuning")
    )
    items = [item(scan, 0, 1), item(scan, 1, 3), item(scan, 0, 2, method="net"), tuned]
    cs, net = metrics.summarise(metrics.DEFAULT, items)
    assert (cs.n, cs.n_excluded) == (1, 0)
    assert (net.n, net.n_excluded) == (1, 1)
    assert cs.mean["rmse"] == pytest.approx(1)  # and not 2, its mean over both slices
    assert cs.pooled.psnr_db == pytest.approx(20)
    assert net.mean["rmse"] == pytest.approx(2)


def test_the_same_slice_number_of_another_scan_still_counts():
    a, b = scan_of(2, "a"), scan_of(2, "b")
    tuned = item(a, 0, 1, method="net")._replace(
        score=metrics.excluded(metrics.DEFAULT, "used for tuning")
    )
    items = [item(a, 0, 1), item(b, 0, 3), tuned, item(b, 0, 2, method="net")]
    cs, net = metrics.summarise(metrics.DEFAULT, items)
    assert (cs.n, net.n, cs.mean["rmse"]) == (1, 1, pytest.approx(3))


def test_a_slice_that_one_method_lacks_counts_for_none():
    scan = scan_of(2, "a")
    items = [item(scan, 0, 1), item(scan, 1, 3), item(scan, 1, 1, method="net")]
    cs, net = metrics.summarise(metrics.DEFAULT, items)
    assert (cs.n, net.n, cs.n_excluded, net.n_excluded) == (1, 1, 0, 0)
    assert cs.mean["rmse"] == pytest.approx(3)


def test_infinite_psnr_stays_in_the_mean():
    scan = scan_of(2, "a")
    (summary,) = metrics.summarise(metrics.DEFAULT, [item(scan, 0, 0), item(scan, 1, 1)])
    assert summary.mean["psnr_db"] == math.inf
    assert math.isnan(summary.sd["psnr_db"])


def test_methods_come_in_their_first_order():
    scan = scan_of(2, "a")
    items = [item(scan, i, 1, method=name) for i in (0, 1) for name in ("zf", "cs", "net:t1")]
    summaries = metrics.summarise(metrics.DEFAULT, items)
    assert [summary.method for summary in summaries] == ["zf", "cs", "net:t1"]
    assert metrics.summarise(metrics.DEFAULT, []) == ()


def test_mixtures_are_refused():
    scan = scan_of(2, "a")
    with pytest.raises(ValueError, match="under definition 'fastmri-volume', got 'calgary'"):
        metrics.summarise(metrics.DEFAULT, [item(scan, 2, 1, "calgary")])
    eightfold = Mask(MASK.samples, (8, 8), "poisson", 8.0, 1)
    mixed = [item(scan, 0, 1), item(scan, 1, 1, mask=eightfold)]
    with pytest.raises(ValueError, match="got poisson R=4, poisson R=8"):
        metrics.summarise(metrics.DEFAULT, mixed)
