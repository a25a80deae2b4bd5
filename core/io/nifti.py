"""NIfTI-1 and NIfTI-2 in one file, plain or gzipped: magnitude or complex images."""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from core.io.formats import (
    FORMATS,
    MAX_INFLATION,
    Format,
    ReadOptions,
    check_size,
    refusal,
    scan_name,
)
from core.io.kspace import FROM_COMPLEX_IMAGE, kspace_of_images
from core.io.magnitude import clean_magnitude
from core.io.orientation import display_grid
from core.types import Scan

_GZIP = b"\x1f\x8b"
_VERSIONS = ((348, 344, b"n+1\0"), (540, 4, b"n+2\0"))
"""Bytes of the header, and what stands where in it, of NIfTI-1 and NIfTI-2."""

_MM_PER_UNIT = {"meter": 1000.0, "micron": 1e-3}


@dataclass(frozen=True, eq=False)
class _Header:
    """What of the header is needed, checked."""

    shape: tuple[int, int, int]
    n_volumes: int
    dtype: np.dtype[Any]
    offset: int
    slope: float
    intercept: float
    affine: NDArray[np.float64]
    oriented: bool
    notes: tuple[str, ...]


def _version(head: bytes) -> int:
    """Bytes of the header, 348 (NIfTI-1) or 540 (NIfTI-2), or 0 if it is neither."""
    size = head[:4]
    for n_bytes, at, magic in _VERSIONS:
        if n_bytes in (int.from_bytes(size, "little"), int.from_bytes(size, "big")) and (
            head[at : at + 4] == magic
        ):
            return n_bytes
    return 0


def _recognise(path: Path, head: bytes) -> bool:  # noqa: ARG001 - the head tells
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(31).decompress(head, 1024)
        except zlib.error:
            return False
    return _version(head) != 0


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The uncompressed stream, and the most bytes it can hold."""
    on_disk = path.stat().st_size
    with path.open("rb") as raw:
        compressed = raw.read(2) == _GZIP
        raw.seek(0)
        if not compressed:
            yield raw, on_disk
            return
        with gzip.GzipFile(fileobj=raw) as stream:
            yield cast("IO[bytes]", stream), on_disk * MAX_INFLATION


def read(path: Path, options: ReadOptions) -> Scan:
    """Read one volume, turned for display.

    Real values become magnitude images (:func:`core.io.magnitude.clean_magnitude`), complex ones
    the k-space computed from them.

    Raises
    ------
    ScanFileError
        If the file is damaged or holds something else; see the checks of this package.
    """
    with _opened(path) as (stream, room):
        header = _read_header(path, stream, room)
        if not 0 <= options.volume < header.n_volumes:
            rule = f"volume must be from 0 to {header.n_volumes - 1}"
            raise refusal(path, rule, options.volume)
        grid, view, spacing = display_grid(path, header.affine, header.shape)
        stored = _read_volume(path, stream, header, options.volume)
    turned = grid.to_scan(stored)
    notes = list(header.notes)
    if header.n_volumes > 1:
        notes.append(f"volume {options.volume + 1} of {header.n_volumes}")
    if view.name != "axial":
        notes.append(f"{view.name} slices")
    if not header.oriented:
        notes.append("the file states no orientation: left and right, front and back are unknown")
    magnitude = kspace = None
    if turned.dtype.kind == "c":
        if options.content == "kspace":
            raise refusal(path, "a complex NIfTI is read as an image", "content 'kspace'")
        images = _scaled(turned, header, np.complex64)
        kspace, mended = kspace_of_images(path, images[:, None])
    else:
        magnitude, mended = clean_magnitude(path, _scaled(turned, header, np.float32))
    return Scan(
        name=scan_name(path),
        magnitude=magnitude,
        kspace=kspace,
        path=path,
        grid=grid,
        spacing_mm=spacing,
        edges=view.edges if header.oriented else None,
        notes=(*notes, *mended),
        kspace_origin=FROM_COMPLEX_IMAGE,
    )


def _scaled(values: NDArray[Any], header: _Header, dtype: type[Any]) -> NDArray[Any]:
    """Intensities slope * stored + intercept, in one copy."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = values.astype(dtype, order="C")
        if header.slope != 1:
            scaled *= header.slope
        if header.intercept != 0:
            scaled += header.intercept
    return scaled


def _read_volume(path: Path, stream: IO[bytes], header: _Header, volume: int) -> NDArray[Any]:
    """Stored values of one volume with the file's axes."""
    n_bytes = int(np.prod(header.shape, dtype=np.int64)) * header.dtype.itemsize
    stream.seek(header.offset + volume * n_bytes)
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise refusal(path, f"must hold {n_bytes} bytes a volume", f"{len(data)} (truncated)")
    # The end of a gzip stream carries its checksum; reaching it checks it.
    stream.read(1)
    return np.frombuffer(data, header.dtype).reshape(header.shape, order="F")


def _read_header(path: Path, stream: IO[bytes], room: int) -> _Header:
    import nibabel
    from nibabel.spatialimages import HeaderDataError

    head = stream.read(348)
    n_bytes = _version(head)
    head += stream.read(n_bytes - len(head))
    kind = nibabel.Nifti2Header if n_bytes == 540 else nibabel.Nifti1Header
    try:
        header = kind(binaryblock=head, check=False)
        header.check_fix(logger=_silent_logger())
        dtype = header.get_data_dtype()
        slope, intercept = header.get_slope_inter()
        # nibabel's reading of get_data_shape() would also follow a FreeSurfer convention.
        n_axes = int(header["dim"][0])
        dims = tuple(int(n) for n in header["dim"][1 : n_axes + 1])
        affine, oriented, notes = affine_of(header)
    except HeaderDataError as error:
        raise refusal(path, "must have a valid NIfTI header", error) from None
    if dtype.names is not None or dtype.kind not in "uifc":
        raise refusal(path, "voxels must be integer, float or complex numbers", _words(dtype))
    shape, n_volumes = _volumes(path, dims)
    offset = float(header["vox_offset"])
    if not 0 <= offset < room:
        rule = f"voxels must begin within the file's {room} bytes"
        raise refusal(path, rule, f"offset {offset:g}")
    offset = max(offset, n_bytes)
    check_size(path, dims, dtype.itemsize, room - int(offset))
    return _Header(
        shape=shape,
        n_volumes=n_volumes,
        dtype=dtype,
        offset=int(offset),
        slope=1.0 if slope is None else float(slope),
        intercept=0.0 if intercept is None else float(intercept),
        affine=affine,
        oriented=oriented,
        notes=notes,
    )


def _words(dtype: np.dtype[Any]) -> str:
    return "".join(dtype.names).upper() + " colours" if dtype.names else str(dtype)


def _volumes(path: Path, dims: tuple[int, ...]) -> tuple[tuple[int, int, int], int]:
    """Shape of a volume and number of volumes, from a header's 2 to 4 axes."""
    while len(dims) > 3 and dims[-1] == 1:
        dims = dims[:-1]
    if not 2 <= len(dims) <= 4:
        raise refusal(path, "must have 2 to 4 axes", f"{len(dims)} (shape {dims})")
    padded = (*dims, 1, 1)
    return (padded[0], padded[1], padded[2]), padded[3]


def affine_of(header: Any) -> tuple[NDArray[np.float64], bool, tuple[str, ...]]:  # noqa: ANN401 - nibabel is untyped
    """Voxel-to-world matrix of a header in mm, whether the file states one, and notes."""
    stated = bool(header["sform_code"] > 0 or header["qform_code"] > 0)
    try:
        # A signalling NaN in a damaged header warns when it is cast.
        with np.errstate(invalid="ignore"):
            affine = np.asarray(header.get_best_affine(), np.float64)
    except ValueError:
        affine = np.zeros((4, 4))
    if not is_invertible(affine):
        return (
            np.diag([-1.0, 1.0, 1.0, 1.0]),
            False,
            ("the affine is invalid: voxels taken as 1 mm",),
        )
    unit = header.get_xyzt_units()[0]
    factor = _MM_PER_UNIT.get(unit, 1.0)
    if factor == 1:
        return affine, stated, ()
    return np.diag([factor] * 3 + [1]) @ affine, stated, (f"the affine was given in {unit}s",)


def is_invertible(affine: NDArray[np.float64]) -> bool:
    """Whether a voxel-to-world matrix, shape `(4, 4)`, is finite and of a volume in mm."""
    if not np.isfinite(affine).all():
        return False
    sizes = np.sqrt(np.sum(affine[:3, :3] ** 2, axis=0))
    if not ((sizes > 1e-6) & (sizes < 1e6)).all():
        return False
    return abs(float(np.linalg.det(affine[:3, :3] / sizes))) > 1e-3


def _silent_logger() -> logging.Logger:
    """Where nibabel reports what it mends in a header: nowhere, since this reader checks it."""
    logger = logging.getLogger(f"{__name__}.header")
    logger.disabled = True
    return logger


FORMATS.register("nifti", "NIfTI", ReadOptions)(
    Format(
        (".nii", ".nii.gz"),
        _recognise,
        read,
        media_type="application/x-nifti",
        marks=tuple(((at, magic),) for _, at, magic in _VERSIONS),
    )
)
