"""From the session to what the stage shows of a view beside magnitude."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from core.view_pictures import data_words, of_coils
from tlmri_gui.models.offer import Offer
from tlmri_gui.models.panels import COMPUTING, method_panel
from tlmri_gui.models.stage import Panel, StageState
from tlmri_gui.session import Session
from tlmri_gui.view_state import DATA, MAGNITUDE, Drawn

if TYPE_CHECKING:
    from core.registry import Entry
    from core.types import Scan
    from core.views import Picture, View

MAGNITUDE_HELP = "Magnitude images, which are scored, and their errors against the reference."


def view_choices(session: Session) -> tuple[Offer, ...]:
    """All views there are, each with why the scan on show cannot be seen so."""
    scan = session.scan
    found = [Offer(MAGNITUDE, "Magnitude", MAGNITUDE_HELP)]
    for entry in session.catalogue.views:
        view = entry.item
        why = view.unavailable(scan) if scan is not None else ""
        found.append(Offer(entry.name, entry.label, view.help, why))
    return tuple(found)


def view_stage(session: Session, pending: Collection[str], hold_up: str = "") -> StageState | None:
    """The slice seen in the view on show; None while the data's picture is on its way."""
    scan, viewing = session.scan, session.viewing
    assert scan is not None
    assert viewing.shown is not None
    data = viewing.picture(DATA)
    if data is None or not viewing.is_of(scan, session.slice_index):
        return None
    entry = viewing.shown
    if entry.item.of_method is None:
        panels = _coil_panels(entry, data)
    else:
        panels = (_data_panel(scan, entry, data), *_method_panels(session, pending, hold_up))
    return _stage(session, entry, panels)


def waiting_stage(session: Session) -> StageState | None:
    """What stands in place of a view's first pictures; None for magnitude."""
    entry = session.viewing.shown
    if entry is None or session.reference is None:
        return None
    return _stage(session, entry, (Panel(DATA, entry.label, None, status=COMPUTING),))


def _stage(session: Session, entry: Entry[View], panels: tuple[Panel, ...]) -> StageState:
    scan = session.scan
    assert scan is not None
    in_kspace = entry.item.in_kspace
    return StageState(
        panels=panels,
        peak=session.peak or 1.0,
        spacing=_kspace_spacing(session) if in_kspace else scan.spacing_mm[1:],
        edges=None if in_kspace else scan.edges,
        provenance=scan.provenance,
        has_errors=False,
        view=entry,
        choices=view_choices(session),
    )


def _coil_panels(entry: Entry[View], data: Drawn) -> tuple[Panel, ...]:
    if data.picture is None:
        return (Panel(DATA, entry.label, None, status=f"failed: {data.error}"),)
    return tuple(_pictured(coil.title, coil.picture) for coil in of_coils(data.picture))


def _pictured(title: str, picture: Picture) -> Panel:
    return Panel(title, title, picture.values, picture=picture)


def _data_panel(scan: Scan, entry: Entry[View], data: Drawn) -> Panel:
    title, caption = data_words(scan)
    title = entry.item.data_title or title
    if data.picture is None:
        return Panel(DATA, title, None, status=f"failed: {data.error}")
    return replace(_pictured(title, data.picture), key=DATA, caption=(caption,))


def _method_panels(session: Session, pending: Collection[str], hold_up: str) -> list[Panel]:
    return [
        _with_picture(method_panel(session, name, pending, hold_up), session, name, hold_up)
        for name in session.chosen()
    ]


def _with_picture(panel: Panel, session: Session, name: str, hold_up: str) -> Panel:
    """A method's panel with the picture of the view in place of its magnitude."""
    outcome = session.outcome(name)
    if outcome is None or outcome.comparison is None:
        return panel
    drawn = None
    if outcome.coil_images is not None:
        drawn = session.viewing.picture(name, outcome.coil_images)
    if drawn is None:
        return replace(panel, image=None, status=hold_up or COMPUTING)
    if drawn.picture is None:
        return replace(panel, image=None, status=f"failed: {drawn.error}")
    caption = drawn.picture.caption or panel.caption
    is_score = not drawn.picture.caption
    return replace(
        panel,
        image=drawn.picture.values,
        picture=drawn.picture,
        caption=caption,
        best=panel.best and is_score,
    )


def _kspace_spacing(session: Session) -> tuple[float, float]:
    """Distance between samples of k-space along (y, x), 1/mm."""
    scan = session.scan
    assert scan is not None
    (ny, nx), (_, dy, dx) = scan.slice_shape, scan.spacing_mm
    return 1 / (ny * dy), 1 / (nx * dx)
