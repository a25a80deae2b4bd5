"""The button that maps, always in sight under the panels, with the reason where it cannot."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.models.fingerprint_text import map_problem
from tlmri_gui.session import Session
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.labels import say, wrapped
from tlmri_gui.widgets.roles import set_role

TIP = "Map by every checked method that has not, or by all of them anew (F5)"


class MapBar(QWidget):
    """Maps the series.

    Signals
    -------
    map_requested
        The user wants the series mapped.
    """

    map_requested = pyqtSignal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.reason = wrapped("muted")
        self.map = push_button("play", "Map", TIP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self.reason)
        layout.addWidget(self.map)
        self.map.clicked.connect(lambda: self.map_requested.emit())
        session.fingerprint_plan_changed.connect(self._show)
        session.fingerprint_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        problem = map_problem(self._session)
        say(self.reason, problem)
        self.map.setEnabled(not problem)
        set_role(self.map, "" if problem else "primary")
