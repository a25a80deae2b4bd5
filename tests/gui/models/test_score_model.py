"""The score model: what is printed, what is bold, what sorts where."""

import math

import pytest
from PyQt6.QtCore import Qt

from tlmri_gui.models.score_model import COLUMNS, ScoreModel, ScoreOrder, ScoreRow

NAN = math.nan
HEADINGS = [column.heading for column in COLUMNS]


def row(method, slice_text="24", psnr=30.0, ssim=0.9, nmse=0.01, rmse=5.0, seconds=0.1, note=""):
    return ScoreRow(method, slice_text, psnr, ssim, nmse, rmse, seconds, note)


@pytest.fixture
def model(qapp):
    return ScoreModel()


def bold_cells(model):
    return {
        (model.rows[r].method, COLUMNS[c].heading)
        for r in range(model.rowCount())
        for c in range(model.columnCount())
        if (font := model.index(r, c).data(Qt.ItemDataRole.FontRole)) is not None and font.bold()
    }


def shown_order(model, heading, order):
    proxy = ScoreOrder()
    proxy.setSourceModel(model)
    proxy.sort(HEADINGS.index(heading), order)
    return [proxy.index(r, 0).data() for r in range(proxy.rowCount())]


def test_new_model_is_empty(model):
    assert model.rowCount() == 0
    assert [
        model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())
    ] == HEADINGS


def test_best_is_the_highest_psnr_and_the_lowest_error_of_each_slice(model):
    model.set_rows(
        [
            row("zf", "1", psnr=25, ssim=0.7, nmse=0.03, rmse=9),
            row("net", "1", psnr=40, ssim=0.8, nmse=0.01, rmse=3),
            row("cs", "1", psnr=35, ssim=0.9, nmse=0.02, rmse=5),
            row("zf of another slice", "2", psnr=50),
        ]
    )
    assert bold_cells(model) == {
        ("net", "PSNR (dB)"),
        ("cs", "SSIM"),
        ("net", "NMSE"),
        ("net", "RMSE"),
    }


def test_a_missing_figure_is_a_dash_never_the_best_and_its_note_says_why(model):
    model.set_rows(
        [row("tuned", psnr=NAN, note="used for tuning"), row("zf", psnr=20), row("cs", psnr=30)]
    )
    psnr = HEADINGS.index("PSNR (dB)")
    assert model.index(0, psnr).data() == "–"
    assert model.index(0, psnr).data(Qt.ItemDataRole.ToolTipRole) == "used for tuning"
    assert model.index(0, HEADINGS.index("Note")).data() == "used for tuning"
    assert ("tuned", "PSNR (dB)") not in bold_cells(model)
    assert ("cs", "PSNR (dB)") in bold_cells(model)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Qt.SortOrder.AscendingOrder, ["b", "c", "a", "missing"]),
        (Qt.SortOrder.DescendingOrder, ["a", "c", "b", "missing"]),
    ],
)
def test_numbers_sort_as_numbers_and_missing_ones_come_last(model, order, expected):
    model.set_rows(
        [row("missing", psnr=NAN), row("a", psnr=100.5), row("b", psnr=9.5), row("c", psnr=20.0)]
    )
    assert shown_order(model, "PSNR (dB)", order) == expected


def test_slices_sort_by_their_number(model):
    model.set_rows([row("c", "10"), row("a", "2"), row("d", "mean of 3"), row("b", "9")])
    assert shown_order(model, "Slice", Qt.SortOrder.AscendingOrder) == ["a", "b", "c", "d"]
