"""The same reconstruction on the processor and on each GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.doctor import golden
from core.doctor.check import Finding, failed
from core.progress import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.types import Scan

TOLERANCE = 0.02
"""Relative difference of the images. Where one of both computes convolutions in bfloat16 (rounded
to 4e-3) and the other in single precision, they differ by 1.5e-3; TF32 lies between. Weights that
are wrong by a tenth, or a wrong kernel, leave more than this."""


def agreement(progress: Progress) -> Finding:
    """A network, and a method for several coils whose arithmetic stays on the device."""
    from core import devices

    gpus = [d.name for d in devices.available() if d.name not in ("auto", "cpu")]
    if not gpus:
        return Finding("no GPU here: everything runs on the processor")
    works = {"net:natural-r4": golden.scan_of_one_coil(), "sense": golden.scan_of_four_coils()}
    texts, far = [], False
    for method, scan in works.items():
        progress(0.0, f"{method} on the processor")
        here = image(method, scan, "cpu")
        for gpu in gpus:
            progress(0.5, f"{method} on {gpu}")
            difference = float(np.linalg.norm(image(method, scan, gpu) - here))
            relative = difference / float(np.linalg.norm(here))
            far |= not relative < TOLERANCE
            texts.append(f"{method} on {gpu} differs by {relative:.1e}")
    text = ", ".join(texts)
    return failed(text) if far else Finding(text)


def image(method: str, scan: Scan, device: str) -> NDArray[np.float32]:
    """The slice as a method reconstructs it on a device."""
    from core.pipeline import choose_method, reconstruct, undersample

    undersampled = undersample(scan, golden.middle_slice(), golden.sampling())
    return reconstruct(undersampled, choose_method(method, device)).image
