"""From the session to what the views of the comparison show."""

from __future__ import annotations

import math
from collections.abc import Collection

from core.types import Score
from tlmri_gui.models.score_model import ScoreRow
from tlmri_gui.models.stage import EMPTY, Panel, StageState
from tlmri_gui.session import Session
from tlmri_gui.state import Outcome

COMPUTING = "computing…"
NOT_COMPUTED = "not computed"

_REFERENCE = ("Reference", "fully sampled")
_NO_REFERENCE = ("As acquired", "zero-filled: no fully sampled reference")


def stage_state(session: Session, pending: Collection[str], hold_up: str = "") -> StageState | None:
    """The comparison of the slice on show; None while its reference image is on its way.

    ``hold_up`` says what the missing images wait for, if they are not being computed.
    """
    scan, reference = session.scan, session.reference
    if scan is None:
        return EMPTY
    if reference is None and not hold_up:
        return None
    best = _best(session)
    if reference is None:
        panels = [Panel("reference", "Reference", None, status=hold_up)]
    else:
        title, caption = _REFERENCE if scan.has_reference else _NO_REFERENCE
        panels = [Panel("reference", title, reference.image, (caption,))]
    for name in session.chosen():
        status = (hold_up or COMPUTING) if name in pending else NOT_COMPUTED
        outcome = session.outcome(name)
        panels.append(_panel(name, label_of(session, name), outcome, name == best, status))
    return StageState(
        panels=tuple(panels),
        peak=session.peak or 1.0,
        spacing=scan.spacing_mm[1:],
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


def label_of(session: Session, method: str) -> str:
    """The name a person reads of a method."""
    offer = session.catalogue.method(method)
    return offer.label if offer else method


def note(separator: str, *parts: str) -> str:
    """The parts that say something, joined."""
    return separator.join(part for part in parts if part)


def _panel(name: str, title: str, outcome: Outcome | None, is_best: bool, status: str) -> Panel:
    if outcome is None:
        return Panel(name, title, None, status=status)
    comparison = outcome.comparison
    if comparison is None:
        return Panel(name, title, None, status=f"failed: {outcome.error}")
    return Panel(
        name,
        title,
        comparison.recon.image,
        caption=_caption(comparison.score),
        remark="\n".join(comparison.recon.remarks),
        best=is_best,
    )


def _caption(score: Score) -> tuple[str, ...]:
    if score.excluded is not None:
        return (score.excluded,)
    return (f"PSNR {score.psnr_db:.2f} dB", f"SSIM {score.ssim:.4f}", f"NMSE {score.nmse:#.3g}")


def _best(session: Session) -> str | None:
    """The method with the highest PSNR on this slice, where at least two have one."""
    scored = {}
    for name in session.chosen():
        outcome = session.outcome(name)
        if outcome is not None and outcome.comparison is not None:
            psnr = outcome.comparison.score.psnr_db
            if not math.isnan(psnr):
                scored[name] = psnr
    return max(scored, key=lambda name: scored[name]) if len(scored) > 1 else None
