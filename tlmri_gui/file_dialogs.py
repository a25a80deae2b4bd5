"""Dialogs that ask for files; they stop nothing, and remember the folder that was used last."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PyQt6.QtCore import QDir, Qt
from PyQt6.QtWidgets import QFileDialog, QWidget

_UNFIT = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
"""What names of files cannot have on one system or another."""


class FileDialogs:
    """Asks over a window; what was chosen is handed on once the user has accepted.

    Attributes
    ----------
    folder
        Where the next dialog begins.
    """

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self.folder = ""

    def ask_for_scans(
        self, suffixes: Iterable[str], take: Callable[[Sequence[Path]], None]
    ) -> None:
        """Ask which scans to open."""
        dialog = self._dialog("Open scans", QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        patterns = " ".join(f"*{suffix}" for suffix in suffixes)
        dialog.setNameFilters([f"Scans ({patterns})", "All files (*)"])
        dialog.filesSelected.connect(lambda names: take([self.remember(Path(n)) for n in names]))
        dialog.open()

    def ask_for_file(
        self, title: str, kind: str, suffixes: Iterable[str], take: Callable[[Path], None]
    ) -> None:
        """Ask for one file to read, of a kind with these endings."""
        dialog = self._dialog(title, QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        patterns = " ".join(f"*{suffix}" for suffix in suffixes)
        dialog.setNameFilters([f"{kind} ({patterns})", "All files (*)"])
        dialog.fileSelected.connect(lambda name: take(self.remember(Path(name))))
        dialog.open()

    def ask_where(self, title: str, filters: str, name: str, take: Callable[[Path], None]) -> None:
        """Ask for the file to write, as which ``name`` is suggested.

        It gets the suffix of the filter that is chosen.
        """
        dialog = self._dialog(title, QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(filters.split(";;"))
        dialog.setDefaultSuffix(Path(name).suffix)
        dialog.selectFile(_UNFIT.sub("-", name))
        dialog.filterSelected.connect(lambda text: _change_suffix(dialog, _suffix_of(text)))
        dialog.fileSelected.connect(lambda name: take(self.remember(Path(name))))
        dialog.open()

    def ask_for_folder(self, title: str, take: Callable[[Path], None]) -> None:
        """Ask for a folder: to write into, or a scan's own."""
        dialog = self._dialog(title, QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)

        def accept(name: str) -> None:
            self.folder = name
            take(Path(name))

        dialog.fileSelected.connect(accept)
        dialog.open()

    def remember(self, path: Path) -> Path:
        """Begin the next dialog where this file lies; returns the file."""
        self.folder = str(path.parent)
        return path

    def _dialog(self, title: str, mode: QFileDialog.AcceptMode) -> QFileDialog:
        # A desktop starts the application in the root, where nothing of the user's is.
        is_known = self.folder and Path(self.folder) != Path(Path(self.folder).anchor)
        dialog = QFileDialog(self._window, title, self.folder if is_known else QDir.homePath())
        dialog.setAcceptMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def _change_suffix(dialog: QFileDialog, suffix: str) -> None:
    """Have what is written named as its filter says."""
    known = {f".{_suffix_of(text)}" for text in dialog.nameFilters()}
    dialog.setDefaultSuffix(suffix)
    for name in dialog.selectedFiles():
        path = Path(name)
        if path.suffix in known:
            dialog.selectFile(path.with_suffix(f".{suffix}").name)


def _suffix_of(name_filter: str) -> str:
    """``png`` of ``PNG image (*.png)``."""
    return name_filter.rpartition("*.")[2].rstrip(")")
