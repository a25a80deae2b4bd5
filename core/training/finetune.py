"""End-to-end fine-tuning of a trained network on a few local images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from core.jobs import JobContext
from core.networks import files
from core.progress import Progress
from core.training.memory import keep_freed_memory
from core.training.part_names import ALL
from core.training.parts import parameters_of
from core.training.settings import TuneSettings
from core.training.supervision import SUPERVISIONS
from core.training.tuning_data import (
    VALIDATION_SEED,
    AcquiredImage,
    ImageRef,
    TuningImage,
    choose_images,
)
from core.training.tuning_run import TrainingPoint, TuneRequest, TuneResult, TuningRun

__all__ = [
    "ImageRef",
    "TrainingPoint",
    "TuneRequest",
    "TuneResult",
    "choose_images",
    "finetune",
    "finetune_job",
    "tuning_request",
]


def tuning_request(
    parent: Path,
    tuning: Sequence[ImageRef],
    validation: Sequence[ImageRef],
    settings: TuneSettings,
    output: Path,
    device: str = "auto",
) -> TuneRequest:
    """Gather the data of the chosen slices: for self-supervision, one acquisition of each.

    Raises
    ------
    ValueError
        If no slice is given, a slice serves for both or is empty, scans were acquired
        undersampled and the supervision is not ``self`` or their R differ, the output is the
        parent, or the parent has no such layers as the settings would change.
    """
    if not tuning or not validation:
        raise ValueError(
            f"fine-tuning needs at least one tuning and one validation slice, got "
            f"{len(tuning)} and {len(validation)}"
        )
    shared = {ref.key for ref in tuning} & {ref.key for ref in validation}
    if shared:
        raise ValueError(f"a slice must serve for tuning or validation, not both: {min(shared)}")
    if output.exists() and output.samefile(parent):
        raise ValueError(f"{output.name}: the tuned network must be another file than its parent")
    _check_part(parent, settings.trainable)
    gather = SUPERVISIONS[settings.supervision].item.gather
    images = tuple(gather(ref, settings, i) for i, ref in enumerate(tuning))
    held_out = tuple(gather(ref, settings, VALIDATION_SEED + i) for i, ref in enumerate(validation))
    _check_sampled_alike((*images, *held_out))
    return TuneRequest(parent, images, held_out, settings, output, device)


def _check_part(parent: Path, part: str) -> None:
    """Refuse layers that a network lacks here, before its tuning has a process of its own."""
    if part != ALL:
        parameters_of(files.load(parent, torch.device("cpu")), part)


def _check_sampled_alike(images: Sequence[TuningImage]) -> None:
    masks = (image.mask for image in images if isinstance(image, AcquiredImage))
    found = sorted({f"{mask.pattern} R={mask.acceleration:.3g}" for mask in masks})
    if len(found) > 1:
        raise ValueError(
            f"tuning images must share one pattern and acceleration, got {', '.join(found)}"
        )


def finetune_job(context: JobContext, request: TuneRequest) -> TuneResult:
    """:func:`finetune` as a child process runs it."""
    keep_freed_memory()
    return finetune(request, context.progress, context.publish, context.stop_requested)


def finetune(
    request: TuneRequest,
    progress: Progress,
    publish: Callable[[TrainingPoint], None] = lambda _: None,
    stop_requested: Callable[[], bool] = lambda: False,
) -> TuneResult:
    """Tune a network end to end and keep the weights of the best validation.

    1. Validate the parent as it is; write it, so that a result exists from the start.
    2. Take steps on what the settings' supervision draws.
    3. From time to time validate the moving average of the weights, and if it is the best so far,
       write the checkpoint.

    Parameters
    ----------
    progress
        Hook; cancelling it leaves whatever checkpoint was last written.
    publish
        Receives a :class:`TrainingPoint` after each validation.
    stop_requested
        Asked after each step; if true, a last validation ends the tuning.

    Raises
    ------
    ValueError
        If the parent cannot be read, or has no such layers as the settings would change.
    """
    run = TuningRun(request)
    progress(0.0, "validating the network before tuning")
    publish(run.validate())
    for last_step in run.rounds():
        stopped = False
        while run.n_done < last_step and not stopped:
            run.step()
            progress(run.n_done / run.n_steps, run.message())
            stopped = stop_requested()
        publish(run.validate())
        if stopped or run.is_out_of_patience:
            break
    return run.result()
