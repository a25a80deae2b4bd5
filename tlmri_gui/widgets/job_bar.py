"""One line that says what runs, how far it is, and cancels it."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from tlmri_gui import theme
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.labels import line

_STEPS = 1000


class JobBar(QWidget):
    """Message, progress and a Cancel button of the work in progress.

    Signals
    -------
    cancel_requested
        The user asked to cancel.
    """

    cancel_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel()
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(220)
        self._percent = line("muted")
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 % "))
        self._cancel = push_button("cancel", "Cancel")
        self._cancel.clicked.connect(self._ask_to_cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, 2, theme.SPACE, 2)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self._text, 1)
        for widget in (self._bar, self._percent, self._cancel):
            layout.addWidget(widget)
        self.setFixedHeight(layout.sizeHint().height())
        self.set_idle()

    @property
    def text(self) -> str:
        """What runs, or how the last work ended."""
        return self._text.text()

    @property
    def progress(self) -> float | None:
        """Part done, None if unknown."""
        return None if self._bar.maximum() == 0 else self._bar.value() / self._bar.maximum()

    def set_job(self, text: str, fraction: float | None, can_cancel: bool) -> None:
        """Show work in progress.

        Parameters
        ----------
        text
            What runs.
        fraction
            Part done in [0, 1]; None if unknown.
        can_cancel
            Whether Cancel is offered.
        """
        self._text.setText(text)
        self._text.setToolTip(text)
        self._show_parts(True)
        self._cancel.setEnabled(can_cancel)
        self._bar.setRange(0, 0 if fraction is None else _STEPS)
        self._percent.setText("" if fraction is None else f"{100 * fraction:.0f} %")
        if fraction is not None:
            self._bar.setValue(round(_STEPS * min(max(fraction, 0.0), 1.0)))

    def set_idle(self, text: str = "Ready") -> None:
        """Show that nothing runs, and a line on how the last work ended."""
        self._text.setText(text)
        self._text.setToolTip("")
        self._bar.setRange(0, _STEPS)
        self._show_parts(False)

    def _show_parts(self, visible: bool) -> None:
        for widget in (self._bar, self._percent, self._cancel):
            widget.setVisible(visible)

    def _ask_to_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._text.setText("Cancelling…")
        self.cancel_requested.emit()
