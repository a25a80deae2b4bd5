"""A folder of several DICOM series or echoes: what is asked, and how the answer is remembered."""

import numpy as np
import pytest

from core.io import ReadOptions, ScanFileError, ScanInDoubtError, load
from core.io.answers import beside, forget, remember
from core.io.dicom_choice import SeriesChoice
from core.io.examination import can_examine, examine
from tests.core.io.dicom_files import CORONAL, VOLUME, one, series

OPTIONS = ReadOptions()
EARLY = "4.1 (t1_mprage, TE 4.9 ms, kind M, 4 slices)"
LATE = "4.2 (t1_mprage, TE 7.4 ms, kind M, 6 slices)"


@pytest.fixture
def echoes(tmp_path):
    """A folder of two echoes and phase images of the first."""
    folder = series(tmp_path / "study", prefix="a", EchoTime=7.4)
    series(folder, prefix="b", volume=VOLUME[:4] + 1, EchoTime=4.9)
    phase = ["ORIGINAL", "PRIMARY", "P", "ND"]
    return series(folder, prefix="c", volume=VOLUME[:4], EchoTime=4.9, ImageType=phase)


def test_the_stacks_of_magnitudes_are_offered(echoes):
    assert can_examine(echoes)
    found = examine(echoes, OPTIONS)
    early, late = found.offers["series"]
    assert early == EARLY
    assert late == LATE.replace("4.2", "4.3")  # 4.2 is the phase
    assert found.interpretation == SeriesChoice(early)
    assert found.remembered is None
    assert found.facts == "study: 2 series or echoes"


def test_the_preview_is_the_middle_slice_as_it_is_read(echoes):
    found = examine(echoes, OPTIONS)
    for label, offer in zip(("4.1", "4.3"), found.offers["series"], strict=True):
        magnitude = load(echoes, ReadOptions(series=label)).magnitude
        middle = magnitude[len(magnitude) // 2]
        shown = found.preview(SeriesChoice(offer))
        np.testing.assert_allclose(shown, middle / middle.max(), rtol=1e-6)
    with pytest.raises(ScanFileError, match=r"study: must hold the series, got 5"):
        found.preview(SeriesChoice("5"))


def test_a_stack_that_cannot_be_read_is_refused_in_the_preview(tmp_path):
    folder = series(tmp_path / "study", EchoTime=7.4)
    series(folder, prefix="b", EchoTime=4.9)
    one(folder / "odd", VOLUME[0], (0, 0, 90), CORONAL, EchoTime=4.9)
    found = examine(folder, OPTIONS)
    with pytest.raises(ScanFileError, match="must be parallel"):
        found.preview(found.interpretation)


def test_the_answer_lies_in_the_folder_and_is_read_by(echoes):
    late = examine(echoes, OPTIONS).offers["series"][1]
    assert remember(echoes, SeriesChoice(late)) == echoes / "series.tlmri.json" == beside(echoes)
    scan = load(echoes)
    np.testing.assert_array_equal(scan.magnitude, VOLUME.astype(np.float32))
    assert scan.notes[0] == f"series {late}"
    assert "read as remembered in series.tlmri.json" in scan.notes
    found = examine(echoes, OPTIONS)
    assert found.remembered == found.interpretation == SeriesChoice(late)
    assert load(echoes, ReadOptions(series="4.1")).n_slices == 4
    assert load(sorted(echoes.glob("b*"))[0]).n_slices == 4
    forget(echoes)
    with pytest.raises(ScanInDoubtError):
        load(echoes)


def test_series_that_have_come_since_are_asked_about_anew(tmp_path):
    """The label of a stack moves on when another comes before it."""
    folder = series(tmp_path / "study", prefix="a", EchoTime=7.4)
    series(folder, prefix="b", volume=VOLUME[:4] + 1, EchoTime=4.9)
    remember(folder, SeriesChoice(EARLY))
    assert load(folder).n_slices == 4
    series(folder, prefix="d", EchoTime=2.0)
    with pytest.raises(ScanInDoubtError):
        load(folder)
    assert examine(folder, OPTIONS).remembered is None


def test_phase_images_are_never_taken_for_the_scan(echoes):
    phase = "4.2 (t1_mprage, TE 4.9 ms, kind P, 4 slices)"
    remember(echoes, SeriesChoice(phase))
    with pytest.raises(ScanInDoubtError):
        load(echoes)
    for magnitudes in (*echoes.glob("a*"), *echoes.glob("b*")):
        magnitudes.unlink()
    series(echoes, prefix="d", EchoTime=9.9, ImageType=["ORIGINAL", "PRIMARY", "P", "ND"])
    with pytest.raises(ScanFileError, match="must hold magnitudes, got phase images") as caught:
        load(echoes)
    assert not isinstance(caught.value, ScanInDoubtError)


def test_where_there_is_no_choice_it_says_so(tmp_path):
    folder = series(tmp_path / "study")
    with pytest.raises(ScanFileError, match=r"must hold several series or echoes .* got 4 \("):
        examine(folder, OPTIONS)
    file = next(folder.iterdir())
    with pytest.raises(ScanFileError, match="only a folder can hold several series"):
        examine(file, OPTIONS)


def test_a_damaged_answer_is_refused_by_name(echoes):
    beside(echoes).write_text("{}")
    rule = r"series\.tlmri\.json: must hold the series as tlmri writes it"
    with pytest.raises(ScanFileError, match=rule):
        load(echoes)
