"""A core that answers at once what the Fingerprinting page asks, without torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.fingerprinting.scores import score
from core.fingerprinting.sequence import (
    DIFFUSION,
    INVERSION,
    FingerprintSequence,
    Preparation,
    Segment,
)
from core.fingerprinting.series import Mapped, Maps, Series, Truth
from core.fingerprinting.simulate_settings import SimulateSettings
from core.fingerprinting.voxel_fit import VoxelFit
from core.phantom import Label
from tests.gui.fakes import Asked
from tlmri_gui.fingerprint_core import FingerprintAccess
from tlmri_gui.fingerprint_state import (
    DICTIONARY,
    FingerprintMethod,
    FingerprintPlan,
    FingerprintRun,
    MapOutcome,
)

CLEAN, TRANSFERRED = "net:clean", "net:transferred"

METHODS = (
    FingerprintMethod(DICTIONARY, "Dictionary"),
    FingerprintMethod(CLEAN, "Clean network"),
    FingerprintMethod(TRANSFERRED, "Transferred network"),
    FingerprintMethod("net:bad", "Bad network", unavailable="bad.safetensors: damaged"),
)

SEQUENCE = FingerprintSequence(
    "Short",
    te_ms=2.0,
    spoiler_rad_per_mm=0.0,
    segments=(
        Segment(Preparation(INVERSION, wait_ms=20.0), (30.0,) * 4, (10.0,) * 4),
        Segment(Preparation(DIFFUSION, te_ms=60.0, b_s_per_mm2=500.0), (40.0,) * 6, (10.0,) * 6),
    ),
)

BIAS = {DICTIONARY: 0.0, CLEAN: 10.0, TRANSFERRED: 5.0}
"""Of the maps of each method, in percent of the truth."""


def true_maps(n_slices=1, size=12, white=(800.0, 70.0, 0.7)):
    """White matter on the left, grey on the right; air around."""
    values = {}
    grey = (1400.0, 110.0, 0.9)
    for name, left, right in zip(("t1", "t2", "adc"), white, grey, strict=True):
        image = np.full((n_slices, size, size), np.nan, np.float32)
        image[:, 2:-2, 2 : size // 2] = left
        image[:, 2:-2, size // 2 : -2] = right
        values[name] = image
    pd = np.where(np.isfinite(values["t1"]), np.float32(0.8), np.float32(np.nan))
    return Maps(values["t1"], values["t2"], values["adc"], pd)


def make_series(name="brain", n_slices=1, size=12, path=None, has_truth=True, notes=()):
    maps = true_maps(n_slices, size)
    mask = np.isfinite(maps.t1_ms)
    labels = np.where(mask, Label.GREY_MATTER, Label.AIR).astype(np.uint8)
    labels[:, :, : size // 2][mask[:, :, : size // 2]] = Label.WHITE_MATTER
    shape = (n_slices, SEQUENCE.n_readouts, size, size)
    return Series(
        name,
        np.ones(shape, np.complex64),
        SEQUENCE,
        mask,
        truth=Truth(maps, labels) if has_truth else None,
        path=path,
        notes=notes,
    )


def make_mapped(series, method, percent=None):
    """The truth off by so many percent, in every voxel."""
    factor = np.float32(1 + (BIAS.get(method, 1.0) if percent is None else percent) / 100)
    true = true_maps(series.shape[0], series.shape[1])
    maps = Maps(
        true.t1_ms * factor, true.t2_ms * factor, true.adc_um2_per_ms * factor, true.pd * factor
    )
    label = next((m.label for m in METHODS if m.name == method), method)
    return Mapped(series, method, label, maps, seconds=0.5, preparation_seconds=2.0)


def make_outcome(series, method, n_atoms=0, percent=None, device="auto"):
    mapped = make_mapped(series, method, percent)
    return MapOutcome(mapped, score(mapped), n_atoms, device)


def a_plan(*checked):
    names = checked or (DICTIONARY, TRANSFERRED)
    return FingerprintPlan(METHODS, frozenset(names), SimulateSettings(), n_atoms=1000)


def mapped_run(series=None, methods=(DICTIONARY, TRANSFERRED), slice_index=0):
    """A series that these methods have mapped."""
    found = make_series() if series is None else series
    outcomes = {name: make_outcome(found, name, 1000) for name in methods}
    return FingerprintRun(found, slice_index, outcomes)


def make_fit(percent=10.0):
    measured = np.linspace(-1, 1, SEQUENCE.n_readouts).astype(np.float32)
    return VoxelFit(measured, measured * np.float32(1 + percent / 100), (800.0, 70.0, 0.7), 1.0)


@dataclass
class FakeFingerprints(Asked, FingerprintAccess):
    """Remembers what was asked, and answers from the arguments alone."""

    series: Series | None = None
    steps: int = 1
    """Steps of progress of each mapping."""

    def plan(self, progress):
        self._ask("plan")
        return a_plan()

    def network(self, path, progress):
        self._ask("network", path)
        return FingerprintMethod(f"net:{path}", f"Own ({path.name})")

    def simulate(self, settings, progress):
        self._ask("simulate", settings)
        found = make_series(n_slices=settings.n_slices) if self.series is None else self.series
        return replace(found, name=f"Phantom subject {settings.seed}")

    def open(self, path: Path, progress):
        self._ask("open", path)
        return make_series(path.stem, path=path, has_truth=False)

    def map(self, series, method, n_atoms, device, progress):
        self._ask("map", method, n_atoms, device)
        for i in range(self.steps):
            progress(i / self.steps, "mapping")
        size = n_atoms if method == DICTIONARY else 0
        return make_outcome(series, method, size, device=device)

    def fits(self, results, voxel, progress):
        self._ask("fits", tuple(mapped.method for mapped in results), voxel)
        return {mapped.method: make_fit() for mapped in results}

    def save(self, folder, results, slice_index, command, look, progress):
        self._ask("save", folder, tuple(m.method for m in results), slice_index, command, look)

    def write_figure(self, path, results, slice_index, command, look, progress):
        self._ask("figure", path, slice_index, look)

    def write_scores(self, path, results, progress):
        self._ask("scores", path)
