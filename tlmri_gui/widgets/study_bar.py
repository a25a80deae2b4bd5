"""Start, stop and resume a study; what it will take, and how far it is."""

from __future__ import annotations

import math
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.present import note
from tlmri_gui.models.study_text import duration, estimate_text, start_problem
from tlmri_gui.session import Session
from tlmri_gui.study_state import EarlierStudy, StudyPhase
from tlmri_gui.widgets.wheel import guard_wheel

_STEPS = 1000


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
        self.estimate = _label("muted")
        self.reason = _label("warning")
        self.start = _button("play", "Start study", "primary")
        self.stop = _button("stop", "Stop and keep what is done")
        self.resume = _button("play", "Resume", "primary")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, _STEPS)
        self.state = _label("")
        self.earlier = QComboBox()
        self.earlier.setToolTip("Show a study made earlier; one that was cut off can be resumed")
        guard_wheel(self.earlier)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.start.clicked.connect(lambda: self.start_requested.emit())
        self.stop.clicked.connect(lambda: self.stop_requested.emit())
        self.resume.clicked.connect(lambda: self.resume_requested.emit())
        self.earlier.activated.connect(self._choose_earlier)
        for signal in (session.study_plan_changed, session.study_changed, session.run_changed):
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
        _set_role(self.start, "" if is_stopped else "primary")
        self.start.setVisible(not is_active)
        self.start.setEnabled(not problem)
        self.start.setToolTip(problem)
        self.resume.setVisible(is_stopped)
        self.resume.setEnabled(not session.run.phase.is_active)
        self.stop.setVisible(is_active)
        self.stop.setEnabled(study.phase is not StudyPhase.STOPPING)
        _say(self.reason, "" if is_active else problem)
        _say(self.estimate, "" if is_active or problem else estimate_text(session))
        self.progress.setVisible(is_active)
        self.earlier.setEnabled(not is_active)
        self._show_progress()

    def _show_progress(self) -> None:
        self.progress.setValue(round(_STEPS * self._session.study_progress.fraction))
        _say(self.state, _state_text(self._session))

    def _show_earlier(self) -> None:
        studies = self._session.earlier
        self.earlier.clear()
        self.earlier.addItem("Earlier studies…", None)
        for study in studies:
            self.earlier.addItem(_earlier_text(study), study.folder)
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
    if study.phase is not StudyPhase.RUNNING:
        return study.phase.value if study.phase.is_active else study.message
    cell = f"Cell {min(digest.n_done + 1, digest.n_cells)} of {digest.n_cells}"
    left = "" if math.isnan(digest.seconds_left) else f"{duration(digest.seconds_left)} left"
    return note(
        "\n", note(" · ", cell if digest.n_cells else "", left), session.study_progress.text
    )


def _set_role(button: QPushButton, role: str) -> None:
    """Another role of the style sheet, which Qt reads only when told to."""
    if button.property("role") != role:
        button.setProperty("role", role)
        style = button.style()
        assert style is not None
        style.unpolish(button)
        style.polish(button)


def _say(label: _WholeLabel, text: str) -> None:
    label.setText(text)
    label.fit()
    label.setVisible(bool(text))


class _WholeLabel(QLabel):
    """Wrapped lines of which a layout short of room cuts none off."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Ask for the lines that the text takes at this width."""
        super().resizeEvent(a0)
        self.fit()

    def fit(self) -> None:
        """Ask for the lines that the text takes at the width it has."""
        self.setMinimumHeight(max(self.heightForWidth(self.width()), 0))


def _label(role: str) -> _WholeLabel:
    label = _WholeLabel()
    label.setProperty("role", role)
    return label


def _button(icon: str, text: str, role: str = "") -> QPushButton:
    button = QPushButton(theme.icon(icon), text)
    if role:
        button.setProperty("role", role)
    return button
