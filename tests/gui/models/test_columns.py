"""Columns: how values are printed, aligned and handed to item models."""

import math

import pytest
from PyQt6.QtCore import Qt

from tlmri_gui.models.columns import SORT_ROLE, Column

Role = Qt.ItemDataRole


@pytest.mark.parametrize(
    ("value", "digits", "printed"),
    [
        (38.126, ".2f", "38.13"),
        (0.01, "#.3g", "0.0100"),
        (1033.4, "#.4g", "1033"),
        (math.nan, ".2f", "–"),
        ("all", "", "all"),
    ],
)
def test_figures_are_printed_with_the_digits_of_their_column(value, digits, printed):
    assert Column("any", lambda row: row, digits).text(value) == printed


def test_numbers_stand_on_the_right_words_on_the_left():
    assert Column("words", str).alignment & Qt.AlignmentFlag.AlignLeft
    assert Column("numbers", float, ".1f").alignment & Qt.AlignmentFlag.AlignRight


def test_a_cell_is_printed_but_sorts_by_its_value():
    column = Column[float]("dB", lambda row: row, ".1f", "in decibels")
    assert column.cell(3.14159, Role.DisplayRole) == "3.1"
    assert column.cell(3.14159, SORT_ROLE) == 3.14159
    assert column.cell(3.14159, Role.DecorationRole) is None
    assert column.head(Role.DisplayRole) == "dB"
    assert column.head(Role.ToolTipRole) == "in decibels"
    assert column.head(Role.TextAlignmentRole) == column.cell(0.0, Role.TextAlignmentRole)
