"""The panel of one voxel's signal: which voxel, the plot, what each method says of it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPen
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.models.fingerprint_fit import FitCurve, FitState
from tlmri_gui.models.fingerprint_text import short_name
from tlmri_gui.widgets.buttons import tool_button
from tlmri_gui.widgets.curve_legend import CurveLegend, LegendEntry
from tlmri_gui.widgets.fingerprint_fit_plot import FitPlot
from tlmri_gui.widgets.fingerprint_pens import method_pen
from tlmri_gui.widgets.fitting_label import FittingLabel
from tlmri_gui.widgets.labels import line
from tlmri_gui.widgets.roles import set_role

HEADING = "Signal of a voxel"


class FitPanel(QWidget):
    """Shows a :class:`FitState`; no ``set_`` method emits a signal.

    Signals
    -------
    release_requested
        The user wants the voxel to follow the pointer again.
    """

    release_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = line("title", HEADING)
        self.place = FittingLabel(1)
        set_role(self.place, "muted")
        self.release = tool_button("pin", "Unpin", "Let the signal follow the pointer again")
        self.plot = FitPlot()
        self.legend = CurveLegend()
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        head.addWidget(self.title)
        head.addWidget(self.place, 1)
        head.addWidget(self.release)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(head)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.legend)
        self.release.clicked.connect(lambda: self.release_requested.emit())
        policy = self.release.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.release.setSizePolicy(policy)
        self.release.hide()

    def set_state(self, state: FitState) -> None:
        """Show this signal."""
        self.place.set_wordings(state.title or " ")
        self.release.setVisible(state.is_pinned)
        self.plot.set_state(state)
        entries = [_entry(curve) for curve in state.curves]
        if entries:
            dots = QPen(QColor(theme.TEXT), 2, Qt.PenStyle.DotLine, Qt.PenCapStyle.RoundCap)
            entries.insert(0, LegendEntry("measured", dots))
        self.legend.set_entries(entries)


def _entry(curve: FitCurve) -> LegendEntry:
    text = f"{short_name(curve.label)}, residual {curve.residual:.1f} %"
    return LegendEntry(text, method_pen(curve.stroke))
