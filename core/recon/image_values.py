"""What the values of an image may be: complex for every scan, real where it was simulated so."""

from __future__ import annotations

from typing import Any

from core.params import setting
from core.recon.methods import MethodParams
from core.types import Scan, Undersampled

COMPLEX = "complex"
REAL = "real"


def values_setting() -> Any:  # noqa: ANN401 - dataclasses.field is typed so
    """Field of what an image's values may be."""
    return setting(
        COMPLEX,
        "Image values",
        choices=(COMPLEX, REAL),
        choice_labels={COMPLEX: "complex (any scan)", REAL: "real (simulated scans)"},
        help="Real is true only of scans simulated from magnitude.",
    )


class AssumesValues(MethodParams):
    """Settings of a method with a field ``image_values``."""

    image_values: str

    def remarks(self, undersampled: Undersampled) -> tuple[str, ...]:
        """The assumption of a real image, which helps more than a measured scan would allow."""
        del undersampled
        if self.image_values == REAL:
            return ("assumes a real image, which only simulated scans have",)
        return ()


def check_scan(image_values: str, scan: Scan) -> None:
    """Refuse to take a measured scan's image for real.

    Raises
    ------
    ValueError
        If ``image_values`` is ``real`` and the scan was measured.
    """
    if image_values == REAL and not scan.is_simulated:
        raise ValueError(
            f"image_values 'real' needs a scan simulated from magnitude, "
            f"got {scan.name}: {scan.provenance}"
        )
