"""What the window asks of the core, on the real core and small scans."""

import numpy as np
import pytest

from core.masks.poisson import PoissonParams
from core.progress import no_progress
from tests.gui.window_fakes import make_scan
from tlmri_gui import core_access
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.state import Sampling, ScanImages


@pytest.fixture
def core():
    return CoreAccess()


def test_settings_are_tuned_on_masks_that_are_never_scored(core, monkeypatch):
    seen = []
    monkeypatch.setitem(core_access._TUNERS, "cs", lambda images, *_: seen.extend(images))
    first, second = make_scan("a", size=64), make_scan("b", size=48)
    images = (ScanImages(first, (0, 2), (1,)), ScanImages(second, (3,)))
    sampling = Sampling("poisson", 5.0, 2, PoissonParams(growth=6.0))
    core.tune("cs", images, sampling, None, no_progress)
    assert [(u.scan, u.slice_index) for u in seen] == [(first, 0), (first, 2), (second, 3)]
    masks = [u.mask for u in seen]
    assert [(m.split, m.seed) for m in masks] == [("train", 0), ("train", 1), ("train", 2)]
    assert all((m.pattern, m.acceleration) == ("poisson", 5.0) for m in masks)
    scored = [
        core.mask(u.scan, Sampling("poisson", 5.0, m.seed, sampling.params), no_progress)
        for u, m in zip(seen, masks, strict=True)
    ]
    assert not any(np.array_equal(m.samples, s.samples) for m, s in zip(masks, scored, strict=True))
