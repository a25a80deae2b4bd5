"""Box plots and table of errors by tissue; the fit of a voxel."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from core.fingerprinting.parameters import ADC, T1, T2
from tests.gui.fingerprint_fakes import (
    CLEAN,
    SEQUENCE,
    TRANSFERRED,
    a_plan,
    make_fit,
    make_outcome,
    make_series,
    mapped_run,
)
from tlmri_gui.fingerprint_state import (
    DICTIONARY,
    FingerprintMethod,
    FingerprintRun,
    VoxelView,
)
from tlmri_gui.models.fingerprint_boxes import NO_SCORES, NO_TRUTH, Box, boxes_state, percent_axis
from tlmri_gui.models.fingerprint_fit import (
    FITTING,
    NO_MAPS,
    NO_VOXEL,
    fit_state,
    segment_marks,
)
from tlmri_gui.models.fingerprint_strokes import MethodStroke, strokes
from tlmri_gui.models.fingerprint_table import ErrorModel, error_decimals, error_rows
from tlmri_gui.widgets.fingerprint_box_plot import box_pen

VOXEL = (0, 5, 4)


@pytest.fixture
def mapped(session):
    session.set_fingerprint_plan(a_plan())
    session.set_fingerprint(mapped_run())
    return session


def spread_outcome(series, percents):
    """White matter off by these percents, as many voxels each, as grey matter is."""
    outcome = make_outcome(series, DICTIONARY)
    maps = outcome.mapped.maps
    found = maps.t1_ms.copy()
    for image in found:
        for y, row in enumerate(image[2:-2]):
            row *= np.float32(1 + percents[y % len(percents)] / 100)
    from core.fingerprinting.scores import score

    changed = replace(outcome.mapped, maps=replace(maps, t1_ms=found))
    return replace(outcome, mapped=changed, scores=score(changed))


def test_boxes_hold_the_percentiles_of_the_errors(session):
    series = make_series()
    session.set_fingerprint_plan(a_plan(DICTIONARY))
    percents = [-8, -6, -4, -2, 2, 4, 6, 8]
    outcome = spread_outcome(series, percents)
    session.set_fingerprint(FingerprintRun(series, outcomes={DICTIONARY: outcome}))
    state = boxes_state(session, T1)
    [box] = next(tissue for tissue in state.tissues if tissue.tissue == "White matter").boxes
    errors = np.repeat(percents, 4)
    expected = np.percentile(errors, [5, 25, 50, 75, 95])
    assert [box.low, box.q1, box.middle, box.q3, box.high] == pytest.approx(expected, abs=1e-3)
    assert box.words[1] == "true T1 800 ms, 32 voxels"


def test_the_whole_brain_comes_first_with_a_box_for_each_method(mapped):
    state = boxes_state(mapped, T2)
    names = [tissue.tissue for tissue in state.tissues]
    assert names[0] == "Whole brain"
    assert set(names[1:]) == {"White matter", "Cortical grey matter"}
    assert all(len(tissue.boxes) == 2 for tissue in state.tissues)
    white = next(tissue for tissue in state.tissues if tissue.tissue == "White matter")
    assert white.truth == "70"
    assert white.boxes[1].middle == pytest.approx(5, abs=1e-3)
    assert [label for label, _ in state.legend] == ["Dictionary", "Transferred network"]


def test_errors_without_truth_or_maps_say_why_there_are_none(session):
    session.set_fingerprint_plan(a_plan())
    session.set_fingerprint(FingerprintRun(make_series(has_truth=False)))
    assert boxes_state(session, T1).note == NO_TRUTH
    session.set_fingerprint(FingerprintRun(make_series()))
    assert boxes_state(session, T1).note == NO_SCORES


def box_of(low, high):
    return Box("", MethodStroke(0, True), low, low / 2, 0.0, high / 2, high, ())


def test_the_axis_holds_all_but_outlying_whiskers():
    axis = percent_axis([box_of(-4, 5), box_of(-5, 5), box_of(-6, 3)])
    assert axis.low == -axis.high
    assert axis.holds(-6)
    assert 0.0 in axis.ticks
    outlying = percent_axis([box_of(-4, 5), box_of(-5, 5), box_of(-500, 300)])
    assert 5 < outlying.high < 30


def test_colours_stay_whichever_methods_are_shown(mapped):
    assert strokes(a_plan(TRANSFERRED)) == strokes(a_plan(DICTIONARY, CLEAN))
    assert strokes(a_plan())[TRANSFERRED] == MethodStroke(1, True)
    assert strokes(a_plan())[DICTIONARY] == MethodStroke(0, False)


def test_own_networks_have_a_look_of_their_own_in_box_plots_too(qapp):
    own = tuple(FingerprintMethod(f"net:own{i}.safetensors", f"Own {i}") for i in range(7))
    plan = a_plan()
    drawn = strokes(replace(plan, methods=(*plan.methods, *own)))
    pens = {name: box_pen(stroke) for name, stroke in drawn.items()}
    [dictionary] = [pen.color().name() for name, pen in pens.items() if name == DICTIONARY]
    networks = [(pen.color().name(), pen.style()) for name, pen in pens.items() if "net" in name]
    assert dictionary not in [colour for colour, _ in networks]
    assert len(set(networks)) == len(networks)


def test_the_table_has_the_figures_in_the_parameters_unit(mapped):
    rows = error_rows(mapped, T1)
    model = ErrorModel(T1)
    model.set_rows(rows, T1)
    texts = [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]
    assert ["White matter", "Dictionary", "800", "+0", "0", "0"] in texts
    assert ["White matter", "Transferred network", "800", "+40", "0", "40"] in texts
    bold = [
        (row.tissue, row.method)
        for i, row in enumerate(rows)
        if model.index(i, 5).data(Qt.ItemDataRole.FontRole) is not None
    ]
    assert {method for _, method in bold} == {"Dictionary"}
    assert len(bold) == 3


def test_digits_of_errors_tell_a_thousandth_of_the_range():
    assert [error_decimals(parameter) for parameter in (T1, T2, ADC)] == [0, 1, 3]


# the fit -----------------------------------------------------------------------------------------


def test_the_fit_has_a_curve_for_each_chosen_method(mapped):
    fits = {DICTIONARY: make_fit(10.0), TRANSFERRED: make_fit(0.0), CLEAN: make_fit()}
    mapped.set_voxel(VoxelView(VOXEL, is_pinned=True, fits=fits))
    state = fit_state(mapped)
    assert state.title == "x 4, y 5 · White matter"
    assert state.is_pinned
    assert [curve.label for curve in state.curves] == ["Dictionary", "Transferred network"]
    assert [curve.residual for curve in state.curves] == pytest.approx([10.0, 0.0], abs=1e-4)
    assert len(state.measured) == SEQUENCE.n_readouts
    assert state.x.holds(1)
    assert state.x.holds(SEQUENCE.n_readouts)
    assert state.y.holds(1.1)


def test_segments_are_marked_where_they_begin():
    first, second = segment_marks(SEQUENCE)
    assert (first.start, first.short, first.words) == (0, "TI 20", "inversion, TI 20 ms")
    assert (second.start, second.short) == (4, "b 500")
    assert second.words == "diffusion, b = 500 s/mm², TE 60 ms"


def test_without_curves_it_says_what_is_missing(mapped):
    assert fit_state(mapped).note == NO_VOXEL
    mapped.set_voxel(VoxelView(VOXEL))
    assert fit_state(mapped).note == FITTING
    mapped.set_voxel(VoxelView((0, 0, 0)))
    assert fit_state(mapped).note == "not mapped here"
    mapped.set_voxel(VoxelView(VOXEL, error="no luck"))
    assert fit_state(mapped).note == "no luck"
    mapped.set_fingerprint(FingerprintRun(make_series()))
    assert fit_state(mapped).note == NO_MAPS
