"""What Dar et al. state: other people, scanners and masks than here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.studies.figures import PAPERS_COUNTS


@dataclass(frozen=True)
class Behind:
    """How far a network is behind the native one in PSNR, in dB, untuned and tuned."""

    raw_db: float
    tuned_db: float


@dataclass(frozen=True)
class Paper:
    """Figures of the paper's text, averaged over R = 2 to 10.

    Attributes
    ----------
    behind
        Of each source domain.
    over_cs_db
        How far tuned networks are ahead of compressed sensing.
    images
        Tuning images needed for convergence, by the number of natural images trained on.
    """

    behind: Mapping[str, Behind]
    over_cs_db: float
    images: Mapping[int, int]


AIM_BEHIND_DB = 0.1
"""How little behind the native network the tuned one of natural images should be."""

PAPER = {
    "t1": Paper(
        behind={"natural": Behind(1.97, 0.18), "t2": Behind(1.34, 0.04)},
        over_cs_db=4.0,
        images={500: 72, 1000: 57, 2000: 58, 4000: PAPERS_COUNTS["t1"]},
    ),
    "t2": Paper(
        behind={"natural": Behind(1.23, 0.19), "t1": Behind(1.14, 0.14)},
        over_cs_db=5.21,
        images={500: 66, 1000: 46, 2000: 51, 4000: PAPERS_COUNTS["t2"]},
    ),
}
"""By the target's domain."""


@dataclass(frozen=True)
class MultiCoil:
    """A row of the paper's Table 2: mean PSNR in dB on T1-weighted images of several coils."""

    natural_raw_db: float
    natural_tuned_db: float
    native_db: float
    spirit_db: float


TABLE_2: Mapping[float, MultiCoil] = {
    2.0: MultiCoil(49.48, 50.09, 50.46, 50.47),
    4.0: MultiCoil(43.54, 44.76, 45.36, 44.60),
    6.0: MultiCoil(39.55, 41.40, 42.06, 40.62),
    8.0: MultiCoil(36.78, 38.45, 39.14, 37.11),
    10.0: MultiCoil(34.27, 35.68, 36.19, 34.23),
}
"""By R."""
