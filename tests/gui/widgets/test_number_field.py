"""Numbers typed with a comma."""

import pytest
from PyQt6.QtTest import QTest

from tlmri_gui.widgets.form import LogSpinBox
from tlmri_gui.widgets.number_field import NumberField


@pytest.mark.parametrize("kind", [NumberField, LogSpinBox])
@pytest.mark.parametrize("typed", ["4,5", "4.5"])
def test_a_comma_is_a_point(qtbot, kind, typed):
    field = kind()
    qtbot.addWidget(field)
    field.setRange(0, 100)
    field.setSuffix(" %")
    field.lineEdit().selectAll()
    QTest.keyClicks(field, typed)
    field.interpretText()
    assert field.value() == 4.5
    assert field.text() == f"{field.textFromValue(4.5)} %"


def test_what_is_no_number_is_refused(qtbot):
    field = NumberField()
    qtbot.addWidget(field)
    field.setValue(7.0)
    field.lineEdit().selectAll()
    QTest.keyClicks(field, "x")
    field.interpretText()
    assert field.value() == 7.0
