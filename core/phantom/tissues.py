"""Tissue parameters at 3 T.

Sources, rounded: white and cortical grey matter from Wansapura et al., JMRI 9:531 (1999); deep grey
nuclei from Gelman et al., Radiology 210:759 (1999) and MRM 45:71 (2001); cerebrospinal fluid from
Lin et al., JMRI 14:601 (2001); fat, marrow and muscle from Gold et al., AJR 183:343 (2004), with
de Bazelaire et al., Radiology 230:652 (2004) for fat; blood from Stanisz et al., MRM 54:507 (2005).
Water contents follow Gelman (2001), diffusivities Helenius et al., AJNR 23:194 (2002). Lesions lie
in the range reported for multiple sclerosis. Three rows are effective values: flowing blood is
given a short T2 because it leaves the slice before the echo (the flow void of spin echoes), bone
counts only its few protons that are visible at echo times above 1 ms, and fat's T2 is that of its
apparent, J-coupled decay in single-echo imaging.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

TABLE_FIELD_T = 3.0
"""Field strength of the table, in T."""


class Label(IntEnum):
    """Value of a tissue in :attr:`core.phantom.Brain.labels`, and its row in :data:`TISSUES`."""

    AIR = 0
    CSF = 1
    GREY_MATTER = 2
    WHITE_MATTER = 3
    CORPUS_CALLOSUM = 4
    CAUDATE = 5
    PUTAMEN = 6
    PALLIDUM = 7
    THALAMUS = 8
    BRAINSTEM = 9
    LESION = 10
    BLOOD = 11
    BONE = 12
    MARROW = 13
    FAT = 14
    MUSCLE = 15
    VITREOUS = 16


@dataclass(frozen=True)
class Tissue:
    """What a tissue looks like to the scanner at one field strength.

    Attributes
    ----------
    name
        The name a person reads.
    t1_ms, t2_ms
        Relaxation times in ms.
    pd
        Density of visible protons relative to water, 0 to 1.
    adc_um2_per_ms
        Apparent diffusion coefficient in µm²/ms.
    """

    name: str
    t1_ms: float
    t2_ms: float
    pd: float
    adc_um2_per_ms: float


TISSUES: tuple[Tissue, ...] = (
    Tissue("air", 1000.0, 100.0, 0.0, 0.0),
    Tissue("cerebrospinal fluid", 4160.0, 2000.0, 1.0, 3.0),
    Tissue("cortical grey matter", 1330.0, 110.0, 0.82, 0.85),
    Tissue("white matter", 830.0, 78.0, 0.70, 0.70),
    Tissue("corpus callosum", 800.0, 74.0, 0.69, 0.72),
    Tissue("caudate nucleus", 1270.0, 88.0, 0.81, 0.75),
    Tissue("putamen", 1190.0, 80.0, 0.80, 0.72),
    Tissue("globus pallidus", 960.0, 58.0, 0.74, 0.74),
    Tissue("thalamus", 1080.0, 86.0, 0.77, 0.75),
    Tissue("brainstem", 920.0, 80.0, 0.73, 0.72),
    Tissue("white matter lesion", 1350.0, 165.0, 0.82, 1.05),
    Tissue("flowing blood", 1930.0, 30.0, 0.72, 1.6),
    Tissue("cortical bone", 900.0, 20.0, 0.03, 0.2),
    Tissue("bone marrow", 370.0, 60.0, 0.42, 0.2),
    Tissue("fat", 380.0, 68.0, 0.72, 0.05),
    Tissue("muscle and skin", 1410.0, 34.0, 0.70, 1.4),
    Tissue("vitreous humour", 3900.0, 1000.0, 0.99, 2.6),
)
"""One row a :class:`Label` at 3 T, in the order of its values."""
