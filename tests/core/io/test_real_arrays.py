"""Real arrays without a header, and a real DICOM series: what the scan doctor makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from core.io import ReadOptions, ScanFileError, load
from core.io.arrays import preview
from core.io.examination import examine
from core.types import Scan

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data beside the checkout"),
]

OPTIONS = ReadOptions()


def rss(scan: Scan, index: int) -> np.ndarray:
    """Root sum of squares of a slice's coil images, by NumPy; a magnitude image as it is."""
    if scan.kspace is None:
        return scan.magnitude[index]
    shifted = np.fft.ifft2(np.fft.ifftshift(scan.kspace[index], (-2, -1)), norm="ortho")
    return np.linalg.norm(np.fft.fftshift(shifted, (-2, -1)), axis=0)


SAMPLES = {
    "kspace/loraks_MPRAGE_4ch.mat": ("kspace", "y x coil", (1, 4, 256, 256)),
    "kspace/loraks_T2_1ch.mat": ("kspace", "y x", (1, 1, 256, 340)),
    "kspace/espirit_brain_alias_8ch.mat": ("kspace", "y x coil", (1, 8, 320, 256)),
    "kspace/ugmpi_4h_mpr.mat": ("image", "y x coil", (1, 4, 256, 256)),
    "kspace/chiew_brain_16ch_v73.mat": ("kspace", "y x other coil", (1, 16, 96, 96)),
    "kspace/frankong_brain_img_1ch.npy": ("image", "y x", (1, 1, 512, 512)),
    "formats/bart_brain_8ch.cfl": ("kspace", "x y coil", (1, 8, 230, 180)),
    "formats/bart_brain_8ch.hdr": ("kspace", "x y coil", (1, 8, 230, 180)),
    "other/kellman-PKdata1.mat": ("image", "y x other other slice", (4, 1, 256, 192)),
    "other/kellman-PKdata12.mat": ("image", "y x other other slice", (3, 1, 256, 192)),
    "formats/admm_brain1_v73.mat": ("magnitude", "y x", (1, 256, 256)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_is_understood(name):
    content, axes, shape = SAMPLES[name]
    found = examine(DATA / name, OPTIONS)
    assert not found.diagnosis.doubts
    assert (found.interpretation.content, found.interpretation.axes) == (content, axes)
    assert found.interpretation.kspace_origin == "centre"
    assert found.interpretation.image_origin == "centre"
    scan = load(DATA / name)
    assert (scan.kspace if content != "magnitude" else scan.magnitude).shape == shape
    assert len(scan.notes) >= (0 if content == "magnitude" else 1)
    assert scan.has_reference == ("bart" not in name)
    middle = rss(scan, scan.n_slices // 2)
    shown = preview(found.array.values, found.interpretation)
    step = -(-max(middle.shape) // 256)
    np.testing.assert_allclose(
        shown, middle[::step, ::step] / middle[::step, ::step].max(), atol=1e-4
    )


UPRIGHT_HEADS = (
    "kspace/loraks_MPRAGE_4ch.mat",
    "kspace/ugmpi_4h_mpr.mat",
    "kspace/frankong_brain_img_1ch.npy",
    "formats/bart_brain_8ch.cfl",
    "formats/admm_brain1_v73.mat",
)
"""With square pixels, and longer than wide."""


@pytest.mark.parametrize("name", UPRIGHT_HEADS)
def test_heads_are_upright(name):
    scan = load(DATA / name)
    image = rss(scan, 0)
    head = image > 0.15 * np.quantile(image, 0.99)
    rows, columns = (np.flatnonzero(head.sum(axis=axis) > 8) for axis in (1, 0))
    assert np.ptp(rows) > np.ptp(columns)


def test_the_real_kspace_is_that_of_its_authors():
    """The virtual coils of the set and its k-space, transformed by NumPy."""
    path = DATA / "kspace" / "loraks_MPRAGE_4ch.mat"
    stored = loadmat(path)["kData"]
    shifted = np.fft.ifft2(np.fft.ifftshift(stored, (0, 1)), axes=(0, 1), norm="ortho")
    expected = np.linalg.norm(np.fft.fftshift(shifted, (0, 1)), axis=2)
    np.testing.assert_allclose(rss(load(path), 0), expected, atol=1e-5 * expected.max())


def test_wherever_its_origin_is_put_the_scan_is_the_same(tmp_path):
    kspace = load(DATA / "kspace" / "loraks_MPRAGE_4ch.mat").kspace[0]
    reference = np.linalg.norm(
        np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(kspace, (1, 2)), norm="ortho"), (1, 2)),
        axis=0,
    )
    for order in ((0, 1, 2), (1, 2, 0)):
        moved = np.fft.ifftshift(kspace, (1, 2)) * np.where(
            np.indices((256, 256)).sum(0) % 2, -1, 1
        )
        np.save(tmp_path / "scan.npy", moved.transpose(order))
        scan = load(tmp_path / "scan.npy")
        np.testing.assert_allclose(rss(scan, 0), reference, atol=1e-5 * reference.max())


def test_dicom_asks_for_the_echo_and_orders_the_slices():
    folder = DATA / "formats" / "dicom_trio_gre"
    with pytest.raises(ScanFileError, match=r"2\.1 \(gre_field_mapping, TE 4\.92 ms.*2\.2 \("):
        load(folder)
    echoes = [load(folder, ReadOptions(series=label)) for label in ("2.1", "2.2")]
    for scan in echoes:
        assert scan.magnitude.shape == (18, 64, 64)
        assert scan.edges == ("R", "L", "A", "P")
        assert scan.spacing_mm[1:] == pytest.approx((3, 3))
        assert scan.grid is None
        assert any("some may be missing" in note for note in scan.notes)
        assert "Rorden" not in repr(scan)
        # From the base of the skull up: the head ends at the top of the stack.
        area = (scan.magnitude > 0.2 * np.quantile(scan.magnitude, 0.99)).sum(axis=(1, 2))
        assert area[-1] < 0.6 * area[:9].mean()
    assert echoes[0].person == echoes[1].person
    np.testing.assert_array_equal(load(folder / "00001.dcm").magnitude, echoes[1].magnitude)
