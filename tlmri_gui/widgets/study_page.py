"""The page that answers how many local scans one needs: the plan on the left, curves beside it."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from tlmri_gui.models.study_curves import METRICS, curves_state
from tlmri_gui.models.study_text import next_study_text
from tlmri_gui.session import Session
from tlmri_gui.widgets.labels import say, wrapped
from tlmri_gui.widgets.side_column import side_column
from tlmri_gui.widgets.study_bar import StudyBar
from tlmri_gui.widgets.study_curves import StudyCurves
from tlmri_gui.widgets.study_grid import StudyGrid
from tlmri_gui.widgets.study_results import StudyResults
from tlmri_gui.widgets.study_scans import StudyScans

TITLE = "Study"


class StudyPage(QWidget):
    """Lays out the panels and shows the session's study; its panels emit the intents."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._metric = METRICS[0]
        self._target = ""
        self.whose_plan = wrapped("")
        self.scans = StudyScans(session)
        self.grid = StudyGrid(session)
        self.bar = StudyBar(session)
        self.curves = StudyCurves()
        self.results = StudyResults()
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.curves)
        self.splitter.addWidget(self.results)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([660, 200])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(side_column((self.whose_plan, self.scans, self.grid), self.bar))
        layout.addWidget(self.splitter, 1)
        self.curves.metric_chosen.connect(self._choose_metric)
        self.curves.target_chosen.connect(self._choose_target)
        self.curves.point_chosen.connect(self.results.select)
        session.study_changed.connect(self._show)
        self._show()

    def _choose_metric(self, row: int) -> None:
        self._metric = METRICS[row]
        self._show()

    def _choose_target(self, target: str) -> None:
        self._target = target
        self._show()

    def _show(self) -> None:
        study = self._session.study
        say(self.whose_plan, next_study_text(self._session))
        self.curves.set_waiting(study.phase.is_active)
        self.curves.set_state(curves_state(study.digest, self._metric, self._target))
        self.results.set_study(study, study.digest.of(self._target))
