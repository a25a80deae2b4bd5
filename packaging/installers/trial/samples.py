"""A small file of each format that the application reads, written by the libraries themselves."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from installers.trial.twix_sample import write_twix

SIZE, N_SLICES, N_COILS = 96, 4, 4


@dataclass(frozen=True)
class Sample:
    """A file below the samples' folder, and the options that say what it does not say itself."""

    format: str
    path: str
    options: tuple[str, ...] = ()


BRAIN = Sample("NIfTI", "brain.nii.gz")
SAMPLES = (
    BRAIN,
    Sample("DICOM", "dicom"),
    Sample("fastMRI HDF5", "fastmri.h5"),
    Sample("ISMRMRD", "ismrmrd.h5"),
    Sample("BART", "bart.cfl", ("--content", "kspace", "--axes", "x y slice coil")),
    Sample("MATLAB v5", "matlab5.mat", ("--content", "image", "--axes", "slice y x")),
    Sample("MATLAB v7.3", "matlab73.mat", ("--content", "image", "--axes", "x y slice")),
    Sample("NumPy", "array.npy", ("--content", "image", "--axes", "slice y x")),
    Sample("NumPy archive", "arrays.npz", ("--content", "image", "--axes", "slice y x")),
    Sample("Siemens raw data", "meas.dat"),
)


def write_all(folder: Path) -> Path:
    """Write every sample into a folder, which is emptied before."""
    from core.phantom import make_brain, simulate_scan
    from core.phantom.contrast import t1_weighted

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    brain = make_brain(seed=5, n_slices=N_SLICES, size=SIZE)
    images = t1_weighted(brain).astype(np.float32)
    kspace = simulate_scan(brain, "t1", n_coils=N_COILS, seed=5).kspace
    assert kspace is not None
    _nifti(folder / BRAIN.path, images)
    _dicom(folder / "dicom", images)
    _fastmri(folder / "fastmri.h5", kspace)
    _ismrmrd(folder / "ismrmrd.h5", kspace)
    _bart(folder / "bart.cfl", kspace)
    _matlab(folder, images)
    np.save(folder / "array.npy", images)
    np.savez(folder / "arrays.npz", images=images)
    write_twix(folder / "meas.dat", kspace)
    return folder


def _nifti(path: Path, images: NDArray[np.float32]) -> None:
    import nibabel

    volume = images.transpose(2, 1, 0)[:, ::-1]
    nibabel.save(nibabel.Nifti1Image(volume, np.diag([2.3, 2.3, 5.0, 1.0])), path)


def _dicom(folder: Path, images: NDArray[np.float32]) -> None:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

    folder.mkdir()
    for index, image in enumerate(images):
        path = folder / f"IM{index}"
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = MRImageStorage
        name = UID(f"1.2.3.{index + 1}")
        meta.MediaStorageSOPInstanceUID = name
        data = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
        data.SOPClassUID, data.SOPInstanceUID = MRImageStorage, name
        data.SeriesInstanceUID, data.SeriesNumber = "1.2.3", 1
        data.Rows, data.Columns = image.shape
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.BitsAllocated = data.BitsStored = 16
        data.HighBit, data.PixelRepresentation = 15, 0
        data.PixelSpacing, data.SliceThickness = [2.3, 2.3], 5
        data.ImagePositionPatient = [0.0, 0.0, 5.0 * index]
        data.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        data.PixelData = (1000 * image / images.max()).astype(np.uint16).tobytes()
        data.save_as(path, enforce_file_format=True)


def _fastmri(path: Path, kspace: NDArray[np.complex64]) -> None:
    with h5py.File(path, "w") as file:
        file["kspace"] = kspace
        file["ismrmrd_header"] = _header()


def _ismrmrd(path: Path, kspace: NDArray[np.complex64]) -> None:
    import ismrmrd

    dataset = ismrmrd.Dataset(str(path), "dataset", mode="w")
    dataset.write_xml_header(_header().encode())
    for index, coils in enumerate(kspace):
        for line in range(SIZE):
            readout = ismrmrd.Acquisition.from_array(np.ascontiguousarray(coils[:, :, line]))
            readout.center_sample = SIZE // 2
            readout.position[:] = (0, 0, 5 * index)
            readout.read_dir[:], readout.phase_dir[:] = (0, 1, 0), (1, 0, 0)
            readout.slice_dir[:] = (0, 0, 1)
            readout.idx.kspace_encode_step_1, readout.idx.slice = line, index
            dataset.append_acquisition(readout)
    dataset.close()


def _header() -> str:
    size = f"<matrixSize><x>{SIZE}</x><y>{SIZE}</y><z>1</z></matrixSize>"
    length = "<fieldOfView_mm><x>220</x><y>220</y><z>5</z></fieldOfView_mm>"
    return (
        '<?xml version="1.0"?><ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">'
        "<experimentalConditions><H1resonanceFrequency_Hz>123000000</H1resonanceFrequency_Hz>"
        f"</experimentalConditions><encoding><encodedSpace>{size}{length}</encodedSpace>"
        f"<reconSpace>{size}{length}</reconSpace><encodingLimits></encodingLimits>"
        "<trajectory>cartesian</trajectory></encoding></ismrmrdHeader>"
    )


def _bart(path: Path, kspace: NDArray[np.complex64]) -> None:
    values = kspace.transpose(3, 2, 0, 1)
    dims = [*values.shape, *[1] * (16 - values.ndim)]
    path.with_suffix(".hdr").write_text(f"# Dimensions\n{' '.join(map(str, dims))}\n")
    path.write_bytes(values.astype("<c8").tobytes(order="F"))


def _matlab(folder: Path, images: NDArray[np.float32]) -> None:
    import scipy.io

    scipy.io.savemat(folder / "matlab5.mat", {"images": images})
    with h5py.File(folder / "matlab73.mat", "w", userblock_size=512) as file:
        file["images"] = images  # MATLAB's columns first: its own axes are x, y, slice
        file["images"].attrs["MATLAB_class"] = np.bytes_("single")
    preamble = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    with (folder / "matlab73.mat").open("r+b") as raw:
        raw.write(preamble)
