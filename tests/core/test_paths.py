"""Where things lie."""

import os
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


def test_the_guides_of_this_checkout():
    assert paths.documents() == Path(__file__).resolve().parents[2] / "docs"


def test_guides_that_are_somebody_elses_are_none(monkeypatch, tmp_path):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "core" / "paths.py"))
    with pytest.raises(FileNotFoundError, match="came without its guides"):
        paths.documents()
    (tmp_path / "docs" / paths.GUIDE).touch()
    assert paths.documents() == tmp_path / "docs"


def test_the_users_folder_is_made_and_can_be_written_to(monkeypatch, tmp_path):
    monkeypatch.setenv("TLMRI_HOME", str(tmp_path / "new" / "folder"))
    assert paths.unwritable() == ""
    assert paths.checkpoints() == tmp_path / "new" / "folder" / "checkpoints"
    assert list(paths.user_data().rglob("*")) == [paths.checkpoints()]


def test_a_file_in_its_place_can_be_looked_at_and_not_written_to(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        monkeypatch.setenv("TLMRI_HOME", str(place))
        assert list(paths.checkpoints().glob("*")) == []
        text = paths.unwritable()
        assert text.startswith(f"{place} must be a folder that can be written to, got ")
        assert text.endswith(" (set TLMRI_HOME to another)")


def test_a_part_that_cannot_be_written_to_is_named(monkeypatch, user_folder):
    (user_folder / "checkpoints").touch()
    assert paths.unwritable().startswith(f"{user_folder / 'checkpoints'} must be a folder")


def test_a_full_disk(monkeypatch):
    def refuse(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(paths.tempfile, "TemporaryFile", refuse)
    assert "got No space left on device" in paths.unwritable()


def test_the_folder_of_caches_moves_with_the_users_and_is_not_made(monkeypatch, tmp_path):
    monkeypatch.setenv("TLMRI_HOME", str(tmp_path / "moved"))
    assert paths.caches().parent == tmp_path / "moved"
    monkeypatch.delenv("TLMRI_HOME")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache")
    assert paths.caches() == tmp_path / "cache"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows always has a home")
def test_a_user_without_a_home_gets_no_folder_in_the_current_one(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TLMRI_HOME")
    for kind in ("user_data_path", "user_cache_path"):
        monkeypatch.setattr(f"platformdirs.{kind}", lambda *_, **__: Path("~/.local/tlmri"))
    assert not paths.caches().parent.is_dir()
    assert paths.unwritable()
    assert list(paths.checkpoints().glob("*")) == []
    assert list(tmp_path.iterdir()) == []


def test_messages_do_not_name_the_user(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "someone")
    assert paths.shown(tmp_path / "someone" / "a b") == str(Path("~") / "a b")
    assert paths.shown(tmp_path / "someone") == "~"
    assert paths.shown(tmp_path / "other") == str(tmp_path / "other")
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert paths.shown(tmp_path) == str(tmp_path)
