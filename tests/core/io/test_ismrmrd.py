"""ISMRMRD files, written here by the format's own library."""

from __future__ import annotations

import h5py
import ismrmrd
import numpy as np
import pytest
from ismrmrd.hdf5 import acquisition_dtype, acquisition_header_dtype

from core.acquisition import reference_image
from core.io import ReadOptions, ScanFileError, load
from core.masks import acquired_mask
from core.people import same_person
from core.phantom import make_brain, simulate_scan

SCHEMA = "http://www.ismrm.org/ISMRMRD"
AXIAL = ((0, 1, 0), (1, 0, 0), (0, 0, 1))
"""Readout from front to back, phase encoding from right to left, slices upwards (LPS)."""

AXES = (-2, -1)


def fft(image, axes=AXES):
    shifted = np.fft.fftn(np.fft.ifftshift(image, axes), axes=axes, norm="ortho")
    return np.fft.fftshift(shifted, axes).astype(np.complex64)


def ifft(kspace, axes=AXES):
    shifted = np.fft.ifftn(np.fft.ifftshift(kspace, axes), axes=axes, norm="ortho")
    return np.fft.fftshift(shifted, axes)


def magnitude(scan, index):
    """Root sum of squares of a slice's coils."""
    return np.linalg.norm(ifft(scan.kspace[index]), axis=0)


def coil_images(n_slices=2, n_coils=3, size=(40, 36)):
    """Coil images `(slice, coil, readout, phase)` of an ellipse with structure, in noise."""
    y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in size], indexing="ij")
    body = ((y / 0.8) ** 2 + ((x - 0.1) / 0.7) ** 2 < 1) * (1 + 0.3 * np.cos(9 * x + 4 * y))
    coils = np.array([np.exp(-((x - c) ** 2) + 1j * c * y) for c in np.linspace(-1, 1, n_coils)])
    rng = np.random.default_rng(7)
    grain = rng.normal(size=(2, n_slices, n_coils, *size)) * 0.01
    scale = np.arange(1, n_slices + 1)[:, None, None, None]
    return (scale * body * coils + grain[0] + 1j * grain[1]).astype(np.complex64)


def header(encoded, fov, recon=None, recon_fov=None, centres=None, more="", **replaced):
    """XML header; sizes are (readout, phase, second phase)."""

    def space(name, size, lengths):
        sizes = "".join(f"<{a}>{n}</{a}>" for a, n in zip("xyz", size, strict=True))
        mm = "".join(f"<{a}>{n}</{a}>" for a, n in zip("xyz", lengths, strict=True))
        return (
            f"<{name}><matrixSize>{sizes}</matrixSize>"
            f"<fieldOfView_mm>{mm}</fieldOfView_mm></{name}>"
        )

    limits = "".join(
        f"<kspace_encoding_step_{i}><minimum>0</minimum><maximum>{2 * c}</maximum>"
        f"<center>{c}</center></kspace_encoding_step_{i}>"
        for i, c in (centres or {}).items()
    )
    return (
        f'<ismrmrdHeader xmlns="{SCHEMA}">{replaced.get("subject", "")}'
        "<experimentalConditions><H1resonanceFrequency_Hz>123000000"
        "</H1resonanceFrequency_Hz></experimentalConditions><encoding>"
        f"{space('encodedSpace', encoded, fov)}"
        f"{space('reconSpace', recon or encoded, recon_fov or fov)}"
        f"<encodingLimits>{limits}</encodingLimits>"
        f"<trajectory>{replaced.get('trajectory', 'cartesian')}</trajectory>{more}"
        "</encoding></ismrmrdHeader>"
    )


def acquisition(data, flags=(), pose=None, **fields):
    """One readout `(coil, sample)`; ``fields`` are of the head, or counters."""
    acq = ismrmrd.Acquisition.from_array(np.ascontiguousarray(data, np.complex64))
    acq.center_sample = data.shape[1] // 2
    for flag in flags:
        acq.setFlag(getattr(ismrmrd, f"ACQ_IS_{flag}"))
    if pose is not None:
        position, (read, phase, across) = pose
        acq.position[:], acq.read_dir[:] = position, read
        acq.phase_dir[:], acq.slice_dir[:] = phase, across
    for name, value in fields.items():
        setattr(acq if hasattr(acq, name) else acq.idx, name, value)
    return acq


def write(path, text, acquisitions):
    """As :func:`append` does, all readouts at once."""
    rows = np.empty(len(acquisitions), acquisition_dtype)
    for row, acq in zip(rows, acquisitions, strict=True):
        row["head"] = np.frombuffer(acq.getHead(), acquisition_header_dtype)[0]
        row["traj"] = acq.traj.reshape(-1)
        row["data"] = acq.data.view(np.float32).reshape(-1)
    append(path, text, [])
    with h5py.File(path, "r+") as file:
        file["dataset/data"] = rows
    return path


def append(path, text, acquisitions):
    dataset = ismrmrd.Dataset(str(path), "dataset", mode="w")
    dataset.write_xml_header(text.encode())
    for acq in acquisitions:
        dataset.append_acquisition(acq)
    dataset.close()
    return path


def lines_of(kspace, lines=None, thickness=4.0, directions=AXIAL, **fields):
    """Readouts of `(slice, coil, readout, phase)`, slices upwards from 10 mm."""
    wanted = range(kspace.shape[-1]) if lines is None else lines
    return [
        acquisition(
            kspace[s, :, :, p],
            pose=((5, -3, 10 + thickness * s), directions),
            kspace_encode_step_1=p,
            slice=s,
            **fields,
        )
        for s in range(len(kspace))
        for p in wanted
    ]


def plain(kspace, **changes):
    n_read, n_phase = kspace.shape[-2:]
    return header((n_read, n_phase, 1), (2.0 * n_read, 1.5 * n_phase, 4.0), **changes)


def test_the_phantom_comes_back(tmp_path):
    expected = simulate_scan(make_brain(3, n_slices=2, size=64), "t1", n_coils=4, seed=3)
    path = append(tmp_path / "head.h5", plain(expected.kspace), lines_of(expected.kspace))
    scan = load(path)
    np.testing.assert_array_equal(scan.kspace, expected.kspace)
    for index in range(2):
        np.testing.assert_array_equal(
            reference_image(scan, index), reference_image(expected, index)
        )
    assert scan.name == "head"
    assert scan.has_reference
    assert scan.provenance == "measured k-space, 4 coils"
    assert scan.edges == ("R", "L", "A", "P")
    assert scan.spacing_mm == (4.0, 2.0, 1.5)
    assert scan.notes == ()
    assert scan.person is None


def test_slices_are_sorted_by_their_position(tmp_path):
    kspace = fft(coil_images(4))
    lines = lines_of(kspace)
    number = {0: 2, 1: 0, 2: 3, 3: 1}
    for line in lines:
        line.idx.slice = number[line.idx.slice]
    lines.sort(key=lambda line: line.idx.slice)
    scan = load(write(tmp_path / "scan.h5", plain(kspace), lines))
    np.testing.assert_array_equal(scan.kspace, kspace)


@pytest.mark.parametrize(
    "directions",
    [
        AXIAL,
        ((0, -1, 0), (-1, 0, 0), (0, 0, -1)),
        ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
        ((1, 0, 0), (0, 0.8, 0.6), (0, -0.6, 0.8)),
        ((0, -0.96, 0.28), (-1, 0, 0), (0, 0.28, 0.96)),
    ],
)
@pytest.mark.parametrize("size", [(40, 36), (41, 37)])
def test_every_voxel_lies_where_its_readout_said(tmp_path, directions, size):
    images = coil_images(3, 1, size)
    read, phase, across = (np.array(d, float) for d in directions)
    n_read, n_phase = size
    lines = [
        acquisition(
            fft(images)[s, :, :, p],
            pose=(np.array([5, -3, 10]) + 4 * s * across, directions),
            kspace_encode_step_1=p,
            slice=s,
        )
        for s in range(3)
        for p in range(n_phase)
    ]
    scan = load(write(tmp_path / "scan.h5", plain(images), lines))
    world_to_voxel = np.linalg.inv(scan.grid.affine)
    for s, i, j in [(0, 10, 12), (1, 20, 25), (2, 30, 9)]:
        lps = np.array([5, -3, 10]) + 4 * s * across
        lps = lps + (i - n_read // 2) * 2.0 * read + (j - n_phase // 2) * 1.5 * phase
        voxel = (world_to_voxel @ [-lps[0], -lps[1], lps[2], 1])[:3]
        found = tuple(np.rint(voxel).astype(int))
        np.testing.assert_allclose(voxel, found, atol=1e-4)
        image = reference_image(scan, found[0])
        assert image[found[1:]] == pytest.approx(abs(images[s, 0, i, j]), rel=1e-3)


def test_images_are_mirrored_as_radiologists_look_at_them(tmp_path):
    kspace = fft(coil_images(1))
    upside_down = ((0, -1, 0), (1, 0, 0), (0, 0, -1))
    scan = load(
        write(tmp_path / "scan.h5", plain(kspace), lines_of(kspace, directions=upside_down))
    )
    assert scan.edges == ("R", "L", "A", "P")
    image = np.linalg.norm(ifft(kspace[0]), axis=0)
    np.testing.assert_allclose(magnitude(scan, 0)[1:], image[:0:-1], atol=1e-5)
    standing = ((0, 0, -1), (1, 0, 0), (0, 1, 0))
    scan = load(write(tmp_path / "scan.h5", plain(kspace), lines_of(kspace, directions=standing)))
    assert scan.edges == ("R", "L", "S", "I")


@pytest.mark.parametrize("directions", [((0, 0, 0),) * 3, ((1, 0, 0), (1, 0, 0), (0, 0, 1))])
def test_without_an_orientation_nothing_is_turned(tmp_path, directions):
    kspace = fft(coil_images(1))
    scan = load(write(tmp_path / "scan.h5", plain(kspace), lines_of(kspace, directions=directions)))
    np.testing.assert_array_equal(scan.kspace, kspace)
    assert scan.edges is None
    assert scan.grid is None
    assert scan.notes == (
        "the file states no orientation: left and right, front and back are unknown",
    )


def test_readout_oversampling_is_removed(tmp_path):
    images = coil_images()
    wide = np.zeros((2, 3, 80, 36), np.complex64)
    wide[:, :, 20:60] = images
    text = header((80, 36, 1), (160, 54, 4), (40, 36, 1), (80, 54, 4))
    scan = load(write(tmp_path / "scan.h5", text, lines_of(fft(wide))))
    np.testing.assert_allclose(scan.kspace, fft(images), atol=1e-5)
    assert scan.spacing_mm == (4.0, 2.0, 1.5)


def test_phase_oversampling_and_interpolation_are_removed(tmp_path):
    images = coil_images()
    wide = np.zeros((2, 3, 40, 54), np.complex64)
    wide[..., 9:45] = images
    text = header((40, 54, 1), (80, 81, 4), (80, 72, 1), (80, 54, 4))
    scan = load(write(tmp_path / "scan.h5", text, lines_of(fft(wide))))
    np.testing.assert_allclose(scan.kspace, fft(images), atol=1e-5)


def test_reversed_readouts_are_turned(tmp_path):
    kspace = fft(coil_images(1))
    lines = lines_of(kspace)
    for line in lines[1::2]:
        line.data[:] = line.data[:, ::-1].copy()
        line.setFlag(ismrmrd.ACQ_IS_REVERSE)
    scan = load(write(tmp_path / "scan.h5", plain(kspace), lines))
    np.testing.assert_array_equal(scan.kspace, kspace)


@pytest.mark.parametrize("direction", [1, -1])
def test_asymmetric_echoes_keep_the_centre(tmp_path, direction):
    kspace = fft(coil_images(1))
    short = kspace.copy()
    short[:, :, :10] = 0
    lines = []
    for p in range(36):
        line = acquisition(kspace[0, :, 10:, p][:, ::direction], kspace_encode_step_1=p)
        line.center_sample = 10 if direction == 1 else 20
        if direction == -1:
            line.setFlag(ismrmrd.ACQ_IS_REVERSE)
        lines.append(line)
    scan = load(write(tmp_path / "scan.h5", plain(kspace), lines))
    np.testing.assert_array_equal(scan.kspace, short)
    assert scan.has_reference
    assert "asymmetric echo: 75% of each readout, the rest is 0" in scan.notes


def test_samples_to_discard_are_left_out(tmp_path):
    kspace = fft(coil_images(1))
    lines = lines_of(kspace, discard_pre=4, discard_post=2)
    scan = load(write(tmp_path / "scan.h5", plain(kspace), lines))
    assert not scan.kspace[:, :, :4].any()
    assert not scan.kspace[:, :, -2:].any()
    np.testing.assert_array_equal(scan.kspace[:, :, 4:-2], kspace[:, :, 4:-2])


def test_partial_fourier_is_filled_with_zeros_at_the_right_place(tmp_path):
    kspace = fft(coil_images(1))
    partial = kspace.copy()
    partial[..., :9] = 0
    text = plain(kspace, centres={1: 9})
    lines = [acquisition(kspace[0, :, :, p + 9], kspace_encode_step_1=p) for p in range(27)]
    scan = load(write(tmp_path / "scan.h5", text, lines))
    np.testing.assert_array_equal(scan.kspace, partial)
    assert scan.has_reference
    assert "partial Fourier: 75% of the lines, the rest is 0" in scan.notes


def test_averages_are_averaged(tmp_path):
    kspace = fft(coil_images(1))
    lines = lines_of(kspace * 0.5, average=0) + lines_of(kspace * 1.5, average=1)
    scan = load(write(tmp_path / "scan.h5", plain(kspace), lines))
    np.testing.assert_allclose(scan.kspace, kspace, atol=1e-5)
    assert scan.notes == ("36 lines were measured several times and averaged",)


def test_one_of_several_volumes_is_chosen(tmp_path):
    kspace = fft(coil_images(1))
    lines = [
        line
        for repetition in (0, 1)
        for contrast in (0, 1)
        for line in lines_of(
            kspace * (1 + contrast + 2 * repetition), contrast=contrast, repetition=repetition
        )
    ]
    path = write(tmp_path / "scan.h5", plain(kspace), lines)
    np.testing.assert_allclose(load(path).kspace, kspace, atol=1e-6)
    scan = load(path, ReadOptions(volume=2))
    np.testing.assert_allclose(scan.kspace, 3 * kspace, atol=1e-5)
    assert scan.notes == ("volume 3 of 4 (repetition 1, contrast 0)",)
    with pytest.raises(ScanFileError, match=r"^scan.h5: volume must be from 0 to 3, got 4"):
        load(path, ReadOptions(volume=4))


def test_coils_are_whitened_by_the_noise_scan(tmp_path):
    rng = np.random.default_rng(1)
    mixing = np.array([[1, 0, 0], [0.5, 2, 0], [0.2j, -1, 0.3]])
    noise = rng.normal(size=(2, 3, 20000)) / np.sqrt(2)
    noise = mixing @ (noise[0] + 1j * noise[1])
    kspace = fft(coil_images(2))
    first = [acquisition(block, ["NOISE_MEASUREMENT"]) for block in np.split(noise, 4, axis=1)]
    scan = load(write(tmp_path / "scan.h5", plain(kspace), first + lines_of(kspace)))
    assert scan.notes == ("coils whitened by a noise scan of 20000 samples",)
    expected = np.einsum("dc,scyx->sdyx", np.linalg.inv(mixing), kspace)
    np.testing.assert_allclose(scan.kspace, expected, atol=0.05 * np.abs(expected).max())


def test_a_noise_scan_of_a_dead_coil_is_not_used(tmp_path):
    kspace = fft(coil_images(1))
    noise = np.random.default_rng(1).normal(size=(3, 500)) + 0j
    noise[1] = 0
    first = [acquisition(noise, ["NOISE_MEASUREMENT"])]
    scan = load(write(tmp_path / "scan.h5", plain(kspace), first + lines_of(kspace)))
    np.testing.assert_array_equal(scan.kspace, kspace)
    assert scan.notes == (
        "not whitened by the noise scan: noise covariance must be positive definite, coil 1 has no "
        "noise of its own",
    )


def test_other_readouts_are_left_out(tmp_path):
    kspace = fft(coil_images(1))
    junk = kspace[0, :, :, 0] * 100
    others = [
        acquisition(junk, ["NAVIGATION_DATA"]),
        acquisition(junk[:, :20], ["PHASECORR_DATA"]),
        acquisition(junk[:, :7], encoding_space_ref=1),
    ]
    scan = load(write(tmp_path / "scan.h5", plain(kspace), others + lines_of(kspace)))
    np.testing.assert_array_equal(scan.kspace, kspace)
    assert scan.notes == (
        "readouts left out: 1 of navigator, 1 of phase correction, 1 of other encodings",
    )


def parallel(mode):
    return (
        "<parallelImaging><accelerationFactor><kspace_encoding_step_1>2</kspace_encoding_step_1>"
        "<kspace_encoding_step_2>1</kspace_encoding_step_2></accelerationFactor>"
        f"<calibrationMode>{mode}</calibrationMode></parallelImaging>"
    )


@pytest.mark.parametrize("mode", ["embedded", "separate"])
def test_undersampled_lines_and_those_of_calibration(tmp_path, mode):
    kspace = fft(coil_images(2))
    imaging = list(range(0, 36, 2))
    lines = lines_of(kspace, imaging)
    for line in lines_of(kspace, range(12, 24)):
        if line.idx.kspace_encode_step_1 % 2 or mode == "separate":
            line.setFlag(ismrmrd.ACQ_IS_PARALLEL_CALIBRATION)
            line.data[:] *= 1 if mode == "embedded" else 5
            lines.append(line)
    path = write(tmp_path / "scan.h5", plain(kspace, more=parallel(mode)), lines)
    scan = load(path)
    acquired = set(imaging) | (set(range(12, 24)) if mode == "embedded" else set())
    columns = np.isin(np.arange(36), list(acquired))
    np.testing.assert_array_equal(scan.sampled, np.tile(columns, (40, 1)))
    np.testing.assert_array_equal(scan.kspace, kspace * columns)
    assert acquired_mask(scan).acs_shape == ((40, 13) if mode == "embedded" else (40, 1))
    rate = 36 / columns.sum()
    note = f"acquired undersampled, R = {rate:.2f}, as its lines were acquired: no reference"
    assert note in scan.notes
    assert ("readouts left out: 24 of separate calibration" in scan.notes) == (mode == "separate")


def test_undersampled_images_are_not_cropped_along_the_lines(tmp_path):
    kspace = fft(coil_images(1))
    text = header((40, 36, 1), (80, 54, 4), (32, 32, 1), (64, 48, 4))
    scan = load(write(tmp_path / "scan.h5", text, lines_of(kspace, range(0, 36, 2))))
    assert scan.slice_shape == (32, 36)
    assert "the field of view along x is larger than the 32 pixels asked for" in scan.notes


def volume():
    """3D k-space `(partition, coil, readout, phase)` and its coil images."""
    images = coil_images(34)
    return fft(images, (0, 2, 3)), images


def lines_of_volume(kspace, wanted, centre=17):
    return [
        acquisition(
            kspace[q, :, :, p],
            pose=((0, 0, 7), AXIAL),
            kspace_encode_step_1=p,
            kspace_encode_step_2=q,
        )
        for q, p in np.argwhere(wanted)
    ]


def header_3d(kspace):
    return header((40, 36, len(kspace)), (80, 54, 3.0 * len(kspace)), centres={1: 18, 2: 17})


def test_a_3d_acquisition_becomes_its_partitions(tmp_path):
    kspace, images = volume()
    lines = lines_of_volume(kspace, np.ones((34, 36), bool))
    scan = load(write(tmp_path / "scan.h5", header_3d(kspace), lines))
    np.testing.assert_allclose(scan.kspace, fft(images), atol=1e-4)
    assert scan.notes == ("3D acquisition, shown in its own partitions",)
    assert scan.spacing_mm == pytest.approx((3.0, 2.0, 1.5))
    np.testing.assert_allclose(scan.grid.affine @ [17, 20, 18, 1], [0, 0, 7, 1], atol=1e-5)


def test_a_3d_acquisition_undersampled_along_the_lines_only(tmp_path):
    kspace, images = volume()
    columns = (np.arange(36) % 2 == 0) | (np.abs(np.arange(36) - 18) < 5)
    lines = lines_of_volume(kspace, np.tile(columns, (34, 1)))
    scan = load(write(tmp_path / "scan.h5", header_3d(kspace), lines))
    np.testing.assert_array_equal(scan.sampled, np.tile(columns, (40, 1)))
    np.testing.assert_allclose(scan.kspace, fft(images) * columns, atol=1e-4)


def test_a_3d_acquisition_undersampled_both_ways_is_cut_across_the_readout(tmp_path):
    kspace, images = volume()
    wanted = np.random.default_rng(0).random((34, 36)) < 0.4
    wanted[12:22, 13:23] = True
    scan = load(write(tmp_path / "scan.h5", header_3d(kspace), lines_of_volume(kspace, wanted)))
    assert scan.n_slices == 40
    assert scan.slice_shape == (36, 34)
    assert scan.notes[0] == "3D acquisition, undersampled both ways: slices across the readout"
    sagittal = fft(images.transpose(2, 1, 3, 0)) * wanted.T
    affine = scan.grid.affine
    assert scan.spacing_mm == pytest.approx((2.0, 1.5, 3.0))
    np.testing.assert_allclose(affine @ [20 - 1, 18, 17, 1], [0, 0, 7, 1], atol=1e-5)
    expected = np.linalg.norm(ifft(sagittal[::-1][7]), axis=0)
    found = magnitude(scan, 7)
    np.testing.assert_allclose(found[:, 1:], expected[:, :0:-1], atol=1e-4)
    np.testing.assert_array_equal(scan.sampled[:, 1:], wanted.T[:, :0:-1])


def subject(identification):
    return (
        "<subjectInformation><patientName>Doe</patientName>"
        f"<patientID>{identification}</patientID></subjectInformation>"
    )


@pytest.mark.parametrize(
    ("identification", "is_known"),
    [("HC-0042-7", True), ("XXXXXXXX", False), ("anonymous", False), ("1", False)],
)
def test_the_patients_identification_tells_people_apart(tmp_path, identification, is_known):
    kspace = fft(coil_images(1))
    scans = []
    for name in ("one.h5", "other.h5"):
        text = plain(kspace, subject=subject(identification))
        scans.append(load(write(tmp_path / name, text, lines_of(kspace))))
    assert same_person(*scans) == is_known


# refusals ------------------------------------------------------------------------------------


def one_slice():
    return fft(coil_images(1))


def with_fields(**fields):
    lines = lines_of(one_slice())
    for name, value in fields.items():
        target = lines[5] if hasattr(lines[5], name) else lines[5].idx
        setattr(target, name, value)
    return lines


def one_with_fewer_coils():
    lines = lines_of(one_slice())
    lines[3] = acquisition(one_slice()[0, :2, :, 3], kspace_encode_step_1=3)
    return lines


def with_positions():
    lines = lines_of(one_slice())
    lines[0] = acquisition(one_slice()[0, :, :, 0])
    lines[0].resize(40, 3, 2)
    return lines


def with_nan():
    lines = lines_of(one_slice())
    lines[7].data[0, 3] = np.nan
    return lines


PLAIN = plain(one_slice())
REFUSED = {
    "radial": (plain(one_slice(), trajectory="radial"), lines_of, "cartesian, got radial"),
    "spiral": (plain(one_slice(), trajectory="spiral"), lines_of, "cartesian, got spiral"),
    "EPI": (plain(one_slice(), trajectory="epi"), lines_of, "cartesian, got epi"),
    "positions": (PLAIN, with_positions, "cartesian, got positions stored with its samples"),
    "coils": (PLAIN, one_with_fewer_coils, "the same number of coils, got 2, 3"),
    "line outside": (
        PLAIN,
        lambda: with_fields(kspace_encode_step_1=36),
        "lines must lie within the encoded matrix of 36, got lines 0 to 36",
    ),
    "long readout": (
        header((32, 36, 1), (80, 54, 4)),
        lines_of,
        "at most the 32 samples of the encoded matrix, got 40",
    ),
    "centre": (
        header((64, 36, 1), (80, 54, 4)),
        lambda: with_fields(center_sample=35),
        "samples of a readout must lie within the encoded matrix of 64, got 40 samples",
    ),
    "discarded": (PLAIN, lambda: with_fields(discard_pre=40), "got 0 samples with the centre"),
    "NaN": (PLAIN, with_nan, "must be finite, got 1 NaN or infinite in slice 0"),
    "noise only": (
        PLAIN,
        lambda: [acquisition(one_slice()[0, :, :, 0], ["NOISE_MEASUREMENT"])],
        "must hold readouts of an image, got 1 readouts of none",
    ),
    "too small": (
        header((40, 20, 1), (80, 54, 4)),
        lambda *_: lines_of(one_slice(), range(20)),
        "pixels along each side, got 40 x 20",
    ),
    "no XML": ("not XML", lines_of, "must have an XML header"),
    "empty header": ("<a/>", lines_of, "its header must describe an encoding, got a"),
    "no size": (
        PLAIN.replace("<x>40</x>", "<x>none</x>"),
        lines_of,
        "encodedSpace must have a size x from 1 to 65535, got 'none'",
    ),
    "huge matrix": (
        header((40, 65535, 65535), (80, 54, 4)),
        lines_of,
        "must hold at most",
    ),
    "an entity bomb": (
        '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
        lines_of,
        "its header must describe an encoding",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_file_rule_and_value(tmp_path, case):
    text, make, message = REFUSED[case]
    lines = make(one_slice()) if make is lines_of else make()
    path = write(tmp_path / "scan.h5", text, lines)
    with pytest.raises(ScanFileError) as caught:
        load(path)
    assert str(caught.value).startswith("scan.h5: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_readout_shorter_than_it_says_is_refused(tmp_path):
    path = write(tmp_path / "scan.h5", PLAIN, lines_of(one_slice()))
    with h5py.File(path, "r+") as file:
        row = file["dataset/data"][4]
        row["data"] = row["data"][:-10]
        file["dataset/data"][4] = row
    with pytest.raises(
        ScanFileError, match="readout 4 of 3 coils x 40 samples must hold 240 values, got 230"
    ):
        load(path)


@pytest.mark.parametrize("writer", [write, append])
def test_a_monstrous_length_is_not_believed(tmp_path, writer):
    path = writer(tmp_path / "scan.h5", PLAIN, lines_of(one_slice()))
    data = path.read_bytes()
    length = np.uint32(240).tobytes()
    head = np.array([40, 3, 3], "<u2").tobytes()
    row = data.rindex(head)
    at = data.index(length, row)
    path.write_bytes(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
    with pytest.raises(ScanFileError, match="must hold 240 values, got 4294967295"):
        load(path)


@pytest.mark.parametrize("keep", [0.05, 0.5, 0.95])
def test_truncated_files_are_refused(tmp_path, keep):
    path = write(tmp_path / "scan.h5", PLAIN, lines_of(one_slice()))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ScanFileError, match=r"^scan.h5: must be an undamaged HDF5 file"):
        load(path)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_bytes_give_a_scan_or_one_line(tmp_path, seed):
    path = write(tmp_path / "scan.h5", PLAIN, lines_of(one_slice()))
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(0, len(data), 40):
        data[at] = rng.integers(0, 256)
    path.write_bytes(data)
    try:
        line = load(path).name
    except ScanFileError as error:
        line = str(error)
    assert line.startswith("scan")
    assert "\n" not in line


def test_an_hdf5_file_of_images_is_no_raw_data(tmp_path):
    dataset = ismrmrd.Dataset(str(tmp_path / "scan.h5"), "dataset", mode="w")
    dataset.append_image("image_0", ismrmrd.Image.from_array(np.ones((40, 36), np.float32)))
    dataset.close()
    with pytest.raises(ScanFileError, match=r"raw data 'xml' and 'data' \(ISMRMRD\).*got dataset"):
        load(tmp_path / "scan.h5")


@pytest.mark.parametrize("name", ["scan.mrd", "scan.nii", "scan.dat"])
def test_the_content_decides_when_the_suffix_lies(tmp_path, name):
    path = write(tmp_path / name, PLAIN, lines_of(one_slice()))
    assert load(path).n_coils == 3


def test_the_file_is_closed_after_reading(tmp_path):
    path = write(tmp_path / "scan.h5", PLAIN, lines_of(one_slice()))
    load(path)
    with h5py.File(path, "r+"):
        pass
