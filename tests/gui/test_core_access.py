"""What the window asks of the core, on the real core and small scans."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.coil_forms import COIL_FORMS
from core.masks.poisson import PoissonParams
from core.progress import Cancelled, no_progress
from core.recon import tuning
from tests.gui.window_fakes import make_scan
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.state import Sampling, ScanImages


@pytest.fixture
def core():
    return CoreAccess()


def test_settings_are_tuned_on_masks_that_are_never_scored(core, monkeypatch):
    seen = []

    def tune(method, images, progress, base):
        seen.extend(images)
        return SimpleNamespace(params=base, remarks=("a", "b"))

    monkeypatch.setattr(tuning, "tune", tune)
    first, second = make_scan("a", size=64), make_scan("b", size=48)
    images = (ScanImages(first, (0, 2), (1,)), ScanImages(second, (3,)))
    sampling = Sampling("poisson", 5.0, 2, PoissonParams(growth=6.0))
    found = core.tune("cs", images, sampling, "settings", no_progress)
    assert (found.params, found.remark) == ("settings", "a; b")
    assert [(u.scan, u.slice_index) for u in seen] == [(first, 0), (first, 2), (second, 3)]
    masks = [u.mask for u in seen]
    assert [(m.split, m.seed) for m in masks] == [("train", 0), ("train", 1), ("train", 2)]
    assert all((m.pattern, m.acceleration) == ("poisson", 5.0) for m in masks)
    scored = [
        core.mask(u.scan, Sampling("poisson", 5.0, m.seed, sampling.params), no_progress)
        for u, m in zip(seen, masks, strict=True)
    ]
    assert not any(np.array_equal(m.samples, s.samples) for m, s in zip(masks, scored, strict=True))


def test_coils_are_simulated_slice_by_slice_and_can_be_given_up_between(core):
    scan, told = make_scan("a", n_slices=4, size=48), []

    def give_up(fraction, message):
        told.append((fraction, message))
        if fraction >= 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        core.see_by(COIL_FORMS["simulated"], scan, give_up)
    assert told[1:] == [(i / 4, "simulated coils") for i in range(3)]


def reconstruct(core, device):
    scan = make_scan("a", size=48)
    mask = core.mask(scan, Sampling("poisson", 4.0, 1, PoissonParams()), no_progress)
    return core.reconstruct(
        scan, 0, mask, "zf", None, core.default_definition(), device, no_progress
    )


@pytest.fixture
def runs_out_once(monkeypatch):
    """The first reconstruction raises; returns how many were asked for."""

    def arrange(error):
        from core import pipeline

        asked, real = [], pipeline.reconstruct_coils

        def first_fails(*args):
            asked.append(args)
            if len(asked) == 1:
                raise error
            return real(*args)

        monkeypatch.setattr(pipeline, "reconstruct_coils", first_fails)
        return asked

    return arrange


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory."), RuntimeError("MPS backend out of memory")],
    ids=["nvidia", "apple"],
)
def test_a_full_gpu_hands_over_to_the_processor(core, monkeypatch, runs_out_once, error):
    asked = runs_out_once(error)
    monkeypatch.setattr("core.devices.resolve", lambda name: torch.device("mps"))
    done = reconstruct(core, "auto")
    assert len(asked) == 2
    assert done.outcome.comparison is not None
    assert "so it ran on the processor" in done.remark


def test_a_full_processor_is_an_error(core, runs_out_once):
    asked = runs_out_once(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
    with pytest.raises(RuntimeError, match="can't allocate memory"):
        reconstruct(core, "cpu")
    assert len(asked) == 1


def test_another_fault_on_a_gpu_is_an_error(core, monkeypatch, runs_out_once):
    asked = runs_out_once(RuntimeError("shapes do not match"))
    monkeypatch.setattr("core.devices.resolve", lambda name: torch.device("cuda:0"))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        reconstruct(core, "auto")
    assert len(asked) == 1
