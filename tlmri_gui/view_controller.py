"""From the view that is wished for to its pictures, drawn on the worker thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject

from core.registry import Entry
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.jobs import Failure, Job, JobRunner
from tlmri_gui.session import Session
from tlmri_gui.view_state import DATA, Drawn, Viewing

if TYPE_CHECKING:
    from core.views import Picture, View

VIEWS = "views"
"""Group of the jobs."""

Sources = Mapping[str, NDArray[np.complex64] | None]
"""What pictures are to be drawn of, by their keys; None stands for the scan's own data."""


class ViewController(QObject):
    """Keeps the pictures of the view on show up to date.

    The magnitude images need none of this: they come with the comparison. Every change of view,
    scan or slice begins anew; a method's picture is drawn when its result has come.
    """

    def __init__(self, session: Session, jobs: JobRunner, core: CoreAccess) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._asked: dict[str, NDArray[np.complex64] | None] = {}
        session.slice_changed.connect(self.update)
        session.catalogue_changed.connect(self.update)
        session.results_changed.connect(self.update)
        session.methods_changed.connect(self.update)

    def choose(self, name: str) -> None:
        """Look at the slice in another way."""
        self._begin(name)

    def update(self) -> None:
        """Draw what is missing."""
        session = self._session
        viewing = session.viewing
        is_same = viewing.is_of(session.scan, session.slice_index)
        if not is_same or viewing.shown is not self._possible(viewing.wished):
            self._begin(viewing.wished)
        else:
            self._draw()

    def _begin(self, wished: str) -> None:
        session = self._session
        self._jobs.cancel(VIEWS)
        self._asked = {}
        shown = self._possible(wished)
        session.set_viewing(Viewing(wished, shown, session.scan, session.slice_index))
        self._draw()

    def _possible(self, name: str) -> Entry[View] | None:
        """The view called so, if the scan on show can be seen so."""
        scan = self._session.scan
        for entry in self._session.catalogue.views:
            if entry.name == name and scan is not None and not entry.item.unavailable(scan):
                return entry
        return None

    def _draw(self) -> None:
        viewing = self._session.viewing
        if viewing.shown is None:
            return
        for key, source in self._sources(viewing).items():
            is_asked = key in self._asked and self._asked[key] is source
            if not is_asked and viewing.picture(key, source) is None:
                self._ask(viewing.shown, key, source)

    def _sources(self, viewing: Viewing) -> Sources:
        sources: dict[str, NDArray[np.complex64] | None] = {DATA: None}
        if viewing.needs_coil_images:
            for name in self._session.chosen():
                outcome = self._session.outcome(name)
                if outcome is not None and outcome.coil_images is not None:
                    sources[name] = outcome.coil_images
        return sources

    def _ask(self, entry: Entry[View], key: str, source: NDArray[np.complex64] | None) -> None:
        session = self._session
        assert session.scan is not None
        self._asked[key] = source
        work = partial(
            self._core.picture, entry.name, session.scan, session.slice_index, session.mask, source
        )

        def take(picture: Picture) -> None:
            self._take(key, Drawn(picture, source=source))

        def fail(failure: Failure) -> None:
            self._take(key, Drawn(error=failure.message, source=source))

        self._jobs.submit(Job(entry.label, work, take, fail, VIEWS, is_urgent=True))

    def _take(self, key: str, drawn: Drawn) -> None:
        viewing = self._session.viewing
        pictures = {**viewing.pictures, key: drawn}
        self._session.set_viewing(replace(viewing, pictures=pictures))
