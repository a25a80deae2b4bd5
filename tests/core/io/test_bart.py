"""BART's pairs of files, written by hand and by BART itself where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from skimage.data import shepp_logan_phantom

from core.io import ReadOptions, ScanFileError, load
from core.io.answers import remember
from core.io.examination import examine
from core.io.interpretation import Interpretation
from core.types import Scan

BART = shutil.which("bart")
needs_bart = pytest.mark.skipif(BART is None, reason="needs BART's command bart")


def write(path: Path, values: np.ndarray, dims: tuple[int, ...] | None = None) -> Path:
    """A pair as BART writes it: column-major complex64, 16 dimensions in text."""
    dims = dims or values.shape
    padded = (*dims, *[1] * (16 - len(dims)))
    path.with_suffix(".hdr").write_text(f"# Dimensions\n{' '.join(map(str, padded))} \n# Creator\n")
    path.with_suffix(".cfl").write_bytes(values.astype("<c8").tobytes(order="F"))
    return path.with_suffix(".cfl")


def rss(scan: Scan, index: int) -> np.ndarray:
    """Root sum of squares of a slice's coil images, by NumPy; a magnitude image as it is."""
    if scan.kspace is None:
        return scan.magnitude[index]
    shifted = np.fft.ifft2(np.fft.ifftshift(scan.kspace[index], (-2, -1)), norm="ortho")
    return np.linalg.norm(np.fft.fftshift(shifted, (-2, -1)), axis=0)


def coil_images(n_coils: int = 4) -> np.ndarray:
    """Shape (80, 64, coil)."""
    image = np.minimum(np.pad(shepp_logan_phantom()[::6, ::7][:66, :54], ((7, 7), (5, 5))), 0.4)
    image = image * (1 + 0.8 * (np.mgrid[0:80, 0:64][0] < 30))
    y, x = np.mgrid[-1:1:80j, -1:1:64j]
    angles = 2 * np.pi * np.arange(n_coils) / n_coils
    maps = [np.exp(-((y - np.cos(a)) ** 2 + (x - np.sin(a)) ** 2) / 2 + 1j * a) for a in angles]
    grain = np.random.default_rng(3).normal(size=(80, 64, n_coils))
    return (np.stack(maps, -1) * image[..., None] + 0.002 * grain).astype(np.complex64)


def fft(images: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    shifted = np.fft.fftn(np.fft.ifftshift(images, axes), axes=axes, norm="ortho")
    return np.fft.fftshift(shifted, axes).astype(np.complex64)


@pytest.mark.parametrize("opened", [".cfl", ".hdr"])
def test_either_file_of_a_pair_is_opened(tmp_path, opened):
    kspace = fft(coil_images(), (0, 1))
    write(tmp_path / "my.cfl", kspace[:, :, None])
    scan = load(tmp_path / f"my{opened}")
    np.testing.assert_array_equal(scan.kspace[0], kspace.transpose(2, 0, 1))
    assert scan.name == "my"
    assert scan.provenance == "measured k-space, 4 coils"


LAYOUTS = {
    "2D": ((80, 64, 1, 4), "y x coil"),
    "no readout": ((1, 80, 64, 4), "y x coil"),
    "slices": ((80, 64, 1, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3), "y x coil slice"),
    "echoes": ((80, 64, 1, 4, 1, 3), "y x coil other"),
    "maps": ((80, 64, 1, 4, 2), "y x coil other"),
    "volume": ((80, 64, 5, 4), "y x slice coil"),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_dimensions_follow_the_order_of_bart(tmp_path, case):
    dims, axes = LAYOUTS[case]
    n = int(np.prod(dims)) // (80 * 64 * 4)
    kspace = fft(coil_images(), (0, 1))
    many = np.stack([kspace * (index + 1) for index in range(n)], axis=-1)
    if case == "volume":
        many = np.swapaxes(many, 2, 3)
    path = write(tmp_path / "scan", many, dims)
    assert examine(path, ReadOptions()).interpretation.axes == axes
    scan = load(path)
    expected = kspace.transpose(2, 0, 1)
    if "slice" in axes:
        assert scan.n_slices == n
        np.testing.assert_allclose(scan.kspace[n - 1], n * expected, rtol=1e-6)
    else:
        np.testing.assert_array_equal(scan.kspace[0], expected)
        last = load(path, ReadOptions(volume=n - 1))
        np.testing.assert_allclose(last.kspace[0], n * expected, rtol=1e-6)


def test_the_readout_of_3d_kspace_becomes_the_slices(tmp_path):
    weights = np.hanning(26)[1:-1]
    images = weights[:, None, None, None] * coil_images()[None]
    path = write(tmp_path / "scan", fft(images, (0, 1, 2)))
    scan = load(path)
    assert scan.kspace.shape == (24, 4, 80, 64)
    assert "3D k-space: slices lie across the readout" in scan.notes
    expected = np.linalg.norm(images[9], axis=-1)
    np.testing.assert_allclose(rss(scan, 9), expected, atol=1e-4)


def test_an_interpretation_is_that_of_the_pair(tmp_path):
    write(tmp_path / "scan", fft(coil_images(), (0, 1)), (80, 64, 1, 4))
    remember(tmp_path / "scan.hdr", Interpretation("y x other", "kspace", volume=3))
    for name in ("scan.cfl", "scan.hdr"):
        assert load(tmp_path / name).kspace.shape == (1, 1, 80, 64)
    assert (tmp_path / "scan.cfl.tlmri.json").is_file()


@needs_bart
@pytest.mark.parametrize(("flags", "content"), [(["-k"], "kspace"), ([], "image")])
def test_what_bart_writes_is_read(tmp_path, flags, content):
    """Against BART's own unitary Fourier transform and root of the sum of squares."""
    run = {"check": True, "capture_output": True, "cwd": tmp_path}
    subprocess.run([BART, "phantom", *flags, "-s4", "-x64", "scan"], **run)
    if content == "kspace":
        subprocess.run([BART, "fft", "-i", "-u", "3", "scan", "images"], **run)
    else:
        subprocess.run([BART, "copy", "scan", "images"], **run)
    subprocess.run([BART, "rss", "8", "images", "theirs"], **run)
    theirs = abs(np.fromfile(tmp_path / "theirs.cfl", "<c8").reshape((64, 64), order="F"))
    scan = load(tmp_path / "scan.cfl")
    assert scan.n_coils == 4
    assert ("complex image" in scan.provenance) == (content == "image")
    axes = examine(tmp_path / "scan.cfl", ReadOptions()).interpretation.axes
    expected = theirs if axes == "y x coil" else theirs.T
    np.testing.assert_allclose(rss(scan, 0), expected, atol=1e-5 * theirs.max())


@needs_bart
def test_undersampling_by_bart_is_seen(tmp_path):
    run = {"check": True, "capture_output": True, "cwd": tmp_path}
    subprocess.run([BART, "phantom", "-k", "-s4", "-x64", "full"], **run)
    subprocess.run([BART, "upat", "-Y64", "-Z1", "-y2", "-z1", "-c12", "pattern"], **run)
    subprocess.run([BART, "fmac", "full", "pattern", "scan"], **run)
    scan = load(tmp_path / "scan.hdr")
    pattern = np.fromfile(tmp_path / "pattern.cfl", "<c8").reshape(1, 64) != 0
    sampled = scan.sampled if np.ptp(scan.sampled.sum(axis=0)) else scan.sampled.T
    np.testing.assert_array_equal(sampled, np.tile(pattern, (64, 1)))


def _pair(tmp_path, header: bytes, n_bytes: int = 8 * 80 * 64):
    (tmp_path / "scan.hdr").write_bytes(header)
    (tmp_path / "scan.cfl").write_bytes(b"\1" * n_bytes)
    return tmp_path / "scan.cfl"


HOSTILE = {
    "truncated": (b"# Dimensions\n80 64\n", 40000, "must hold the 40960 bytes it declares"),
    "too long": (
        b"# Dimensions\n80 64\n",
        50000,
        "the 40960 bytes that scan.hdr declares, got 500",
    ),
    "huge": (b"# Dimensions\n999999999 999999999 9\n", 8, "must hold at most"),
    "an empty axis": (b"# Dimensions\n80 0 64\n", 8, "at least 1 element"),
    "negative": (b"# Dimensions\n80 -64\n", 8, "must declare 1 to 16 dimensions, each a number"),
    "words": (b"# Dimensions\nmany\n", 8, "each a number, got many"),
    "too many": (b"# Dimensions\n" + b"1 " * 17, 8, "1 to 16 dimensions"),
    "digits without end": (b"# Dimensions\n" + b"9" * 5000, 8, "each a number"),
    "nothing": (b"# Dimensions", 8, "must begin as a BART header does"),
    "one axis": (b"# Dimensions\n5120\n", 8 * 5120, "must have 2 or more dimensions above 1"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_bad_pairs_are_refused_in_one_line(tmp_path, case):
    header, n_bytes, message = HOSTILE[case]
    with pytest.raises(ScanFileError) as caught:
        load(_pair(tmp_path, header, n_bytes))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_half_is_named(tmp_path):
    path = write(tmp_path / "scan", np.ones((40, 40)))
    path.unlink()
    with pytest.raises(ScanFileError, match=r"its values must lie beside it as scan\.cfl"):
        load(tmp_path / "scan.hdr")
    write(tmp_path / "scan", np.ones((40, 40)))
    (tmp_path / "scan.hdr").unlink()
    with pytest.raises(ScanFileError, match="must begin as a BART file does"):
        load(tmp_path / "scan.cfl")
