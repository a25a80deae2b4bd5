"""What the window asks of the core, one call each. Runs on the worker thread.

This is the one place that reaches heavy libraries, and the boundary that tests replace: importing
this module imports neither torch nor sigpy nor nibabel.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core import checkpoints, paths
from core.progress import Progress
from core.registry import Entry
from core.types import Mask, Scan
from tlmri_gui import network_core
from tlmri_gui.demo import draw_demo
from tlmri_gui.doctor_core import DoctorAccess
from tlmri_gui.fingerprint_core import FingerprintAccess
from tlmri_gui.state import (
    Catalogue,
    Checkup,
    Choice,
    Means,
    MethodOffer,
    Outcome,
    Reference,
    Sampling,
    ScanImages,
    TuningPlan,
)
from tlmri_gui.study_core import StudyAccess

if TYPE_CHECKING:
    from core.coil_forms import CoilForm
    from core.jobs import JobFunction
    from core.pipeline import Comparison
    from core.training.finetune import TuneRequest
    from core.views import Picture

T = TypeVar("T")

BASELINES = "Baselines"
PARALLEL = "For several coils"
NETWORKS = "Source domains"
TUNED = "Fine-tuned here"


@dataclass(frozen=True)
class Reconstructed:
    """An outcome, and a remark such as where it had to run instead."""

    outcome: Outcome
    remark: str = ""


@dataclass(frozen=True)
class TunedSettings:
    """A method's settings, and a remark such as an end of what was searched."""

    params: Any
    remark: str = ""


class CoreAccess:
    """The calls; stateless.

    Attributes
    ----------
    studies
        The calls of the Study page.
    doctor
        The calls of the scan doctor.
    fingerprints
        The calls of the Fingerprinting page.
    """

    studies = StudyAccess()
    doctor = DoctorAccess()
    fingerprints = FingerprintAccess()

    def catalogue(self, progress: Progress) -> Catalogue:
        """Load the core and read its registries."""
        progress(0.1, "loading PyTorch")
        from core import devices, masks, metrics
        from core.coil_forms import COIL_FORMS
        from core.training.settings import TUNE_PRESETS
        from core.views import VIEWS

        progress(0.5, "loading sigpy")
        importlib.import_module("sigpy")  # now, so that no reconstruction is held up by it
        progress(0.9, "reading the lists of methods")
        return Catalogue(
            patterns=tuple(
                Choice(e.name, e.label, e.params() if e.params else None) for e in masks.PATTERNS
            ),
            definitions=tuple(Choice(e.name, e.label) for e in metrics.DEFINITIONS),
            devices=tuple(Choice(d.name, d.label) for d in devices.available()),
            methods=self.methods(progress),
            presets=TUNE_PRESETS,
            views=tuple(VIEWS),
            coil_forms=tuple(COIL_FORMS),
        )

    def methods(self, progress: Progress) -> tuple[MethodOffer, ...]:
        """Registered methods and every checkpoint there is."""
        del progress
        return (*_baselines(), *_source_domains(), *_tuned())

    def default_definition(self) -> str:
        """The definition scores follow unless told otherwise."""
        from core import metrics

        return metrics.DEFAULT

    def suffixes(self) -> tuple[str, ...]:
        """Endings of the files that can be opened."""
        from core import io

        return io.suffixes()

    def load_scan(self, path: Path, progress: Progress) -> Scan | Checkup:
        """Read a file, or say what must be said for that."""
        from core import io

        progress(0.0, f"reading {path.name}")
        try:
            return io.load(path)
        except io.ScanInDoubtError as doubt:
            checkup = self.doctor.examine(path, "", progress)
            return replace(checkup, question=str(doubt), doubt=doubt.field)

    def demo(self) -> JobFunction:
        """What a child process runs to draw the demo scans, given how many others to add."""
        return draw_demo

    def see_by(self, form: Entry[CoilForm], scan: Scan, progress: Progress) -> Scan:
        """The scan seen by other coils."""
        progress(0.0, form.label)
        return form.item.of(scan, progress)

    def reference(self, scan: Scan, slice_index: int, progress: Progress) -> Reference:
        """The fully sampled image of a slice, or what an undersampled scan shows in its place."""
        from core.acquisition import direct_image, direct_maximum

        progress(0.0, "reference image")
        image = direct_image(scan, slice_index)
        return Reference(scan, slice_index, image, direct_maximum(scan))

    def mask(self, scan: Scan, sampling: Sampling, progress: Progress) -> Mask:
        """A mask for the scan's slices: its own, if it was acquired undersampled."""
        from core import masks

        progress(0.0, "sampling mask")
        if not scan.has_reference:
            return masks.acquired_mask(scan)
        return masks.make_mask(
            sampling.pattern,
            scan.slice_shape,
            sampling.acceleration,
            sampling.seed,
            params=sampling.params,
        )

    def reconstruct(
        self,
        scan: Scan,
        slice_index: int,
        mask: Mask,
        method: str,
        params: Any,  # noqa: ANN401 - the method's own dataclass
        definition: str,
        device: str,
        progress: Progress,
    ) -> Reconstructed:
        """Reconstruct and score one slice by one method.

        A network that runs out of GPU memory runs again on the processor. An input the method
        refuses becomes an outcome that says why.
        """
        import torch

        from core import devices, pipeline

        undersampled = pipeline.undersample(scan, slice_index, mask)
        remark = ""
        try:
            choice = _choice(method, params, device)
            try:
                found = pipeline.reconstruct_coils(undersampled, choice, progress)
            except RuntimeError as error:
                on_gpu = devices.resolve(device).type != "cpu"
                if not (on_gpu and devices.is_out_of_memory(error)):
                    raise
                torch.cuda.empty_cache()
                remark = f"{choice.label}: the GPU is out of memory, so it ran on the processor"
                choice = _choice(method, params, "cpu")
                found = pipeline.reconstruct_coils(undersampled, choice, progress)
            comparison = pipeline.Comparison(found.recon, pipeline.score(found.recon, definition))
        except ValueError as error:
            return Reconstructed(Outcome(error=str(error)))
        return Reconstructed(Outcome(comparison, coil_images=found.coil_images), remark)

    def picture(
        self,
        view: str,
        scan: Scan,
        slice_index: int,
        mask: Mask | None,
        coil_images: NDArray[np.complex64] | None,
        progress: Progress,
    ) -> Picture:
        """A slice seen in a registered view: a method's coil images, or the scan's own data."""
        from core.views import VIEWS

        entry = VIEWS[view]
        progress(0.0, entry.label)
        of_method = entry.item.of_method
        if coil_images is None or of_method is None:
            return entry.item.of_data(scan, slice_index)
        assert mask is not None, "methods have run, so there is a mask"
        return of_method(scan, slice_index, mask, coil_images)

    def rescore(
        self,
        outcomes: Mapping[tuple[int, str], Outcome],
        definition: str,
        progress: Progress,
    ) -> dict[tuple[int, str], Outcome]:
        """The same images scored under another definition."""
        from core import pipeline

        rescored = {}
        for i, (key, outcome) in enumerate(outcomes.items()):
            progress(i / len(outcomes), "scoring")
            if outcome.comparison is not None:
                recon = outcome.comparison.recon
                score = pipeline.score(recon, definition)
                rescored[key] = replace(outcome, comparison=pipeline.Comparison(recon, score))
        return rescored

    def anatomy_slices(self, scan: Scan, progress: Progress) -> tuple[int, ...]:
        """The slices that show enough anatomy to judge by."""
        from core.acquisition import rough_image
        from core.domains.mri import has_enough_foreground

        found = []
        for index in range(scan.n_slices):
            progress(index / scan.n_slices, "looking for slices with anatomy")
            if has_enough_foreground(rough_image(scan, index)):
                found.append(index)
        return tuple(found)

    def slices_at_once(self, scan: Scan, device: str, progress: Progress) -> int:
        """How many slices of a scan are worked on side by side.

        The largest value of the scan, by which they are scored, is found before: each of them
        would else look at all slices for it.
        """
        from core import devices
        from core.acquisition import direct_maximum
        from core.parallel import workers_on

        progress(0.0, "largest value of the scan")
        direct_maximum(scan)
        return workers_on(devices.resolve(device))

    def side_by_side(self, works: Sequence[Callable[[Progress], T]], progress: Progress) -> list[T]:
        """What pieces of work give, each on a thread of its own; in their order."""
        from core.parallel import in_order

        return list(in_order(lambda work, hook: work(hook), works, len(works), progress))

    def means(
        self,
        slices: tuple[int, ...],
        comparisons: Sequence[Comparison],
        definition: str,
        progress: Progress,
    ) -> Means:
        """Mean scores of each method."""
        from core import metrics

        progress(0.0, "means")
        return Means(slices, definition, metrics.summarise(definition, comparisons))

    def tune(
        self,
        method: str,
        images: Sequence[ScanImages],
        sampling: Sampling,
        params: Any,  # noqa: ANN401 - the method's own dataclass
        progress: Progress,
    ) -> TunedSettings:
        """A method's settings with the best mean PSNR on the tuning images.

        Each image has a mask of its own from the training pool: none of them is ever scored.
        """
        from core.recon import tuning

        progress(0.0, "sampling masks")
        chosen = [(entry.scan, index) for entry in images for index in entry.tuning]
        undersampled = tuning.tuning_images(
            chosen, sampling.acceleration, sampling.pattern, sampling.params
        )
        tuned = tuning.tune(method, undersampled, progress, params)
        return TunedSettings(tuned.params, "; ".join(tuned.remarks))

    def choose_images(
        self, scans: Sequence[Scan], plan: TuningPlan, progress: Progress
    ) -> tuple[ScanImages, ...]:
        """Slices of these scans for tuning and validation, as the plan's settings ask."""
        from core.training.tuning_data import choose_images

        assert plan.settings is not None
        progress(0.0, "choosing slices")
        settings = plan.settings
        tuning, validation = choose_images(
            scans, settings.n_images, settings.n_validation, settings.seed
        )
        return tuple(
            ScanImages(
                scan,
                tuple(ref.slice_index for ref in tuning if ref.scan is scan),
                tuple(ref.slice_index for ref in validation if ref.scan is scan),
            )
            for scan in scans
        )

    def tuning_request(
        self, plan: TuningPlan, output: Path, device: str, progress: Progress
    ) -> tuple[JobFunction, TuneRequest]:
        """What the child process runs, with the data of the chosen slices."""
        from core.training.finetune import finetune_job, tuning_request
        from core.training.tuning_data import ImageRef

        assert plan.settings is not None
        progress(0.0, "gathering the tuning images")
        unwritable = paths.unwritable()
        if unwritable:
            raise ValueError(f"a tuned network could not be kept: {unwritable}")
        tuning = [ImageRef(e.scan, i) for e in plan.images for i in e.tuning]
        validation = [ImageRef(e.scan, i) for e in plan.images for i in e.validation]
        source = plan.source.removeprefix("net:")
        most_coils = max(e.scan.n_coils for e in plan.images)
        parent = checkpoints.find(source, plan.settings.acceleration, most_coils).path
        request = tuning_request(parent, tuning, validation, plan.settings, output, device)
        return finetune_job, request

    def unfinished_folder(self) -> Path:
        """Where weights lie until their fine-tuning has ended well."""
        return paths.in_user_data("unfinished")

    def keep_checkpoint(self, saved: Path, progress: Progress) -> str:
        """Move a finished checkpoint to where the lists find it; returns its method's name."""
        progress(0.0, "saving the checkpoint")
        kept = paths.checkpoints() / saved.name
        saved.replace(kept)
        return checkpoints.method_name(checkpoints.read_info(kept))

    def discard_checkpoint(self, saved: Path, progress: Progress) -> None:
        """Remove the weights of a fine-tuning that is not wanted."""
        del progress
        saved.unlink(missing_ok=True)


def _choice(method: str, params: Any, device: str) -> Any:  # noqa: ANN401 - pipeline.MethodChoice
    from core import pipeline

    choice = pipeline.choose_method(method, device)
    return choice if params is None else replace(choice, params=params)


def _baselines() -> tuple[MethodOffer, ...]:
    from core.params import settings_of
    from core.recon import METHODS
    from core.recon.tunable import TUNABLE

    offers = []
    for entry in METHODS:
        if entry.name != "net" and entry.params is not None:
            params = entry.params() if settings_of(entry.params) else None
            presets = entry.params.presets()
            coils, can_tune = entry.params.min_coils, entry.name in TUNABLE
            group = BASELINES if coils == 1 else PARALLEL
            offer = MethodOffer(entry.name, entry.label, group, params, presets)
            offers.append(replace(offer, min_coils=coils, can_tune=can_tune))
    return tuple(offers)


def _source_domains() -> tuple[MethodOffer, ...]:
    return tuple(_family(name, found) for name, found in checkpoints.families().items())


def _family(name: str, members: Sequence[checkpoints.CheckpointInfo]) -> MethodOffer:
    rates = ", ".join(f"{r:g}" for r in sorted({info.acceleration for info in members}))
    patterns = ", ".join(sorted({info.pattern for info in members}))
    note = f"{name}: trained for R={rates} (the nearest to the mask's is used), {patterns} masks"
    label = members[0].label
    return _offer(f"net:{name}", label, NETWORKS, note, members)


def _tuned() -> tuple[MethodOffer, ...]:
    good = checkpoints.user_checkpoints()
    readable = {info.path for info in good}
    found = sorted(paths.checkpoints().glob(f"*{checkpoints.SUFFIX}"))
    damaged = [_damaged(path) for path in found if path not in readable]
    return (*(_network(info, TUNED) for info in good), *damaged)


def _network(info: checkpoints.CheckpointInfo, group: str) -> MethodOffer:
    note = f"{info.path.name}: trained for R={info.acceleration:g}, {info.pattern} masks"
    return _offer(checkpoints.method_name(info), info.label, group, note, [info])


def _offer(
    name: str, label: str, group: str, note: str, members: Sequence[checkpoints.CheckpointInfo]
) -> MethodOffer:
    """A network with what it can be tuned by."""
    parts = network_core.shared_parts(members)
    return MethodOffer(name, label, group, note=note, checkpoints=tuple(members), parts=parts)


def _damaged(path: Path) -> MethodOffer:
    try:
        checkpoints.read_info(path)
    except ValueError as error:
        return MethodOffer(f"net:{path}", path.stem, TUNED, unavailable=str(error))
    return MethodOffer(f"net:{path}", path.stem, TUNED)  # it was written a moment ago
