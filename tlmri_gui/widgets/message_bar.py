"""One line above the pages for what went wrong or was done; never a dialog."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.state import Message
from tlmri_gui.widgets.labels import wrapped

_SIGNS = ("warning", "info", "done")
_SIZE = 16


class MessageBar(QFrame):
    """Shows a :class:`Message`; hidden while there is none.

    Signals
    -------
    dismissed
        The user closed it.
    """

    dismissed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sign = QLabel()
        # Drawn beforehand: the files may be gone when a message has to be shown.
        self._signs = {name: theme.icon(name).pixmap(_SIZE, _SIZE) for name in _SIGNS}
        self.text = wrapped("")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.details_button = QToolButton()
        self.details_button.setText("Details")
        self.details_button.setCheckable(True)
        self.close_button = QToolButton()
        self.close_button.setIcon(theme.icon("cancel"))
        self.close_button.setToolTip("Close this message")
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setMaximumHeight(180)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        row.addWidget(self.sign)
        row.addWidget(self.text, 1)
        row.addWidget(self.details_button)
        row.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        layout.addLayout(row)
        layout.addWidget(self.details)
        self.details_button.toggled.connect(self.details.setVisible)
        self.close_button.clicked.connect(lambda: self.dismissed.emit())
        self.set_message(None)

    def set_message(self, message: Message | None) -> None:
        """Show this message; hide if None."""
        self.details_button.setChecked(False)
        self.details.hide()
        if message is not None:
            self.sign.setPixmap(self._signs[_sign_of(message)])
            self.text.setText(message.text)
            self.details.setPlainText(message.details)
            self.details_button.setVisible(bool(message.details))
        self.setVisible(message is not None)


def _sign_of(message: Message) -> str:
    if message.is_error:
        return "warning"
    return "info" if message.is_notice else "done"
