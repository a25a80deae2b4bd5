import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import pipeline
from core.fourier import fft2c
from core.masks import make_mask
from core.metrics import DEFAULT
from core.phantom import coil_sensitivities, complex_noise
from core.pipeline import choose_method, compare
from core.progress import Cancelled, no_progress
from core.types import Scan
from tests.core.pretend_device import DEVICE, OnDevice, PretendDevice, moved

SLICES = range(1, 7)
METHODS = ("zf", "sense")


@pytest.fixture(scope="module")
def scan():
    """Four coils around a disc that grows, noisy, with one slice empty."""
    y, x = np.mgrid[-1:1:48j, -1:1:48j]
    coils = coil_sensitivities(4, (48, 48))
    rng = np.random.default_rng(0)
    kspace = np.zeros((8, 4, 48, 48), np.complex64)
    for i in (0, *range(2, 8)):
        disc = 100.0 * (y**2 + x**2 < 0.3 + 0.05 * i) + 50.0 * (x > 0.1 * i - 0.4)
        clean = fft2c(torch.from_numpy((coils * disc).astype(np.complex64))).numpy()
        kspace[i] = clean + complex_noise(clean.shape, 1.0, rng)
    return Scan("small disc", kspace=kspace)


@pytest.fixture(scope="module")
def mask(scan):
    return make_mask("poisson", scan.slice_shape, 2.0, 1)


def by_workers(scan, mask, workers, progress=no_progress, names=METHODS):
    methods = [choose_method(name) for name in names]
    return compare(scan, SLICES, mask, methods, DEFAULT, progress, workers)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_slices_side_by_side_are_those_one_by_one(scan, mask, workers):
    done = list(by_workers(scan, mask, workers))
    keys = [(c.recon.source.slice_index, c.recon.method) for c in done]
    assert keys == [(index, name) for index in SLICES for name in METHODS]
    for comparison in done:
        index, name = comparison.recon.source.slice_index, comparison.recon.method
        undersampled = pipeline.undersample(scan, index, mask)
        alone = pipeline.reconstruct(undersampled, choose_method(name))
        np.testing.assert_array_equal(comparison.recon.image, alone.image)
        expected = pipeline.score(alone)
        np.testing.assert_equal(vars(comparison.score), vars(expected))


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_slices_are_held_than_there_are_workers(scan, mask, workers, monkeypatch):
    """Counted by their k-space, which the results let go of."""
    held, most, lock, real = weakref.WeakSet(), [], threading.Lock(), pipeline.undersample

    def counting(*arguments):
        undersampled = real(*arguments)
        with lock:
            held.add(undersampled)
            most.append(len(held))
        return undersampled

    monkeypatch.setattr(pipeline, "undersample", counting)
    done = list(by_workers(scan, mask, workers))
    assert len(most) == len(SLICES)
    assert max(most) <= workers
    assert len(done) == len(METHODS) * len(SLICES)
    assert not held


def test_progress_names_every_slice_and_ends_at_1(scan, mask):
    told = []
    list(by_workers(scan, mask, 2, lambda *said: told.append(said), ["zf"]))
    fractions, messages = zip(*told, strict=True)
    assert all(any(f"slice {index}:" in message for message in messages) for index in SLICES)
    assert list(fractions) == sorted(fractions)
    assert told[-1] == (1.0, "done")


@pytest.mark.parametrize("workers", [1, 2])
def test_cancelling_ends_all_slices(scan, mask, workers):
    before = threading.active_count()

    def cancel(fraction, message):
        if fraction > 0.3:
            raise Cancelled

    done = []
    with pytest.raises(Cancelled):
        done.extend(by_workers(scan, mask, workers, cancel))
    assert len(done) < len(METHODS) * len(SLICES)
    assert threading.active_count() == before


def test_a_slice_that_a_method_refuses_is_named_in_one_line(scan, mask, monkeypatch):
    real = pipeline.reconstruct

    def refuses(undersampled, method, progress):
        if undersampled.slice_index == 5:
            raise ValueError("its centre is too small")
        return real(undersampled, method, progress)

    monkeypatch.setattr(pipeline, "reconstruct", refuses)
    with pytest.raises(ValueError, match="too small") as caught:
        list(by_workers(scan, mask, 2))
    assert str(caught.value) == "Zero-filled, slice 5 of small disc: its centre is too small"


def test_a_fault_keeps_its_kind_and_notes_the_slice(scan, mask, monkeypatch):
    def fails(undersampled, method, progress):
        raise torch.OutOfMemoryError("no memory left")

    monkeypatch.setattr(pipeline, "reconstruct", fails)
    with pytest.raises(torch.OutOfMemoryError, match="no memory left") as caught:
        list(by_workers(scan, mask, 2))
    assert caught.value.__notes__ == ["in slice 1 of small disc by Zero-filled"]


def test_the_number_of_workers_is_checked(scan, mask):
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        list(by_workers(scan, mask, 0))


@pytest.fixture
def pretend(monkeypatch):
    """A device that is no processor; the automatic choice takes it."""
    resolve = pipeline.devices.resolve
    monkeypatch.setattr(
        pipeline.devices, "resolve", lambda name: DEVICE if name == "auto" else resolve(name)
    )
    return PretendDevice()


@pytest.mark.parametrize("name", ["sense", "spirit", "spirit:cg", "l1-espirit"])
def test_methods_for_several_coils_stay_on_the_device(scan, mask, pretend, monkeypatch, name):
    undersampled = pipeline.undersample(scan, 4, mask)
    here = pipeline.reconstruct_coils(undersampled, choose_method(name, "cpu"))
    entry = pipeline.METHODS[choose_method(name).entry]
    seen = []

    def spy(given, params, progress):
        seen.append(given.kspace)
        return entry.item(given, params, progress)

    monkeypatch.setitem(pipeline.METHODS._entries, entry.name, replace(entry, item=spy))
    with pretend:
        there = pipeline.reconstruct_coils(undersampled, choose_method(name, "auto"))
    assert isinstance(seen[0], OnDevice)
    assert not isinstance(undersampled.kspace, OnDevice), "others find it where it was"
    np.testing.assert_array_equal(there.recon.image, here.recon.image)
    np.testing.assert_array_equal(there.coil_images, here.coil_images)


def test_methods_share_what_lies_on_the_device(scan, mask, pretend):
    undersampled = pipeline.undersample(scan, 4, mask)
    with pretend:
        places = [
            pipeline._placed(undersampled, choose_method(n)) for n in ("sense", "spirit", "zf")
        ]
    assert places[0] is places[1]
    assert places[2] is undersampled


def test_the_pretended_device_refuses_what_a_gpu_would():
    with PretendDevice():
        there = moved(torch.ones(2))
        for wrong in (lambda: there + torch.ones(2), there.numpy):
            with pytest.raises((RuntimeError, TypeError), match="device"):
                wrong()
        assert (there + torch.ones(2, device=there.device)).cpu().tolist() == [2, 2]
