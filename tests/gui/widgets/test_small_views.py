"""Mask picture, training curves, job bar."""

import math

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton

from tlmri_gui.widgets.curves import CurvePoint, TrainingCurves, _LogAxis
from tlmri_gui.widgets.job_bar import JobBar
from tlmri_gui.widgets.mask_view import MaskView


@pytest.fixture
def mask_view(qtbot):
    view = MaskView()
    qtbot.addWidget(view)
    view.resize(200, 240)
    view.show()
    return view


@pytest.fixture
def curves(qtbot):
    curves = TrainingCurves()
    qtbot.addWidget(curves)
    curves.resize(320, 260)
    curves.show()
    return curves


@pytest.fixture
def bar(qtbot):
    bar = JobBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_a_new_mask_view_has_no_mask(mask_view):
    assert mask_view.samples is None
    assert mask_view.text == "No mask yet"


def test_a_mask_is_drawn_white_where_sampled(mask_view):
    samples = np.zeros((10, 20), bool)
    samples[:, 10:] = True
    mask_view.set_mask(samples, "R = 2.00")
    shot = mask_view.picture.grab().toImage()
    y = shot.height() // 2
    assert shot.pixelColor(shot.width() // 4, y).red() == 0
    assert shot.pixelColor(3 * shot.width() // 4, y).red() == 255
    assert mask_view.text == "R = 2.00"
    mask_view.set_mask(None, "No mask yet")
    assert mask_view.samples is None


def test_the_mask_keeps_its_shape(mask_view):
    mask_view.set_mask(np.ones((10, 40), bool), "")
    target = mask_view.picture.target(40, 10)
    assert target.width() == pytest.approx(4 * target.height(), abs=4)


POINTS = (
    CurvePoint(1, 0.1, 30.0),
    CurvePoint(2, 0.01),
    CurvePoint(3, 0.02, 33.0),
    CurvePoint(4, 0.001, 32.0),
)


def test_curves_show_loss_and_validation_and_mark_the_best(curves):
    curves.set_points(POINTS)
    assert (10 ** curves.loss_curve.getData()[1]).tolist() == pytest.approx(
        [0.1, 0.01, 0.02, 0.001]
    )
    assert curves.psnr_curve.getOriginalDataset()[0].tolist() == [1, 3, 4]
    assert [axis.tolist() for axis in curves.best_mark.getData()] == [[3], [33]]
    assert curves.summary == "step 4  ·  loss 0.001  ·  best 33.00 dB at step 3"


def test_the_lower_axis_says_what_it_shows(curves):
    assert curves._psnr_axis.labelText == "PSNR (dB)"
    curves.set_measure("PSNR of held-out samples")
    assert curves._psnr_axis.labelText == "PSNR (dB) of<br>held-out samples"


def test_what_the_lower_axis_says_is_no_longer_than_the_axis(curves, qtbot):
    curves.resize(330, 290)
    curves.show()
    curves.set_measure("PSNR of held-out samples")
    curves.set_points(POINTS)
    qtbot.waitUntil(lambda: curves._psnr_axis.height() > 60)
    assert curves._psnr_axis.label.boundingRect().width() < curves._psnr_axis.height()


def test_both_curves_run_from_the_start_to_the_last_step(curves):
    curves.set_points([CurvePoint(0, math.nan, 28.0), *POINTS])
    for item in (curves.loss_curve, curves.psnr_curve):
        low, high = item.getViewBox().viewRange()[0]
        assert -1 < low < 0
        assert 4 < high < 5


@pytest.mark.parametrize("ends", [(0.03, 0.031), (0.021, 0.045), (0.0012, 0.9), (1e-6, 1.0)])
def test_the_loss_has_two_to_five_labelled_ticks_that_differ(ends):
    low, high = (math.log10(end) for end in ends)
    ((_, places),) = _LogAxis("left").tickValues(low, high, 80)
    labels = set(_LogAxis("left").tickStrings(places, 1, 1))
    assert 2 <= len(labels) <= 5
    assert all(low <= place <= high for place in places)


def test_curves_leave_out_what_cannot_be_drawn(curves):
    curves.set_points([CurvePoint(1, math.nan, math.nan), CurvePoint(2, 0.5)])
    assert (10 ** curves.loss_curve.getData()[1]).tolist() == pytest.approx([0.5])
    assert curves.psnr_curve.getOriginalDataset()[0] is None
    curves.grab()


def test_clearing_the_curves_empties_them(curves):
    curves.set_points(POINTS)
    curves.clear()
    assert len(curves.loss_curve.getData()[0]) == 0
    assert len(curves.best_mark.getData()[0]) == 0
    assert curves.summary == "No training yet"
    curves.grab()


def cancel_button(bar):
    return bar.findChild(QPushButton)


def test_an_idle_bar_offers_nothing_to_cancel(bar):
    assert bar.text == "Ready"
    assert not cancel_button(bar).isVisible()


def test_a_job_shows_message_and_fraction(bar):
    bar.set_job("Compressed sensing", 0.25, can_cancel=True)
    assert bar.text == "Compressed sensing"
    assert bar.progress == pytest.approx(0.25)
    assert cancel_button(bar).isVisible()
    assert cancel_button(bar).isEnabled()


def test_unknown_progress_is_shown_as_busy(bar):
    bar.set_job("Opening", None, can_cancel=False)
    assert bar.progress is None
    assert not cancel_button(bar).isEnabled()


@pytest.mark.parametrize(("given", "shown"), [(-0.5, 0.0), (1.7, 1.0)])
def test_a_fraction_outside_is_held_at_the_end(bar, given, shown):
    bar.set_job("x", given, can_cancel=True)
    assert bar.progress == shown


def test_cancel_is_an_intent_acknowledged_at_once(bar, qtbot):
    bar.set_job("Compressed sensing", 0.25, can_cancel=True)
    with qtbot.waitSignal(bar.cancel_requested):
        qtbot.mouseClick(cancel_button(bar), Qt.MouseButton.LeftButton)
    assert bar.text == "Cancelling…"
    assert not cancel_button(bar).isEnabled()


def test_showing_a_job_emits_nothing(bar, qtbot):
    with qtbot.assertNotEmitted(bar.cancel_requested):
        bar.set_job("x", 0.5, can_cancel=True)
        bar.set_job("x", 1.0, can_cancel=False)
        bar.set_idle("Done")
    assert bar.text == "Done"
