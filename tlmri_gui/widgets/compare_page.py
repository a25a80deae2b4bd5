"""The page that compares: panels on the left, images and scores in the middle."""

from __future__ import annotations

from collections.abc import Collection

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QWidget

from core.line_profile import ROW
from tlmri_gui.models.present import definition_label, score_rows, stage_state
from tlmri_gui.models.profile import EMPTY, profile_state
from tlmri_gui.models.view_stage import waiting_stage
from tlmri_gui.session import Session
from tlmri_gui.state import TuningPhase
from tlmri_gui.widgets.finetune_panel import FinetunePanel
from tlmri_gui.widgets.methods_panel import MethodsPanel
from tlmri_gui.widgets.options_panel import OptionsPanel
from tlmri_gui.widgets.profile_panel import ProfilePanel
from tlmri_gui.widgets.sampling_panel import SamplingPanel
from tlmri_gui.widgets.scan_panel import ScanPanel
from tlmri_gui.widgets.score_table import ScoreTable
from tlmri_gui.widgets.side_column import COLUMN_WIDTH, scrolling
from tlmri_gui.widgets.stage import ComparisonStage

PROFILE_HEIGHT, LOW_TABLE = 230, 106
"""Heights of the line profile, and of the table while it is shown, so that images keep theirs."""
TITLE = "Compare"


class ComparePage(QWidget):
    """Lays out the panels and shows the session's results; its panels emit the intents."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pending: Collection[str] = ()
        self._hold_up = ""
        self.scan_panel = ScanPanel(session)
        self.sampling_panel = SamplingPanel(session)
        self.methods_panel = MethodsPanel(session)
        self.options_panel = OptionsPanel(session)
        self.finetune_panel = FinetunePanel(session)
        self.stage = ComparisonStage()
        self.profile_panel = ProfilePanel()
        self.profile_panel.hide()
        self.profile = EMPTY
        self.table = ScoreTable()
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        for part in (self.stage, self.profile_panel, self.table):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setCollapsible(0, False)
        self._follows_rows = True
        self.splitter.splitterMoved.connect(self._leave_heights)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._column())
        layout.addWidget(self.splitter, 1)
        for signal in (
            session.catalogue_changed,
            session.reference_changed,
            session.slice_changed,
            session.methods_changed,
            session.results_changed,
            session.options_changed,
            session.viewing_changed,
        ):
            signal.connect(self._show_results)
        session.run_changed.connect(self._show_tuning)
        session.profile_changed.connect(self._show_profile)
        self.stage.pointed.connect(self._mark_in_plot)
        self.profile_panel.plot.pointed.connect(self._mark_in_images)
        self._after_layout = QTimer(self)
        self._after_layout.setSingleShot(True)
        self._after_layout.setInterval(50)
        self._after_layout.timeout.connect(self._show_end_of_tuning)

    def set_pending(self, methods: Collection[str], hold_up: str = "") -> None:
        """Say which methods are still to come, and what holds them up; emits nothing."""
        self._pending = methods
        self._hold_up = hold_up
        self._show_results()

    def _column(self) -> QScrollArea:
        area = scrolling(
            (
                self.scan_panel,
                self.sampling_panel,
                self.methods_panel,
                self.options_panel,
                self.finetune_panel,
            )
        )
        area.setFixedWidth(COLUMN_WIDTH)
        self._area = area
        bar = area.verticalScrollBar()
        assert bar is not None
        self._foot = 0
        bar.rangeChanged.connect(self._stay_at_foot)
        return area

    def _stay_at_foot(self, _: int, foot: int) -> None:
        """Who looks at the last panel still does when those above it grow."""
        bar = self._area.verticalScrollBar()
        if bar is not None and 0 < self._foot <= bar.value() < foot:
            self._after_layout.start()
        self._foot = foot

    def _leave_heights(self) -> None:
        """The user chose how high images and table are."""
        self._follows_rows = False

    def _fit_table(self) -> None:
        """Give the table the height of its rows, the profile its own, the images the rest."""
        if self._follows_rows:
            whole = sum(self.splitter.sizes())
            table = self.table.fitting_height()
            panel = 0
            if not self.profile_panel.isHidden():
                panel, table = PROFILE_HEIGHT, min(table, LOW_TABLE)
            self.splitter.setSizes([max(whole - panel - table, table), panel, table])

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Keep the table at the height of its rows."""
        super().resizeEvent(a0)
        self._fit_table()

    def _show_tuning(self) -> None:
        """Bring the curves into sight when a tuning starts, the choice when one was cut off."""
        if self._session.run.phase in (TuningPhase.STARTING, TuningPhase.INTERRUPTED):
            self._after_layout.start()

    def _show_end_of_tuning(self) -> None:
        panel = self.finetune_panel
        last = panel.curves if panel.curves.isVisible() else panel.discard
        self._area.ensureWidgetVisible(last)

    def _show_results(self) -> None:
        state = stage_state(self._session, self._pending, self._hold_up)
        session = self._session
        if state is None and session.viewing.shown is not self.stage.state.view:
            state = waiting_stage(session)
        if state is not None:
            self.stage.set_state(state)
        provenance = session.scan.provenance if session.scan else ""
        self.table.set_rows(score_rows(session), definition_label(session), provenance)
        self._show_profile()
        self._fit_table()

    def _show_profile(self) -> None:
        """The curves along the line that is wished for, and the line in the images."""
        session = self._session
        is_shown = session.profile.is_shown
        self.profile = EMPTY
        if is_shown:
            self.profile = profile_state(self.stage.state, session.profile)
        self.profile_panel.set_state(self.profile)
        self.stage.set_line(self.profile.line)
        if is_shown == self.profile_panel.isHidden():
            self.profile_panel.setVisible(is_shown)
            self._fit_table()

    def _mark_in_plot(self, voxel: tuple[int, int] | None) -> None:
        """Mark in the curves what the pointer means in an image."""
        line = self.profile.line
        if line is not None:
            pixel = None if voxel is None else voxel[1 if line.axis == ROW else 0]
            self.profile_panel.plot.set_marked(pixel)

    def _mark_in_images(self, pixel: int | None) -> None:
        """Mark in the images, and in the curves, what the pointer means in the curves."""
        line = self.profile.line
        voxel = None
        if line is not None and pixel is not None:
            voxel = (line.index, pixel) if line.axis == ROW else (pixel, line.index)
        self.stage.set_pointer(voxel)
        self.profile_panel.plot.set_marked(pixel)
