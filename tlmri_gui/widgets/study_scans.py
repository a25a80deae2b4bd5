"""The open scans and what each is for in a study: tune, test or unused."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.types import Scan
from tlmri_gui import theme
from tlmri_gui.models.words import counted
from tlmri_gui.session import Session
from tlmri_gui.study_state import Role, StudyPlan
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.labels import wrapped
from tlmri_gui.widgets.scan_panel import OPEN_TIP
from tlmri_gui.widgets.wheel import guard_wheel

_ROWS_SHOWN = 6
_ROLE_WIDTH = 96
_ROW_HEIGHT = 34


class StudyScans(QGroupBox):
    """A list of scans with a role each.

    Signals
    -------
    role_chosen
        (scan, role): the user gave a scan a role.
    open_requested, demo_requested
        The user asked for the file dialog, or for a study of the demo scans.
    """

    role_chosen = pyqtSignal(object, object)
    open_requested = pyqtSignal()
    demo_requested = pyqtSignal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Scans", parent)
        self._session = session
        self._shown: tuple[Scan, ...] = ()
        self.roles: list[QComboBox] = []
        self.open_button = push_button("open", "Open scans…", OPEN_TIP)
        self.demo_button = push_button(
            "brain", "Demo study", "Fill in a study of digital brains that takes a few minutes"
        )
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels(["Scan", "Role"])
        self.hint = wrapped("muted")
        self._set_up_table()
        buttons = QHBoxLayout()
        buttons.addWidget(self.open_button, 1)
        buttons.addWidget(self.demo_button, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(buttons)
        layout.addWidget(self.table)
        layout.addWidget(self.hint)
        self.open_button.clicked.connect(lambda: self.open_requested.emit())
        self.demo_button.clicked.connect(lambda: self.demo_requested.emit())
        session.study_plan_changed.connect(self._show_plan)
        session.study_changed.connect(self._show_whether_editable)
        self._show_plan()

    def _set_up_table(self) -> None:
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        rows, columns = self.table.verticalHeader(), self.table.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        columns.resizeSection(1, _ROLE_WIDTH)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def _show_plan(self) -> None:
        plan = self._session.study_plan
        scans = tuple(entry.scan for entry in plan.scans)
        if scans != self._shown:
            self._shown = scans
            self._build(scans)
        for box, entry in zip(self.roles, plan.scans, strict=True):
            box.setCurrentIndex(box.findData(entry.role))  # ``activated`` stays silent
        self.table.setVisible(bool(scans))
        self.hint.setText(_hint(plan))
        self._show_whether_editable()

    def _build(self, scans: tuple[Scan, ...]) -> None:
        self.table.setRowCount(0)
        self.table.setRowCount(len(scans))
        self.roles = []
        for row, scan in enumerate(scans):
            name = QTableWidgetItem(scan.name)
            name.setToolTip(f"{scan.name}\n{scan.n_slices} slices, {scan.provenance}")
            name.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.table.setItem(row, 0, name)
            self.table.setCellWidget(row, 1, self._role_box(scan))
        header = self.table.horizontalHeader()
        assert header is not None
        height = min(len(scans), _ROWS_SHOWN) * _ROW_HEIGHT + header.sizeHint().height() + 4
        self.table.setFixedHeight(height)

    def _role_box(self, scan: Scan) -> QComboBox:
        box = QComboBox()
        for role in Role:
            box.addItem(role.value, role)
        guard_wheel(box)
        box.activated.connect(lambda row: self.role_chosen.emit(scan, box.itemData(row)))
        self.roles.append(box)
        return box

    def _show_whether_editable(self) -> None:
        is_free = not self._session.study.phase.is_active
        for widget in (self.table, self.demo_button):
            widget.setEnabled(is_free)


def _hint(plan: StudyPlan) -> str:
    if not plan.scans:
        return "No scan is open. Open your own, or try the demo study."
    tuned, tested = plan.with_role(Role.TUNE), plan.with_role(Role.TEST)
    slices = sum(scan.n_slices for scan in tuned)
    return (
        f"{counted(len(tuned), 'scan')} to tune on ({counted(slices, 'slice')}), "
        f"{counted(len(tested), 'scan')} to test on. "
        "No scan or person serves both."
    )
