"""Siemens raw data ("twix", ``.dat``) of the VB, VD and VE lines: Cartesian readouts, 2D or 3D.

Lines are read by twixtools (MIT licence), which ``pip install tlmri-gui[siemens]`` brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.io.formats import FORMATS, Format, ReadOptions, refusal
from core.io.pose import Pose
from core.io.raw_scan import RawScan, identified, read_raw
from core.io.readouts import Block, Matrix, Readouts
from core.io.twix_header import (
    MARKS,
    Measurement,
    Protocol,
    is_twix,
    measurements,
    read_protocol,
)
from core.types import Scan

OVERSAMPLING = 2
"""Siemens scanners sample the readout twice as densely as the field of view asks for."""

_SMALLEST_LINE = 128
_BATCH = 256
_TRAJECTORIES = {2: "radial", 4: "spiral", 8: "blades"}
_SEPARATE = 4
_LEFT_OUT = {
    "PHASCOR": "phase correction",
    "RTFEEDBACK": "feedback",
    "HPFEEDBACK": "feedback",
    "REFPHASESTABSCAN": "phase stabilisation",
    "PHASESTABSCAN": "phase stabilisation",
    "RETRO_DUMMYSCAN": "dummy",
}
"""Flags of readouts that are no lines of an image, and what these are."""

_REFUSED = {
    "SLICE_ACCEL_REFSCAN": "simultaneous slices",
    "SLICE_ACCEL_PHASCOR": "simultaneous slices",
    "FIRST_SCAN_IN_BLADE": "blades",
}
_VOLUMES = ("Rep", "Phs", "Set", "Eco")
_NAMES = ("repetition", "phase", "set", "echo")


def read(path: Path, options: ReadOptions) -> Scan:
    """Read one volume of a Cartesian acquisition, as :func:`core.io.ismrmrd.read` does.

    Raises
    ------
    ScanFileError
        If twixtools is not installed, the acquisition is not Cartesian, or the file is damaged.
    """
    try:
        from twixtools.mdb import Mdb
    except ImportError:
        rule = "Siemens raw data needs the package twixtools (pip install twixtools)"
        raise refusal(path, rule, "none installed") from None
    with path.open("rb") as file:
        found = measurements(path, file)
        protocol, start = read_protocol(path, file, found[-1])
        _check_protocol(path, protocol)
        lines = _lines(path, file, Mdb, found[-1], start)
        for earlier in found[:-1]:
            _, at = read_protocol(path, file, earlier)
            every = _lines(path, file, Mdb, earlier, at)
            lines += [line for line in every if line.is_flag_set("NOISEADJSCAN")]
        return _read_lines(path, lines, protocol, options)


def _check_protocol(path: Path, protocol: Protocol) -> None:
    trajectory = protocol.whole("sKSpace.ucTrajectory", 1)
    if trajectory != 1:
        got = _TRAJECTORIES.get(trajectory, f"number {trajectory}")
        raise refusal(path, "its trajectory must be cartesian", got)
    if protocol.whole("sFastImaging.lEPIFactor", 1) > 1:
        raise refusal(path, "its trajectory must be cartesian", "epi")


def _lines(
    path: Path,
    file: IO[bytes],
    mdb: Any,  # noqa: ANN401 - twixtools is untyped
    measurement: Measurement,
    start: int,
) -> list[Any]:
    """Every readout of a measurement up to the mark that ends it."""
    lines: list[Any] = []
    at, end = start, measurement.offset + measurement.length
    while at + _SMALLEST_LINE <= end:
        file.seek(at)
        line = mdb(file, measurement.is_vd)
        length = int(line.dma_len)
        if line.is_flag_set("ACQEND"):
            return lines
        if length < _SMALLEST_LINE or at + length > end:
            break
        if not line.is_flag_set("SYNCDATA"):
            line.channel_hdr = None  # thousands of objects that nobody reads
            lines.append(line)
        at += length
    rule = "must go on to the end of the acquisition"
    raise refusal(path, rule, f"{len(lines)} readouts (truncated or damaged?)")


def _read_lines(path: Path, lines: list[Any], protocol: Protocol, options: ReadOptions) -> Scan:
    for flag, name in _REFUSED.items():
        if _has(lines, flag).any():
            raise refusal(path, "must be of separate slices and lines", name)
    is_noise = _has(lines, "NOISEADJSCAN")
    is_image, notes = _image_lines(lines, protocol, is_noise)
    if not is_image.any():
        raise refusal(path, "must hold readouts of an image", f"{len(lines)} readouts of none")
    chosen = [line for line, wanted in zip(lines, is_image, strict=True) if wanted]
    coils = sorted({int(line.mdh.UsedChannels) for line in chosen})
    if len(coils) > 1 or coils[0] < 1:
        got = ", ".join(map(str, coils[:8]))
        raise refusal(path, "all readouts must have the same number of coils", got)
    noise_lines = [
        line
        for line, wanted in zip(lines, is_noise, strict=True)
        if wanted and line.mdh.UsedChannels == coils[0]
    ]

    def read_batches(which: NDArray[np.int64]) -> Iterator[Sequence[Block]]:
        for first in range(0, len(which), _BATCH):
            numbers = which[first : first + _BATCH]
            yield [(first + i, _samples(path, chosen[n])) for i, n in enumerate(numbers)]

    def read_noise() -> NDArray[np.complex64] | None:
        if not noise_lines:
            return None
        return np.concatenate([_samples(path, line) for line in noise_lines], axis=1)

    readouts = _readouts(chosen)
    matrix, more = _matrix(readouts, chosen[0], protocol)
    return read_raw(
        path,
        RawScan(
            matrix=matrix,
            readouts=readouts,
            volumes={name: _counter(chosen, c) for name, c in zip(_NAMES, _VOLUMES, strict=True)},
            n_coils=coils[0],
            pose=_poses(chosen),
            batches=read_batches,
            noise=read_noise,
            person=identified(protocol.text("PatientID")),
            notes=(*notes, *more),
        ),
        options.volume,
    )


def _has(lines: Sequence[Any], flag: str) -> NDArray[np.bool_]:
    return np.array([line.is_flag_set(flag) for line in lines], bool)


def _counter(lines: Sequence[Any], name: str) -> NDArray[np.int64]:
    return np.array([getattr(line.mdh.Counter, name) for line in lines], np.int64)


def _image_lines(
    lines: Sequence[Any], protocol: Protocol, is_noise: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Which readouts are lines of the image (calibration lines among them), and what is not."""
    left_out: dict[str, int] = {}
    is_image = ~is_noise
    for flag, name in _LEFT_OUT.items():
        found = _has(lines, flag) & is_image
        left_out[name] = left_out.get(name, 0) + int(found.sum())
        is_image &= ~found
    if protocol.whole("sPat.ucRefScanMode") == _SEPARATE:
        found = _is_calibration(lines) & is_image
        left_out["separate calibration"] = int(found.sum())
        is_image &= ~found
    words = [f"{count} of {name}" for name, count in left_out.items() if count]
    return is_image, (f"readouts left out: {', '.join(words)}",) if words else ()


def _is_calibration(lines: Sequence[Any]) -> NDArray[np.bool_]:
    return _has(lines, "PATREFSCAN") & ~_has(lines, "PATREFANDIMASCAN")


def _samples(path: Path, line: Any) -> NDArray[np.complex64]:  # noqa: ANN401
    """Samples of one readout, shape `(coil, sample)`."""
    samples = np.ascontiguousarray(line.data, np.complex64)
    expected = (int(line.mdh.UsedChannels), int(line.mdh.SamplesInScan))
    if samples.shape != expected:
        raise refusal(path, f"a readout must have the shape {expected}", f"{samples.shape}")
    return samples


def _readouts(lines: Sequence[Any]) -> Readouts:
    n = np.array([line.mdh.SamplesInScan for line in lines], np.int64)
    centre = np.array([line.mdh.CenterCol for line in lines], np.int64)
    return Readouts(
        step1=_counter(lines, "Lin"),
        step2=_counter(lines, "Par"),
        slice=_counter(lines, "Sli"),
        n_samples=n,
        centre=np.where(centre == 0, n // 2, centre),
        first=np.array([line.mdh.CutOff.Pre for line in lines], np.int64),
        last=n - np.array([line.mdh.CutOff.Post for line in lines], np.int64),
        is_reversed=_has(lines, "REFLECT"),
        is_calibration=_is_calibration(lines),
        volume=np.zeros(len(lines), np.int64),
    )


def _matrix(readouts: Readouts, line: Any, protocol: Protocol) -> tuple[Matrix, tuple[str, ...]]:  # noqa: ANN401
    """The grid: the protocol's where the readouts fit into it, else what they themselves span."""
    base = protocol.whole("sKSpace.lBaseResolution")
    longest = int(readouts.n_samples.max())
    is_oversampled = base < longest <= OVERSAMPLING * base
    n_0 = OVERSAMPLING * base if is_oversampled else longest
    kept_0 = base if is_oversampled else longest
    centres = (int(line.mdh.CenterLin), int(line.mdh.CenterPar))
    n_1, c_1, fits_1 = _span(readouts.step1, centres[0], protocol.whole("iPEFTLength"))
    n_2, c_2, fits_2 = _span(readouts.step2, centres[1], protocol.whole("i3DFTLength"))
    fov_0 = protocol.number("sSliceArray.asSlice[0].dReadoutFOV", kept_0)
    fov_1 = protocol.number("sSliceArray.asSlice[0].dPhaseFOV", n_1)
    slab = protocol.number("sSliceArray.asSlice[0].dThickness", 1.0)
    wide_1 = 1 + max(0.0, protocol.number("sKSpace.dPhaseOversamplingForDialog", 0.0))
    wide_2 = 1 + max(0.0, protocol.number("sKSpace.dSliceOversamplingForDialog", 0.0))
    kept_1 = round(n_1 / wide_1) if fits_1 else n_1
    kept_2 = round(n_2 / wide_2) if fits_2 else n_2
    spacing = (fov_0 / kept_0, fov_1 / kept_1, slab / kept_2)
    fits = is_oversampled and fits_1
    notes = () if fits else ("matrix sizes are those of the data: the protocol's do not fit it",)
    return Matrix((n_0, n_1, n_2), (kept_0, kept_1, kept_2), (c_1, c_2), spacing), notes


def _span(steps: NDArray[np.int64], centre: int, stated: int) -> tuple[int, int, bool]:
    """Number of lines, the central one, and whether the number is the protocol's."""
    most = int(steps.max()) + 1
    if most == 1:
        return 1, 0, True
    if centre == 0:  # never filled in by its sequence
        return most, most // 2, False
    n = 2 * max(centre, most - centre)
    if n <= stated <= 2 * n:
        return stated, centre, True
    return n, centre, False


def _poses(lines: Sequence[Any]) -> Pose:
    """Directions of the first readout, without their signs, and the position of every readout."""
    w, x, y, z = (float(v) for v in lines[0].mdh.SliceData.Quaternion)
    columns = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    phase, read, across = columns.T
    positions = [line.mdh.SliceData.SlicePos for line in lines]
    centres = np.array([(p.Sag, p.Cor, p.Tra) for p in positions], np.float64)
    return Pose(np.stack([read, phase, across]), centres, signs_are_known=False)


FORMATS.register("twix", "Siemens raw data", ReadOptions)(
    Format(
        (".dat",),
        lambda _path, head: is_twix(head),
        read,
        media_type="application/x-siemens-twix",
        marks=MARKS,
    )
)
