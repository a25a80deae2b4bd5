from types import SimpleNamespace

import numpy as np
import pytest

from core.line_profile import (
    ACQUIRED,
    COLUMN,
    MM,
    PIXELS,
    REFERENCE,
    ROW,
    Line,
    LineChoice,
    length_unit,
    line_positions,
    line_values,
    parse_choice,
    profile_of,
)
from core.types import Grid, Mask, Recon, SampledSlice, Scan

SHAPE = (48, 64)
SPACING = (1.5, 0.75)


def disc(centre_mm, radius_mm):
    """1 within a circle around a point (y, x) in mm from the first pixel."""
    y, x = np.indices(SHAPE)
    away = np.hypot(y * SPACING[0] - centre_mm[0], x * SPACING[1] - centre_mm[1])
    return (away <= radius_mm).astype(np.float32)


def edges(values, positions):
    """Where the values cross one half, halfway between two pixels."""
    steps = np.flatnonzero(np.diff(values > 0.5))
    return (positions[steps] + positions[steps + 1]) / 2


def comparisons_of(scan, *methods):
    mask = Mask(np.ones(scan.slice_shape, bool), (2, 2), "poisson", 4.0, 3)
    source = SampledSlice(scan, 0, mask)
    return [
        SimpleNamespace(recon=Recon(source, name, name.upper(), image, 0.1), score=None)
        for name, image in methods
    ]


def test_a_ramp_is_a_straight_line_along_it_and_level_across():
    y, x = np.indices(SHAPE, np.float32)
    ramp = 2 * x + 100 * y
    row, column = line_values(ramp, Line(7)), line_values(ramp, Line(9, COLUMN))
    np.testing.assert_array_equal(row, 700 + 2 * np.arange(64))
    np.testing.assert_array_equal(column, 18 + 100 * np.arange(48))


@pytest.mark.parametrize(("axis", "centre", "at"), [(ROW, 24.0, 30), (COLUMN, 36.0, 40)])
def test_a_disc_has_its_edges_where_its_chord_ends(axis, centre, at):
    """At a distance h from the middle, half the chord of a circle is the root of r² − h²."""
    middle, radius = (36.0, 24.0), 15.0
    values = line_values(disc(middle, radius), Line(at, axis))
    positions = line_positions(SHAPE, axis, SPACING)
    across, along = (0, 1) if axis == ROW else (1, 0)
    half = np.sqrt(radius**2 - (at * SPACING[across] - middle[across]) ** 2)
    found = edges(values, positions)
    np.testing.assert_allclose(found, [centre - half, centre + half], atol=SPACING[along] / 2)


def test_the_middle_is_that_of_masks_and_lines_are_read_as_they_are_written():
    assert LineChoice().of((5, 8)) == Line(2, ROW)
    assert LineChoice(COLUMN).of((5, 8)) == Line(4, COLUMN)
    for text in ("middle", "0", "120", "column", "column:7"):
        assert parse_choice(text).text == text
    assert parse_choice("row:7") == LineChoice(ROW, 7)
    assert parse_choice("row") == LineChoice()


@pytest.mark.parametrize("text", ["", "-1", "1.5", "row 5", "column:", ":5", "row7", "centre"])
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match=r"line of a profile must be .middle., .*, got "):
        parse_choice(text)


@pytest.mark.parametrize(
    ("choice", "last"), [(LineChoice(ROW, 48), 47), (LineChoice(COLUMN, 64), 63)]
)
def test_a_line_outside_the_image_is_refused(choice, last):
    rule = f"{choice.axis} of a profile must be from 0 to {last} in images of 48 x 64 pixels"
    with pytest.raises(ValueError, match=f"{rule}, got {choice.index}"):
        choice.of(SHAPE)
    with pytest.raises(ValueError, match=rule):
        line_values(np.zeros(SHAPE, np.float32), Line(choice.index, choice.axis))
    with pytest.raises(ValueError, match="got -1"):
        line_values(np.zeros(SHAPE, np.float32), Line(-1))


def test_positions_are_pixels_only_where_the_file_says_no_spacing():
    volume = np.ones((1, *SHAPE), np.float32)
    assert length_unit(Scan("array", magnitude=volume)) == PIXELS
    assert length_unit(Scan("measured", magnitude=volume, spacing_mm=(3, *SPACING))) == MM
    grid = Grid(np.eye(4), volume.shape)
    assert length_unit(Scan("isotropic", magnitude=volume, grid=grid)) == MM


def test_a_comparison_gives_the_reference_and_every_method():
    image = disc((36.0, 24.0), 15.0)
    scan = Scan("disc", magnitude=image[None], spacing_mm=(3, *SPACING))
    found = profile_of(comparisons_of(scan, ("zf", image * 0.5), ("cs", image * 0.9)), Line(24))
    assert [(c.key, c.label) for c in found.curves] == [
        (REFERENCE, "Reference"),
        ("zf", "ZF"),
        ("cs", "CS"),
    ]
    assert (found.unit, found.positions[-1]) == (MM, pytest.approx(63 * 0.75))
    for curve, factor in zip(found.curves, (1, 0.5, 0.9), strict=True):
        np.testing.assert_allclose(curve.values, factor * image[24], rtol=1e-6)


def test_a_scan_acquired_undersampled_says_so_of_its_own_image():
    kspace = np.ones((1, 2, *SHAPE), np.complex64)
    scan = Scan("fast", kspace=kspace, sampled=np.ones(SHAPE, bool))
    found = profile_of(comparisons_of(scan, ("zf", np.ones(SHAPE, np.float32))), Line(24))
    assert [c.key for c in found.curves] == [ACQUIRED, "zf"]


def test_images_of_several_slices_have_no_profile():
    scans = [Scan(n, magnitude=np.ones((1, *SHAPE), np.float32)) for n in ("one", "two")]
    items = [comparisons_of(scan, ("zf", scan.magnitude[0]))[0] for scan in scans]
    with pytest.raises(ValueError, match="must be of one slice, got 2"):
        profile_of(items, Line(0))
    with pytest.raises(ValueError, match="must be of one slice, got 0"):
        profile_of([], Line(0))
