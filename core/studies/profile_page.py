"""The profiles of a study as a figure: raw, tuned and untrained network beside the baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.line_profile import REFERENCE, Line, LineCurve, LineProfile
from core.profile_figure import Words, profile_figure
from core.studies.differences import name_of
from core.studies.profiles import CellProfile, key_of
from core.studies.scan_words import own_slice
from core.studies.spec import is_scratch
from core.studies.table import Row, StudyTable, labels_of, remarks_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ZERO_FILLED = "zf"


def profile_page(
    table: StudyTable, acceleration: float, profiles: Sequence[CellProfile]
) -> Figure | None:
    """The middle row of one slice as one target's cells find it at one R.

    Shown are every baseline but zero filling, the first source raw and tuned on the most images,
    and the first network from random weights, tuned likewise; of several seeds the first.

    Parameters
    ----------
    table
        Of one target.
    acceleration
        R.
    profiles
        Of the study.

    Returns
    -------
    Figure or None
        None where nothing is there (yet).
    """
    found = {profile.key: profile for profile in profiles}
    at_rate = [row for row in table.rows if row.acceleration == acceleration]
    known = [row for row in at_rate if key_of(row) in found]
    chosen = [*_baselines(known), *_networks(known)]
    if not chosen:
        return None
    labels = labels_of(table.rows)
    first = found[key_of(chosen[0])]
    curves = (
        _curve(REFERENCE, "Reference", first.reference),
        *(_curve(_key(row), name_of(row, labels), found[key_of(row)].values) for row in chosen),
    )
    positions = np.array(first.positions_mm or range(len(first.values)), float)
    scan, slice_index = own_slice(first.scan, first.slice)
    words = Words(
        f"{chosen[0].target}: {scan}, slice {slice_index}, row {first.row}",
        f"R={acceleration:g}{_choice(known, chosen)}",
        chosen[0].provenance,
        remarks_of(chosen, labels),
    )
    return profile_figure(LineProfile(Line(first.row), positions, first.unit, curves), words)


def _choice(known: Sequence[Row], chosen: Sequence[Row]) -> str:
    """Of how many networks those drawn are the first, and on what the baselines were tuned."""
    sources = {row.source for row in known if row.kind == "network" and not is_scratch(row.source)}
    images = max((row.n_images for row in chosen if row.kind == "baseline"), default=0)
    plural = "s" if images > 1 else ""
    return "".join(
        (
            f"; first of {len(sources)} sources" if len(sources) > 1 else "",
            f"; tuned baselines: on {images} image{plural}" if images else "",
        )
    )


def _curve(key: str, label: str, values: Sequence[float]) -> LineCurve:
    return LineCurve(key, label, np.array(values, np.float32))


def _key(row: Row) -> str:
    """By which the figure tells networks from other methods, and one from another."""
    return f"net:{row.cell}" if row.kind == "network" else row.method


def _baselines(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.kind == "baseline" and row.method != ZERO_FILLED]


def _networks(rows: Sequence[Row]) -> list[Row]:
    """Raw and tuned of the first source, and the first that starts from random weights."""
    networks = [row for row in rows if row.kind == "network"]
    trained = [row for row in networks if not is_scratch(row.source)]
    untrained = [row for row in networks if is_scratch(row.source)]
    first = [row for row in trained if row.source == trained[0].source]
    raw = [row for row in first if row.n_images == 0]
    return [*raw[:1], *_most(first), *_most(untrained)]


def _most(rows: Sequence[Row]) -> list[Row]:
    """The one tuned on the most images; of several, the first of the table."""
    tuned = [row for row in rows if row.n_images]
    return [max(tuned, key=lambda row: row.n_images)] if tuned else []
