"""The system that a trial begins with."""

import sys

import pytest

from installers.trial import clean_root

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the trial is for Linux packages"
)


@pytest.mark.parametrize(
    ("release", "parts"),
    [
        ({"ID": "debian"}, "main"),
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, "main,universe"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "main,universe"),
    ],
)
def test_it_is_made_of_the_parts_that_hold_what_is_needed(release, parts, tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(clean_root, "_run", lambda *words: commands.append(words) or "http://x")
    monkeypatch.setattr(clean_root.shutil, "which", lambda _: "there")
    monkeypatch.setattr(clean_root.subprocess, "run", lambda *_, **__: None)
    release["VERSION_CODENAME"] = "name"
    monkeypatch.setattr(clean_root.platform, "freedesktop_os_release", lambda: release)
    with pytest.raises(FileNotFoundError, match=r"\.part"):
        clean_root.make(tmp_path / "cache", tmp_path / "place")
    (debootstrap,) = [words for words in commands if words[0] == "debootstrap"]
    assert f"--components={parts}" in debootstrap
