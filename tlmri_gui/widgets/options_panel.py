"""How scores are defined, where networks run, and the buttons that compute."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QFormLayout, QGroupBox, QPushButton, QWidget

from tlmri_gui.session import Session
from tlmri_gui.state import Choice
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.wheel import guard_wheel


class OptionsPanel(QGroupBox):
    """Metric definition, device and Reconstruct.

    Signals
    -------
    definition_chosen, device_chosen
        The user chose another one; carries its name.
    reconstruct_requested
        The user asked to compute everything on show anew.
    all_slices_requested
        The user asked for every slice of the scan.
    """

    definition_chosen = pyqtSignal(str)
    device_chosen = pyqtSignal(str)
    reconstruct_requested = pyqtSignal()
    all_slices_requested = pyqtSignal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Reconstruction", parent)
        self._session = session
        self.definition = QComboBox()
        self.device = QComboBox()
        for box in (self.definition, self.device):
            guard_wheel(box)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        self.reconstruct = push_button(
            "play", "Reconstruct", "Compute everything on show anew (F5)", role="primary"
        )
        self.all_slices = QPushButton("Reconstruct all slices")
        self.all_slices.setToolTip("Every slice with anatomy, and the mean scores (Shift+F5)")
        layout = QFormLayout(self)
        layout.addRow("Scores", self.definition)
        layout.addRow("Device", self.device)
        layout.addRow(self.reconstruct)
        layout.addRow(self.all_slices)
        self.definition.activated.connect(self._choose_definition)
        self.device.activated.connect(self._choose_device)
        self.reconstruct.clicked.connect(lambda: self.reconstruct_requested.emit())
        self.all_slices.clicked.connect(lambda: self.all_slices_requested.emit())
        session.catalogue_changed.connect(self._show_choices)
        session.options_changed.connect(self._show_choices)
        session.scans_changed.connect(self._show_choices)
        self._show_choices()

    def _show_choices(self) -> None:
        catalogue = self._session.catalogue
        _fill(self.definition, catalogue.definitions, self._session.definition)
        _fill(self.device, catalogue.devices, self._session.device)
        for button in (self.reconstruct, self.all_slices):
            button.setEnabled(bool(catalogue.methods) and self._session.scan is not None)

    def _choose_definition(self, row: int) -> None:
        self.definition_chosen.emit(self.definition.itemData(row))

    def _choose_device(self, row: int) -> None:
        self.device_chosen.emit(self.device.itemData(row))


def _fill(box: QComboBox, choices: Sequence[Choice], current: str) -> None:
    """Show these choices; ``activated`` stays silent for what the program does."""
    if [box.itemData(i) for i in range(box.count())] != [choice.name for choice in choices]:
        box.clear()
        for choice in choices:
            box.addItem(choice.label, choice.name)
    box.setCurrentIndex(box.findData(current))
    box.setEnabled(bool(choices))
