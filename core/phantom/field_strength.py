"""Relaxation times at field strengths other than 3 T.

The rows of :data:`~core.phantom.TISSUES` are carried from 3 T to another field B0 by published
laws, so that at 3 T the table stays as it is.

T1 grows as a power of B0. Brain tissue and blood: Rooney et al., MRM 57:308 (2007), 0.2 to 7 T,
where the fluid stays as it is; deep nuclei have the power of grey matter. Muscle and fatty tissue:
Bottomley et al., Med Phys 11:425 (1984), up to 100 MHz, extrapolated above.

T2 of brain tissue falls linearly with B0: Cox and Gowland, MRM 64:1440 (2010), 1.5 to 7 T,
extrapolated to 0.5 T. Deep nuclei lose more as they hold more iron: their slopes give the ratio of
7 T to 3 T that follows from R2 = 9 + (0.9 + 2e4 [Fe] + 5.7 [lipid]) B0 ("Dependence of brain-tissue
R2 on MRI field strength", its abstract), with the iron that Hallgren and Sourander found, J
Neurochem 3:41 (1958), and 5 % of lipid. Outside the brain T2 stays (Bottomley), as it does for
fluids and for the table's effective rows.

Proton density and diffusion do not depend on the field. Transmit fields, susceptibility and changes
of the sequence, which also tell a 7 T image from one at 0.5 T, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.phantom.tissues import TABLE_FIELD_T, TISSUES, Label, Tissue

FIELDS_T = (0.5, 1.5, TABLE_FIELD_T, 7.0)
"""Field strengths that the phantom is made for, in T."""


@dataclass(frozen=True)
class _Law:
    r"""How relaxation times follow the field.

    .. math:: T_1 \propto B_0^\beta, \quad T_2 \propto 1 - \kappa\,(B_0 - 3\,T)
    """

    t1_exponent: float
    t2_slope_per_t: float


_GREY_T1 = 0.376
_WHITE = _Law(0.382, 0.085)
_CONSTANT = _Law(0.0, 0.0)
_FATTY = _Law(0.174, 0.0)

_LAWS = {
    Label.AIR: _CONSTANT,
    Label.CSF: _CONSTANT,
    Label.GREY_MATTER: _Law(_GREY_T1, 0.093),
    Label.WHITE_MATTER: _WHITE,
    Label.CORPUS_CALLOSUM: _WHITE,
    Label.CAUDATE: _Law(_GREY_T1, 0.10),
    Label.PUTAMEN: _Law(_GREY_T1, 0.11),
    Label.PALLIDUM: _Law(_GREY_T1, 0.12),
    Label.THALAMUS: _Law(_GREY_T1, 0.09),
    Label.BRAINSTEM: _WHITE,
    Label.LESION: _WHITE,
    Label.BLOOD: _Law(0.340, 0.0),
    Label.BONE: _CONSTANT,
    Label.MARROW: _FATTY,
    Label.FAT: _FATTY,
    Label.MUSCLE: _Law(0.420, 0.0),
    Label.VITREOUS: _CONSTANT,
}


def tissues_at(field_t: float) -> tuple[Tissue, ...]:
    """The rows of :data:`~core.phantom.TISSUES` at a field strength; at 3 T the table itself.

    Parameters
    ----------
    field_t
        Field strength in T, one of :data:`FIELDS_T`.

    Raises
    ------
    ValueError
        If the phantom is not made for that field strength.
    """
    if field_t not in FIELDS_T:
        allowed = ", ".join(f"{known:g}" for known in FIELDS_T)
        raise ValueError(f"field_t must be one of {allowed} T, got {field_t}")
    return tuple(_carried(tissue, _LAWS[Label(i)], field_t) for i, tissue in enumerate(TISSUES))


def _carried(tissue: Tissue, law: _Law, field_t: float) -> Tissue:
    longer = (field_t / TABLE_FIELD_T) ** law.t1_exponent
    shorter = 1 - law.t2_slope_per_t * (field_t - TABLE_FIELD_T)
    return replace(tissue, t1_ms=tissue.t1_ms * longer, t2_ms=tissue.t2_ms * shorter)
