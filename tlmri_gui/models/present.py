"""From the session to what the views of the comparison show."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

from core.line_profile import length_unit
from core.view_pictures import data_words
from tlmri_gui.models.panels import method_panel, note
from tlmri_gui.models.score_model import ScoreRow
from tlmri_gui.models.stage import EMPTY, Panel, StageState
from tlmri_gui.models.view_stage import view_choices, view_stage
from tlmri_gui.session import Session


def stage_state(session: Session, pending: Collection[str], hold_up: str = "") -> StageState | None:
    """The comparison of the slice on show; None while its reference image is on its way.

    ``hold_up`` says what the missing images wait for, if they are not being computed.
    """
    scan, reference = session.scan, session.reference
    if scan is None:
        return EMPTY
    if reference is None and not hold_up:
        return None
    state = _magnitude_stage(session, pending, hold_up)
    if session.viewing.shown is not None and reference is not None:
        return view_stage(session, pending, hold_up)
    return replace(state, choices=view_choices(session))


def _magnitude_stage(session: Session, pending: Collection[str], hold_up: str) -> StageState:
    scan, reference = session.scan, session.reference
    assert scan is not None
    if reference is None:
        panels = [Panel("reference", "Reference", None, status=hold_up)]
    else:
        title, caption = data_words(scan)
        panels = [Panel("reference", title, reference.image, (caption,))]
    panels += [method_panel(session, name, pending, hold_up) for name in session.chosen()]
    return StageState(
        panels=tuple(panels),
        peak=session.peak or 1.0,
        spacing=scan.spacing_mm[1:],
        unit=length_unit(scan),
        edges=scan.edges,
        provenance=scan.provenance,
        has_errors=scan.has_reference,
    )


def score_rows(session: Session) -> tuple[ScoreRow, ...]:
    """Means, if there are any, then the scores of every slice computed so far.

    The slice on show comes before the others.
    """
    index = session.slice_index
    found = session.comparisons()
    found.sort(key=lambda comparison: comparison.recon.source.slice_index != index)
    return _mean_rows(session) + tuple(
        ScoreRow(
            comparison.recon.label,
            str(comparison.recon.source.slice_index),
            comparison.score.psnr_db,
            comparison.score.ssim,
            comparison.score.nmse,
            comparison.score.rmse,
            comparison.recon.seconds,
            note("; ", comparison.score.excluded or "", *comparison.recon.remarks),
        )
        for comparison in found
    )


def _mean_rows(session: Session) -> tuple[ScoreRow, ...]:
    means = session.means
    if means is None or means.definition != session.definition:
        return ()
    return tuple(
        ScoreRow(
            summary.label,
            f"mean of {summary.n}",
            summary.mean["psnr_db"],
            summary.mean["ssim"],
            summary.mean["nmse"],
            summary.mean["rmse"],
            math.nan,
            summary.note,
        )
        for summary in means.summaries
    )


def definition_label(session: Session) -> str:
    """Label of the definition that scores follow."""
    labels = {choice.name: choice.label for choice in session.catalogue.definitions}
    return labels.get(session.definition, session.definition)
