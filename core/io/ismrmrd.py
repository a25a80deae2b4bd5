"""ISMRMRD raw data in HDF5: Cartesian readouts, 2D or 3D.

S. J. Inati et al., ISMRM Raw data format: a proposed standard for MRI raw datasets, MRM
77:411-421, 2017.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.formats import FORMATS, Format, ReadOptions, refusal
from core.io.hdf5 import DAMAGED, is_hdf5
from core.io.hdf5_rows import Rows
from core.io.ismrmrd_header import Header, read_header
from core.io.pose import Pose
from core.io.raw_scan import RawScan, identified, read_raw
from core.io.readouts import Block, Readouts
from core.types import Scan

CARTESIAN = "cartesian"
_LEFT_OUT = {
    "ACQ_IS_NAVIGATION_DATA": "navigator",
    "ACQ_IS_PHASECORR_DATA": "phase correction",
    "ACQ_IS_HPFEEDBACK_DATA": "feedback",
    "ACQ_IS_RTFEEDBACK_DATA": "feedback",
    "ACQ_IS_DUMMYSCAN_DATA": "dummy",
    "ACQ_IS_SURFACECOILCORRECTIONSCAN_DATA": "coil correction",
    "ACQ_IS_PHASE_STABILIZATION_REFERENCE": "phase stabilisation",
    "ACQ_IS_PHASE_STABILIZATION": "phase stabilisation",
}
"""Flags of readouts that are no lines of an image, and what these are."""

_OTHER_CALIBRATION = ("separate", "external")
"""Calibrations that are scans of their own: their lines are of another contrast."""

_BATCH = 256
_NOISE_SAMPLES = 2**20
"""More noise than this does not make its covariance more certain."""


def _group(file: Any) -> Any:  # noqa: ANN401 - h5py is untyped
    """The first group that holds raw data, ``dataset`` before others; None without one."""
    # h5py gives names that are no text as bytes.
    names = sorted(file, key=lambda name: (name != "dataset", str(name)))
    for name in names:
        if {"xml", "data"} <= set(getattr(file.get(name), "keys", list)()):
            fields = getattr(file[name]["data"].dtype, "names", None) or ()
            if {"head", "data"} <= set(fields):
                return file[name]
    return None


def _recognise(path: Path, head: bytes) -> bool:
    if not is_hdf5(head):
        return False
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return _group(file) is not None
    except DAMAGED:
        return False


def read(path: Path, options: ReadOptions) -> Scan:
    """Read one volume of a Cartesian acquisition.

    Coils are whitened by the noise scan, readout oversampling is removed, reversed readouts are
    turned, averages averaged. Asymmetric echoes and partial Fourier are filled with zeros.

    Raises
    ------
    ScanFileError
        If the acquisition is not Cartesian, or the file is damaged; see the checks of this
        package.
    """
    import h5py

    with h5py.File(path, "r") as file:
        group = _group(file)
        header = read_header(path, _xml(path, group["xml"]))
        if header.trajectory.lower() != CARTESIAN:
            raise refusal(path, "its trajectory must be cartesian", header.trajectory)
        rows = Rows(path, group["data"])
        heads = rows.field("head", group["data"].dtype["head"])
        values = h5py.check_vlen_dtype(group["data"].dtype["data"])
        if values is None or values.kind != "f" or values.itemsize != 4:
            raise refusal(path, "samples must be of type float32", values)
        return _read_lines(path, _Samples(path, rows, heads, values), heads, header, options)


def _xml(path: Path, dataset: Any) -> bytes:  # noqa: ANN401 - h5py is untyped
    if not dataset.dtype.hasobject:
        return bytes(dataset[0])
    rows = Rows(path, dataset)
    return rows.values(rows.references()[0], np.dtype("S1")).tobytes()


class _Samples:
    """The samples of readouts by their number in the file."""

    def __init__(
        self, path: Path, rows: Rows, heads: NDArray[Any], kind: np.dtype[np.float32]
    ) -> None:
        self._rows, self._kind = rows, kind
        n_samples = heads["number_of_samples"].astype(np.int64)
        self._coils = heads["active_channels"].astype(np.int64)
        self._references = rows.references("data")
        expected = 2 * self._coils * n_samples
        wrong = self._references["length"] != expected
        if wrong.any():
            i = int(np.argmax(wrong))
            rule = f"readout {i} of {self._coils[i]} coils x {n_samples[i]} samples must hold "
            found = int(self._references["length"][i])
            raise refusal(path, f"{rule}{expected[i]} values", found)

    def __getitem__(self, number: int) -> NDArray[np.complex64]:
        """Shape `(coil, sample)`."""
        flat = self._rows.values(self._references[number], self._kind)
        native = np.ascontiguousarray(flat, np.float32)
        return native.view(np.complex64).reshape(int(self._coils[number]), -1)


def _read_lines(
    path: Path,
    samples: _Samples,
    heads: NDArray[Any],
    header: Header,
    options: ReadOptions,
) -> Scan:
    is_noise = _has(heads, "ACQ_IS_NOISE_MEASUREMENT")
    is_image, notes = _image_lines(heads, header, is_noise)
    if not is_image.any():
        raise refusal(path, "must hold readouts of an image", f"{len(heads)} readouts of none")
    if heads["trajectory_dimensions"][is_image].any():
        raise refusal(path, "its trajectory must be cartesian", "positions stored with its samples")
    numbers = np.flatnonzero(is_image)
    chosen = heads[numbers]
    coils = np.unique(chosen["active_channels"])
    if len(coils) > 1 or coils[0] < 1:
        got = ", ".join(str(int(n)) for n in coils[:8])
        raise refusal(path, "all readouts must have the same number of coils", got)

    def read_batches(which: NDArray[np.int64]) -> Iterator[Sequence[Block]]:
        for start in range(0, len(which), _BATCH):
            yield [(start + i, samples[n]) for i, n in enumerate(numbers[which[start:][:_BATCH]])]

    def read_noise() -> NDArray[np.complex64] | None:
        return _noise(samples, is_noise & (heads["active_channels"] == coils[0]))

    return read_raw(
        path,
        RawScan(
            matrix=header.matrix(),
            readouts=_readouts(chosen),
            volumes=_volumes(chosen),
            n_coils=int(coils[0]),
            pose=_poses(chosen),
            batches=read_batches,
            noise=read_noise,
            person=identified(header.patient),
            notes=notes,
        ),
        options.volume,
    )


def _has(heads: NDArray[Any], flag: str) -> NDArray[np.bool_]:
    import ismrmrd.constants

    bit = np.uint64(getattr(ismrmrd.constants, flag) - 1)
    return np.asarray((heads["flags"] >> bit) & np.uint64(1), np.bool_)


def _image_lines(
    heads: NDArray[Any], header: Header, is_noise: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Which readouts are lines of the image (calibration lines among them), and what is not."""
    left_out: dict[str, int] = {}
    is_image = ~is_noise
    for flag, name in _LEFT_OUT.items():
        found = _has(heads, flag) & is_image
        left_out[name] = left_out.get(name, 0) + int(found.sum())
        is_image &= ~found
    other = is_image & (heads["encoding_space_ref"] != 0)
    left_out["other encodings"] = int(other.sum())
    is_image &= ~other
    if header.calibration.lower() in _OTHER_CALIBRATION:
        calibration = is_image & _is_calibration(heads)
        left_out[f"{header.calibration.lower()} calibration"] = int(calibration.sum())
        is_image &= ~calibration
    found_words = [f"{count} of {name}" for name, count in left_out.items() if count]
    return is_image, (f"readouts left out: {', '.join(found_words)}",) if found_words else ()


def _is_calibration(heads: NDArray[Any]) -> NDArray[np.bool_]:
    """Readouts for the calibration of parallel imaging that are no lines of the image besides."""
    also_imaging = _has(heads, "ACQ_IS_PARALLEL_CALIBRATION_AND_IMAGING")
    return _has(heads, "ACQ_IS_PARALLEL_CALIBRATION") & ~also_imaging


def _readouts(heads: NDArray[Any]) -> Readouts:
    idx = heads["idx"]
    n = heads["number_of_samples"].astype(np.int64)
    centre = heads["center_sample"].astype(np.int64)
    return Readouts(
        step1=idx["kspace_encode_step_1"].astype(np.int64),
        step2=idx["kspace_encode_step_2"].astype(np.int64),
        slice=idx["slice"].astype(np.int64),
        n_samples=n,
        centre=np.where(centre == 0, n // 2, centre),  # 0: never filled in by its writer
        first=heads["discard_pre"].astype(np.int64),
        last=n - heads["discard_post"].astype(np.int64),
        is_reversed=_has(heads, "ACQ_IS_REVERSE"),
        is_calibration=_is_calibration(heads),
        volume=np.zeros(len(heads), np.int64),
    )


def _volumes(heads: NDArray[Any]) -> dict[str, NDArray[np.int64]]:
    """What tells volumes apart, the slowest first."""
    names = ("repetition", "phase", "set", "contrast")
    return {name: heads["idx"][name].astype(np.int64) for name in names}


def _poses(heads: NDArray[Any]) -> Pose:
    """Directions of the first readout; the position of every readout."""
    first = heads[0]
    directions = np.stack([first[f"{name}_dir"] for name in ("read", "phase", "slice")])
    return Pose(directions.astype(np.float64), heads["position"].astype(np.float64))


def _noise(samples: _Samples, is_noise: NDArray[np.bool_]) -> NDArray[np.complex64] | None:
    """Samples of the noise scan, shape `(coil, sample)`; None without one."""
    found: list[NDArray[np.complex64]] = []
    for number in np.flatnonzero(is_noise):
        found.append(samples[int(number)])
        if sum(block.shape[1] for block in found) >= _NOISE_SAMPLES:
            break
    return np.concatenate(found, axis=1) if found else None


FORMATS.register("ismrmrd", "ISMRMRD", ReadOptions)(
    Format(
        (".h5", ".hdf5", ".mrd"),
        _recognise,
        read,
        layout="a group with the raw data 'xml' and 'data'",
        media_type="application/x-hdf",
    )
)
