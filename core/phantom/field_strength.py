"""Relaxation times at field strengths other than 3 T.

The rows of :data:`~core.phantom.TISSUES` are carried from 3 T to another field B0 by published
laws, so that at 3 T the table stays as it is.

T1 grows as a power of B0. Brain tissue and blood: Rooney et al., MRM 57:308 (2007), 0.2 to 7 T,
where cerebrospinal fluid stays as it is; deep nuclei have the power of grey matter. Muscle and
fatty tissue: Bottomley et al., Med Phys 11:425 (1984), up to 100 MHz, extrapolated above.

T2 of grey and white matter falls linearly with B0: Cox and Gowland, MRM 64:1440 (2010), 1.5 to 7 T,
extrapolated to 0.5 T. Deep nuclei lose more as they hold more iron. Their rate R2 = 1/T2 rises
linearly with B0: R2 = 9 + (0.9 + 2e4 [Fe] + 5.7 [lipid]) B0, in 1/s and T, with mass fractions
("Dependence of brain-tissue R2 on MRI field strength", its abstract), 3 to 7 T, extrapolated to
0.5 T. The iron is that of Hallgren and Sourander, J Neurochem 3:41 (1958), the lipid 5 %. Only the
ratio to 3 T is taken, as the table's T2 are longer than those of that law.

T2 stays in cerebrospinal fluid and the vitreous humour, and outside the brain (Bottomley). It also
stays in the rows whose T2 is an effective value: bone, fat, and blood, whose short T2 stands for
the flow void and not for the relaxation of blood.

Proton density and diffusion do not depend on the field. Transmit fields, susceptibility and changes
of the sequence, which also tell a 7 T image from one at 0.5 T, are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.phantom.tissues import TABLE_FIELD_T, TISSUES, Label, Tissue

FIELDS_T = (0.5, 1.5, TABLE_FIELD_T, 7.0)
"""Field strengths that the phantom is made for, in T."""

_LIPID = 0.05
"""Mass fraction of lipid in deep nuclei."""


def _constant(_field_t: float) -> float:
    return 1.0


@dataclass(frozen=True)
class _Law:
    r"""How relaxation times follow the field.

    .. math:: T_1 \propto B_0^\beta, \quad T_2(B_0) = r(B_0)\,T_2(3\,T)
    """

    t1_exponent: float = 0.0
    t2_ratio: Callable[[float], float] = _constant


def _linear_t2(slope_per_t: float) -> Callable[[float], float]:
    """T2 relative to 3 T where T2 is linear in the field."""
    return lambda field_t: 1 - slope_per_t * (field_t - TABLE_FIELD_T)


def _linear_r2(iron_mg_per_100_g: float) -> Callable[[float], float]:
    """T2 relative to 3 T where R2 is linear in the field, by iron in wet tissue."""
    iron = iron_mg_per_100_g * 1e-5
    slope = 0.9 + 2e4 * iron + 5.7 * _LIPID

    def r2(field_t: float) -> float:
        return 9 + slope * field_t

    return lambda field_t: r2(TABLE_FIELD_T) / r2(field_t)


_GREY_T1 = 0.376
_WHITE = _Law(0.382, _linear_t2(0.085))
_CONSTANT = _Law()
_FATTY = _Law(0.174)

_LAWS = {
    Label.AIR: _CONSTANT,
    Label.CSF: _CONSTANT,
    Label.GREY_MATTER: _Law(_GREY_T1, _linear_t2(0.093)),
    Label.WHITE_MATTER: _WHITE,
    Label.CORPUS_CALLOSUM: _WHITE,
    Label.CAUDATE: _Law(_GREY_T1, _linear_r2(9.28)),
    Label.PUTAMEN: _Law(_GREY_T1, _linear_r2(13.32)),
    Label.PALLIDUM: _Law(_GREY_T1, _linear_r2(21.30)),
    Label.THALAMUS: _Law(_GREY_T1, _linear_r2(4.76)),
    Label.BRAINSTEM: _WHITE,
    Label.LESION: _WHITE,
    Label.BLOOD: _Law(0.340),
    Label.BONE: _CONSTANT,
    Label.MARROW: _FATTY,
    Label.FAT: _FATTY,
    Label.MUSCLE: _Law(0.420),
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
    t1_ratio = (field_t / TABLE_FIELD_T) ** law.t1_exponent
    t2_ratio = law.t2_ratio(field_t)
    return replace(tissue, t1_ms=tissue.t1_ms * t1_ratio, t2_ms=tissue.t2_ms * t2_ratio)
