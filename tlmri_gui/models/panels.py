"""The words of the comparison's columns of methods."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from core.view_pictures import score_lines
from tlmri_gui.models.stage import Panel
from tlmri_gui.session import Session

COMPUTING = "computing…"
NOT_COMPUTED = "not computed"

_NETWORK = re.compile(r"^Network \((.*?)\)(?=,|$)")


def method_panel(session: Session, name: str, pending: Collection[str], hold_up: str = "") -> Panel:
    """A method's magnitude image with its scores, or why there is none."""
    title = label_of(session, name)
    outcome = session.outcome(name)
    if outcome is None:
        status = (hold_up or COMPUTING) if name in pending else NOT_COMPUTED
        return Panel(name, title, None, status=status)
    comparison = outcome.comparison
    if comparison is None:
        return Panel(name, title, None, status=f"failed: {outcome.error}")
    return Panel(
        name,
        title,
        comparison.recon.image,
        caption=score_lines(comparison.score),
        remark="\n".join(comparison.recon.remarks),
        best=name == _best(session),
    )


def label_of(session: Session, method: str) -> str:
    """The name a person reads of a method."""
    offer = session.catalogue.method(method)
    return offer.label if offer else method


def short_label(label: str) -> str:
    """A network's name where there is little room: ``Natural images`` of ``Network (...)``."""
    return _NETWORK.sub(r"\1", label)


def note(separator: str, *parts: str) -> str:
    """The parts that say something, joined."""
    return separator.join(part for part in parts if part)


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


def none_yet(session: Session) -> str:
    """What stands where methods would."""
    return "could not be loaded" if session.load_failed else "loading…"
