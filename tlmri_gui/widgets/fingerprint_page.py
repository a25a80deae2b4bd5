"""The page of fingerprinting: series and methods, maps, errors by tissue, one voxel's signal."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from core.fingerprinting.parameters import PARAMETERS, Parameter
from tlmri_gui.models.fingerprint_boxes import boxes_state
from tlmri_gui.models.fingerprint_fit import fit_state
from tlmri_gui.models.fingerprint_maps import MapView, maps_state
from tlmri_gui.models.fingerprint_table import error_rows
from tlmri_gui.models.fingerprint_text import notes_text, readout_texts
from tlmri_gui.session import Session
from tlmri_gui.widgets.fingerprint_errors import ErrorsPanel
from tlmri_gui.widgets.fingerprint_fit import FitPanel
from tlmri_gui.widgets.fingerprint_map_bar import MapBar
from tlmri_gui.widgets.fingerprint_methods import FingerprintMethods
from tlmri_gui.widgets.fingerprint_series import SeriesPanel
from tlmri_gui.widgets.fingerprint_stage import FingerprintStage
from tlmri_gui.widgets.labels import say, whole
from tlmri_gui.widgets.side_column import side_column

TITLE = "Fingerprinting"


class FingerprintPage(QWidget):
    """Lays out the panels and shows the session's series; its panels emit the intents.

    Signals
    -------
    pointed, clicked
        The pointer is over this voxel (slice, y, x), or the user clicked it.
    """

    pointed = pyqtSignal(object)
    clicked = pyqtSignal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._view = MapView()
        self._parameter: Parameter = PARAMETERS[0]
        self._hovered: tuple[int, int] | None = None
        self.series = SeriesPanel(session)
        self.methods = FingerprintMethods(session)
        self.bar = MapBar(session)
        self.stage = FingerprintStage()
        self.errors = ErrorsPanel()
        self.fit = FitPanel()
        self.notes = whole("muted")
        self._lay_out()
        self.stage.view_chosen.connect(self._choose_view)
        self.stage.pointed.connect(self._point)
        self.stage.clicked.connect(lambda voxel: self.clicked.emit(self._in_slice(voxel)))
        self.errors.parameter_chosen.connect(self._choose_parameter)
        session.fingerprint_changed.connect(self._show)
        session.fingerprint_plan_changed.connect(self._show)
        session.voxel_changed.connect(self._show_voxel)
        self._show()

    def _lay_out(self) -> None:
        self.details = QSplitter(Qt.Orientation.Vertical)
        self.details.addWidget(self.errors)
        self.details.addWidget(self.fit)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.stage)
        self.splitter.addWidget(self.details)
        for splitter, sizes in ((self.details, [560, 440]), (self.splitter, [600, 480])):
            splitter.setChildrenCollapsible(False)
            splitter.setSizes(sizes)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(side_column((self.series, self.methods, self.notes), self.bar))
        layout.addWidget(self.splitter, 1)

    @property
    def view(self) -> MapView:
        """How maps are looked at."""
        return self._view

    def _show(self) -> None:
        session = self._session
        series = session.fingerprint.series
        self.details.setVisible(series is not None)
        say(self.notes, notes_text(series) if series is not None else "")
        self.stage.set_state(maps_state(session, self._view))
        rows = error_rows(session, self._parameter)
        self.errors.set_state(boxes_state(session, self._parameter), rows)
        self._show_voxel()

    def _show_voxel(self) -> None:
        """The signal of the voxel that is looked at, its mark, and the values under the pointer."""
        view = self._session.voxel
        self.fit.set_state(fit_state(self._session))
        is_here = view.voxel is not None and view.voxel[0] == self._session.fingerprint.slice_index
        pinned = view.voxel if view.is_pinned and is_here else None
        self.stage.grid.set_pin(None if pinned is None else pinned[1:])
        meant = pinned if self._hovered is None else self._in_slice(self._hovered)
        self.stage.set_readout(*readout_texts(self._session.fingerprint.series, meant))

    def _choose_view(self, view: MapView) -> None:
        self._view = view
        self._show()

    def _choose_parameter(self, parameter: Parameter) -> None:
        self._parameter = parameter
        self._show()

    def _point(self, voxel: tuple[int, int] | None) -> None:
        self._hovered = voxel
        self._show_voxel()
        if voxel is not None:
            self.pointed.emit(self._in_slice(voxel))

    def _in_slice(self, voxel: tuple[int, int]) -> tuple[int, int, int]:
        return (self._session.fingerprint.slice_index, *voxel)
