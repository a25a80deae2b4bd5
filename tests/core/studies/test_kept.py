"""Scans kept in memory, by their size."""

import numpy as np

from core.studies.cells import ScanRef
from core.studies.kept import KeptScans
from core.types import Scan

BYTES = 4 * 2 * 8 * 8
"""Of a scan of two slices."""


def kept(most_bytes):
    asked = []

    def read(ref):
        asked.append(ref.name)
        n_slices = 6 if ref.name == "large" else 2
        return Scan(ref.name, magnitude=np.ones((n_slices, 8, 8), np.float32))

    scans = KeptScans(read, most_bytes)
    return (lambda name: scans(ScanRef("file", name, ""))), asked


def test_as_many_scans_are_kept_as_there_is_room_for():
    read, asked = kept(3 * BYTES)
    first = {name: read(name) for name in "abc"}
    assert all(read(name) is scan for name, scan in first.items())
    assert asked == list("abc")


def test_what_was_not_asked_for_longest_goes_first():
    read, asked = kept(2 * BYTES)
    for name in "abacab":
        read(name)
    assert asked == list("abcb")


def test_one_scan_is_kept_whatever_its_size():
    read, asked = kept(2 * BYTES)
    assert read("large") is read("large")
    read("a")
    assert read("a") is read("a")
    assert asked == ["large", "a"]
    read("large")
    assert asked == ["large", "a", "large"], "there was no room for it beside another"
