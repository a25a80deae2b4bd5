"""Joins the dialog that checks this installation to its controller, clipboard and files."""

from __future__ import annotations

from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QWidget

from tlmri_gui.file_dialogs import FileDialogs
from tlmri_gui.installation_controller import InstallationController
from tlmri_gui.widgets.installation_check import InstallationCheck

FILTER = "Markdown (*.md)"
FILE_NAME = "installation-check.md"
COPIED = "Copied: paste it into the report"


class InstallationWindow:
    """What the dialog needs of the window around it."""

    def __init__(
        self, window: QWidget, controller: InstallationController, dialogs: FileDialogs
    ) -> None:
        self._controller = controller
        self._dialogs = dialogs
        self.dialog = InstallationCheck(window)
        self.dialog.run_requested.connect(controller.start)
        self.dialog.cancel_requested.connect(controller.cancel)
        self.dialog.copy_requested.connect(self.copy)
        self.dialog.save_requested.connect(self.ask_where)
        controller.changed.connect(self.dialog.show_installation)

    def open(self) -> None:
        """Show the dialog, and begin if there is no whole answer yet."""
        if not self._controller.state.is_whole:
            self._controller.start()
        self.dialog.show()
        self.dialog.activateWindow()

    def copy(self) -> None:
        """Put the page on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self._controller.report())
        self._controller.say(COPIED)

    def ask_where(self) -> None:
        """Ask where the page goes."""
        self._dialogs.ask_where(
            "Save the check of this installation", FILTER, FILE_NAME, self._controller.save
        )
