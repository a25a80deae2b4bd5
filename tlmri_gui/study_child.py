"""A study in a child process: what it publishes is what the window shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.jobs import JobContext
from tlmri_gui.models.study_estimate import n_workers
from tlmri_gui.study_digest import digest
from tlmri_gui.study_folder import SPEC_NAME
from tlmri_gui.study_state import Digest

if TYPE_CHECKING:
    from core.studies.cells import CellDone


@dataclass(frozen=True)
class StudyRequest:
    """Which study, and where its networks run."""

    folder: Path
    device: str


def study_job(context: JobContext, request: StudyRequest) -> Digest:
    """Run what is missing of the study in a folder; publishes a :class:`Digest` after each cell."""
    context.progress(0.0, "loading PyTorch")
    from core import devices
    from core.studies.executors import InProcess
    from core.studies.run import run_study
    from core.studies.spec_file import read_spec
    from core.training.memory import keep_freed_memory

    keep_freed_memory()
    folder = request.folder
    spec = read_spec(folder / SPEC_NAME)

    def publish(done: CellDone) -> None:
        context.publish(digest(folder, spec, done.seconds_left))

    executor = InProcess(n_workers(on_gpu=devices.resolve(request.device).type != "cpu"))
    run_study(
        spec,
        folder,
        context.progress,
        publish,
        context.stop_requested,
        executor,
        request.device,
    )
    return digest(folder, spec)
