"""From the session to the forms in which the scan on show can be seen by coils."""

from __future__ import annotations

from core.types import Scan
from tlmri_gui.models.offer import Offer
from tlmri_gui.models.words import counted
from tlmri_gui.session import Session

AS_OPENED = ""
"""Name of the scan as it was opened."""


def coil_offers(session: Session) -> tuple[Offer, ...]:
    """The scan as it was opened, and every form there is; empty while no scan is open."""
    if session.scan is None:
        return ()
    original = session.original(session.scan)
    forms = [
        Offer(entry.name, entry.label, entry.item.help, entry.item.unavailable(original))
        for entry in session.catalogue.coil_forms
    ]
    return (Offer(AS_OPENED, _as_opened(original), "The scan as it was opened."), *forms)


def shown_coils(session: Session) -> str:
    """Name of the form on show."""
    seen = None if session.scan is None else session.other_coils.get(session.scan)
    return AS_OPENED if seen is None else seen.form.name


def _as_opened(scan: Scan) -> str:
    if scan.is_simulated:
        return "none: magnitude images"
    return f"{counted(scan.n_coils, 'coil')} as opened"
