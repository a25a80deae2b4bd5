import dataclasses

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from core.figure_file import save_figure
from core.fingerprinting.maps_figure import maps_figure
from core.fingerprinting.maps_text import times
from core.fingerprinting.scores import score
from core.fingerprinting.series import Mapped, Maps
from core.phantom import Label

LABELS = ("Dictionary, 100,000 atoms", "Network, clean", "Network, trained from clean to noisy")


@pytest.fixture(scope="module")
def results(small_series):
    """Maps that are off by a few percent."""
    rng = np.random.default_rng(0)
    truth = small_series.truth.maps

    def found():
        factors = rng.normal(1.02, 0.04, (4, *small_series.shape)).astype(np.float32)
        names = ("t1", "t2", "adc", "pd")
        return Maps(*(truth[name] * factors[i] for i, name in enumerate(names)))

    methods = ("dictionary", "net:clean", "net:transferred")
    return [
        Mapped(small_series, method, label, found(), 0.1, 2.1, remarks=("a remark",))
        for method, label in zip(methods, LABELS, strict=True)
    ]


def images(figure):
    """Arrays with their ranges of colours, by the axes' place from top left to bottom right."""
    found = [(axes.get_position(), image) for axes in figure.axes for image in axes.images]
    found.sort(key=lambda item: (-round(item[0].y0, 3), item[0].x0))
    return [image for _, image in found]


def texts(figure):
    own = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        own += [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
        own += [text.get_text() for text in axes.texts]
        own += [label.get_text() for label in axes.get_xticklabels()]
    return own + [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_truth_and_methods_share_scales_and_errors_are_percent(results, small_series):
    shown = images(maps_figure(results, slice_index=1))
    assert len(shown) == 3 + 3 * 6
    truth, first = shown[:3], shown[3:9]
    for above, below in zip(truth, first[:3], strict=True):
        assert above.get_clim() == below.get_clim()
    assert [image.get_clim() for image in truth] == [(0, 3000), (0, 200), (0, 3)]
    seen = small_series.mask[1]
    expected = small_series.truth.maps.t1_ms[1]
    np.testing.assert_array_equal(truth[0].get_array()[seen].data, expected[seen])
    found = results[0].maps.t1_ms[1]
    percent = 100 * (found - expected) / expected
    np.testing.assert_allclose(first[3].get_array()[seen].data, percent[seen], rtol=1e-5)
    assert {image.get_clim() for image in first[3:]} == {(-20, 20)}
    assert first[0].get_array().mask[~seen].all()


def test_units_tissues_and_remarks_are_read(results):
    read = texts(maps_figure(results))
    assert read[0] == "Digital brain 1, slice 2 of 2"
    for expected in ("T1", "ms", "µm²/ms", "% of the truth", "ADC error, %", "white\nmatter"):
        assert any(expected == text or expected.replace("\n", " ") == text for text in read), read
    assert "+ 2.1 s set-up" in read
    assert "Network, clean: a remark" in read
    assert set(LABELS) <= set(read)


def test_errors_of_main_tissues_are_under_that_of_the_brain(results):
    lines = {s.tissue: s.rmse for s in score(results[0]) if s.parameter == "t1"}
    white, grey = lines["white matter"], lines["cortical grey matter"]
    expected = f"RMSE {lines['brain']:.3g} ms\nWM {white:.3g}, GM {grey:.3g}"
    assert expected in texts(maps_figure(results))


def test_a_time_of_nothing_is_not_named(results):
    assert times(dataclasses.replace(results[0], preparation_seconds=0.01)) == ("0.1 s",)


def test_tissues_without_boxes_are_named(results, small_series):
    counts = {s.tissue: s.n_voxels for s in score(results[0])}
    few = [tissue for tissue, n in counts.items() if n < 10]
    figure = maps_figure(results)
    (panel, *_) = [axes for axes in figure.axes if axes.get_ylabel() == "T1 error, %"]
    assert few
    assert len(panel.get_xticks()) == len(counts) - len(few)
    said = " ".join(text.get_text() for text in figure.texts)
    assert f"Without boxes, of fewer than 10 voxels: {', '.join(few)}." in said


def test_boxes_of_brain_tissues_are_within_their_panels(results):
    figure = maps_figure(results)
    panels = [axes for axes in figure.axes if axes.patches and axes.get_ylabel()]
    assert [axes.get_ylabel() for axes in panels] == [f"{n} error, %" for n in ("T1", "T2", "ADC")]
    low, high = panels[0].get_ylim()
    assert low == -high
    assert 5 < high < 30
    n_tissues = len(panels[0].get_xticks())
    assert len(panels[0].patches) == 3 * n_tissues


@pytest.mark.parametrize(("tissue", "widens"), [(Label.THALAMUS, True), (Label.FAT, False)])
def test_panels_reach_to_the_errors_of_the_brain_only(results, small_series, tissue, widens):
    t1 = small_series.truth.maps.t1_ms.copy()
    few = np.flatnonzero(small_series.truth.labels == tissue)
    t1.flat[few] *= 3.0
    maps = dataclasses.replace(small_series.truth.maps, t1_ms=t1)
    figure = maps_figure([dataclasses.replace(results[0], maps=maps)])
    (panel,) = [axes for axes in figure.axes if axes.get_ylabel() == "T1 error, %"]
    assert (panel.get_ylim()[1] > 200) == widens


def test_without_truth_there_are_maps_only(results, small_series):
    unknown = dataclasses.replace(small_series, truth=None)
    some = [dataclasses.replace(mapped, series=unknown) for mapped in results[:2]]
    figure = maps_figure(some, shows_pd=True)
    assert len(images(figure)) == 8
    assert not any("error" in text.lower() for text in texts(figure))


def test_ranges_are_chosen(results):
    shown = images(maps_figure(results, ranges={"t2": (20, 150)}, error_percent=7.5))
    assert shown[1].get_clim() == (20, 150)
    assert shown[8].get_clim() == (-7.5, 7.5)


@pytest.mark.parametrize("style", ["light", "dark"])
@pytest.mark.parametrize("n_methods", [1, 3])
def test_no_text_is_cut_off_or_on_another(results, style, n_methods):
    figure = maps_figure(results[:n_methods], style=style)
    figure.canvas.draw()
    box = figure.bbox
    boxes = []
    for text in figure.texts:
        extent = text.get_window_extent()
        assert box.x0 <= extent.x0, text.get_text()
        assert extent.x1 <= box.x1, text.get_text()
        boxes.append((text.get_text(), extent))
    for i, (words, extent) in enumerate(boxes):
        for other_words, other in boxes[i + 1 :]:
            overlaps = extent.overlaps(other) and not extent.x1 <= other.x0 + 1
            height = min(extent.y1, other.y1) - max(extent.y0, other.y0)
            assert not (overlaps and height > 0.3 * extent.height), (words, other_words)
    for legend in figure.legends:
        assert legend.get_window_extent().x1 <= box.x1


def test_the_saved_figure_says_where_it_comes_from(results, tmp_path):
    with mpl.rc_context({"savefig.dpi": 50}):
        save_figure(maps_figure(results[:1]), tmp_path / "maps.png", {"command": "as tested"})
    with Image.open(tmp_path / "maps.png") as image:
        assert image.text["command"] == "as tested"
        assert image.text["Title"] == "Digital brain 1, slice 2 of 2"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slice_index": 2}, "slice of Digital brain 1 must be from 0 to 1, got 2"),
        ({"error_percent": 0.0}, "error_percent must be greater than 0, got 0"),
        ({"ranges": {"t1": (5, 5)}}, "range of t1 must run from low to high, got 5 to 5"),
        ({"style": "loud"}, "unknown figure style 'loud'"),
    ],
)
def test_bad_options_are_refused(results, options, message):
    with pytest.raises(ValueError, match=message):
        maps_figure(results, **options)


def test_no_maps_or_several_series_are_refused(results, small_series):
    other = dataclasses.replace(results[0], series=dataclasses.replace(small_series))
    with pytest.raises(ValueError, match="at least one method, got none"):
        maps_figure([])
    with pytest.raises(ValueError, match="of one series, got several"):
        maps_figure([results[0], other])


def without(series, **changes):
    """The series with some of its truth gone."""
    truth = series.truth
    maps = dataclasses.replace(truth.maps, **changes.pop("maps", {}))
    return dataclasses.replace(series, truth=dataclasses.replace(truth, maps=maps, **changes))


def test_a_truth_of_nothing_has_no_boxes(results, small_series):
    unknown = np.full_like(small_series.truth.maps.t1_ms, np.nan)
    names = ("t1_ms", "t2_ms", "adc_um2_per_ms", "pd")
    series = without(small_series, maps=dict.fromkeys(names, unknown))
    read = texts(maps_figure([dataclasses.replace(results[0], series=series)]))
    assert not any("Boxes" in text or text.startswith("RMSE") for text in read)


def test_a_truth_of_one_parameter_has_its_boxes(results, small_series):
    unknown = np.full_like(small_series.truth.maps.t1_ms, np.nan)
    series = without(small_series, maps={"t1_ms": unknown})
    figure = maps_figure([dataclasses.replace(mapped, series=series) for mapped in results])
    panels = [axes for axes in figure.axes if axes.get_ylabel().endswith("error, %")]
    assert [bool(axes.patches) for axes in panels] == [False, True, True]


@pytest.mark.parametrize("label", [Label.AIR, Label.FAT])
def test_a_truth_without_brain_is_drawn(results, small_series, label):
    labels = np.full_like(small_series.truth.labels, label)
    series = without(small_series, labels=labels)
    figure = maps_figure([dataclasses.replace(results[0], series=series)])
    assert not any(text.startswith("RMSE") for text in texts(figure))
