"""What lists offer is tried one by one, so that what is broken is named."""

import sys

import pytest

from core import checkpoints
from core.doctor import LOOKS, Outcome, look_at, offers
from core.io import FORMATS
from core.masks import PATTERNS, make
from core.networks import NETWORKS
from core.recon import METHODS
from core.training import optimiser


def tried(monkeypatch, look):
    """Names of what a look would try."""
    told = []
    monkeypatch.setattr(offers, "_tried", lambda tries, _: told.extend(tries))
    look(None)
    return told


def test_every_choice_is_tried(monkeypatch):
    elsewhere = {*offers.golden.ONE_COIL, *offers.golden.FOUR_COILS}
    names = tried(monkeypatch, offers.choices)
    expected = {f"mask {name}" for name in PATTERNS.names()}
    expected |= {f"method {name}" for name in METHODS.names() if name != "net"}
    expected |= {f"method net:{family}" for family in checkpoints.families()}
    expected |= {f"untrained network {name}" for name in NETWORKS.names()}
    assert expected - set(names) <= {f"method {name}" for name in elsewhere}
    assert len([name for name in names if name.startswith("network ")]) >= len(NETWORKS.names())


def test_every_reader_is_tried(monkeypatch):
    names = tried(monkeypatch, offers.readers)
    assert {entry.item.read.__module__ for entry in FORMATS} < set(names)
    assert {"nibabel", "h5py", "pydicom", "ismrmrd.constants", "torch"} < set(names)
    assert "twixtools.mdb" not in names


@pytest.mark.parametrize(
    ("registry", "name", "expected"),
    [
        (PATTERNS, "random", "mask random"),
        (METHODS, "tv", "method tv"),
        (optimiser.SCHEDULES, "cosine", "tuning by schedule cosine"),
    ],
)
def test_what_is_broken_is_named(monkeypatch, registry, name, expected):
    def fail(*_, **__):
        raise LookupError("gone")

    make._draw.cache_clear()  # masks that earlier tests drew
    if registry is optimiser.SCHEDULES:
        monkeypatch.setitem(registry, name, fail)
    else:
        entry = registry[name]
        monkeypatch.setitem(registry._entries, name, type(entry)(name, "", fail, entry.params))
    check = look_at(LOOKS["what lists offer"])
    assert check.outcome is Outcome.FAILED
    assert check.found.startswith("1 of ")
    assert check.found.endswith(f" cannot be used: {expected} (LookupError: gone)")


def test_only_some_of_much_that_is_broken_are_named(monkeypatch):
    monkeypatch.setattr(offers, "_masks", lambda: {f"mask {i}": lambda: 1 / 0 for i in range(5)})
    found = look_at(LOOKS["what lists offer"]).found
    assert found.startswith("5 of ")
    assert found.count("ZeroDivisionError") == offers._SHOWN


def test_a_reader_that_lacks_a_package_that_it_can_do_without(monkeypatch):
    monkeypatch.setitem(sys.modules, "twixtools", None)
    check = look_at(LOOKS["readers of files"])
    assert check.outcome is Outcome.OK
    assert check.found.startswith("all ")
