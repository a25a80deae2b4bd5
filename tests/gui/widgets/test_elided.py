"""Of a name that is cut off, what tells it from others stays in sight."""

import pytest
from PyQt6.QtWidgets import QStyleOptionViewItem

from tlmri_gui.models.panels import short_label
from tlmri_gui.widgets.elided import NameBox
from tlmri_gui.widgets.fitting_label import FittingLabel
from tlmri_gui.widgets.score_table import ScoreTable

LABEL = "Network (T1-weighted brain, U-Net), decoder tuned on 10"
SHORT = "T1-weighted brain, U-Net, decoder tuned on 10"


@pytest.mark.parametrize(
    ("label", "short"),
    [
        (LABEL, SHORT),
        ("Network (Natural images)", "Natural images"),
        ("Compressed sensing (L1-wavelet)", "Compressed sensing (L1-wavelet)"),
        ("My own Network (of 2020)", "My own Network (of 2020)"),
    ],
)
def test_a_short_name_leaves_out_that_it_is_a_network(label, short):
    assert short_label(label) == short


def test_a_title_keeps_both_of_its_ends(qtbot):
    label = FittingLabel(1, keeps_end=True)
    qtbot.addWidget(label)
    label.resize(label.fontMetrics().horizontalAdvance("T1-weighted … tuned on 10"), 40)
    label.set_wordings(LABEL, SHORT)
    assert label.text().startswith("T1-w")
    assert label.text().endswith("on 10")
    assert "…" in label.text()
    assert label.toolTip() == LABEL


def test_a_drop_down_keeps_both_ends_and_tells_the_whole_name(qtbot):
    box = NameBox()
    qtbot.addWidget(box)
    box.add("Natural images", "Network (Natural images)", "net:natural")
    box.add(SHORT, LABEL, "net:tuned")
    box.resize(220, 30)
    box.show()
    assert box.shown_text() == "Natural images"
    assert box.toolTip() == "Network (Natural images)"
    box.setCurrentIndex(1)
    assert box.shown_text().startswith("T1-w")
    assert box.shown_text().endswith("on 10")
    assert "…" in box.shown_text()
    assert box.toolTip() == LABEL
    assert box.currentText() == SHORT


def test_names_of_a_table_are_cut_off_in_the_middle(qtbot):
    table = ScoreTable()
    qtbot.addWidget(table)
    delegate = table.view.itemDelegateForColumn(0)
    assert delegate is not None
    option = QStyleOptionViewItem()
    delegate.initStyleOption(option, table.view.model().index(0, 0))
    assert option.textElideMode.name == "ElideMiddle"
