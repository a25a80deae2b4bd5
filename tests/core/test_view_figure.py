import numpy as np
import pytest

from core.figure_file import save_figure
from core.phase_colours import phase_colours
from core.types import Mask, Scan
from core.view_figure import view_figure
from core.view_pictures import Shown
from core.views import VIEWS, Picture

SCAN = Scan("subject 1", kspace=np.ones((1, 6, 20, 16), np.complex64), spacing_mm=(1, 2, 1))
MASK = Mask(np.ones((20, 16), bool), (2, 2), "poisson", 4.0, 3)


def phase(magnitude=1.0):
    y, x = np.indices((20, 16), np.float32)
    return Picture(0.2 * (x - y), (-np.pi, np.pi), np.full((20, 16), magnitude, np.float32), 2.0)


def level(value):
    return Picture(np.full((20, 16), value, np.float32), (-80.0, 0.0))


def pictures(figure):
    """The drawn pictures, without the strip of the scale."""
    return [axes for axes in figure.axes[:-1] if axes.images]


def words(figure):
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [axes.get_title(), *(text.get_text() for text in axes.texts)]
    return " | ".join(found)


def test_phase_has_the_colours_of_the_window_and_keeps_the_shape():
    shown = [
        Shown("Reference", phase()),
        Shown("Zero-filled", phase(0.5), ("PSNR 30.00 dB",), "used at R=4"),
    ]
    figure = view_figure(VIEWS["phase"], shown, SCAN, 0, MASK)
    drawn = pictures(figure)
    assert len(drawn) == 2
    expected = phase_colours(phase().values, np.full((20, 16), np.sqrt(0.5), np.float32))
    np.testing.assert_array_equal(drawn[0].images[0].get_array(), expected)
    width, height = figure.get_size_inches()
    box = drawn[0].get_position()
    assert box.height * height / (box.width * width) == pytest.approx(40 / 16)
    text = words(figure)
    for part in (
        "Phase: subject 1, slice 0",
        "Zero-filled",
        "PSNR 30.00 dB",
        "seed 3",
        "6 coils",
        "Zero-filled: used at R=4",
    ):
        assert part in text
    assert [t.get_text() for t in figure.axes[-1].get_yticklabels()] == ["−π", "0", "π"]


def test_k_space_is_drawn_in_its_limits_with_its_unit():
    figure = view_figure(VIEWS["residual"], [Shown("Data", level(-20))], SCAN, 0, MASK)
    image = pictures(figure)[0].images[0]
    assert image.get_clim() == (-80, 0)
    assert image.get_cmap().name == "inferno"
    assert figure.axes[-1].get_title() == "dB"
    assert figure.axes[-1].get_ylim() == (-80, 0)


def test_coils_stand_in_rows_and_fill_the_figure_without_overlap():
    shown = [Shown(f"coil {i + 1}", level(-i)) for i in range(6)]
    figure = view_figure(VIEWS["coil-images"], shown, SCAN, 0, MASK)
    boxes = [axes.get_position() for axes in pictures(figure)]
    assert len({round(box.y0, 4) for box in boxes}) == 2
    assert len({round(box.x0, 4) for box in boxes}) == 3
    for i, box in enumerate(boxes):
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
    assert "seed" not in words(figure), "coils are those of the data, whatever the mask"


def test_a_long_caption_stays_under_its_picture_and_clear_of_the_next():
    why = "another scan of this person was used for tuning or validation, never scored"
    shown = [Shown(name, phase(), (why,)) for name in ("one", "two")]
    figure = view_figure(VIEWS["phase"], shown, SCAN, 0, MASK)
    figure.draw_without_rendering()
    captions = [axes.texts[0].get_window_extent() for axes in pictures(figure)]
    assert not captions[0].overlaps(captions[1])
    footer = [text for text in figure.texts if text.get_position()[1] < 0.3]
    assert footer
    assert not any(box.overlaps(t.get_window_extent()) for box in captions for t in footer)


def test_it_is_written_with_its_provenance(tmp_path):
    figure = view_figure(VIEWS["phase"], [Shown("Reference", phase())], SCAN, 0)
    save_figure(figure, tmp_path / "phase.png", {"View": "Phase"})
    assert b"View\x00Phase" in (tmp_path / "phase.png").read_bytes()


def test_nothing_to_show_is_refused():
    with pytest.raises(ValueError, match="Phase of subject 1 has no finished picture yet"):
        view_figure(VIEWS["phase"], [], SCAN, 0)
