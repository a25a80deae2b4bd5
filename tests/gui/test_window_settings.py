import json
from dataclasses import replace

import pytest

from tlmri_gui import settings
from tlmri_gui.settings import Settings


def test_what_is_saved_is_read(tmp_path):
    path = tmp_path / "window.json"
    saved = Settings(last_folder="/scans", device="cpu", definition="slice-max", geometry="AAEC")
    settings.save(saved, path)
    assert settings.load(path) == saved
    assert [p.name for p in tmp_path.iterdir()] == ["window.json"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", '{"device": 3}', '{"unknown": "x"}', "\x00\xff"],
    ids=["empty", "cut off", "list", "wrong type", "unknown name", "binary"],
)
def test_damage_gives_the_defaults(tmp_path, text):
    path = tmp_path / "window.json"
    path.write_bytes(text.encode("latin-1"))
    assert settings.load(path) == Settings()


def test_the_users_folder_is_where_it_lies(user_folder):
    assert settings.load() == Settings()
    settings.save(Settings(device="cpu"))
    assert (user_folder / "window.json").is_file()


def test_what_a_newer_version_wrote_stays(tmp_path):
    path = tmp_path / "window.json"
    path.write_text(json.dumps({"panes": [1, 2], "definition": {"name": "new"}, "device": "cpu"}))
    before = settings.load(path)
    assert before == Settings(device="cpu")
    settings.save(replace(before, last_folder="/scans"), path, since=before)
    assert json.loads(path.read_text()) == {
        "panes": [1, 2],
        "definition": {"name": "new"},
        "device": "cpu",
        "last_folder": "/scans",
    }


def test_two_windows_keep_what_the_other_changed(tmp_path):
    path = tmp_path / "window.json"
    settings.save(Settings(last_folder="/scans", device="cpu"), path)
    first, second = settings.load(path), settings.load(path)
    settings.save(replace(first, device="auto"), path, since=first)
    settings.save(replace(second, last_folder="/other"), path, since=second)
    assert settings.load(path) == Settings(last_folder="/other", device="auto")


def test_a_folder_that_cannot_be_made_gives_the_defaults_and_a_reason(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TLMRI_HOME", str(tmp_path / "file"))
    assert settings.load() == Settings()
    with pytest.raises(ValueError, match="must be writable"):
        settings.save(Settings())
