"""Where things lie."""

import sys
from pathlib import Path

import pytest

from core import paths


def test_this_checkout_is_not_frozen(monkeypatch):
    assert not paths.is_frozen()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert paths.is_frozen()


def test_a_frozen_application_finds_its_resources(monkeypatch, tmp_path):
    internal = tmp_path / "_internal"
    (internal / "resources").mkdir(parents=True)
    # core/ need not exist as a folder: its modules lie in PyInstaller's archive
    monkeypatch.setattr(paths, "__file__", str(internal / "core" / "paths.pyc"))
    assert paths.resources() == internal / "resources"


def test_an_installation_without_resources_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "core" / "paths.py"))
    with pytest.raises(FileNotFoundError, match="'resources' is missing"):
        paths.resources()


def test_the_resources_of_this_checkout():
    assert paths.resources() == Path(__file__).resolve().parents[2] / "resources"
