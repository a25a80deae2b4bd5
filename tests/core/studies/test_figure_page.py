import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from core.figure_style import STYLES
from core.studies.figure_page import empty_page

SHORT = "Errors against SNR"
LONG = "Transfer from clean to noisy fingerprints, short noisy training: loss over others' " * 2


@pytest.mark.parametrize("title", [SHORT, LONG])
@pytest.mark.parametrize("columns", [1, 3])
def test_the_title_fits_the_page_and_stays_clear_of_the_panels(title, columns):
    figure, grid = empty_page(title, columns, 1, ["A note."], STYLES["light"].item, 3)
    for axes in grid:
        axes.set_title("T1: bias, %", fontsize=8.5)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    [shown] = [text for text in figure.texts if text.get_fontsize() == 11]
    box = shown.get_window_extent(renderer)
    assert shown.get_text().split() == title.split()
    assert box.x1 < figure.bbox.x1
    assert box.y1 < figure.bbox.y1
    gap = box.y0 - max(axes.title.get_window_extent(renderer).y1 for axes in grid)
    assert gap > 0.5 * box.height / (shown.get_text().count("\n") + 1)
