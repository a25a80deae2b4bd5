"""Forms built from params dataclasses: one row for each field that describes itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from PyQt6.QtCore import pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QStandardItemModel, QValidator
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from core.params import Setting, settings_of
from tlmri_gui.widgets.number_field import NumberField
from tlmri_gui.widgets.wheel import guard_wheel

NO_OFFERS: Mapping[str, tuple[str, ...]] = {}

_STEPS_PER_DECADE = 10
_LARGEST_INT = 2**31 - 1
_LARGEST_FLOAT = 1e12


@dataclass(frozen=True)
class Editor:
    """A widget for one value: how to read it, how to write it, what says that it changed."""

    widget: QWidget
    read: Callable[[], Any]
    write: Callable[[Any], None]
    changed: pyqtBoundSignal


class ParamsForm(QWidget):
    """Edits one params dataclass.

    Signals
    -------
    edited
        The user changed a setting; carries the whole new dataclass.
    refused
        The settings as they stand do not go together; carries the line that says why. They stay
        as typed, and are taken with the next change that mends them.
    mended
        After a refusal they go together again, be they those of before.
    """

    edited = pyqtSignal(object)
    refused = pyqtSignal(str)
    mended = pyqtSignal()

    def __init__(self, skip: Collection[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skip = frozenset(skip)
        self._params: Any = None
        self._offers = NO_OFFERS
        self._shown: dict[str, Any] = {}
        self._is_refused = False
        self.editors: dict[str, Editor] = {}
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)

    def set_value(
        self,
        params: Any,  # noqa: ANN401 - any params dataclass
        offers: Mapping[str, tuple[str, ...]] = NO_OFFERS,
    ) -> None:
        """Show these settings; emits nothing. None empties the form.

        ``offers`` names the choices of settings whose own description leaves them open.
        """
        if type(params) is not type(self._params) or offers != self._offers:
            self._build(params, offers)
        self._params = params
        for name, editor in self.editors.items():
            editor.widget.blockSignals(True)
            editor.write(getattr(params, name))
            editor.widget.blockSignals(False)
        self._shown = {name: editor.read() for name, editor in self.editors.items()}

    def set_unavailable(self, name: str, reasons: Mapping[str, str]) -> None:
        """Show choices of a setting grey, each with its reason; all others can be chosen."""
        box = self.editors[name].widget
        assert isinstance(box, QComboBox), "of choices"
        items = box.model()
        assert isinstance(items, QStandardItemModel)
        for row in range(box.count()):
            item, reason = items.item(row), reasons.get(box.itemData(row), "")
            assert item is not None
            item.setEnabled(not reason)
            item.setToolTip(reason)

    def value(self) -> Any:  # noqa: ANN401 - the same dataclass as was shown
        """The settings as edited; fields without a row keep their value."""
        return self._params

    def _build(self, params: Any, offers: Mapping[str, tuple[str, ...]]) -> None:  # noqa: ANN401
        self._offers = offers
        while self._layout.rowCount():
            self._layout.removeRow(0)
        self.editors = {}
        for name, rule in ({} if params is None else settings_of(params)).items():
            if name in self._skip:
                continue
            described = replace(rule, choices=offers.get(name, rule.choices))
            editor = _editor(described, getattr(params, name))
            editor.widget.setObjectName(name)
            editor.widget.setToolTip(rule.help)
            editor.changed.connect(self._take_edit)
            self._layout.addRow(rule.label, editor.widget)
            self.editors[name] = editor
        self.setVisible(bool(self.editors))

    def _take_edit(self) -> None:
        """Take the values that differ from those shown: a box may show a value in fewer digits."""
        values = {name: editor.read() for name, editor in self.editors.items()}
        edits = {name: v for name, v in values.items() if v != self._shown[name]}
        try:
            params = replace(self._params, **edits) if edits else self._params
        except ValueError as error:
            self._is_refused = True
            self.refused.emit(str(error))
            return
        if self._is_refused:
            self._is_refused = False
            self.mended.emit()
        if not edits:
            return
        self._params, self._shown = params, values
        self.edited.emit(params)


class LogSpinBox(QDoubleSpinBox):
    """A positive number shown in few digits, stepped by a constant factor."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(12)

    def textFromValue(self, v: float) -> str:
        """Three digits, with an exponent where that is shorter."""
        return f"{v:.3g}"

    def valueFromText(self, text: str | None) -> float:
        """The number; the one before if it is none."""
        try:
            return float(_bare(self, text))
        except ValueError:
            return self.value()

    def validate(self, input: str | None, pos: int) -> tuple[QValidator.State, str, int]:
        """Accept what Python reads as a number, and beginnings of it."""
        try:
            float(_bare(self, input))
        except ValueError:
            return QValidator.State.Intermediate, input or "", pos
        return QValidator.State.Acceptable, input or "", pos

    def stepBy(self, steps: int) -> None:
        """Multiply by a tenth of a decade a step."""
        self.setValue(self.value() * 10 ** (steps / _STEPS_PER_DECADE))


def _bare(box: QDoubleSpinBox, text: str | None) -> str:
    return (text or "").removesuffix(box.suffix()).strip().replace(",", ".")


def _editor(rule: Setting, value: object) -> Editor:
    """A widget for the choices, or else for the kind of value."""
    if rule.choices:
        return _choice(rule)
    for kind, build in _KINDS:
        if isinstance(value, kind):
            return build(rule)
    raise TypeError(f"{rule.label} must be a choice, truth value, number or text, got {value!r}")


def _choice(rule: Setting) -> Editor:
    box = QComboBox()
    for choice in rule.choices:
        box.addItem(rule.label_of(choice), choice)
    guard_wheel(box)
    return Editor(
        box,
        box.currentData,
        lambda choice: box.setCurrentIndex(box.findData(choice)),
        box.currentTextChanged,
    )


def _truth(rule: Setting) -> Editor:
    del rule
    box = QCheckBox()
    return Editor(box, box.isChecked, box.setChecked, box.toggled)


def _integer(rule: Setting) -> Editor:
    box = QSpinBox()
    low = -_LARGEST_INT if rule.low is None else rule.low
    high = _LARGEST_INT if rule.high is None else rule.high
    box.setRange(int(max(low, -_LARGEST_INT)), int(min(high, _LARGEST_INT)))
    _finish(box, rule)
    return Editor(box, box.value, box.setValue, box.valueChanged)


def _number(rule: Setting) -> Editor:
    box = LogSpinBox() if rule.logarithmic else NumberField()
    low = -_LARGEST_FLOAT if rule.low is None else rule.low
    high = _LARGEST_FLOAT if rule.high is None else rule.high
    box.setRange(low, high)
    if not rule.logarithmic:
        span = high - low
        box.setDecimals(3 if span <= 10 else 2)
        box.setSingleStep(0.01 if span <= 1 else 0.5)
    _finish(box, rule)
    return Editor(box, box.value, box.setValue, box.valueChanged)


def _text(rule: Setting) -> Editor:
    del rule
    box = QLineEdit()
    return Editor(box, box.text, box.setText, box.editingFinished)


def _finish(box: QSpinBox | QDoubleSpinBox, rule: Setting) -> None:
    box.setKeyboardTracking(False)
    if rule.unit:
        box.setSuffix(f" {rule.unit}")
    guard_wheel(box)


_KINDS: tuple[tuple[type, Callable[[Setting], Editor]], ...] = (
    (bool, _truth),
    (int, _integer),
    (float, _number),
    (str, _text),
)
"""Widgets by kind of value; a truth value is an int too, so it comes first."""
