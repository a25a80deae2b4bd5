"""What the values of an image may be: complex for every scan, real where it was simulated so."""

from __future__ import annotations

from core.types import Scan

COMPLEX = "complex"
REAL = "real"
CHOICES = (COMPLEX, REAL)
HELP = "Real is true only of scans simulated from magnitude."


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


def remarks(image_values: str) -> tuple[str, ...]:
    """The assumption of a real image, which helps more than a measured scan would allow."""
    if image_values == REAL:
        return ("assumes a real image, which only simulated scans have",)
    return ()
