"""The voxel whose signal is looked at: it follows the pointer, or is pinned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from tlmri_gui.fingerprint_core import FingerprintAccess
from tlmri_gui.fingerprint_state import Voxel, VoxelView
from tlmri_gui.jobs import Failure, Job, JobRunner
from tlmri_gui.models.fingerprint_maps import mapped_window
from tlmri_gui.session import Session

if TYPE_CHECKING:
    from core.fingerprinting.series import Series
    from core.fingerprinting.voxel_fit import VoxelFit

FITTING = "voxel fit"
"""Group of the jobs."""


class VoxelController(QObject):
    """Has the fits of one voxel computed at a time; of those asked for meanwhile, the last."""

    def __init__(self, session: Session, jobs: JobRunner, core: FingerprintAccess) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._wished: Voxel | None = None
        self._is_busy = False

    def point(self, voxel: Voxel) -> None:
        """The pointer is over this voxel."""
        if not self._session.voxel.is_pinned:
            self._look_at(voxel)

    def pin(self, voxel: Voxel) -> None:
        """Stay with this voxel; a second time, follow the pointer again."""
        view = self._session.voxel
        if view.is_pinned and view.voxel == voxel:
            self.release()
        else:
            self._session.set_voxel(VoxelView(voxel, is_pinned=True))
            self._look_at(voxel)

    def toggle(self) -> None:
        """Stay with the voxel that is looked at, or the middle one; a second time, let it go."""
        voxel = self._session.voxel.voxel or self._middle()
        if voxel is not None:
            self.pin(voxel)

    def _middle(self) -> Voxel | None:
        """A voxel in the middle of what is mapped of the slice on show."""
        run = self._session.fingerprint
        places = None if run.series is None else run.series.mask[run.slice_index].nonzero()
        if places is None or not places[0].size:
            return None
        number = places[0].size // 2
        return run.slice_index, int(places[0][number]), int(places[1][number])

    def step(self, down: int, right: int) -> None:
        """Stay with the voxel so many further on, the nearest there is; nothing unless pinned."""
        view, series = self._session.voxel, self._session.fingerprint.series
        if series is None or view.voxel is None or not view.is_pinned:
            return
        index, y, x = view.voxel
        voxel = (index, *mapped_window(series).nearest(y + down, x + right))
        if voxel != view.voxel:
            self.pin(voxel)

    def release(self) -> None:
        """Follow the pointer again."""
        self._session.set_voxel(replace(self._session.voxel, is_pinned=False))

    def update(self) -> None:
        """Fit the voxel again: there are other maps now."""
        voxel = self._session.voxel.voxel
        if voxel is not None:
            self._look_at(voxel)

    def _look_at(self, voxel: Voxel) -> None:
        self._wished = voxel
        if not self._is_busy:
            self._ask()

    def _ask(self) -> None:
        voxel, self._wished = self._wished, None
        session, run = self._session, self._session.fingerprint
        if voxel is None or run.series is None or voxel[0] != run.slice_index:
            return
        found = run.mapped(session.fingerprint_plan)
        if not found or not run.series.mask[voxel]:
            session.set_voxel(VoxelView(voxel, session.voxel.is_pinned))
            return
        self._is_busy = True

        def take(fits: Mapping[str, VoxelFit]) -> None:
            self._show(run.series, VoxelView(voxel, fits=fits))

        def fail(failure: Failure) -> None:
            self._show(run.series, VoxelView(voxel, error=failure.message))

        work = partial(self._core.fits, found, voxel)
        self._jobs.submit(Job("Fitting a voxel", work, take, fail, FITTING, is_urgent=True))

    def _show(self, series: Series | None, found: VoxelView) -> None:
        """Show what was found, unless something else is looked at by now."""
        self._is_busy = False
        run, view = self._session.fingerprint, self._session.voxel
        is_of_slice = found.voxel is not None and found.voxel[0] == run.slice_index
        is_of_pin = not view.is_pinned or view.voxel == found.voxel
        if series is run.series and is_of_slice and is_of_pin:
            self._session.set_voxel(replace(found, is_pinned=view.is_pinned))
        self._ask()
