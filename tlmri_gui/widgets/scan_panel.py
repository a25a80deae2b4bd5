"""The scans that are open, the one on show, and which slice of it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.types import Scan
from tlmri_gui import theme
from tlmri_gui.models.coil_offers import coil_offers, shown_coils
from tlmri_gui.models.words import counted
from tlmri_gui.session import Session
from tlmri_gui.widgets.badge import Badge
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.chooser import Chooser
from tlmri_gui.widgets.labels import say, wrapped
from tlmri_gui.widgets.wheel import guard_wheel

OPEN_TIP = "Open scans (Ctrl+O), or drop files or DICOM folders anywhere in the window"

_LIST_ROWS = 4
_BADGE_WIDTH = 300
"""What the column of panels has room for, pixels."""


class ScanPanel(QGroupBox):
    """Open, choose and leaf through scans.

    Signals
    -------
    open_requested, demo_requested
        The user asked for the file dialog, or for the demo scan.
    scan_chosen, close_requested
        The user chose another scan of the list, or asked to close one.
    slice_chosen
        The user moved to another slice.
    coils_chosen
        The user wants the scan seen by coils of this form.
    """

    open_requested = pyqtSignal()
    demo_requested = pyqtSignal()
    scan_chosen = pyqtSignal(object)
    close_requested = pyqtSignal(object)
    slice_chosen = pyqtSignal(int)
    coils_chosen = pyqtSignal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Scan", parent)
        self._session = session
        self.open_button = push_button("open", "Open…", OPEN_TIP)
        self.demo_button = push_button("brain", "Demo", "A digital brain made by this program")
        self.list = QListWidget()
        self.list.setToolTip("Delete closes the selected scan")
        self.facts = wrapped("")
        self.badge = Badge(most=_BADGE_WIDTH)
        self.notes = wrapped("muted")
        self.coils = Chooser("By which receive coils the scan is seen")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.spin = QSpinBox()
        self.spin.setKeyboardTracking(False)
        guard_wheel(self.spin)
        self._lay_out()
        self.open_button.clicked.connect(lambda: self.open_requested.emit())
        self.demo_button.clicked.connect(lambda: self.demo_requested.emit())
        self.list.currentRowChanged.connect(self._choose_scan)
        self.coils.chosen.connect(self.coils_chosen)
        self.slider.valueChanged.connect(self.slice_chosen)
        self.spin.valueChanged.connect(self.slice_chosen)
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._close_scan)
        session.scans_changed.connect(self._show_scans)
        session.catalogue_changed.connect(self._show_coils)
        session.slice_changed.connect(self._show_slice)
        self._show_scans()
        self._show_slice()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.open_button, 1)
        buttons.addWidget(self.demo_button, 1)
        coils = QHBoxLayout()
        coils.addWidget(QLabel("Coils"))
        coils.addWidget(self.coils, 1)
        slices = QHBoxLayout()
        slices.addWidget(QLabel("Slice"))
        slices.addWidget(self.slider, 1)
        slices.addWidget(self.spin)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(buttons)
        layout.addWidget(self.list)
        layout.addWidget(self.facts)
        layout.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.notes)
        layout.addLayout(coils)
        layout.addLayout(slices)

    def _show_scans(self) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for scan in self._session.scans:
            item = QListWidgetItem(scan.name)
            item.setToolTip(str(scan.path or "made by this program"))
            self.list.addItem(item)
            if scan is self._session.scan:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        rows = min(max(self.list.count(), 1), _LIST_ROWS)
        self.list.setFixedHeight(rows * max(self.list.sizeHintForRow(0), 24) + 8)
        self._show_slice()
        self._show_coils()

    def _show_coils(self) -> None:
        self.coils.show_offers(coil_offers(self._session), shown_coils(self._session))
        self.coils.setEnabled(self._session.scan is not None)

    def _show_slice(self) -> None:
        scan = self._session.scan
        for widget in (self.slider, self.spin):
            widget.blockSignals(True)
            widget.setRange(0, scan.n_slices - 1 if scan else 0)
            widget.setValue(self._session.slice_index)
            widget.setEnabled(scan is not None and scan.n_slices > 1)
            widget.blockSignals(False)
        self.spin.setSuffix(f" / {scan.n_slices - 1}" if scan else "")
        self.facts.setText(_facts(scan) if scan else "No scan is open")
        self.badge.show_provenance(scan.provenance if scan else "")
        say(self.notes, "\n".join(scan.notes) if scan else "")

    def _choose_scan(self, row: int) -> None:
        if 0 <= row < len(self._session.scans):
            self.scan_chosen.emit(self._session.scans[row])

    def _close_scan(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._session.scans):
            self.close_requested.emit(self._session.scans[row])


def _facts(scan: Scan) -> str:
    y, x = scan.slice_shape
    spacing = " × ".join(f"{s:.3g}" for s in (scan.spacing_mm[2], *scan.spacing_mm[:2][::-1]))
    return f"{counted(scan.n_slices, 'slice')} of {x} × {y} · voxel {spacing} mm"
