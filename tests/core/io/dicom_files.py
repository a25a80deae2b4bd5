"""DICOM files as scanners write them, by pydicom: what tests of series stand on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

VOLUME = np.random.default_rng(5).integers(1, 4000, (6, 40, 48)).astype(np.uint16)
AXIAL = ((1, 0, 0), (0, 1, 0))
SAGITTAL = ((0, 1, 0), (0, 0, -1))
CORONAL = ((1, 0, 0), (0, 0, -1))


def one(path: Path, pixels: np.ndarray, position, directions=AXIAL, **changes) -> FileDataset:
    """Write one slice; ``position`` and ``directions`` in the patient's LPS coordinates."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = changes.pop("syntax", ExplicitVRLittleEndian)
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = f"1.2.3.{abs(hash(path.name)) % 10**9}"
    data = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    data.SOPClassUID, data.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    data.PatientName, data.PatientID = "Doe^Jane", "MRN-4711"
    data.SeriesInstanceUID, data.SeriesNumber, data.SeriesDescription = "1.2.3", 4, "t1_mprage"
    data.ImageType, data.EchoTime = ["ORIGINAL", "PRIMARY", "M", "ND"], 3.5
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation = 15, 0
    data.PixelSpacing, data.SliceThickness = [1.25, 0.75], 5
    data.ImagePositionPatient = [float(v) for v in position]
    data.ImageOrientationPatient = [float(v) for direction in directions for v in direction]
    data.PixelData = pixels.tobytes()
    for name, value in changes.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)
    return data


def series(folder: Path, directions=AXIAL, volume=VOLUME, prefix="IM", **changes) -> Path:
    """Write a stack 5 mm apart, its files named against its order."""
    folder.mkdir(exist_ok=True)
    normal = np.cross(*np.array(directions, float))
    for index, pixels in enumerate(volume):
        position = np.array([-20.0, -30.0, 10.0]) + 5.0 * index * normal
        name = hashlib.sha256(f"{prefix}{index}".encode()).hexdigest()[:8]
        one(folder / f"{prefix}{name}", pixels, position, directions, **changes)
    return folder
