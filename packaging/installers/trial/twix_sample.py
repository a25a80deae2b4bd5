"""A small file of Siemens raw data, of the VB line: one header of 128 bytes a readout and coil.

The layout is that of ``VB17_header`` in twixtools (``mdh_def.py``), by which tlmri reads it.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_HEADER = struct.Struct("<I16xQHH14H2HHHfI2H8H3f4f2H")
_ENDS, _IS_READOUT = 1 << 0, 1 << 3
_FIELD_OF_VIEW_MM, _THICKNESS_MM = 220.0, 5.0
_SIZE_OF_END = 352


def write_twix(path: Path, kspace: NDArray[np.complex64]) -> None:
    """Write k-space of shape `(slice, coil, readout, phase)` as a ``.dat`` file."""
    n_slices, _, n_readout, n_lines = kspace.shape
    parts = [_protocol(n_readout)]
    for index in range(n_slices):
        for line in range(n_lines):
            for coil in kspace[index, :, :, line]:
                head = _header(kspace.shape, _IS_READOUT, line=line, index=index)
                parts += [head, np.ascontiguousarray(coil, "<c8").tobytes()]
    parts.append(_header((1, 0, 0, 0), _ENDS).ljust(_SIZE_OF_END, b"\0"))
    path.write_bytes(b"".join(parts))


def _protocol(n_readout: int) -> bytes:
    values = {
        "sKSpace.lBaseResolution": n_readout,
        "sKSpace.ucTrajectory": "0x1",
        "sSliceArray.asSlice[0].dReadoutFOV": _FIELD_OF_VIEW_MM,
        "sSliceArray.asSlice[0].dPhaseFOV": _FIELD_OF_VIEW_MM,
        "sSliceArray.asSlice[0].dThickness": _THICKNESS_MM,
    }
    lines = "\n".join(f"{name} = {value}" for name, value in values.items())
    text = f"### ASCCONV BEGIN ###\n{lines}\n### ASCCONV END ###\n".encode()
    body = b"MeasYaps\0" + struct.pack("<I", len(text)) + text
    length = 8 + len(body) + -(8 + len(body)) % 32
    return struct.pack("<II", length, 1) + body.ljust(length - 8, b"\0")


def _header(shape: tuple[int, ...], flags: int, line: int = 0, index: int = 0) -> bytes:
    _, n_coils, n_readout, n_lines = shape
    counters = (line, 0, index, *[0] * 11)
    place = (0.0, 0.0, _THICKNESS_MM * index)
    return _HEADER.pack(
        _SIZE_OF_END if flags & _ENDS else _HEADER.size + 8 * n_readout,
        flags,
        n_readout,
        n_coils,
        *counters,
        *(0, 0),  # samples cut off
        *(n_readout // 2, 0, 0.0, 0),
        *(n_lines // 2, 0),
        *[0] * 8,
        *place,
        *(1.0, 0.0, 0.0, 0.0),
        *(0, 0),
    )
