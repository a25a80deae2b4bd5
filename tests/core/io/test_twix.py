"""Siemens raw data, written here with the line headers of twixtools."""

from __future__ import annotations

import ctypes
import struct
import sys

import numpy as np
import pytest

from core.io import ReadOptions, ScanFileError, load, twix_header
from core.masks import acquired_mask

mdh_def = pytest.importorskip("twixtools.mdh_def", reason="needs twixtools: the extra 'siemens'")

AXES = (-2, -1)
N_READ, N_LINES = 40, 36
SAGITTAL = (0.5, 0.5, 0.5, 0.5)
"""A rotation: the slice direction is that of the first of its axes, sagittal."""


def fft(image, axes=AXES):
    shifted = np.fft.fftn(np.fft.ifftshift(image, axes), axes=axes, norm="ortho")
    return np.fft.fftshift(shifted, axes).astype(np.complex64)


def coil_images(n_slices=2, n_coils=3):
    """Coil images `(slice, coil, readout, phase)`."""
    y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in (N_READ, N_LINES)], indexing="ij")
    body = ((y / 0.8) ** 2 + ((x - 0.1) / 0.7) ** 2 < 1) * (1 + 0.3 * np.cos(9 * x + 4 * y))
    coils = np.array([np.exp(-((x - c) ** 2) + 1j * c * y) for c in np.linspace(-1, 1, n_coils)])
    grain = np.random.default_rng(7).normal(size=(2, n_slices, n_coils, N_READ, N_LINES)) * 0.01
    scale = np.arange(1, n_slices + 1)[:, None, None, None]
    return (scale * body * coils + grain[0] + 1j * grain[1]).astype(np.complex64)


def oversampled(images):
    """k-space of images with twice the field of view along the readout."""
    wide = np.zeros((*images.shape[:-2], 2 * N_READ, N_LINES), np.complex64)
    wide[..., N_READ // 2 : N_READ // 2 + N_READ, :] = images
    return fft(wide)


def protocol(**changes):
    values = {
        "sKSpace.lBaseResolution": N_READ,
        "sKSpace.ucTrajectory": "0x1",
        "sFastImaging.lEPIFactor": 1,
        "sSliceArray.asSlice[0].dReadoutFOV": 80.0,
        "sSliceArray.asSlice[0].dPhaseFOV": 54.0,
        "sSliceArray.asSlice[0].dThickness": 3.0,
        **changes,
    }
    lines = "\n".join(f"{name}\t = \t{value}" for name, value in values.items())
    yaps = f"### ASCCONV BEGIN ###\n{lines}\n### ASCCONV END ###\n".encode()
    meas = (
        b'<XProtocol> { <ParamLong."iPEFTLength">  { 36 }\n<ParamLong."i3DFTLength">  { 34 }\n'
        b'<ParamString."PatientID">  { "HC-0042-7"  } }'
    )
    body = b"".join(
        name + b"\0" + struct.pack("<I", len(text)) + text
        for name, text in ((b"Meas", meas), (b"MeasYaps", yaps))
    )
    length = 8 + len(body) + (-(8 + len(body))) % 32
    return struct.pack("<II", length, 2) + body.ljust(length - 8, b"\0")


def flagged(header, flags):
    for flag in flags:
        mdh_def.add_flag(header, flag)
    return header


def line(data, flags=(), is_vd=True, position=(0, 0, 0), quaternion=(1, 0, 0, 0), **counters):
    """Bytes of one readout `(coil, sample)`."""
    centres = {name: counters.pop(name) for name in list(counters) if name.startswith("Center")}
    cut = (counters.pop("Pre", 0), counters.pop("Post", 0))
    header = mdh_def.Scan_header() if is_vd else mdh_def.VB17_header()
    header.SamplesInScan, header.UsedChannels = data.shape[1], data.shape[0]
    header.CenterCol = centres.get("CenterCol", data.shape[1] // 2)
    header.CenterLin = centres.get("CenterLin", N_LINES // 2)
    header.CenterPar = centres.get("CenterPar", 0)
    header.CutOff.Pre, header.CutOff.Post = cut
    for name, value in counters.items():
        setattr(header.Counter, name, value)
    place = header.SliceData
    place.SlicePos.Sag, place.SlicePos.Cor, place.SlicePos.Tra = position
    ctypes.memmove(ctypes.addressof(place) + 12, np.array(quaternion, np.float32).tobytes(), 16)
    flagged(header, ("ONLINE", *flags))
    samples = [np.ascontiguousarray(row, np.complex64).tobytes() for row in data]
    if is_vd:
        channel = bytes(mdh_def.Channel_header())
        return bytes(header) + b"".join(channel + row for row in samples)
    return b"".join(bytes(header) + row for row in samples)


def end(is_vd=True):
    header = flagged(mdh_def.Scan_header() if is_vd else mdh_def.VB17_header(), ["ACQEND"])
    mdh_def.set_dma_len(header, 352)
    return bytes(header).ljust(352, b"\0")


def write_vb(path, text, lines):
    path.write_bytes(text + b"".join(lines) + end(is_vd=False))
    return path


def write_vd(path, *scans):
    """``scans`` are pairs of a protocol and lines."""
    bodies = [text + b"".join(lines) + end() for text, lines in scans]
    bodies = [body.ljust(len(body) + (-len(body)) % 512, b"\0") for body in bodies]
    table, at = struct.pack("<II", 0, len(bodies)), 10240
    for number, body in enumerate(bodies):
        table += struct.pack("<IIQQ64s64s", 1, number, at, len(body), b"", b"")
        at += len(body)
    path.write_bytes(table.ljust(10240, b"\0") + b"".join(bodies))
    return path


def lines_of(kspace, wanted=None, **changes):
    return [
        line(kspace[s, :, :, p], position=(0, 0, 4 * s), Lin=p, Sli=s, **changes)
        for s in range(len(kspace))
        for p in (range(N_LINES) if wanted is None else wanted)
    ]


@pytest.mark.parametrize("version", ["VB", "VD"])
def test_what_was_written_comes_back_without_its_oversampling(tmp_path, version):
    images = coil_images()
    is_vd = version == "VD"
    lines = lines_of(oversampled(images), is_vd=is_vd)
    path = tmp_path / "meas.dat"
    scan = load(write_vd(path, (protocol(), lines)) if is_vd else write_vb(path, protocol(), lines))
    np.testing.assert_allclose(scan.kspace, fft(images), atol=1e-5)
    assert scan.spacing_mm == (4.0, 2.0, 1.5)
    assert scan.has_reference
    assert scan.person == "patient HC-0042-7"
    assert scan.notes == (
        "the orientation is not read from such files: left and right, front and back are unknown",
    )


@pytest.mark.parametrize("version", ["VB", "VD"])
def test_a_desktop_can_tell_the_file_by_its_marks(tmp_path, version):
    path = tmp_path / "meas.dat"
    write_vd(path, (protocol(), [])) if version == "VD" else write_vb(path, protocol(), [])
    head = path.read_bytes()[:100]
    assert any(all(head[at:].startswith(text) for at, text in mark) for mark in twix_header.MARKS)
    assert twix_header.is_twix(path.read_bytes()[:4096])


def test_interleaved_slices_are_sorted_by_their_position(tmp_path):
    images = coil_images(4)
    order = [2, 0, 3, 1]
    kspace = oversampled(images)
    lines = [
        line(kspace[s, :, :, p], position=(9 * s, 0, 0), quaternion=SAGITTAL, Lin=p, Sli=number)
        for number, s in enumerate(order)
        for p in range(N_LINES)
    ]
    scan = load(write_vd(tmp_path / "meas.dat", (protocol(), lines)))
    np.testing.assert_allclose(scan.kspace, fft(images), atol=1e-5)
    assert scan.spacing_mm[0] == pytest.approx(9)


def test_noise_of_an_earlier_measurement_whitens(tmp_path):
    rng = np.random.default_rng(1)
    mixing = np.array([[1, 0, 0], [0.5, 2, 0], [0.2j, -1, 0.3]])
    noise = rng.normal(size=(2, 3, 20000)) / np.sqrt(2)
    noise = mixing @ (noise[0] + 1j * noise[1])
    blocks = [line(block, ["NOISEADJSCAN"]) for block in np.split(noise, 10, axis=1)]
    images = coil_images(1)
    path = write_vd(
        tmp_path / "meas.dat", (protocol(), blocks), (protocol(), lines_of(oversampled(images)))
    )
    scan = load(path)
    assert "coils whitened by a noise scan of 20000 samples" in scan.notes
    expected = np.einsum("dc,scyx->sdyx", np.linalg.inv(mixing), fft(images))
    np.testing.assert_allclose(scan.kspace, expected, atol=0.05 * np.abs(expected).max())


def test_reflected_lines_averages_echoes_and_lines_of_no_image(tmp_path):
    images = coil_images(1)
    kspace = oversampled(images)
    lines = [line(kspace[0, :, :, 0] * 50, ["PHASCOR"]), line(kspace[0, :, :, 0], ["RTFEEDBACK"])]
    for echo in (0, 1):
        for average, gain in ((0, 0.5), (1, 1.5)):
            for p in range(N_LINES):
                data = kspace[0, :, :, p] * gain * (1 + echo)
                if p % 2:
                    lines.append(line(data[:, ::-1], ["REFLECT"], Lin=p, Ave=average, Eco=echo))
                else:
                    lines.append(line(data, Lin=p, Ave=average, Eco=echo))
    path = write_vd(tmp_path / "meas.dat", (protocol(), lines))
    scan = load(path, ReadOptions(volume=1))
    np.testing.assert_allclose(scan.kspace, 2 * fft(images), atol=1e-4)
    assert scan.notes[:3] == (
        "volume 2 of 2 (echo 1)",
        "readouts left out: 1 of phase correction, 1 of feedback",
        "36 lines were measured several times and averaged",
    )


def test_asymmetric_echo_and_partial_fourier_keep_the_centre(tmp_path):
    images = coil_images(1)
    kspace = oversampled(images)
    partial = kspace.copy()
    partial[:, :, :20] = 0
    partial[..., :9] = 0
    lines = [line(kspace[0, :, 20:, p + 9], Lin=p, CenterCol=20, CenterLin=9) for p in range(27)]
    scan = load(write_vd(tmp_path / "meas.dat", (protocol(), lines)))
    wide = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(partial, AXES), norm="ortho"), AXES)
    expected = fft(wide[..., N_READ // 2 : N_READ // 2 + N_READ, :])
    np.testing.assert_allclose(scan.kspace, expected, atol=1e-5)
    assert "partial Fourier: 75% of the lines, the rest is 0" in scan.notes
    assert any(note.startswith("asymmetric echo: 7") for note in scan.notes)


@pytest.mark.parametrize("mode", [2, 4])
def test_lines_for_calibration_are_used_unless_they_are_a_scan_of_their_own(tmp_path, mode):
    images = coil_images(2)
    kspace = oversampled(images)
    lines = lines_of(kspace, range(0, N_LINES, 2))
    lines += lines_of(kspace, range(13, 24, 2), flags=["PATREFSCAN"])
    text = protocol(**{"sPat.ucRefScanMode": f"0x{mode}"})
    scan = load(write_vd(tmp_path / "meas.dat", (text, lines)))
    columns = np.arange(N_LINES) % 2 == 0
    if mode == 2:
        columns[12:25] = True
    np.testing.assert_array_equal(scan.sampled, np.tile(columns, (N_READ, 1)))
    np.testing.assert_allclose(scan.kspace, fft(images) * columns, atol=1e-5)
    assert acquired_mask(scan).acs_shape == (N_READ, 13 if mode == 2 else 1)
    assert ("readouts left out: 12 of separate calibration" in scan.notes) == (mode == 4)


def test_a_3d_acquisition_becomes_its_partitions(tmp_path):
    images = coil_images(34)
    wide = np.zeros((34, 3, 2 * N_READ, N_LINES), np.complex64)
    wide[:, :, N_READ // 2 : N_READ // 2 + N_READ] = images
    kspace = fft(wide, (0, 2, 3))
    lines = [
        line(kspace[q, :, :, p], Lin=p, Par=q, CenterPar=17)
        for q in range(34)
        for p in range(N_LINES)
    ]
    text = protocol(**{"sSliceArray.asSlice[0].dThickness": 102.0})
    scan = load(write_vd(tmp_path / "meas.dat", (text, lines)))
    np.testing.assert_allclose(scan.kspace, fft(images), atol=1e-4)
    assert scan.spacing_mm == pytest.approx((3.0, 2.0, 1.5))


def test_sequences_that_fill_in_no_centre_are_taken_as_they_are(tmp_path):
    kspace = fft(coil_images(1))
    lines = lines_of(kspace, CenterLin=0, CenterCol=0)
    text = protocol(**{"sKSpace.lBaseResolution": 8})
    scan = load(write_vd(tmp_path / "meas.dat", (text, lines)))
    np.testing.assert_array_equal(scan.kspace, kspace)
    assert scan.notes[0] == "matrix sizes are those of the data: the protocol's do not fit it"


# refusals ------------------------------------------------------------------------------------


def whole(**changes):
    return protocol(**changes), lines_of(oversampled(coil_images(1)))


def with_lines(edit):
    text, lines = whole()
    return text, edit(lines)


SHORT = np.ones((3, 80), np.complex64)
REFUSED = {
    "radial": (whole(**{"sKSpace.ucTrajectory": "0x2"}), "must be cartesian, got radial"),
    "spiral": (whole(**{"sKSpace.ucTrajectory": 4}), "must be cartesian, got spiral"),
    "EPI": (whole(**{"sFastImaging.lEPIFactor": 64}), "must be cartesian, got epi"),
    "simultaneous slices": (
        with_lines(lambda lines: [line(SHORT, ["SLICE_ACCEL_REFSCAN"]), *lines]),
        "must be of separate slices and lines, got simultaneous slices",
    ),
    "coils": (
        with_lines(lambda lines: [*lines, line(SHORT[:2], Lin=3)]),
        "the same number of coils, got 2, 3",
    ),
    "no image": (
        with_lines(lambda _: [line(SHORT, ["NOISEADJSCAN"])]),
        "must hold readouts of an image, got 1 readouts of none",
    ),
    "no lines": (with_lines(lambda _: []), "must hold readouts of an image, got 0"),
    "no coils": (
        with_lines(lambda lines: [*lines, line(SHORT[:0])]),
        "the same number of coils, got 0, 3",
    ),
    "NaN": (
        with_lines(lambda lines: [line(SHORT * np.nan, Lin=0), *lines[1:]]),
        "must be finite, got",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_file_rule_and_value(tmp_path, case):
    scan, message = REFUSED[case]
    path = write_vd(tmp_path / "meas.dat", scan)
    with pytest.raises(ScanFileError) as caught:
        load(path)
    assert str(caught.value).startswith("meas.dat: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_line_that_says_it_is_empty_does_not_hang(tmp_path):
    text, lines = whole()
    header = flagged(mdh_def.Scan_header(), ["SYNCDATA"])
    mdh_def.set_dma_len(header, 0)
    header.FlagsAndDMALength = 0
    path = write_vd(tmp_path / "meas.dat", (text, [*lines[:5], bytes(header)]))
    with pytest.raises(ScanFileError, match="go on to the end of the acquisition, got 5 readouts"):
        load(path)


@pytest.mark.parametrize("version", ["VB", "VD"])
@pytest.mark.parametrize("keep", [0.02, 0.3, 0.97])
def test_truncated_files_are_refused(tmp_path, version, keep):
    text = protocol()
    lines = lines_of(oversampled(coil_images(1)), is_vd=version == "VD")
    path = tmp_path / "meas.dat"
    path = write_vd(path, (text, lines)) if version == "VD" else write_vb(path, text, lines)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ScanFileError, match=r"truncated|within the file|undamaged") as caught:
        load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_bytes_give_a_scan_or_one_line(tmp_path, seed):
    text, lines = whole()
    data = bytearray(write_vd(tmp_path / "meas.dat", (text, lines)).read_bytes())
    rng = np.random.default_rng(seed)
    near = rng.integers(10240, 10240 + len(text) + 400, 10)
    for at in (*near, *rng.integers(0, len(data), 20)):
        data[at] = rng.integers(0, 256)
    (tmp_path / "meas.dat").write_bytes(data)
    try:
        found = load(tmp_path / "meas.dat").name
    except ScanFileError as error:
        found = str(error)
    assert found.startswith("meas")
    assert "\n" not in found


def test_without_twixtools_one_line_says_what_to_install(tmp_path, monkeypatch):
    path = write_vd(tmp_path / "meas.dat", whole())
    monkeypatch.setitem(sys.modules, "twixtools.mdb", None)
    with pytest.raises(ScanFileError, match=r"\(pip install twixtools\), got none installed"):
        load(path)


@pytest.mark.parametrize("name", ["meas.bin", "meas.nii", "meas.h5"])
def test_the_content_decides_when_the_suffix_lies(tmp_path, name):
    path = write_vd(tmp_path / "meas.dat", whole())
    renamed = path.rename(tmp_path / name)
    assert load(renamed).n_coils == 3


def test_other_files_called_dat_are_refused(tmp_path):
    (tmp_path / "meas.dat").write_bytes(b"something else" * 100)
    with pytest.raises(ScanFileError, match="must begin as a Siemens raw data file does"):
        load(tmp_path / "meas.dat")
