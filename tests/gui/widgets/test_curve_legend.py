"""The legend of curves."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPen
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from tlmri_gui.widgets.curve_legend import CurveLegend, LegendEntry

BLUE = QColor("#0000ff")


def entry(text, **more):
    return LegendEntry(text, QPen(BLUE, 1.0), **more)


@pytest.fixture
def page(qtbot):
    """A legend above something that takes the rest of the height."""
    page = QWidget()
    page.legend = CurveLegend()
    layout = QVBoxLayout(page)
    layout.addWidget(page.legend)
    layout.addWidget(QWidget(), 1)
    qtbot.addWidget(page)
    page.resize(1000, 400)
    page.show()
    return page


def blueness(legend):
    """How much blue there is where the first entry has its line, a few pixels from its left end."""
    legend.resize(300, legend.heightForWidth(300))
    image = legend.grab().toImage()
    colour = image.pixelColor(10, legend.height() // 2)
    return colour.blue() - colour.red()


def test_it_takes_the_lines_that_its_width_asks_for(page, qtbot):
    page.legend.set_entries([entry(f"A network of some name {i}") for i in range(6)])
    heights = []
    for width in (1000, 300, 1000):
        page.resize(width, 400)
        qtbot.waitUntil(
            lambda: page.legend.height() == page.legend.heightForWidth(page.legend.width())
        )
        heights.append(page.legend.height())
    assert heights[1] > heights[0] == heights[2]


def test_more_entries_take_more_height(page):
    assert page.legend.heightForWidth(300) == 0
    page.legend.set_entries([entry("one")])
    low = page.legend.heightForWidth(300)
    many = [entry(f"A network of some name {i}") for i in range(6)]
    page.legend.set_entries(many)
    assert page.legend.heightForWidth(300) > low > 0
    assert page.legend.texts == tuple(e.text for e in many)


def test_what_is_not_drawn_is_faint(page):
    page.legend.set_entries([entry("one")])
    full = blueness(page.legend)
    page.legend.set_entries([entry("one", is_muted=True)])
    assert 0.2 * full < blueness(page.legend) < 0.6 * full


def test_the_line_is_as_dashed_as_its_curve(page):
    gap = QPen(BLUE, 1.0)
    gap.setCapStyle(Qt.PenCapStyle.FlatCap)
    gap.setDashPattern([1.0, 50.0])
    page.legend.set_entries([LegendEntry("one", gap)])
    assert abs(blueness(page.legend)) < 20
