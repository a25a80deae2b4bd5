"""By which methods a series is mapped."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGroupBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.fingerprint_state import DICTIONARY, FingerprintMethod
from tlmri_gui.models.panels import none_yet
from tlmri_gui.session import Session
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.labels import line, wrapped
from tlmri_gui.widgets.wheel import guard_wheel
from tlmri_gui.widgets.wrapping_box import WrappingCheckBox

_FEWEST_ATOMS, _MOST_ATOMS = 100, 2_000_000


class FingerprintMethods(QGroupBox):
    """The list of methods, and the size of the dictionary.

    Signals
    -------
    method_checked
        (name, checked): the user chose a method, or no longer.
    atoms_chosen
        The user wants a dictionary of this size.
    network_requested
        The user wants to add a network of their own.
    """

    method_checked = pyqtSignal(str, bool)
    atoms_chosen = pyqtSignal(int)
    network_requested = pyqtSignal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Methods", parent)
        self._session = session
        self._shown: tuple[FingerprintMethod, ...] | None = None
        self.boxes: dict[str, WrappingCheckBox] = {}
        self.atoms = QSpinBox()
        self.atoms.setRange(_FEWEST_ATOMS, _MOST_ATOMS)
        self.atoms.setSingleStep(10_000)
        self.atoms.setGroupSeparatorShown(True)
        self.atoms.setSuffix(" atoms")
        self.atoms.setKeyboardTracking(False)
        self.atoms.setAccessibleName("Atoms of the dictionary")
        self.atoms.setToolTip("Simulated signals that a measured one is compared with")
        guard_wheel(self.atoms)
        self.network = push_button(
            "open", "Network file…", "Map with a network of your own (tlmri mrf train)"
        )
        self._methods = QVBoxLayout()
        self._methods.setSpacing(theme.SPACE // 2)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(self._methods)
        size = QHBoxLayout()
        size.addWidget(QLabel("Dictionary"), 1)
        size.addWidget(self.atoms, 1)
        layout.addLayout(size)
        layout.addWidget(self.network)
        self.atoms.valueChanged.connect(self.atoms_chosen)
        self.network.clicked.connect(lambda: self.network_requested.emit())
        session.fingerprint_plan_changed.connect(self._show)
        session.catalogue_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        plan = self._session.fingerprint_plan
        if not plan.methods or plan.methods != self._shown:
            self._shown = plan.methods
            self._rebuild(plan.methods)
        for method in plan.methods:
            box = self.boxes[method.name]
            box.setChecked(method.name in plan.checked and not method.unavailable)
        self.atoms.blockSignals(True)
        self.atoms.setValue(plan.n_atoms)
        self.atoms.blockSignals(False)
        self.atoms.setEnabled(DICTIONARY in plan.checked)

    def _rebuild(self, methods: tuple[FingerprintMethod, ...]) -> None:
        while (item := self._methods.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes = {}
        if not methods:
            self._methods.addWidget(line("muted", none_yet(self._session)))
        reasons = [method.unavailable for method in methods]
        for i, method in enumerate(methods):
            self._add(method)
            if reasons[i] and reasons[i] not in reasons[i + 1 : i + 2]:  # once for several
                self._methods.addWidget(wrapped("muted", reasons[i]))

    def _add(self, method: FingerprintMethod) -> None:
        box = WrappingCheckBox(method.label)
        box.setEnabled(not method.unavailable)
        box.setToolTip(method.unavailable or method.name)
        box.clicked.connect(
            lambda checked, name=method.name: self.method_checked.emit(name, checked)
        )
        self.boxes[method.name] = box
        self._methods.addWidget(box)
