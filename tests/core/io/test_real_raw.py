"""Real raw data of scanners, and real k-space in raw layouts."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from core.io import ScanFileError, load
from core.masks import acquired_mask

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
ISMRMRD = DATA / "formats" / "DERIVED_ismrmrd_chiew16ch.h5"
FASTMRI = DATA / "formats" / "DERIVED_fastmri_schema_loraks4ch.h5"
TWIX = DATA / "formats" / "siemens_gre_phantom.dat"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data beside the checkout"),
]


def coil_images(kspace):
    axes = (-2, -1)
    shifted = np.fft.ifft2(np.fft.ifftshift(kspace, axes), norm="ortho")
    return np.fft.fftshift(shifted, axes)


def test_ismrmrd_equals_the_array_it_was_made_of():
    scan = load(ISMRMRD)
    with h5py.File(DATA / "kspace" / "chiew_brain_16ch_v73.mat") as file:
        raw = file["raw"][:, 0]
    expected = (raw["real"] + 1j * raw["imag"]).transpose(0, 2, 1)
    assert scan.kspace.shape == (1, 16, 96, 96)
    np.testing.assert_allclose(scan.kspace[0], expected, rtol=1e-6)
    np.testing.assert_allclose(
        np.abs(coil_images(scan.kspace[0])), np.abs(coil_images(expected)), rtol=1e-4, atol=0.01
    )
    assert scan.spacing_mm == (1.0, 2.0, 2.0)
    assert scan.edges is None, "its orientation is a placeholder"


def test_ismrmrd_and_matlab_show_the_same():
    matlab = load(DATA / "kspace" / "chiew_brain_16ch_v73.mat")
    np.testing.assert_array_equal(load(ISMRMRD).kspace, matlab.kspace)


def test_an_undersampled_fastmri_file_is_opened(tmp_path):
    with h5py.File(FASTMRI) as file:
        kspace = file["kspace"][:]
    columns = np.isin(np.arange(256), [*range(0, 256, 4), *range(116, 140)])
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["kspace"], file["mask"] = kspace * columns, columns
    scan = load(path)
    np.testing.assert_array_equal(scan.sampled, np.tile(columns, (256, 1)))
    assert acquired_mask(scan).acs_shape[1] == 25


def test_twix_shows_the_round_phantom():
    pytest.importorskip("twixtools", reason="needs twixtools: the extra 'siemens'")
    scan = load(TWIX)
    assert scan.kspace.shape == (1, 1, 256, 256)
    assert scan.spacing_mm == (5.0, 1.0, 1.0)
    assert scan.edges is None
    image = np.abs(coil_images(scan.kspace[0, 0]))
    y, x = np.indices(image.shape)
    inside = np.hypot(y - 129, x - 119) < 78
    outside = np.hypot(y - 129, x - 119) > 90
    outside &= (x > 60) | (np.abs(y - 140) > 70)  # the small bottles beside it
    assert np.median(image[inside]) > 10 * np.median(image[outside])


def test_twix_cut_short_is_refused(tmp_path):
    pytest.importorskip("twixtools", reason="needs twixtools: the extra 'siemens'")
    path = tmp_path / "meas.dat"
    path.write_bytes(TWIX.read_bytes()[:900_000])
    with pytest.raises(ScanFileError, match=r"must go on to the end .* \(truncated"):
        load(path)
