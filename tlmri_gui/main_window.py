"""The main window: assembles pages, menus and bars, and joins intents to the controller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QByteArray, Qt, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
)
from PyQt6.QtWidgets import (
    QDialog,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from core.paths import documents
from tlmri_gui import export, identity, licences, theme
from tlmri_gui.controller import Controller
from tlmri_gui.file_dialogs import FileDialogs
from tlmri_gui.fingerprint_window import FingerprintWindow
from tlmri_gui.installation_window import InstallationWindow
from tlmri_gui.jobs import JobRunner, Status
from tlmri_gui.models.study_text import STUDY_RUNS
from tlmri_gui.session import Session
from tlmri_gui.widgets import compare_page, fingerprint_page, study_page
from tlmri_gui.widgets.about import AboutBox
from tlmri_gui.widgets.compare_page import ComparePage
from tlmri_gui.widgets.fingerprint_page import FingerprintPage
from tlmri_gui.widgets.job_bar import JobBar
from tlmri_gui.widgets.licences import LicencesDialog
from tlmri_gui.widgets.message_bar import MessageBar
from tlmri_gui.widgets.scan_doctor import ScanDoctor
from tlmri_gui.widgets.study_page import StudyPage
from tlmri_gui.widgets.user_guide import UserGuide

OPEN_FOLDER = "Open folder… (DICOM series)"
OPEN_STUDY = "Open study folder…"
USER_GUIDE = "User guide"
CHECK_INSTALLATION = "Check this installation…"
RECONSTRUCT, MAP = "Reconstruct", "Map the series"


class MainWindow(QMainWindow):
    """One window with pages; while there is one page, nothing to switch them is shown.

    Signals
    -------
    closing
        The window is about to close.
    """

    closing = pyqtSignal()

    def __init__(self, session: Session, jobs: JobRunner, controller: Controller) -> None:
        super().__init__()
        self.session = session
        self.jobs = jobs
        self.controller = controller
        self.dialogs = FileDialogs(self)
        self.compare_page = ComparePage(session)
        self.study_page = StudyPage(session)
        self.fingerprint_page = FingerprintPage(session)
        self.fingerprints = FingerprintWindow(
            session, self.fingerprint_page, controller.fingerprint, self.dialogs
        )
        self.pages: list[tuple[str, QWidget]] = [
            (compare_page.TITLE, self.compare_page),
            (study_page.TITLE, self.study_page),
            (fingerprint_page.TITLE, self.fingerprint_page),
        ]
        self.scan_doctor = ScanDoctor(session, self)
        self.installation = InstallationWindow(self, controller.installation, self.dialogs)
        self.guide: UserGuide | None = None
        self.message_bar = MessageBar()
        self.job_bar = JobBar()
        self.actions_by_name: dict[str, QAction] = {}
        self.setCentralWidget(self._assemble())
        self._make_actions()
        self._join()
        self._join_profile()
        self._join_study()
        self._join_doctor()
        self._show_title()
        self.setAcceptDrops(True)
        self.resize(1480, 920)

    # assembly ----------------------------------------------------------------------------------

    def _assemble(self) -> QWidget:
        self.navigation = QTabBar()
        self.navigation.setExpanding(False)
        self.stack = QStackedWidget()
        for title, page in self.pages:
            self.navigation.addTab(title)
            self.stack.addWidget(page)
        self.navigation.currentChanged.connect(self._show_page)
        self.navigation.setVisible(len(self.pages) > 1)
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.navigation, self.message_bar):
            layout.addWidget(widget)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.job_bar)
        return central

    def _make_actions(self) -> None:
        bar = QToolBar("Main")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addToolBar(bar)
        menus = {name: self._menu(name) for name in ("&File", "&View", "&Help")}
        controller = self.controller
        all_slices = controller.all_slices
        for menu, name, icon, text, keys, slot in (
            ("&File", "open", "open", "Open…", "Ctrl+O", self.ask_for_files),
            ("&File", "folder", "", OPEN_FOLDER, "Ctrl+Shift+O", self.ask_for_scan_folder),
            ("&File", "study", "", OPEN_STUDY, "", self.ask_for_study),
            ("&File", "demo", "brain", "Demo scan", "", self.controller.open_demo),
            ("&File", "doctor", "", "How this file is read…", "Ctrl+I", controller.examine_shown),
            ("&File", "figure", "image", "Export figure…", "Ctrl+E", self.ask_for_figure),
            ("&File", "table", "table", "Export table…", "Ctrl+Shift+E", self.ask_for_table),
            (
                "&File",
                "profile figure",
                "",
                "Export line profile…",
                "Ctrl+Shift+L",
                self.ask_for_profile,
            ),
            ("&File", "command", "copy", "Copy command line", "Ctrl+Shift+C", self.copy_command),
            ("&File", "quit", "", "Quit", "Ctrl+Q", self.close),
            ("&View", "previous", "", "Previous slice", "Left", lambda: self._step_slice(-1)),
            ("&View", "next", "", "Next slice", "Right", lambda: self._step_slice(1)),
            ("&View", "profile", "curves", "Line profile", "Ctrl+L", self._toggle_profile),
            ("&View", "reconstruct", "refresh", RECONSTRUCT, "F5", self._compute),
            ("&View", "all", "", "Reconstruct all slices", "Shift+F5", all_slices.start),
            ("&View", "cancel", "cancel", "Cancel", "Esc", self.controller.cancel),
            ("&Help", "guide", "", USER_GUIDE, "F1", self.show_guide),
            ("&Help", "installation", "", CHECK_INSTALLATION, "", self.installation.open),
            ("&Help", "about", "info", "About tlmri", "", self.show_about),
        ):
            action = self._action(text, icon, keys, slot)
            self.actions_by_name[name] = action
            menus[menu].addAction(action)
            if name in ("open", "demo", "figure", "table", "command", "profile"):
                bar.addAction(action)
        self.actions_by_name["profile"].setCheckable(True)
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(gap)
        bar.addAction(self.actions_by_name["about"])

    def _menu(self, name: str) -> QMenu:
        bar = self.menuBar()
        assert bar is not None
        menu = bar.addMenu(name)
        assert menu is not None
        return menu

    def _action(self, text: str, icon: str, keys: str, slot: Callable[[], object]) -> QAction:
        action = QAction(theme.icon(icon), text, self) if icon else QAction(text, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setToolTip(f"{text.rstrip('…')} ({keys})")
        action.triggered.connect(lambda: slot())
        return action

    def _join(self) -> None:
        """Intents of the widgets to the controller, news to the bars."""
        session, page = self.session, self.compare_page
        controller = self.controller
        compare, finetune = controller.compare, controller.finetune
        page.scan_panel.open_requested.connect(self.ask_for_files)
        page.scan_panel.demo_requested.connect(controller.open_demo)
        page.scan_panel.scan_chosen.connect(compare.show_scan)
        page.scan_panel.close_requested.connect(controller.close_scan)
        page.scan_panel.slice_chosen.connect(compare.show_slice)
        page.scan_panel.coils_chosen.connect(controller.see_by)
        page.stage.slice_step.connect(compare.step_slice)
        page.stage.view_chosen.connect(controller.views.choose)
        page.sampling_panel.sampling_wished.connect(compare.set_sampling)
        page.methods_panel.method_checked.connect(compare.set_checked)
        page.methods_panel.params_edited.connect(compare.set_method_params)
        page.methods_panel.tune_requested.connect(compare.tune_method)
        page.options_panel.definition_chosen.connect(compare.set_definition)
        page.options_panel.device_chosen.connect(compare.set_device)
        page.options_panel.reconstruct_requested.connect(compare.reconstruct)
        page.options_panel.all_slices_requested.connect(controller.all_slices.start)
        panel = page.finetune_panel
        panel.source_chosen.connect(finetune.planner.set_source)
        panel.preset_chosen.connect(finetune.planner.set_preset)
        panel.settings_edited.connect(finetune.planner.set_settings)
        panel.images.scans_chosen.connect(finetune.planner.set_scans)
        panel.images.images_edited.connect(finetune.planner.set_images)
        panel.images.refused.connect(lambda text: session.post(text, is_error=True))
        panel.start_requested.connect(finetune.start)
        panel.stop_requested.connect(finetune.stop)
        panel.cancel_requested.connect(finetune.cancel)
        panel.keep_requested.connect(finetune.keep)
        panel.discard_requested.connect(finetune.discard)
        compare.pending_changed.connect(lambda: page.set_pending(compare.pending, compare.hold_up))
        self.message_bar.dismissed.connect(session.dismiss_message)
        self.job_bar.cancel_requested.connect(controller.cancel)
        session.message_changed.connect(lambda: self.message_bar.set_message(session.message))
        session.scans_changed.connect(self._show_title)
        self.jobs.status_changed.connect(self._show_status)

    def _join_profile(self) -> None:
        """Intents of the line profile to its controller."""
        page, profile = self.compare_page, self.controller.profile
        panel, stage = page.profile_panel, page.stage
        stage.line_moved.connect(profile.move)
        stage.line_stepped.connect(profile.step)
        panel.axis_chosen.connect(profile.choose_axis)
        panel.line_moved.connect(profile.move)
        panel.middle_requested.connect(profile.centre)
        panel.export_requested.connect(self.ask_for_profile)
        panel.close_requested.connect(lambda: profile.show(False))
        self.session.profile_changed.connect(self._show_profile_action)

    def _join_study(self) -> None:
        """Intents of the Study page to its controller."""
        page, study = self.study_page, self.controller.study
        page.scans.open_requested.connect(self.ask_for_files)
        page.scans.demo_requested.connect(study.planner.plan_demo)
        page.scans.role_chosen.connect(study.planner.set_role)
        page.grid.plan_edited.connect(study.planner.set_plan)
        page.bar.start_requested.connect(study.start)
        page.bar.stop_requested.connect(study.stop)
        page.bar.resume_requested.connect(study.resume)
        page.bar.earlier_chosen.connect(study.show_earlier)
        page.results.keep_requested.connect(study.keep)
        page.results.export_requested.connect(self.ask_for_study_folder)
        page.results.command_requested.connect(lambda: self._copy(study.command_line))

    def _join_doctor(self) -> None:
        """Intents of the scan doctor to its controller."""
        dialog, doctor = self.scan_doctor, self.controller.doctor
        dialog.corrected.connect(doctor.correct)
        dialog.remember_requested.connect(doctor.remember)
        dialog.cancel_requested.connect(doctor.close)

    def _show_page(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        text = MAP if self._shows_fingerprints() else RECONSTRUCT
        self.actions_by_name["reconstruct"].setText(text)

    # what it shows -----------------------------------------------------------------------------

    def _show_title(self) -> None:
        scan = self.session.scan
        self.setWindowTitle(identity.titled(scan.name if scan else ""))

    def _show_profile_action(self) -> None:
        self.actions_by_name["profile"].setChecked(self.session.profile.is_shown)

    def _toggle_profile(self) -> None:
        self.controller.profile.show(not self.session.profile.is_shown)

    def _show_status(self, status: Status) -> None:
        if not status.title:
            self.job_bar.set_idle()
            return
        waiting = f"  ({status.n_waiting} more)" if status.n_waiting else ""
        says_more = status.message and status.message != status.title
        text = f"{status.title}: {status.message}" if says_more else f"{status.title}…"
        self.job_bar.set_job(text + waiting, status.fraction or None, status.can_cancel)

    # what is asked, and what leaves the window -------------------------------------------------

    def _step_slice(self, step: int) -> None:
        if self._shows_fingerprints():
            self.controller.fingerprint.step_slice(step)
        else:
            self.controller.compare.step_slice(step)

    def _compute(self) -> None:
        """Compute what the page on show is for."""
        if self._shows_fingerprints():
            self.controller.fingerprint.map()
        else:
            self.controller.compare.reconstruct()

    def ask_for_files(self) -> None:
        """Ask which scans to open, or on the Fingerprinting page which series."""
        if self._shows_fingerprints():
            self.fingerprints.ask_for_series()
            return
        self.dialogs.ask_for_scans(self.controller.suffixes(), self.controller.open_files)

    def ask_for_scan_folder(self) -> None:
        """Ask which folder of DICOM files to open, or on the Fingerprinting page of a series."""
        if self._shows_fingerprints():
            self.fingerprints.ask_for_series_folder()
            return

        def take(folder: Path) -> None:
            self.controller.open_files([folder])

        self.dialogs.ask_for_folder("Open a DICOM series", take)

    def ask_for_study(self) -> None:
        """Ask which study to show, such as one made on the command line."""
        if self.session.study.phase.is_active:
            self.session.post(STUDY_RUNS, is_error=True)
            return

        def take(folder: Path) -> None:
            self.navigation.setCurrentIndex(self.stack.indexOf(self.study_page))
            self.controller.study.show_earlier(folder)

        self.dialogs.ask_for_folder("Open a study's folder", take)

    def ask_for_figure(self) -> None:
        """Ask where the figure goes, or on the Study page all files of the study."""
        if self._shows_study():
            self.ask_for_study_folder()
            return
        if self._shows_fingerprints():
            self.fingerprints.ask_for_figure()
            return
        self.dialogs.ask_where(
            "Export figure", export.FIGURE_FILTER, self._file_name(".png"), self._export_figure
        )

    def ask_for_table(self) -> None:
        """Ask where the table goes, or on the Study page all files of the study."""
        if self._shows_study():
            self.ask_for_study_folder()
            return
        if self._shows_fingerprints():
            self.fingerprints.ask_for_scores()
            return
        self.dialogs.ask_where(
            "Export table",
            export.TABLE_FILTER,
            self._file_name(".csv"),
            self.controller.export_table,
        )

    def ask_for_profile(self) -> None:
        """Ask where the line profile goes."""
        self.dialogs.ask_where(
            "Export line profile",
            export.PROFILE_FILTER,
            self._file_name(" profile.png"),
            self.controller.export_profile,
        )

    def ask_for_study_folder(self) -> None:
        """Ask where the files of the study on show go."""
        if not self.session.study.digest.points:
            self.session.post("There is no study with finished cells to export yet", is_error=True)
            return
        self.dialogs.ask_for_folder("Export study into a folder", self.controller.study.export)

    def _file_name(self, ending: str) -> str:
        """To be suggested for a file on the scan on show."""
        scan = self.session.scan
        return (scan.name if scan else identity.NAME) + ending

    def _shows_study(self) -> bool:
        return self.stack.currentWidget() is self.study_page

    def _shows_fingerprints(self) -> bool:
        return self.stack.currentWidget() is self.fingerprint_page

    def _export_figure(self, path: Path) -> None:
        stage = self.compare_page.stage
        if stage.state.view is not None:
            self.controller.export_view(path, stage.state)
        else:
            self.controller.export_figure(path, stage.grey_window, stage.error_factor)

    def copy_command(self) -> None:
        """Put the command that computes what is on show on the clipboard, and show it."""
        controller = self.controller
        if self._shows_fingerprints():
            self._copy(controller.fingerprint.command_line)
        elif self._shows_study():
            self._copy(controller.study.command_line)
        else:
            self._copy(controller.command_line)

    def _copy(self, command_line: Callable[[], str]) -> None:
        try:
            command = command_line()
        except ValueError as error:
            self.session.post(f"No command line: {error}", is_error=True)
            return
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(command)
        self.session.post(f"Copied: {command}")

    def show_guide(self) -> None:
        """Show the guides, where they were left."""
        if self.guide is None:
            try:
                self.guide = UserGuide(documents(), self)
            except FileNotFoundError as error:
                self.session.post(f"{USER_GUIDE}: {error}", is_error=True)
                return
        self.guide.show()
        self.guide.activateWindow()

    def show_about(self) -> None:
        """Say what this is and how it is used."""
        box = AboutBox(self)
        box.licences_requested.connect(lambda: _open(LicencesDialog(licences.folder(), box)))
        _open(box)

    # Qt ----------------------------------------------------------------------------------------

    def dragEnterEvent(self, a0: QDragEnterEvent | None) -> None:
        """Accept files and folders."""
        mime = a0.mimeData() if a0 else None
        if a0 is not None and mime is not None and any(u.isLocalFile() for u in mime.urls()):
            a0.acceptProposedAction()

    def dropEvent(self, a0: QDropEvent | None) -> None:
        """Open files and folders: as scans, or on the Fingerprinting page as a series."""
        mime = a0.mimeData() if a0 else None
        if a0 is not None and mime is not None:
            paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
            a0.acceptProposedAction()
            found = [self.dialogs.remember(path) for path in paths]
            if self._shows_fingerprints():
                self.fingerprints.open_dropped(found)
            else:
                self.controller.open_files(found)

    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """End all work first."""
        self.closing.emit()
        self.controller.close()
        super().closeEvent(a0)

    def geometry_text(self) -> str:
        """Size and place as text."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def restore_geometry_text(self, text: str) -> None:
        """Take size and place from a text; ignored if damaged."""
        self.restoreGeometry(QByteArray.fromBase64(text.encode(errors="ignore")))


def _open(dialog: QDialog) -> None:
    """Show a dialog that goes when it is closed."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
