"""Start, stop and resume a study; what it will take, and how far it is."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.panels import note
from tlmri_gui.models.study_text import estimate_text, start_problem, time_left_text
from tlmri_gui.session import Session
from tlmri_gui.study_state import EarlierStudy, StudyPhase
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.labels import say, whole
from tlmri_gui.widgets.roles import set_role
from tlmri_gui.widgets.wheel import guard_wheel

_STEPS = 1000
CELL = (
    "A cell: one network tuned on one number of images, or one baseline, scored on all test slices"
)


class StudyBar(QWidget):
    """The foot of the left column, always in sight.

    Signals
    -------
    start_requested, stop_requested, resume_requested
        Start as planned; stop and keep what is done; go on with the study on show.
    earlier_chosen
        The user wants to see an earlier study; carries its folder.
    """

    start_requested = pyqtSignal()
    stop_requested = pyqtSignal()
    resume_requested = pyqtSignal()
    earlier_chosen = pyqtSignal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.estimate = whole("muted")
        self.reason = whole("warning")
        self.start = push_button("play", "Start study", role="primary")
        self.stop = push_button("stop", "Stop and keep what is done")
        self.resume = push_button("play", "Resume", role="primary")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, _STEPS)
        self.state = whole("")
        self.earlier = QComboBox()
        self.estimate.setToolTip(CELL)
        self.state.setToolTip(CELL)
        self.earlier.setToolTip("Show a study made earlier; one that was cut off can be resumed")
        guard_wheel(self.earlier)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.start.clicked.connect(lambda: self.start_requested.emit())
        self.stop.clicked.connect(lambda: self.stop_requested.emit())
        self.resume.clicked.connect(lambda: self.resume_requested.emit())
        self.earlier.activated.connect(self._choose_earlier)
        for signal in (
            session.study_plan_changed,
            session.study_changed,
            session.run_changed,
            session.drawing_changed,
        ):
            signal.connect(self._show)
        session.study_progress_changed.connect(self._show_progress)
        session.earlier_changed.connect(self._show_earlier)
        self._show()
        self._show_earlier()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (self.resume, self.start, self.stop):
            buttons.addWidget(button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.estimate)
        layout.addWidget(self.reason)
        layout.addLayout(buttons)
        layout.addWidget(self.progress)
        layout.addWidget(self.state)
        layout.addWidget(self.earlier)

    def _show(self) -> None:
        session, study = self._session, self._session.study
        is_active = study.phase.is_active
        problem = start_problem(session)
        is_stopped = study.phase is StudyPhase.STOPPED
        self.start.setText("Start a new one" if is_stopped else "Start study")
        set_role(self.start, "" if is_stopped else "primary")
        self.start.setVisible(not is_active)
        self.start.setEnabled(not problem)
        self.start.setToolTip(problem)
        self.resume.setVisible(is_stopped)
        self.resume.setEnabled(not session.run.phase.is_active)
        self.stop.setVisible(is_active)
        self.stop.setEnabled(study.phase is not StudyPhase.STOPPING)
        say(self.reason, "" if is_active or session.drawing else problem)
        say(self.estimate, "" if is_active or problem else estimate_text(session))
        self.progress.setVisible(is_active)
        self.earlier.setEnabled(not is_active)
        self._show_progress()

    def _show_progress(self) -> None:
        fraction = self._session.study_progress.fraction
        self.progress.setRange(0, _STEPS if fraction else 0)  # it moves while nothing is known
        self.progress.setValue(round(_STEPS * fraction))
        say(self.state, _state_text(self._session))

    def _show_earlier(self) -> None:
        studies = self._session.earlier
        self.earlier.clear()
        self.earlier.addItem("Earlier studies…", None)
        for study in studies:
            self.earlier.addItem(_earlier_text(study), study.folder)
            tip = str(study.folder)
            self.earlier.setItemData(self.earlier.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.earlier.setVisible(bool(studies))

    def _choose_earlier(self, row: int) -> None:
        folder = self.earlier.itemData(row)
        self.earlier.setCurrentIndex(0)
        if isinstance(folder, Path):
            self.earlier_chosen.emit(folder)


def _earlier_text(study: EarlierStudy) -> str:
    is_whole = study.n_done == study.n_cells
    return study.name if is_whole else f"{study.name} ({study.n_done} of {study.n_cells} cells)"


def _state_text(session: Session) -> str:
    study, digest = session.study, session.study.digest
    if not study.phase.is_active:
        return note("\n", session.drawing, study.message)
    if study.phase is StudyPhase.PREPARING:
        return note("\n", study.phase.value, session.study_progress.text)
    if study.phase is StudyPhase.STOPPING:
        return study.phase.value
    cell = f"Cell {min(digest.n_done + 1, digest.n_cells)} of {digest.n_cells}"
    head = note(" · ", cell if digest.n_cells else "", time_left_text(session))
    return note("\n", head, session.study_progress.text)
