import os
import plistlib
import re
import subprocess
import sys

import pytest

from core import system_needs
from installers.desktop_trial import environment, main, programs, run_step, show_window
from installers.project import ROOT
from installers.trial.steps import Step

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")

MACOS = ROOT / "packaging" / "macos"
SCRIPTS = sorted(path.name for path in MACOS.glob("*.sh"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_bash_and_stop_at_the_first_failure(name):
    path = MACOS / name
    text = path.read_text()
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in text
    assert path.stat().st_mode & 0o111
    done = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.parametrize("name", SCRIPTS)
def test_bash_of_macos_knows_all_that_they_use(name):
    text = (MACOS / name).read_text()
    newer = r"\b(mapfile|readarray|declare -A|local -n)\b|\$\{\w+(\^\^|,,|@[A-Z])"
    assert not re.search(newer, text), "macOS has bash 3.2"


def test_the_hardened_runtime_is_loosened_by_one_thing_only():
    allowed = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert allowed == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


@pytest.mark.skipif(sys.platform == "darwin", reason="it would build")
def test_building_elsewhere_is_refused_in_one_line():
    done = subprocess.run(["bash", MACOS / "build.sh"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "needed to build for it, found" in done.stderr


def test_what_the_machine_must_be():
    build = (MACOS / "build.sh").read_text()
    assert f'"Darwin {system_needs.MACOS_ARCHITECTURE}"' in build
    assert "arm64.dmg" in build
    spec = (ROOT / "packaging" / "tlmri.spec").read_text()
    assert re.search(r'"LSMinimumSystemVersion": .*system_needs\.MACOS\b', spec)


def test_the_image_is_of_what_the_specification_makes():
    build = (MACOS / "build.sh").read_text()
    spec = (ROOT / "packaging" / "tlmri.spec").read_text()
    assert "app=dist/tlmri.app\n" in build
    assert 'name=f"{NAME}.app"' in spec
    assert 'ln -s /Applications "$stage/Applications"' in build


def test_the_application_is_not_one_of_the_background():
    spec = (ROOT / "packaging" / "tlmri.spec").read_text()
    assert '"LSBackgroundOnly": False' in spec
    assert '"CFBundleExecutable": WINDOWED' in spec


def test_what_is_signed_is_signed_before_the_image_is_made():
    build = (MACOS / "build.sh").read_text()
    order = [
        "-m PyInstaller",
        "then sign_application; fi",
        "codesign --verify",
        "hdiutil create",
        "notarytool submit",
        "stapler staple",
    ]
    assert sorted(order, key=build.index) == order


def test_no_secret_is_an_argument_of_what_apple_is_sent():
    build = (MACOS / "build.sh").read_text()
    assert "--password" not in build
    assert '--key "$notary_key"' in build


# the trial of what is installed ---------------------------------------------------------------


def an_application(folder, text):
    """A folder whose program is a shell script."""
    program = folder / "tlmri"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return folder


def test_the_programs_of_each_system_are_found(tmp_path):
    inside = tmp_path / "tlmri.app" / "Contents" / "MacOS"
    inside.mkdir(parents=True)
    for name in ("tlmri", "tlmri-window"):
        (inside / name).touch()
        (tmp_path / f"{name}.exe").touch()
    told = plistlib.dumps({"CFBundleExecutable": "tlmri-window"})
    (inside.parent / "Info.plist").write_bytes(told)
    on_macos = programs(tmp_path / "tlmri.app")
    assert on_macos.console == (str(inside / "tlmri"),)
    assert on_macos.window == (str(inside / "tlmri-window"),)
    on_windows = programs(tmp_path)
    assert on_windows.window == (str(tmp_path / "tlmri-window.exe"),)


def test_a_program_that_is_missing_is_named(tmp_path, capsys):
    (tmp_path / "tlmri.exe").touch()
    with pytest.raises(ValueError, match=r"tlmri-window\.exe is missing"):
        programs(tmp_path)
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "tlmri-window.exe is missing" in capsys.readouterr().err


def test_nothing_leads_the_application_to_a_python(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "packaging")
    monkeypatch.setenv("VIRTUAL_ENV", "venv")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin")
    found = environment()
    assert not {"PYTHONPATH", "VIRTUAL_ENV", "QT_QPA_PLATFORM"} & set(found)
    assert str(tmp_path) not in found["PATH"]


def test_a_step_that_fails_is_a_problem(tmp_path, capsys):
    console = programs(an_application(tmp_path, 'echo "said $1"; test "$1" = doctor')).console
    sound = Step("is sound", ("doctor",), 60, says="said doctor")
    assert run_step(console, sound, tmp_path) == ()
    (problem,) = run_step(console, Step("is not", ("demo",), 60), tmp_path)
    assert problem == "exit code 1, not 0"
    (problem,) = run_step(console, Step("writes", ("doctor",), 60, files=("a.txt",)), tmp_path)
    assert problem == "a.txt is missing"
    assert "$ tlmri demo" in capsys.readouterr().out


def test_a_step_that_never_ends_is_a_problem(tmp_path):
    console = programs(an_application(tmp_path, "exec sleep 60")).console
    (problem,) = run_step(console, Step("hangs", ("doctor",), 0.2), tmp_path)
    assert problem.startswith("not done after")


def test_a_window_that_closes_by_itself_is_a_problem(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("installers.desktop_trial.has_window", lambda process: False)
    command = programs(an_application(tmp_path, "exit 3")).window
    (problem,) = show_window(command, tmp_path / "window.png", tmp_path)
    assert problem == "ended with code 3 before its window was open"


def test_a_window_that_stays_is_photographed_and_closed(tmp_path, monkeypatch, capsys):
    from PIL import Image, ImageGrab

    monkeypatch.setattr("installers.desktop_trial.has_window", lambda process: True)
    monkeypatch.setattr("installers.desktop_trial.LINGERING", 0.0)
    monkeypatch.setattr(ImageGrab, "grab", lambda: Image.new("RGB", (4, 3)))
    command = programs(an_application(tmp_path, "exec sleep 60")).window
    assert show_window(command, tmp_path / "window.png", tmp_path) == ()
    assert (tmp_path / "window.png").is_file()
    told = capsys.readouterr().out
    assert "still running (whether its window is open only the picture shows) after" in told


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="Python 3.12 and older on macOS lack it")
def test_a_program_that_ends_soon_after_its_window_opened_is_a_problem(
    tmp_path, monkeypatch, capsys
):
    command = programs(an_application(tmp_path, "exit 4")).window
    monkeypatch.setattr("installers.desktop_trial.LINGERING", 0.0)

    def ended(process):
        return bool(os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT))

    monkeypatch.setattr("installers.desktop_trial.has_window", ended)
    (problem,) = show_window(command, tmp_path / "window.png", tmp_path)
    assert problem == "ended with code 4 before it was closed"
    assert "still running" not in capsys.readouterr().out
