"""Other installations on this machine, found by their files."""

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from core import installations
from core.installations import APPLICATION, FOLDER, PYTHON, WINDOWS, Installation
from core.windows_registry import Entry
from installers.associations import desktop_entry


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own, an empty PATH, and nothing outside of it looked at."""
    if os.name == "nt":
        pytest.skip("links, homes and menus of Linux and macOS")
    folder = tmp_path / "home" / "a user"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    return folder


def found_in(folder):
    """What was found below a folder: this machine may have others."""
    return [
        other
        for other in installations.others()
        if str(folder) in str(Path(other.place).expanduser())
    ]


def frozen(folder, version="0.0.9"):
    (folder / "_internal").mkdir(parents=True)
    (folder / "tlmri").write_text("#!/bin/sh\ntouch /tlmri-was-run\n")
    if version:
        (folder / "_internal" / "VERSION").write_text(f"{version}\n")
    return folder / "tlmri"


def on_path(target):
    folder = Path(os.environ["PATH"])
    folder.mkdir(exist_ok=True)
    (folder / "tlmri").symlink_to(target)


def menu_entry(home, line):
    folder = home / ".local" / "share" / "applications"
    folder.mkdir(parents=True)
    (folder / "tlmri.desktop").write_text(f"[Desktop Entry]\nName=tlmri\n{line}\n")


def test_nothing_else_installed(home, tmp_path):
    assert found_in(tmp_path) == []


def test_a_folder_on_the_path_without_naming_the_home(home, tmp_path):
    on_path(frozen(home / "Apps" / "tlmri-0.0.9"))
    [other] = found_in(tmp_path)
    assert other == Installation("~/Apps/tlmri-0.0.9", "0.0.9", FOLDER)
    assert other.removal == "delete ~/Apps/tlmri-0.0.9"
    text = installations.described((other,))
    assert "tlmri 0.0.9 in ~/Apps/tlmri-0.0.9" in text
    assert str(home) not in text


def test_nothing_to_describe():
    assert installations.described(()) == ""


@pytest.mark.parametrize("quote", ['"{}" %F', "'{}' %F"])
def test_what_the_menu_starts(home, tmp_path, quote):
    program = frozen(home / "my apps" / "tlmri")
    menu_entry(home, "Exec=" + quote.format(program))
    assert [other.place for other in found_in(tmp_path)] == ["~/my apps/tlmri"]


@pytest.mark.parametrize("name", ["100%", "a$b", "a`b`", 'a "b"', "a\\b", "a\\\\$%% `b\\"])
def test_a_place_that_the_menu_must_escape(home, tmp_path, name):
    program = frozen(home / name)
    folder = home / ".local" / "share" / "applications"
    folder.mkdir(parents=True)
    (folder / "tlmri.desktop").write_text(desktop_entry(str(program)))
    assert [other.place for other in found_in(tmp_path)] == [f"~/{name}"]


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("tlmri", "~/tlmri/add-to-menu.sh"),
        ("my apps/it's", """~/'my apps/it'"'"'s/add-to-menu.sh'"""),
    ],
)
def test_a_folder_in_the_menu_is_taken_out_of_it_before_it_is_deleted(home, tmp_path, name, script):
    program = frozen(home / name)
    menu_entry(home, f'Exec="{program}" %F')
    on_path(frozen(home / "other"))
    (home / "other" / installations.MENU_SCRIPT).touch()
    assert {other.removal for other in found_in(tmp_path)} == {
        "delete ~/other",
        f"delete ~/{name}",
    }
    (program.parent / installations.MENU_SCRIPT).touch()
    assert {other.removal for other in found_in(tmp_path)} == {
        "delete ~/other",
        f"sh {script} --remove, then delete ~/{name}",
    }


@pytest.mark.parametrize("line", ['Exec="never ends', "Exec=", "Exec=/no/tlmri", "Exec=env"])
def test_a_menu_entry_that_leads_nowhere(home, tmp_path, line):
    menu_entry(home, line)
    assert found_in(tmp_path) == []


def test_one_installation_by_two_ways_is_one(home, tmp_path):
    program = frozen(home / "tlmri")
    on_path(program)
    menu_entry(home, f"Exec={program} %F")
    assert len(found_in(tmp_path)) == 1


@pytest.mark.parametrize("content", ["", "hello\nworld", "1" * 60, "x"])
def test_a_version_file_with_something_else(home, tmp_path, content):
    on_path(frozen(home / "tlmri", content))
    [other] = found_in(tmp_path)
    assert other.version == ""
    assert other.name == "tlmri (version unknown) in ~/tlmri"


def test_an_environment_of_python(home, tmp_path):
    scripts = home / "venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "tlmri").write_text("#!python")
    (home / "venv/lib/python3.12/site-packages/tlmri_gui-0.0.8.dev1.dist-info").mkdir(parents=True)
    on_path(scripts / "tlmri")
    assert found_in(tmp_path) == [Installation("~/venv", "0.0.8.dev1", PYTHON)]


def test_another_program_of_that_name(home, tmp_path):
    scripts = home / "bin"
    scripts.mkdir()
    (scripts / "tlmri").write_text("#!/bin/sh")
    on_path(scripts / "tlmri")
    assert found_in(tmp_path) == []


def test_links_in_a_circle(home, tmp_path):
    on_path(tmp_path / "bin" / "tlmri")
    assert found_in(tmp_path) == []


def test_applications_of_macos(home, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    contents = home / "Applications" / "tlmri.app" / "Contents"
    (contents / "MacOS").mkdir(parents=True)
    (contents / "MacOS" / "tlmri").touch()
    (contents / "Info.plist").write_bytes(plistlib.dumps({"CFBundleShortVersionString": "0.2"}))
    expected = Installation("~/Applications/tlmri.app", "0.2", APPLICATION)
    assert found_in(tmp_path) == [expected]
    (contents / "Info.plist").write_bytes(b"junk")
    assert found_in(tmp_path)[0].version == ""


def test_what_windows_lists(home, tmp_path, monkeypatch):
    entries = (Entry(str(home / "tlmri"), "0.0.7"), Entry("", "0.0.6"))
    monkeypatch.setattr(installations.windows_registry, "installed", lambda name: entries)
    [other] = found_in(tmp_path)
    assert other == Installation("~/tlmri", "0.0.7", WINDOWS)
    assert "Uninstall" in other.removal


def test_the_running_one_is_not_another(home, tmp_path, monkeypatch):
    program = frozen(home / "tlmri")
    on_path(program)
    assert len(found_in(tmp_path)) == 1
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program.parent / "tlmri-bin"))
    assert found_in(tmp_path) == []
    assert installations.running_places() == {"~/tlmri"}


def test_the_environment_of_this_test_is_not_another(monkeypatch):
    scripts = Path(sys.prefix) / "bin"
    monkeypatch.setenv("PATH", str(scripts))
    assert all(str(scripts.parent.resolve()) != other.place for other in installations.others())


def test_nothing_heavy_is_imported():
    code = "import sys, core.installations as i; i.others(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
