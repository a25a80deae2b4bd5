"""DICOM series: magnitude images, one slice a file, in a folder.

Slices are ordered by their position along their normal. Nothing that names a person is kept but a
hash of the patient's identifier.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.io.answers import beside
from core.io.dicom_choice import remembered_stack
from core.io.dicom_headers import Slice, begins_as_dicom, dataset, is_dicom, read_header
from core.io.dicom_stacks import Stack, affine, check_alike, chosen, ordered, stacks
from core.io.formats import FORMATS, Format, ReadOptions, ScanFileError, refusal
from core.io.magnitude import clean_magnitude
from core.io.orientation import display_grid
from core.types import Scan

_MOST_FILES = 20000
_MOST_LOOKED_AT = 100
_UNEVEN = 0.02
"""Share by which distances between slices may differ from their median."""


def read(path: Path, options: ReadOptions) -> Scan:
    """Read the stack of slices of a folder, or that to which a file belongs.

    Raises
    ------
    ScanFileError
        If slices do not form a stack, or a file is damaged or in a compression that cannot be
        decoded here; a :class:`core.io.formats.ScanInDoubtError` if there are several stacks and
        neither option ``series`` nor what is remembered in the folder chooses one that is there.
    """
    with quiet():
        return _read(path, options)


@contextmanager
def quiet() -> Iterator[None]:
    """Without pydicom's warnings of every value that breaks the standard, as it is looked at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _read(path: Path, options: ReadOptions) -> Scan:
    found, notes = stacks_of(path)
    if not path.is_dir():
        own = [one for one in found if path.absolute() in (piece.path for piece in one.slices)]
        return scan_of(path, chosen(path, own, ""), notes)
    if not options.series and (known := remembered_stack(path, found)) is not None:
        return scan_of(path, known, (f"read as remembered in {beside(path).name}", *notes))
    return scan_of(path, chosen(path, found, options.series), notes)


def stacks_of(path: Path) -> tuple[list[Stack], tuple[str, ...]]:
    """All stacks of a folder, or of a file's folder; notes on what of it was left out.

    Raises
    ------
    ScanFileError
        If there is none.
    """
    slices, notes = _headers(path)
    return stacks(slices), notes


def scan_of(path: Path, stack: Stack, said: tuple[str, ...]) -> Scan:
    """The scan that a stack is, with notes beside those that were said before.

    Raises
    ------
    ScanFileError
        If its slices do not form a stack, or pixels are damaged or cannot be decoded here.
    """
    check_alike(path, stack)
    sorted_slices, steps = ordered(path, stack)
    distance = float(np.median(steps)) if steps.size else stack.slices[0].thickness_mm
    is_even = bool(np.all(np.abs(steps - distance) <= _UNEVEN * distance))
    (ny, nx), n_slices = stack.slices[0].shape, len(sorted_slices)
    grid, view, spacing = display_grid(path, affine(sorted_slices, distance), (nx, ny, n_slices))
    volume = np.stack([_pixels(one) for one in sorted_slices]).transpose(2, 1, 0)
    magnitude, mended = clean_magnitude(path, np.ascontiguousarray(grid.to_scan(volume)))
    notes = [f"series {stack}"]
    if view.name != "axial":
        notes.append(f"{view.name} slices")
    if not is_even:
        notes.append(
            f"slices lie {steps.min():.3g} to {steps.max():.3g} mm apart: some may be missing, "
            "and results keep no position"
        )
    return Scan(
        name=path.name if path.is_dir() else path.absolute().parent.name,
        magnitude=magnitude,
        path=path,
        grid=grid if is_even else None,
        spacing_mm=spacing,
        edges=view.edges,
        notes=(*notes, *said, *mended),
        person=stack.slices[0].person,
    )


def _headers(path: Path) -> tuple[list[Slice], tuple[str, ...]]:
    """Headers of all images of a folder, or of a file's folder; a note on files that are none."""
    if not path.is_dir() and read_header(path) is None:
        raise refusal(path, "must hold an image", "a DICOM file without one")
    folder = path if path.is_dir() else path.absolute().parent
    files = sorted(one for one in folder.iterdir() if one.is_file() and begins_as_dicom(one))
    if len(files) > _MOST_FILES:
        raise refusal(folder, f"must hold at most {_MOST_FILES} DICOM files", len(files))
    found, refused = [], []
    for file in files:
        try:
            header = read_header(file)
        except ScanFileError as error:
            refused.append(error)
            continue
        if header is not None:
            found.append(header)
    if not found:
        raise refused[0] if refused else refusal(folder, "must hold DICOM images", "none")
    if not refused:
        return found, ()
    return found, (f"{len(refused)} other files of the folder left out, the first: {refused[0]}",)


def _pixels(one: Slice) -> NDArray[np.float32]:
    """Intensities of a slice, rescaled as its header says. Shape (row, column)."""
    data = dataset(one.path, None)
    _check_decodable(one.path, str(data.file_meta.get("TransferSyntaxUID", "")))
    try:
        stored = data.pixel_array
        slope = float(data.get("RescaleSlope") or 1.0)
        intercept = float(data.get("RescaleIntercept") or 0.0)
    except MemoryError:
        raise
    except Exception as error:  # on damaged files pydicom raises nearly everything
        raise refusal(one.path, "must hold undamaged pixels", error) from error
    if stored.shape != one.shape:
        raise refusal(one.path, f"must hold {one.shape} pixels", stored.shape)
    if not (np.isfinite([slope, intercept]).all() and slope > 0):
        rule = "must be rescaled by a finite slope above 0 and a finite intercept"
        raise refusal(one.path, rule, f"{slope:g} and {intercept:g}")
    return np.asarray(stored.astype(np.float32) * np.float32(slope) + np.float32(intercept))


def _check_decodable(path: Path, syntax: str) -> None:
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    uid = UID(syntax)
    try:
        available = not uid.is_compressed or get_decoder(uid).is_available
    except (NotImplementedError, ValueError):
        available = False
    if not available:
        rule = "must be uncompressed, or in a compression that can be decoded here"
        raise refusal(path, rule, uid.name or "no transfer syntax")


def _recognise(path: Path, head: bytes) -> bool:
    if not path.is_dir():
        return is_dicom(head)
    try:
        return any(begins_as_dicom(one) for one in islice(path.iterdir(), _MOST_LOOKED_AT))
    except OSError:
        return False


FORMATS.register("dicom", "DICOM", ReadOptions)(
    Format((".dcm", ".ima"), _recognise, read, folders=True, media_type="application/dicom")
)
