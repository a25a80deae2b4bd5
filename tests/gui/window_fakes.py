"""A core that answers at once, without torch: what tests of the window stand on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np

from core.jobs import JobContext
from core.metrics import Summary
from core.params import check, setting
from core.progress import Cancelled
from core.types import Mask, Recon, Score
from tests.gui.fakes import Asked, make_scan
from tests.gui.fingerprint_fakes import FakeFingerprints
from tests.gui.study_fakes import FakeStudies
from tlmri_gui.core_access import CoreAccess, Reconstructed, TunedSettings
from tlmri_gui.state import Catalogue, Choice, Means, MethodOffer, Outcome, Reference, ScanImages


@dataclass(frozen=True)
class WaveletLike:
    reg_weight: float = setting(2e-3, "Weight", low=1e-6, high=1.0, logarithmic=True)
    n_iterations: int = setting(100, "Iterations", low=1, high=1000)
    wavelet: str = setting("db4", "Wavelet", choices=("db4", "db2"))
    tuned_on: frozenset[str] = frozenset()

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class TuneLike:
    acceleration: float = setting(4.0, "Acceleration R", low=1.0, high=20.0)
    pattern: str = setting("poisson", "Pattern", choices=("poisson", "gaussian"))
    n_images: int = setting(2, "Tuning images", low=1, high=100)
    n_validation: int = setting(1, "Validation images", low=1, high=100)
    epochs: int = setting(3, "Epochs", low=1, high=1000)
    learning_rate: float = setting(1e-3, "Learning rate", low=1e-7, high=0.1, logarithmic=True)
    seed: int = setting(1, "Seed", low=0, high=1000)
    mask_params: object = None
    trainable: str = setting("all", "Layers that change", choices=("all", "decoder"))
    supervision: str = setting("full", "Supervision", choices=("full", "self"))


@dataclass(frozen=True)
class PatternLike:
    centre: float = setting(0.05, "Centre", low=0.0, high=0.2)


PRESETS = {"default": WaveletLike(), "paper": WaveletLike(n_iterations=80)}

METHODS = (
    MethodOffer("zf", "Zero-filled", "Baselines"),
    MethodOffer("cs", "Wavelet", "Baselines", WaveletLike(), PRESETS, can_tune=True),
    MethodOffer("net:natural", "Natural images", "Source domains"),
    MethodOffer("net:bad", "Damaged", "Fine-tuned here", unavailable="bad.safetensors: damaged"),
)

CATALOGUE = Catalogue(
    patterns=(
        Choice("poisson", "Poisson-disc", PatternLike()),
        Choice("gaussian", "Gaussian", PatternLike(0.1)),
    ),
    definitions=(Choice("volume", "Volume maximum"), Choice("slice", "Slice maximum")),
    devices=(Choice("auto", "Automatic"), Choice("cpu", "Processor")),
    methods=METHODS,
    presets={"fast": TuneLike(), "paper": TuneLike(epochs=100, learning_rate=1e-5)},
)


@dataclass
class FakeCore(Asked, CoreAccess):
    """Remembers what was asked, and answers from the arguments alone."""

    offers: tuple = METHODS
    studies: object = field(default_factory=FakeStudies)
    fingerprints: object = field(default_factory=FakeFingerprints)
    at_once: int = 2

    def catalogue(self, progress):
        self._ask("catalogue")
        return replace(CATALOGUE, methods=self.offers)

    def methods(self, progress):
        self._ask("methods")
        return self.offers

    def default_definition(self):
        return "volume"

    def suffixes(self):
        return (".nii", ".npy")

    def load_scan(self, path, progress):
        self._ask("load", path)
        return make_scan(path.stem, path=path)

    def demo(self):
        return publish_two_scans

    def reference(self, scan, slice_index, progress):
        self._ask("reference", scan, slice_index)
        return Reference(scan, slice_index, scan.magnitude[slice_index], 100.0)

    def mask(self, scan, sampling, progress):
        self._ask("mask", sampling)
        samples = np.zeros(scan.slice_shape, bool)
        samples[:: max(round(sampling.acceleration), 1)] = True
        return Mask(samples, (2, 2), sampling.pattern, sampling.acceleration, sampling.seed)

    def reconstruct(self, scan, slice_index, mask, method, params, definition, device, progress):
        self._ask("reconstruct", slice_index, method, params, device)
        progress(0.5, method)
        source = SimpleNamespace(scan=scan, slice_index=slice_index, mask=mask)
        label = next(m.label for m in self.offers if m.name == method)
        recon = Recon(source, method, label, scan.magnitude[slice_index] * 0.9, 0.1)
        return Reconstructed(Outcome(SimpleNamespace(recon=recon, score=score(definition))))

    def rescore(self, outcomes, definition, progress):
        self._ask("rescore", definition)
        return {
            key: Outcome(SimpleNamespace(recon=o.comparison.recon, score=score(definition)))
            for key, o in outcomes.items()
        }

    def anatomy_slices(self, scan, progress):
        self._ask("anatomy", scan)
        return tuple(range(1, scan.n_slices - 1))

    def slices_at_once(self, scan, device, progress):
        self._ask("at once", scan, device)
        return self.at_once

    def means(self, slices, comparisons, definition, progress):
        self._ask("means", slices, definition)
        found = {c.recon.method: c.recon.label for c in comparisons}
        summaries = [mean(m, label, comparisons, definition) for m, label in found.items()]
        return Means(slices, definition, tuple(summaries))

    def tune(self, method, images, sampling, params, progress):
        self._ask("tune", method, images)
        return TunedSettings(replace(params, reg_weight=0.01), "the best weight is the largest")

    def choose_images(self, scans, plan, progress):
        self._ask("choose", scans)
        n, v = plan.settings.n_images, plan.settings.n_validation
        if any(n + v > scan.n_slices for scan in scans):
            raise ValueError(f"tuning needs {n} + {v} slices")
        return tuple(ScanImages(scan, tuple(range(n)), tuple(range(n, n + v))) for scan in scans)

    def tuning_request(self, plan, output, device, progress):
        self._ask("request", plan, output, device)
        return never_called, output

    def unfinished_folder(self):
        return self.folder

    def keep_checkpoint(self, saved, progress):
        self._ask("keep", saved)
        self.offers = (*METHODS, MethodOffer("net:tuned", "Tuned", "Fine-tuned here"))
        return "net:tuned"

    def discard_checkpoint(self, saved, progress):
        self._ask("discard", saved)
        saved.unlink(missing_ok=True)


def mean(method, label, comparisons, definition):
    scores = [c.score for c in comparisons if c.recon.method == method]
    means = {
        "psnr_db": sum(s.psnr_db for s in scores) / len(scores),
        "ssim": 0.9,
        "nmse": 0.01,
        "rmse": 1.0,
    }
    return Summary(method, label, definition, len(scores), 0, means, {}, None)


def score(definition):
    return Score(definition, 30.0 if definition == "volume" else 28.0, 0.9, 0.01, 1.0)


def never_called(context, argument):
    raise AssertionError("tests of the controller start no process")


# run in child processes ------------------------------------------------------------------------


def publish_two_scans(context: JobContext, n_others: int) -> None:
    for i in range(1 + n_others):
        context.progress(i / 2, f"drawing {i}")
        context.publish(make_scan(f"phantom {i}", seed=i))


def count_until_told(context: JobContext, limit: int) -> str:
    for i in range(limit):
        context.progress(i / limit, f"at {i}")
        context.publish(i)
        if context.stop_requested():
            return f"stopped at {i}"
        context_pause()
    return "counted"


def context_pause():
    import time

    time.sleep(0.01)


def deaf(context: JobContext, seconds: float) -> None:
    import time

    context.publish("deaf")
    time.sleep(seconds)


def fail(context: JobContext, message: str) -> None:
    raise RuntimeError(message)


def raise_cancelled(progress):
    raise Cancelled
