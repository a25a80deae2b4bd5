"""What a network was trained for, where it is chosen: it follows the sampling and the scan."""

from __future__ import annotations

from collections.abc import Iterable

from core import remarks
from core.checkpoints import nearest
from core.remarks import SamplingLike
from core.types import Scan
from tlmri_gui.session import Session
from tlmri_gui.state import MethodOffer


def badge(session: Session, offer: MethodOffer) -> str:
    """A few words on how the network differs from what is on show; empty if it does not."""
    if session.unusable(offer):
        return ""
    return source_badge(offer, session.sampling, session.scan)


def source_badge(offer: MethodOffer, sampling: SamplingLike, scan: Scan | None) -> str:
    """:func:`badge` for a sampling and a scan that are not on show."""
    if not offer.checkpoints:
        return ""
    info = nearest(offer.checkpoints, sampling.acceleration, _n_coils(scan))
    return remarks.badge(info, sampling, scan)


def tooltip(session: Session, offer: MethodOffer) -> str:
    """What the entry stands for, and every way in which it differs from what is on show."""
    if (reason := session.unusable(offer)) or not offer.checkpoints:
        return reason or offer.note
    info = nearest(offer.checkpoints, session.sampling.acceleration, _n_coils(session.scan))
    return "\n".join((offer.note, *remarks.network_remarks(info, session.sampling, session.scan)))


def most_coils(scans: Iterable[Scan]) -> Scan | None:
    """The scan with the most receive coils, on which a network differs the most."""
    return max(scans, key=lambda scan: scan.n_coils, default=None)


def _n_coils(scan: Scan | None) -> int:
    return 1 if scan is None else scan.n_coils
