"""Which methods are compared, and with which settings."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.panels import none_yet
from tlmri_gui.models.trained_for import badge, tooltip
from tlmri_gui.session import Session
from tlmri_gui.state import MethodOffer
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.fold import FoldButton
from tlmri_gui.widgets.form import ParamsForm
from tlmri_gui.widgets.labels import line, say, wrapped
from tlmri_gui.widgets.wheel import guard_wheel
from tlmri_gui.widgets.wrapping_box import WrappingCheckBox

OTHER_SETTINGS = "other settings"


class MethodRow(QWidget):
    """One method: a check box, what it was trained for, and its settings folded away.

    Signals
    -------
    checked
        The user chose it, or no longer.
    edited
        The user changed its settings, or chose a preset of them.
    tune_requested
        The user asked to pick its settings on the tuning images.
    """

    checked = pyqtSignal(bool)
    edited = pyqtSignal(object)
    tune_requested = pyqtSignal()

    def __init__(self, offer: MethodOffer) -> None:
        super().__init__()
        self.box = WrappingCheckBox(offer.label)
        self.badge = wrapped("warning")
        self.badge.setIndent(3 * theme.SPACE)
        self._details = QWidget(self)
        self._presets = offer.presets
        self.preset = QComboBox(self._details)
        self.preset.addItems([*offer.presets, OTHER_SETTINGS])
        self.preset.setToolTip("Settings to start from")
        guard_wheel(self.preset)
        self.form = ParamsForm()
        self.tune = push_button(
            "tune",
            "Tune on the tuning images",
            "Pick the settings with the best PSNR, for a fair comparison; whom they are picked on "
            "is not scored with them",
        )
        details = QVBoxLayout(self._details)
        details.setContentsMargins(3 * theme.SPACE, 0, 0, theme.SPACE)
        details.addWidget(self.preset)
        details.addWidget(self.form)
        details.addWidget(self.tune)
        self.preset.setVisible(bool(offer.presets))
        self.tune.setVisible(offer.can_tune)
        self.reset = push_button(
            "refresh",
            "Back to the defaults",
            "Forget the tuning, so that all scans are scored again",
        )
        details.addWidget(self.reset)
        self.reset.setVisible(offer.can_tune)
        self.fold = FoldButton(self._details, self)
        head = QHBoxLayout()
        head.addWidget(self.box, 1)
        head.addWidget(self.fold)
        self.fold.setVisible(offer.params is not None)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(head)
        layout.addWidget(self.badge)
        if offer.unavailable:
            layout.addWidget(wrapped("muted", offer.unavailable))
        layout.addWidget(self._details)
        self.box.clicked.connect(self.checked)
        self.form.edited.connect(self.edited)
        self.tune.clicked.connect(lambda: self.tune_requested.emit())
        self.reset.clicked.connect(lambda: self.edited.emit(offer.params))
        self.preset.textActivated.connect(self._take_preset)

    def set_params(self, params: Any) -> None:  # noqa: ANN401 - any params dataclass
        """Show these settings, and which preset they are; emits nothing."""
        self.form.set_value(params)
        names = (name for name, preset in self._presets.items() if preset == params)
        self.preset.setCurrentText(next(names, OTHER_SETTINGS))

    def _take_preset(self, name: str) -> None:
        if name in self._presets:
            self.edited.emit(self._presets[name])
        else:
            self.set_params(self.form.value())  # nothing was chosen: say again what these are

    def set_trained_for(self, badge: str, tooltip: str) -> None:
        """Say in a few words how a network differs from its use, and more in the tooltip."""
        say(self.badge, badge)
        for widget in (self.box, self.badge):
            widget.setToolTip(tooltip)


class MethodsPanel(QGroupBox):
    """The list of methods, under headings.

    Signals
    -------
    method_checked
        (name, checked): the user chose a method, or no longer.
    params_edited
        (name, params): the user changed a method's settings.
    tune_requested
        (name): the user asked to pick its settings on the tuning images.
    """

    method_checked = pyqtSignal(str, bool)
    params_edited = pyqtSignal(str, object)
    tune_requested = pyqtSignal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Methods", parent)
        self._session = session
        self.rows: dict[str, MethodRow] = {}
        self._offers: tuple[MethodOffer, ...] | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(theme.SPACE // 2)
        session.catalogue_changed.connect(self._show_offers)
        session.methods_changed.connect(self._show_choice)
        session.sampling_changed.connect(self._show_use)
        session.scans_changed.connect(self._show_use)
        self._show_offers()

    def _show_offers(self) -> None:
        offers = self._session.catalogue.methods
        if offers and offers == self._offers:
            return
        self._offers = offers
        unfolded = {name for name, row in self.rows.items() if row.fold.isChecked()}
        self._clear()
        if not offers:
            self._layout.addWidget(line("muted", none_yet(self._session)))
        heading = ""
        for offer in offers:
            if offer.group != heading:
                heading = offer.group
                self._layout.addWidget(line("muted", heading))
            self._add_row(offer)
            self.rows[offer.name].fold.setChecked(offer.name in unfolded)
        self._show_choice()

    def _add_row(self, offer: MethodOffer) -> None:
        row = MethodRow(offer)
        name = offer.name
        row.checked.connect(lambda checked: self.method_checked.emit(name, checked))
        row.edited.connect(lambda params: self.params_edited.emit(name, params))
        row.tune_requested.connect(lambda: self.tune_requested.emit(name))
        self.rows[name] = row
        self._layout.addWidget(row)

    def _clear(self) -> None:
        self.rows = {}
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()

    def _show_choice(self) -> None:
        for offer in self._session.catalogue.methods:
            row = self.rows[offer.name]
            params = self._session.method_params.get(offer.name, offer.params)
            row.set_params(params)
            row.reset.setEnabled(params != offer.params)
        self._show_use()

    def _show_use(self) -> None:
        """What depends on the scan and the sampling on show."""
        session = self._session
        for offer in session.catalogue.methods:
            row = self.rows[offer.name]
            reason = session.unusable(offer)
            row.box.setEnabled(not reason)
            row.box.setChecked(offer.name in session.checked and not reason)
            row.set_trained_for(badge(session, offer), tooltip(session, offer))
