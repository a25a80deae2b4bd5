import json
import math
import re
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from PIL import Image

from core import metrics
from core.acquisition import undersample
from core.figure import comparison_figure, default_window
from core.figure_file import FORMATS, save_figure
from core.figure_style import STYLES
from core.fourier import fft2c
from core.types import Mask, Recon, Scan, Score


class Item(NamedTuple):
    recon: Recon
    score: Score


def scan_of(shape=(40, 32), **changes):
    y, x = np.indices(shape)
    image = 100 * np.exp(-((y - shape[0] / 2) ** 2 + (x - shape[1] / 2) ** 2) / 80)
    return replace(Scan("subject 1", magnitude=image[None].astype(np.float32)), **changes)


def comparisons_of(scan, labels=("Zero-filled", "Compressed sensing (L1-wavelet)"), score=None):
    samples = np.random.default_rng(0).random(scan.slice_shape) < 0.26
    mask = Mask(samples, (2, 2), "poisson", 4.0, 3)
    source = undersample(scan, 0, mask)
    base = np.zeros(scan.slice_shape, np.float32) if scan.kspace is not None else scan.magnitude[0]
    score = score or Score(metrics.DEFAULT, 31.234, 0.91234, 0.01, 2.0)
    return [
        Item(Recon(source, f"m{i}", label, base + np.float32(i + 1), 0.1), score)
        for i, label in enumerate(labels)
    ]


def texts(figure):
    """Everything that is written on a figure."""
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [axes.get_title(), *(text.get_text() for text in axes.texts)]
    return " | ".join(" ".join(text.split()) for text in found if text)


def images(figure):
    """Images shown in a window and error maps, in their order."""
    shown = [axes.images[0] for axes in figure.axes if axes.images]
    grey = [image for image in shown if image.get_cmap().name == "gray"]
    return grey, [image for image in shown if image.get_cmap().name == "inferno"]


def test_one_window_and_one_error_scale():
    scan = scan_of()
    figure = comparison_figure(comparisons_of(scan), (0.0, 80.0), error_factor=4)
    grey, errors = images(figure)
    assert len(errors) == 2
    windows = [image.get_clim() for image in grey if image.get_array().dtype != bool]
    assert windows == [(0, 80)] * 3
    peak = float(scan.magnitude.max())
    assert [image.get_clim() for image in errors] == [(0, pytest.approx(peak / 4))] * 2
    np.testing.assert_allclose(errors[0].get_array(), 1, atol=1e-4)
    np.testing.assert_allclose(errors[1].get_array(), 2, atol=1e-4)
    assert "|error| × 4" in texts(figure)
    assert "window 0 to 80" in texts(figure)


def test_says_where_everything_comes_from():
    scan = scan_of(edges=("R", "L", "A", "P"))
    written = texts(comparison_figure(comparisons_of(scan)))
    achieved = comparisons_of(scan)[0].recon.source.mask.achieved_acceleration
    for part in (
        "subject 1, slice 0",
        f"R = 4 (achieved {achieved:.2f}), poisson mask, seed 3",
        "simulated from magnitude",
        "Reference",
        "Compressed sensing (L1-wavelet)",
        "PSNR 31.23 dB SSIM 0.9123",
        "PSNR and SSIM: fastMRI (volume maximum)",
    ):
        assert part in written
    assert written.count("| R |") == written.count("| L |") == 1
    assert "| L |" not in texts(comparison_figure(comparisons_of(scan_of())))


def test_measured_scans_are_not_called_simulated():
    kspace = fft2c(torch_ones()).numpy()
    scan = Scan("coils", kspace=kspace)
    written = texts(comparison_figure(comparisons_of(scan, ("Zero-filled",))))
    assert "measured k-space, 2 coils" in written
    assert "simulated" not in written


def torch_ones():
    import torch

    return torch.ones((1, 2, 32, 32), dtype=torch.complex64)


def test_reasons_and_remarks_are_written():
    score = metrics.excluded(metrics.DEFAULT, "used for tuning, never scored")
    items = comparisons_of(scan_of(), score=score)
    remarked = replace(items[1].recon, remarks=("trained for R = 8",))
    written = texts(comparison_figure([items[0], Item(remarked, score)]))
    assert "no score: used for tuning, never scored" in written
    assert "nan" not in written
    assert "Compressed sensing (L1-wavelet): trained for R = 8" in written


def test_infinite_psnr_is_written():
    score = Score(metrics.DEFAULT, math.inf, 1.0, 0.0, 0.0)
    assert "PSNR inf dB" in texts(comparison_figure(comparisons_of(scan_of(), score=score)))


@pytest.mark.parametrize(
    ("shape", "spacing"), [((40, 32), (1, 1, 1)), ((40, 32), (3, 2, 0.5)), ((20, 90), (1, 1, 1))]
)
def test_images_have_their_physical_shape_and_nothing_is_cropped(shape, spacing):
    figure = comparison_figure(comparisons_of(scan_of(shape, spacing_mm=spacing)))
    width, height = figure.get_size_inches()
    expected = shape[0] * spacing[1] / (shape[1] * spacing[2])
    axes = figure.axes[0]
    box = axes.get_position()
    assert box.height * height / (box.width * width) == pytest.approx(expected)
    assert axes.get_xlim() == (-0.5, shape[1] - 0.5)
    assert axes.get_ylim() == (shape[0] - 0.5, -0.5)


@pytest.mark.parametrize("n_methods", [1, 2, 6])
@pytest.mark.parametrize("shape", [(40, 32), (120, 30)])
def test_nothing_overlaps_or_leaves_the_page(n_methods, shape):
    labels = [f"A network fine-tuned on ten local slices {i}" for i in range(n_methods)]
    scan = scan_of(shape, name="a scan with quite a long name, as exported by the archive")
    score = metrics.excluded(metrics.DEFAULT, "used for tuning, never scored")
    items = comparisons_of(scan, labels, score)
    figure = comparison_figure(
        [Item(replace(i.recon, remarks=("long " * 20,)), i.score) for i in items]
    )
    figure.draw_without_rendering()
    page = figure.bbox
    written = [text for text in figure.texts if text.get_text()]
    for axes in figure.axes:
        written += [text for text in (axes.title, *axes.texts) if text.get_text()]
    boxes = [text.get_window_extent() for text in written]
    for text, box in zip(written, boxes, strict=True):
        inside = page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
        assert inside, text.get_text()
    for i, box in enumerate(boxes):
        for j in range(i):
            clash = (written[i].get_text(), written[j].get_text())
            assert not box.overlaps(boxes[j]), clash


@pytest.mark.parametrize("style", STYLES.names())
def test_styles(style):
    figure = comparison_figure(comparisons_of(scan_of()), style=style)
    assert figure.get_facecolor() == to_rgba(STYLES[style].item.background)
    assert {text.get_color() for text in figure.texts} >= {STYLES[style].item.text}


def test_default_window_ignores_hot_voxels_and_bears_emptiness():
    reference = np.full((100, 100), 5.0, np.float32)
    reference[0, 0] = 1e4
    assert default_window(reference) == (0, 5)
    assert default_window(np.zeros((10, 10), np.float32)) == (0, 1)


def test_refusals():
    items = comparisons_of(scan_of())
    with pytest.raises(ValueError, match="at least one method, got none"):
        comparison_figure([])
    with pytest.raises(ValueError, match="one slice of one scan under one mask, got 2"):
        comparison_figure([items[0], comparisons_of(scan_of())[0]])
    other = Item(items[1].recon, replace(items[1].score, definition="calgary"))
    with pytest.raises(ValueError, match="one definition, got calgary, fastmri-volume"):
        comparison_figure([items[0], other])
    with pytest.raises(ValueError, match=r"window must run .* got \(5, 5\)"):
        comparison_figure(items, (5, 5))
    with pytest.raises(ValueError, match="error_factor must be greater than 0, got 0"):
        comparison_figure(items, error_factor=0)
    with pytest.raises(ValueError, match="unknown figure style 'pink': choose one of light, dark"):
        comparison_figure(items, style="pink")


PROVENANCE = {"command": "tlmri recon Müller.nii", "seed": "3"}


def saved(tmp_path, suffix):
    path = tmp_path / f"comparison.{suffix}"
    save_figure(comparison_figure(comparisons_of(scan_of())), path, PROVENANCE)
    assert list(tmp_path.iterdir()) == [path]
    return path


def test_png_carries_its_provenance(tmp_path):
    with Image.open(saved(tmp_path, "png")) as image:
        assert image.text["command"] == PROVENANCE["command"]
        assert image.text["seed"] == "3"
        assert image.text["Title"] == "subject 1, slice 0"
        assert image.text["Software"].startswith("tlmri ")
        assert image.width > 1500


def test_svg_carries_its_provenance_and_text(tmp_path):
    text = saved(tmp_path, "svg").read_text(encoding="utf-8")
    assert "tlmri recon Müller.nii" in text
    assert "simulated from magnitude" in text


def test_pdf_carries_its_provenance(tmp_path):
    data = saved(tmp_path, "pdf").read_bytes()
    assert data.startswith(b"%PDF")
    keywords = re.search(rb"/Keywords \((.*?[^\\])\)", data, re.DOTALL)
    assert keywords is not None
    text = (
        keywords[1].decode("utf-16")
        if keywords[1].startswith(b"\xfe\xff")
        else keywords[1].decode()
    )
    assert json.loads(text)["seed"] == "3"


def test_every_format_is_tested_above():
    assert FORMATS.names() == ("png", "pdf", "svg")


def test_other_suffixes_are_refused(tmp_path):
    figure = comparison_figure(comparisons_of(scan_of()))
    with pytest.raises(ValueError, match=r"must end in \.png, \.pdf, \.svg, got '\.jpg'"):
        save_figure(figure, tmp_path / "figure.jpg", {})
    assert list(tmp_path.iterdir()) == []


def test_an_undersampled_scan_has_no_reference_and_no_errors():
    sampled = np.random.default_rng(1).random((40, 32)) < 0.5
    kspace = fft2c(torch.ones(1, 2, 40, 32)).numpy()
    scan = Scan("acquired", kspace=kspace, sampled=sampled)
    source = undersample(scan, 0, Mask(sampled, (1, 1), "acquired", 2.0123, 0))
    image = np.ones((40, 32), np.float32)
    score = metrics.excluded(metrics.DEFAULT, "no fully sampled reference")
    items = [Item(Recon(source, f"m{i}", f"Method {i}", image * i, 0.1), score) for i in (1, 2)]
    figure = comparison_figure(items)
    grey, errors = images(figure)
    assert errors == []
    assert [image.get_array().dtype for image in grey] == [bool, np.float32, np.float32]
    written = texts(figure)
    assert "Reference" not in written
    assert "R = 2.01, as acquired" in written
    assert written.count("no score: no fully sampled reference") == 2
    assert "No PSNR, SSIM or error map without a reference" in written
