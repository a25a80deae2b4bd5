"""The scan doctor: how a file is read, why, and what that looks like, to be corrected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPixmap
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import identity, theme
from tlmri_gui.models.checkup import (
    GuessRow,
    facts_text,
    guess_rows,
    offers,
    origin_text,
    question_text,
)
from tlmri_gui.session import Session
from tlmri_gui.state import Checkup
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.form import ParamsForm
from tlmri_gui.widgets.labels import say, wrapped

TITLE = "Scan doctor"
PICTURE_SIZE = 360
"""Side of the preview, pixels."""

_COLUMNS = ("What", "Taken for", "Sure", "Evidence")


class ScanDoctor(QDialog):
    """Open while the session has a file for it; stops no other work.

    Signals
    -------
    corrected
        The user changed how the file is read; carries the whole Interpretation.
    remember_requested, cancel_requested
        The user confirmed what the form shows, or leaves the file as it is.
    """

    corrected = pyqtSignal(object)
    remember_requested = pyqtSignal()
    cancel_requested = pyqtSignal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle(identity.titled(TITLE))
        self.question = wrapped("warning")
        self.facts = wrapped("")
        self.origin = wrapped("muted")
        self.picture = QLabel()
        self.form = ParamsForm()
        self.error = wrapped("error")
        self.table = QTableWidget(0, len(_COLUMNS))
        self.remember = push_button("done", "Remember and open", role="primary")
        self.cancel = push_button("cancel", "Cancel", "Leave the file as it is")
        self._lay_out()
        self.form.edited.connect(self._take_edit)
        self.form.refused.connect(self._show_refused)
        self.remember.clicked.connect(lambda: self.remember_requested.emit())
        self.cancel.clicked.connect(self.reject)
        session.checkup_changed.connect(self._show_checkup)
        self.resize(940, 720)

    def _lay_out(self) -> None:
        for button in (self.remember, self.cancel):
            button.setAutoDefault(False)  # Enter ends the typing in a field, not the dialog
        self.picture.setFixedSize(PICTURE_SIZE, PICTURE_SIZE)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setStyleSheet(f"background: {theme.IMAGE_GROUND}; color: {theme.MUTED}")
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setWordWrap(True)
        header, sides = self.table.horizontalHeader(), self.table.verticalHeader()
        assert header is not None
        assert sides is not None
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        sides.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        sides.hide()
        side = QVBoxLayout()
        side.setSpacing(theme.SPACE)
        for widget in (self.facts, self.form, self.origin, self.error):
            side.addWidget(widget)
        side.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(2 * theme.SPACE)
        top.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(side, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.remember)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.question)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addStretch()
        layout.addLayout(buttons)

    def reject(self) -> None:
        """Leave the file as it is, also on Escape and by the window's own button."""
        self.cancel_requested.emit()

    def _show_checkup(self) -> None:
        checkup = self._session.checkup
        if checkup is None:
            self.form.set_value(None)
            self.picture.clear()
            self.hide()
            return
        self._fill(checkup)
        if not self.isVisible():
            self.open()

    def _fill(self, checkup: Checkup) -> None:
        say(self.question, question_text(checkup))
        self.facts.setText(facts_text(checkup))
        self.origin.setText(origin_text(checkup))
        if self.form.value() != checkup.interpretation:
            self.form.set_value(checkup.interpretation, offers(checkup))
        say(self.error, checkup.error)
        self._fill_table(guess_rows(checkup))
        if checkup.picture is not None:
            self.picture.setPixmap(_pixmap(checkup.picture))
        elif checkup.error or checkup.examination is None:
            self.picture.setText("no preview")
        elif self.picture.pixmap().isNull():
            self.picture.setText("drawing the preview…")
        self.remember.setEnabled(checkup.can_open)

    def _fill_table(self, rows: tuple[GuessRow, ...]) -> None:
        self.table.setRowCount(len(rows))
        self.table.setVisible(bool(rows))
        for at, row in enumerate(rows):
            for column, text in enumerate((row.name, row.value, row.confidence, row.evidence)):
                item = QTableWidgetItem(text)
                if row.in_doubt:
                    item.setForeground(QColor(theme.WARNING))
                self.table.setItem(at, column, item)

    def _take_edit(self, interpretation: object) -> None:
        self.remember.setEnabled(False)
        self.corrected.emit(interpretation)

    def _show_refused(self, why: str) -> None:
        say(self.error, why)
        self.remember.setEnabled(False)


def _pixmap(values: NDArray[np.float32]) -> QPixmap:
    """Values from 0 to 1 as a grey picture that fills the preview and keeps its shape."""
    grey = np.ascontiguousarray(np.rint(values * 255), np.uint8)
    height, width = grey.shape
    image = QImage(grey.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(image).scaled(PICTURE_SIZE, PICTURE_SIZE, keep, smooth)
