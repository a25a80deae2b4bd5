"""What a method has seen in tuning, as keys in its checkpoint, and what that keeps unscored."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from weakref import WeakKeyDictionary

from core.people import person_key
from core.types import Scan, image_key

SCAN_PREFIX = "scan:"
"""What the key of every slice of a scan begins with that served for tuning."""

CHOICE_PREFIX = "choice:"
"""What the key of every slice begins with that chose the checkpoint of a tuning: validation."""

THIS_CHOICE = "this slice chose the checkpoint in tuning, never scored"
THIS_SLICE = "this slice was used for tuning, never scored"
THIS_SCAN = "another slice of this scan was used for tuning or validation, never scored"
THIS_PERSON = "another scan of this person was used for tuning or validation, never scored"

_SLICES: WeakKeyDictionary[Scan, frozenset[str]] = WeakKeyDictionary()
"""Known keys of whole scans; weak, so that no scan is kept in memory for them."""


def keys_of(scan: Scan, slices: Iterable[int]) -> frozenset[str]:
    """Everything to remember when these slices serve for tuning or validation.

    The keys of the slices; those of all slices of the scan, so that it is known again in part or
    under another name; and the person's. Hashes only: no name and no folder is among them.
    Reads the whole scan the first time.
    """
    if scan not in _SLICES:
        _SLICES[scan] = frozenset(SCAN_PREFIX + image_key(scan, i) for i in _with_signal(scan))
    person = person_key(scan)
    own = frozenset(image_key(scan, i) for i in slices)
    return own | _SLICES[scan] | (frozenset() if person is None else {person})


def choice_keys(image_keys: Iterable[str]) -> frozenset[str]:
    """What to remember besides of slices that chose the checkpoint, by their own keys."""
    return frozenset(CHOICE_PREFIX + key for key in image_keys)


def why_unscored(scan: Scan, slice_index: int, seen: Collection[str]) -> str | None:
    """Why an image is not scored with a method that has seen these keys; None if it is."""
    if not seen:
        return None
    key = image_key(scan, slice_index)
    if CHOICE_PREFIX + key in seen:
        return THIS_CHOICE
    if key in seen:
        return THIS_SLICE
    if SCAN_PREFIX + key in seen:
        return THIS_SCAN
    return THIS_PERSON if person_key(scan) in seen else None


def _with_signal(scan: Scan) -> list[int]:
    """Slices that are not empty: empty ones are alike in all scans."""
    data = scan.magnitude if scan.kspace is None else scan.kspace
    assert data is not None
    return [i for i in range(scan.n_slices) if data[i].any()]
