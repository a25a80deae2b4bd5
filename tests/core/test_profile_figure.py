from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.figure_style import STYLES, method_stroke
from core.line_profile import COLUMN, MM, REFERENCE, Line, LineCurve, LineProfile
from core.profile_figure import Words, comparison_profile, profile_figure
from core.types import Mask, Recon, SampledSlice, Scan

SHAPE = (40, 32)
METHODS = ("zf", "cs", "net:natural")


def scan_of(**changes):
    y, x = np.indices(SHAPE)
    image = (100 + 10 * y + x).astype(np.float32)
    return replace(Scan("subject 1", magnitude=image[None], spacing_mm=(3, 2, 0.5)), **changes)


def comparisons_of(scan, methods=METHODS, remarks=()):
    source = SampledSlice(scan, 0, Mask(np.ones(SHAPE, bool), (2, 2), "poisson", 4.0, 3))
    base = np.ones(SHAPE, np.float32) if scan.magnitude is None else scan.magnitude[0]
    return [
        SimpleNamespace(
            recon=Recon(source, name, f"Label of {name}", base + i + 1, 0.1, remarks=remarks),
            score=None,
        )
        for i, name in enumerate(methods)
    ]


def drawn(figure):
    """The axes of the image, of the curves and of the differences."""
    return figure.axes


def words(figure):
    found = [text.get_text() for text in figure.texts]
    found += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return " | ".join(found)


def test_curves_are_the_images_along_the_line_over_mm():
    scan = scan_of()
    figure = comparison_profile(comparisons_of(scan), Line(7))
    image, curves, errors = drawn(figure)
    np.testing.assert_array_equal(image.images[0].get_array(), scan.magnitude[0])
    assert set(np.ravel(image.lines[0].get_ydata())) == {7}
    reference, zf, *_ = curves.lines
    np.testing.assert_allclose(reference.get_xdata(), 0.5 * np.arange(32))
    np.testing.assert_allclose(reference.get_ydata(), 170 + np.arange(32))
    np.testing.assert_allclose(zf.get_ydata() - reference.get_ydata(), 1)
    assert [line.get_ydata()[0] for line in errors.lines] == [0, 1, 2, 3]
    assert errors.get_xlabel() == "position from the left, mm"
    assert errors.get_ylabel().split() == ["difference", "from", "the", "reference"]
    text = words(figure)
    for part in ("subject 1, slice 0, row 7", "seed 3", "Reference", "Label of net:natural"):
        assert part in text


def test_a_column_runs_from_the_top():
    figure = comparison_profile(comparisons_of(scan_of()), Line(3, COLUMN))
    image, curves, errors = drawn(figure)
    assert set(np.ravel(image.lines[0].get_xdata())) == {3}
    np.testing.assert_allclose(curves.lines[0].get_xdata(), 2.0 * np.arange(40))
    np.testing.assert_allclose(curves.lines[0].get_ydata(), 103 + 10 * np.arange(40))
    assert errors.get_xlabel() == "position from the top, mm"


def test_the_edge_that_positions_count_from_has_its_letter():
    """Of a scan that says so, as the window shows it: left, right, top, bottom."""
    items = comparisons_of(scan_of(edges=("R", "L", "A", "P")))
    row, column = (comparison_profile(items, line) for line in (Line(7), Line(3, COLUMN)))
    assert drawn(row)[-1].get_xlabel() == "position from the left (R), mm"
    assert drawn(column)[-1].get_xlabel() == "position from the top (A), mm"


def test_curves_and_differences_are_drawn_alike_and_the_reference_thick():
    figure = comparison_profile(comparisons_of(scan_of()), Line(7))
    look = STYLES["light"].item
    _, curves, errors = drawn(figure)
    reference, *methods = curves.lines
    assert reference.get_color() == look.text
    assert reference.get_linewidth() > max(line.get_linewidth() for line in methods)
    wanted = [method_stroke(look, *which) for which in ((0, False), (1, False), (0, True))]
    for lines in (methods, errors.lines[1:]):
        assert [line.get_color() for line in lines] == [stroke.colour for stroke in wanted]
        assert [line.get_linestyle() != "-" for line in lines] == [
            bool(stroke.dashes) for stroke in wanted
        ]


def test_without_a_spacing_positions_are_pixels():
    figure = comparison_profile(comparisons_of(scan_of(spacing_mm=(1, 1, 1))), Line(7))
    assert drawn(figure)[-1].get_xlabel() == "position from the left, pixels"


def test_without_a_reference_there_are_no_differences():
    kspace = np.ones((1, 2, *SHAPE), np.complex64)
    scan = scan_of(magnitude=None, kspace=kspace, sampled=np.ones(SHAPE, bool))
    figure = comparison_profile(comparisons_of(scan), Line(7))
    assert len(drawn(figure)) == 2
    assert "As acquired" in words(figure)


@pytest.mark.parametrize("count", [1, 4, 9])
@pytest.mark.parametrize("shape", [(40, 32), (20, 90)])
@pytest.mark.parametrize("brightness", [1e-3, 1.0, 1e5])
def test_nothing_lies_over_anything_else(count, shape, brightness):
    image = np.full((1, *shape), brightness, np.float32)
    scan = scan_of(magnitude=image, spacing_mm=(1, 1.5, 1.5))
    source = SampledSlice(scan, 0, Mask(np.ones(shape, bool), (2, 2), "poisson", 4.0, 3))
    items = [
        SimpleNamespace(
            recon=Recon(source, f"m{i}", "A label of some length", (0.7 - 0.07 * i) * image[0], 0.1)
        )
        for i in range(count)
    ]
    figure = comparison_profile(items, Line(7))
    figure.draw_without_rendering()
    renderer = figure._get_renderer()
    boxes = [axes.get_tightbbox(renderer) for axes in figure.axes]
    boxes += [figure.legends[0].get_window_extent(), *(t.get_window_extent() for t in figure.texts)]
    page = figure.bbox
    for i, box in enumerate(boxes):
        assert page.x0 <= box.x0 < box.x1 <= page.x1
        assert page.y0 <= box.y0 < box.y1 <= page.y1
        assert not any(box.overlaps(other) for other in boxes[i + 1 :]), (i, box)


def test_remarks_are_at_the_foot():
    remark = "trained for R=4, used at R=8"
    figure = comparison_profile(comparisons_of(scan_of(), remarks=(remark,)), Line(7))
    assert f"Label of zf: {remark}" in words(figure)


def test_other_curves_than_of_one_comparison_can_be_drawn():
    values = np.ones(4, np.float32)
    curves = (LineCurve(REFERENCE, "Reference", values), LineCurve("net:a", "raw", 2 * values))
    profile = LineProfile(Line(2), np.arange(4.0), MM, curves)
    figure = profile_figure(profile, Words("title", "R = 4", "measured"), style="dark")
    assert len(drawn(figure)) == 2
    assert "title" in words(figure)


def test_a_line_outside_the_image_is_refused():
    with pytest.raises(ValueError, match="row of a profile must be from 0 to 39"):
        comparison_profile(comparisons_of(scan_of()), Line(40))
