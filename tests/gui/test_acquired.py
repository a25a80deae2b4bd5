"""A scan that was acquired undersampled in the window, on the real core."""

import h5py
import numpy as np
import pytest

from core.masks import make_mask
from tlmri_gui.jobs import Job


@pytest.fixture
def acquired_file(tmp_path):
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    head = ((y / 0.8) ** 2 + (x / 0.6) ** 2 < 1) * (1 + 0.5 * np.cos(9 * y))
    axes = (-2, -1)
    kspace = np.fft.fftshift(
        np.fft.fft2(np.fft.ifftshift(np.stack([head, head, head]), axes)), axes
    )
    mask = make_mask("random", (64, 64), 2.5, seed=1).samples[0]
    with h5py.File(tmp_path / "acquired.h5", "w") as file:
        file["kspace"] = (kspace[:, None] * mask).astype(np.complex64)
        file["mask"] = mask
    return tmp_path / "acquired.h5"


def test_it_shows_its_own_mask_and_no_scores(qtbot, window, acquired_file):
    controller, session, page = window.controller, window.session, window.compare_page

    def settle():
        pause = controller.compare._pause
        qtbot.waitUntil(lambda: not (window.jobs._open_jobs or pause.isActive()), timeout=60_000)

    window.jobs.submit(Job("Starting", controller._core.catalogue, controller._take_catalogue))
    settle()
    for name, row in page.methods_panel.rows.items():
        if row.box.isChecked() != (name == "zf"):
            row.box.click()
    controller.open_files([acquired_file])
    settle()
    assert session.mask.pattern == "acquired"
    panel = page.sampling_panel
    assert not panel.pattern.isEnabled()
    assert not panel.acceleration.isEnabled()
    assert panel.pattern.currentText() == ""
    assert panel.pattern.placeholderText() == "As acquired"
    assert panel.acceleration.value() == pytest.approx(session.mask.acceleration, abs=0.01)
    first, zero_filled = page.stage.state.panels
    assert (first.title, first.caption) == (
        "As acquired",
        ("zero-filled: no fully sampled reference",),
    )
    assert zero_filled.caption == ("no fully sampled reference",)
    np.testing.assert_allclose(zero_filled.image, first.image, atol=1e-5 * first.image.max())
    assert not page.stage.state.has_errors
    assert not page.stage.legend.isVisibleTo(page.stage), "there are no error maps to explain"
    assert "--mask" not in controller.command_line()
    controller.all_slices.start()
    settle()
    assert session.means is not None
    assert {summary.n for summary in session.means.summaries} == {0}
    controller.close_scan(session.scan)
    settle()
    assert panel.pattern.isEnabled()
    assert panel.pattern.currentText() != ""
