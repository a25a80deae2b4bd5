import dataclasses

import numpy as np
import pytest

from core.studies.profile_page import profile_page
from core.studies.profiles import CellProfile
from core.studies.table import SAME_SCAN, Row, StudyTable
from core.types import SIMULATED

REFERENCE = (0.0, 4.0, 8.0, 2.0)


def a_row(method, n_images=0, kind="network", rate=4.0, seed=1):
    tuned = n_images and kind == "network"
    return Row(
        cell=f"{method}-{n_images}-{rate:g}-{seed}",
        target="chest",
        kind=kind,
        method=method,
        label=method.upper(),
        acceleration=rate,
        n_images=n_images,
        seed=seed,
        supervision="full" if tuned else "none",
        person="ann",
        scan="ann.nii",
        slice=3,
        definition="fastmri-volume",
        psnr_db=40.0,
        ssim=0.9,
        nmse=0.01,
        provenance=SIMULATED,
    )


def profile_for(row, number):
    return CellProfile(
        row.cell, row.scan, row.slice, 2, (0.0, 1.5, 3.0, 4.5), REFERENCE,
        (1.0, 1.0, 1.0, 1.0), tuple(value + number for value in REFERENCE),
    )  # fmt: skip


ROWS = [
    a_row("zf", kind="baseline"),
    a_row("cs", 10, kind="baseline"),
    a_row("unet-t1"),
    a_row("natural"),
    a_row("scratch:unet"),
    a_row("unet-t1", 2),
    a_row("unet-t1", 10),
    a_row("unet-t1", 10, seed=2),
    a_row("natural", 10),
    a_row("scratch:unet", 10),
    a_row("scratch", 10),
    a_row("unet-t1", 10, rate=8.0),
]
PROFILES = [profile_for(row, number) for number, row in enumerate(ROWS)]
TABLE = StudyTable(tuple(ROWS), 12, 12)


def drawn(figure):
    """Label to values of the curves."""
    return {
        line.get_label(): [float(y) for y in line.get_ydata()]
        for line in figure.axes[0].get_lines()
    }


def test_the_first_network_raw_tuned_and_untrained_stand_beside_the_baselines():
    found = drawn(profile_page(TABLE, 4.0, PROFILES))
    numbers = {"CS": 1, "UNET-T1, raw": 2, "UNET-T1, 10 images": 6, "SCRATCH:UNET, 10 images": 9}
    expected = {"Reference": 0} | numbers
    assert found == {
        label: [value + number for value in REFERENCE] for label, number in expected.items()
    }


def words(figure):
    return [text.get_text() for text in figure.texts]


def test_the_head_says_which_networks_are_drawn_and_on_what_baselines_were_tuned():
    head = "R=4; first of 2 sources; tuned baselines: on 10 images"
    assert head in words(profile_page(TABLE, 4.0, PROFILES))
    assert "R=8" in words(profile_page(TABLE, 8.0, PROFILES))


@pytest.mark.parametrize(
    ("scan", "title"),
    [
        ("ann.nii", "chest: ann.nii, slice 3, row 2"),
        ("ann, slices 13 to 25", "chest: ann, slice 16, row 2"),
        ("ann, slices 13 to 25 (2)", "chest: ann (2), slice 16, row 2"),
    ],
)
def test_a_slice_of_a_range_is_named_as_the_whole_scan_counts(scan, title):
    rows = [dataclasses.replace(row, scan=scan) for row in ROWS]
    profiles = [profile_for(row, number) for number, row in enumerate(rows)]
    assert title in words(profile_page(StudyTable(tuple(rows), 12, 12), 4.0, profiles))


def test_positions_are_in_mm_or_pixels():
    figure = profile_page(TABLE, 4.0, PROFILES)
    assert np.allclose(figure.axes[0].get_lines()[0].get_xdata(), [0, 1.5, 3, 4.5])
    unknown = [dataclasses.replace(profile, positions_mm=()) for profile in PROFILES]
    figure = profile_page(TABLE, 4.0, unknown)
    assert np.allclose(figure.axes[0].get_lines()[0].get_xdata(), [0, 1, 2, 3])
    assert "pixels" in figure.axes[-1].get_xlabel()


@pytest.mark.parametrize("profiles", [[], PROFILES[-1:]])
def test_nothing_is_drawn_of_cells_without_a_profile(profiles):
    assert profile_page(TABLE, 4.0, profiles) is None


def test_remarks_on_what_is_drawn_stand_at_the_foot_once():
    rows = [dataclasses.replace(row, remarks=SAME_SCAN if row.n_images else "") for row in ROWS]
    other_slice = dataclasses.replace(rows[6], slice=4, remarks="of another slice")
    table = StudyTable((*rows, other_slice), 12, 12)
    figure = profile_page(table, 4.0, PROFILES)
    words = "\n".join(text.get_text() for text in figure.texts)
    flat = " ".join(words.split())
    assert flat.count(SAME_SCAN) == 1
    assert f"CS; UNET-T1; SCRATCH:UNET: {SAME_SCAN}" in flat
    assert "of another slice" not in flat
    drawn_of = profile_page(TABLE, 4.0, PROFILES).texts
    assert SAME_SCAN not in " ".join(text.get_text() for text in drawn_of)


def test_what_is_there_of_a_partial_study_is_drawn():
    found = drawn(profile_page(TABLE, 4.0, PROFILES[3:5]))
    assert list(found) == ["Reference", "NATURAL, raw"]
