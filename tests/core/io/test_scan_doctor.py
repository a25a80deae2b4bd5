"""The scan doctor: what it concludes of arrays whose truth is known, and what it asks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage.data import shepp_logan_phantom

from core.io import ReadOptions, ScanFileError, ScanInDoubtError, load
from core.io.answers import beside, remember
from core.io.arrays import RawArray, preview, scan_of
from core.io.examination import can_examine, examine
from core.io.interpretation import Interpretation
from core.io.scan_doctor import diagnose
from core.types import Scan

NY, NX = 96, 80
OPTIONS = ReadOptions()


def head() -> np.ndarray:
    """A head in air, another at the top than at the bottom. Shape `(NY, NX)`."""
    image = np.minimum(np.pad(shepp_logan_phantom()[::5, ::6][:, :66], ((8, 8), (7, 7))), 0.4)
    y, x = np.mgrid[0:NY, 0:NX]
    rng = np.random.default_rng(1)
    waves = rng.uniform(-1.2, 1.2, (40, 3))
    detail = sum(rng.normal() * np.cos(a * y + b * x + c) for a, b, c in waves)
    return image * (1 + 0.8 * (y < 35)) * (1 + 0.05 * detail) * np.exp(0.6j * y / NY)


def sensitivities(n: int) -> np.ndarray:
    """Smooth maps of coils around the head. Shape `(n, NY, NX)`."""
    y, x = np.mgrid[-1 : 1 : NY * 1j, -1 : 1 : NX * 1j]
    angles = 2 * np.pi * np.arange(n) / n
    distance = np.array([(y - np.cos(a)) ** 2 + (x - np.sin(a)) ** 2 for a in angles])
    return np.exp(-distance / 2 + 1j * angles[:, None, None])


def coil_images(n: int = 8) -> np.ndarray:
    """One slice seen by coils, with noise of 0.2 %. Shape `(n, NY, NX)`."""
    noise = np.random.default_rng(2).normal(size=(2, n, NY, NX))
    return (sensitivities(n) * head() + 0.002 * (noise[0] + 1j * noise[1])).astype(np.complex64)


def slices(n: int = 8) -> np.ndarray:
    """Slices of another content each. Shape `(n, NY, NX)`."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[-1 : 1 : NY * 1j, -1 : 1 : NX * 1j]
    body = ((y / 0.8) ** 2 + (x / 0.7) ** 2 < 1) * (1 - 0.3 * y)
    grain = rng.normal(size=(n, NY, NX))
    return (body * (1 + 0.5 * grain)).astype(np.complex64)


def fft(images: np.ndarray, axes=(-2, -1)) -> np.ndarray:
    shifted = np.fft.fftn(np.fft.ifftshift(images, axes), axes=axes, norm="ortho")
    return np.fft.fftshift(shifted, axes).astype(np.complex64)


def rss(scan: Scan, index: int) -> np.ndarray:
    """Root sum of squares of a slice's coil images, by NumPy; a magnitude image as it is."""
    if scan.kspace is None:
        return scan.magnitude[index]
    shifted = np.fft.ifft2(np.fft.ifftshift(scan.kspace[index], (-2, -1)), norm="ortho")
    return np.linalg.norm(np.fft.fftshift(shifted, (-2, -1)), axis=0)


def found(values, tmp_path, plane="last", **options) -> Interpretation:
    diagnosis = diagnose(tmp_path / "a", RawArray(values, plane=plane), ReadOptions(**options))
    assert not diagnosis.doubts
    return diagnosis.interpretation


ORIGIN = {"centre": (), "corner": (-2, -1), "y edge": (-2,), "x edge": (-1,)}


def moved(values: np.ndarray, origin: str) -> np.ndarray:
    """With its origin elsewhere than in the centre."""
    for axis in ORIGIN[origin]:
        values = np.fft.ifftshift(values, axis)
    return values


@pytest.mark.parametrize("kspace_origin", ORIGIN)
@pytest.mark.parametrize("image_origin", ORIGIN)
def test_origins_of_kspace_are_found_and_mended(tmp_path, kspace_origin, image_origin):
    images = coil_images(4)
    kspace = moved(fft(moved(images, image_origin)), kspace_origin)
    interpretation = found(kspace, tmp_path)
    assert interpretation.content == "kspace"
    assert interpretation.kspace_origin == kspace_origin
    assert interpretation.image_origin == image_origin
    scan = scan_of(tmp_path / "a.npy", RawArray(kspace), interpretation)
    np.testing.assert_allclose(rss(scan, 0), np.linalg.norm(images, axis=0), atol=1e-4)


@pytest.mark.parametrize("content", ["image", "kspace"])
@pytest.mark.parametrize(
    ("order", "axes"),
    [((0, 1, 2), "coil y x"), ((1, 2, 0), "y x coil")],
)
@pytest.mark.parametrize("plane", ["first", "last"])
def test_coils_are_found_in_any_order(tmp_path, content, order, axes, plane):
    images = coil_images()
    values = (images if content == "image" else fft(images)).transpose(order)
    interpretation = found(values, tmp_path, plane)
    assert (interpretation.axes, interpretation.content) == (axes, content)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_slices_and_coils_together(tmp_path, order):
    images = slices(6)[:, None] * sensitivities(8)[None]
    values = fft(images).transpose(*order, 2, 3)
    names = [("slice", "coil")[axis] for axis in order]
    assert found(values, tmp_path).axes == f"{names[0]} {names[1]} y x"
    assert (
        found(values.transpose(2, 3, 0, 1), tmp_path, "first").axes == f"y x {names[0]} {names[1]}"
    )


def test_slices_are_not_taken_for_coils(tmp_path):
    assert found(fft(slices()), tmp_path).axes == "slice y x"
    assert found(slices().transpose(1, 2, 0), tmp_path, "first").axes == "y x slice"


def test_3d_kspace_is_transformed_to_slices(tmp_path):
    volume = slices(32) * np.hanning(34)[1:-1, None, None]
    images = volume[:, None] * sensitivities(4)[None]
    kspace = fft(images, (0, 2, 3))
    interpretation = found(kspace, tmp_path)
    assert interpretation.axes == "kz coil y x"
    scan = scan_of(tmp_path / "a.npy", RawArray(kspace), interpretation)
    expected = np.linalg.norm(images, axis=1)
    for index in (3, 16, 30):
        np.testing.assert_allclose(rss(scan, index), expected[index], atol=1e-4)
    shown = preview(kspace, interpretation)
    np.testing.assert_allclose(shown, expected[16] / expected[16].max(), atol=1e-4)


def test_3d_kspace_undersampled_along_kz_is_refused(tmp_path):
    kspace = fft(slices(32)[:, None], (0, 2, 3))
    kspace[1::2, :, 1::2] = 0
    with pytest.raises(ScanFileError, match="sampled alike along kz: name its readout kz"):
        scan_of(tmp_path / "a.npy", RawArray(kspace), Interpretation("kz coil y x", "kspace"))


def test_undersampled_kspace_says_where_it_was_sampled(tmp_path):
    kspace = fft(coil_images(4))
    kept = np.zeros((NY, NX), bool)
    kept[:, ::3] = kept[:, 34:46] = True
    kspace[:, ~kept] = 0
    np.save(tmp_path / "scan.npy", kspace)
    scan = load(tmp_path / "scan.npy")
    np.testing.assert_array_equal(scan.sampled, kept)
    np.testing.assert_array_equal(scan.kspace[0], kspace)
    assert any("acquired undersampled" in note for note in scan.notes)
    (guess,) = [
        g
        for g in examine(tmp_path / "scan.npy", OPTIONS).diagnosis.guesses
        if g.field == "sampling"
    ]
    assert guess.evidence.startswith("undersampled: 5")


def test_kspace_of_an_image_that_lies_on_its_side_is_turned_upright(tmp_path):
    y, x = np.mgrid[-1 : 1 : NY * 1j, -1 : 1 : NX * 1j]
    upright = ((y / 0.9) ** 2 + (x / 0.6) ** 2 < 1) * (2 + np.cos(9 * x) - y)
    upright = upright + 1.0 * (np.hypot(y + 0.4, abs(x) - 0.3) < 0.2)
    assert found(fft(upright), tmp_path).axes == "y x"
    lying = found(fft(upright.T), tmp_path)
    assert lying.axes == "x y"
    scan = scan_of(tmp_path / "a.npy", RawArray(fft(upright.T)), lying)
    np.testing.assert_allclose(rss(scan, 0), upright, atol=1e-4)
    assert found(fft(upright.T), tmp_path, axes="y x").axes == "y x"
    assert found(upright.T, tmp_path).axes == "y x", "images are shown as they were stored"


@pytest.mark.parametrize("flip", ["none", "y", "x", "both"])
@pytest.mark.parametrize("transform", ["forward", "inverse"])
@pytest.mark.parametrize("shape", [(NY, NX), (NY - 1, NX - 1)])
def test_mirrors_and_the_sign_turn_the_image_only(tmp_path, flip, transform, shape):
    """An inverse transform shows the image turned by 180 degrees about the origin."""
    image = np.pad(abs(head()), ((8, 8), (8, 8)))[: shape[0] + 16, : shape[1] + 16]
    if transform == "forward":
        kspace = fft(image)
    else:
        kspace = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(image), norm="ortho"))
    said = Interpretation("y x", "kspace", flip=flip, transform=transform)
    scan = scan_of(tmp_path / "a.npy", RawArray(kspace.astype(np.complex64)), said)
    expected = image
    for axis in {"none": (), "y": (0,), "x": (1,), "both": (0, 1)}[flip]:
        expected = np.flip(expected, axis)
        expected = np.roll(expected, 1, axis) if expected.shape[axis] % 2 == 0 else expected
    np.testing.assert_allclose(rss(scan, 0), expected, atol=1e-5)


def test_mirrors_of_magnitudes(tmp_path):
    image = abs(head()).astype(np.float32)
    for flip, axes in (("y", 0), ("x", 1), ("both", (0, 1))):
        scan = scan_of(tmp_path / "a", RawArray(image), Interpretation("y x", flip=flip))
        np.testing.assert_array_equal(scan.magnitude[0], np.flip(image, axes))


def test_every_guess_is_noted_with_its_evidence(tmp_path):
    np.save(tmp_path / "scan.npy", np.fft.ifftshift(fft(coil_images(6)), (-2, -1)))
    notes = " | ".join(load(tmp_path / "scan.npy").notes)
    assert "taken for k-space: " in notes
    assert "axes taken as 'coil y x': " in notes
    assert "6 coils, which show one object" in notes
    assert "origin of k-space taken as 'corner': " in notes
    assert "turned by 180 degrees" in notes


def test_pairs_in_doubt_are_asked_for_and_answered_by_option_or_file(tmp_path):
    """Two elements seldom tell whether they are coils; NumPy's own convention is not MATLAB's."""
    from scipy.io import savemat

    path = tmp_path / "scan.mat"
    pair = 0.3 * slices(2) + 0.7 * sensitivities(2) * slices(3)[2]
    savemat(path, {"images": pair.transpose(1, 2, 0)})
    with pytest.raises(ScanInDoubtError) as caught:
        load(path, ReadOptions(content="image"))
    line = str(caught.value)
    assert line.startswith("scan.mat: its axes must be said where the data does not tell, got ")
    assert caught.value.field == "axes"
    assert "96 x 80 x 2" in line
    assert "\n" not in line
    assert load(path, ReadOptions(content="image", axes="y x coil")).n_coils == 2
    remember(path, Interpretation("y x slice", "image", variable="images"))
    scan = load(path)
    assert scan.n_slices == 2
    assert scan.notes[0] == "read as remembered in scan.mat.tlmri.json"
    assert load(path, ReadOptions(content="image", axes="y x coil")).n_coils == 2


def test_what_is_remembered_goes_before_guesses(tmp_path):
    path = tmp_path / "scan.npy"
    kspace = fft(coil_images(4))
    np.save(path, kspace)
    remember(path, Interpretation("other y x", "kspace", volume=2))
    scan = load(path)
    assert scan.kspace.shape == (1, 1, NY, NX)
    np.testing.assert_array_equal(scan.kspace[0, 0], kspace[2])
    np.testing.assert_array_equal(load(path, ReadOptions(volume=3)).kspace[0, 0], kspace[3])
    found_ = examine(path, OPTIONS)
    assert found_.interpretation.axes == "other y x"
    assert found_.diagnosis.interpretation.axes == "coil y x"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (Interpretation("y x", "kspace"), "axes must name all 3 axes of the shape (4, 96, 80)"),
        (Interpretation("y coil x", "kspace"), "slices must have 32 to 1024 pixels"),
        (Interpretation("other y x", "kspace", volume=4), "volume must be from 0 to 3, got 4"),
        (Interpretation("slice y x"), "a magnitude must be real, got type complex64"),
    ],
)
def test_a_remembered_one_that_does_not_fit_is_refused(tmp_path, said, message):
    path = tmp_path / "scan.npy"
    np.save(path, fft(coil_images(4)))
    remember(path, said)
    with pytest.raises(ScanFileError) as caught:
        load(path)
    assert message in str(caught.value)


def test_zeros_may_be_said_to_be_measured(tmp_path):
    kspace = fft(slices(1)[0])
    kspace[:, 1::2] = 0
    said = Interpretation("y x", "kspace", sampling="full")
    assert scan_of(tmp_path / "a", RawArray(kspace), said).sampled is None
    said = replace(said, sampling="auto")
    assert scan_of(tmp_path / "a", RawArray(kspace), said).sampled is not None


@pytest.mark.parametrize("content", ["image", "kspace"])
def test_a_preview_shows_the_middle_slice_small(tmp_path, content):
    images = np.kron(coil_images(4), np.ones((5, 5))).astype(np.complex64)
    values = images if content == "image" else fft(images)
    shown = preview(values, Interpretation("coil y x", content))
    assert max(shown.shape) <= 256
    assert shown.max() == pytest.approx(1)
    expected = np.linalg.norm(images, axis=0)[::2, ::2]
    np.testing.assert_allclose(shown, expected / expected.max(), atol=1e-3)


def test_only_plain_arrays_are_examined(tmp_path):
    import nibabel

    nibabel.save(
        nibabel.Nifti1Image(abs(slices(3)).transpose(2, 1, 0), np.eye(4)), tmp_path / "a.nii"
    )
    assert not can_examine(tmp_path / "a.nii")
    with pytest.raises(ScanFileError, match="only a file that leaves something open has an interp"):
        examine(tmp_path / "a.nii", OPTIONS)
    np.save(tmp_path / "b.npy", slices(3))
    assert can_examine(tmp_path / "b.npy")
    assert not beside(tmp_path / "b.npy").exists()
