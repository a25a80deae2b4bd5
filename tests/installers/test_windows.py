import re
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from core import system_needs
from installers.inno_include import main as write_include
from installers.project import ROOT, WINDOWED, project
from installers.windows_on_screen import has_window

WINDOWS = ROOT / "packaging" / "windows"


def sections():
    """Sections of the script by name: the lines that say something."""
    found, name = {"": []}, ""
    for line in (WINDOWS / "tlmri.iss").read_text(encoding="ascii").splitlines():
        head = re.fullmatch(r"\[(\w+)\]", line)
        if head:
            name = head[1]
            found[name] = []
        elif line and not line.startswith((";", "//")):
            found[name].append(line)
    return found


@pytest.fixture(scope="module")
def script():
    return sections()


@pytest.fixture(scope="module")
def setup(script):
    return dict(line.split("=", 1) for line in script["Setup"])


@pytest.fixture(scope="module")
def defined(script):
    lines = "\n".join(script[""])
    return dict(re.findall(r'^#define (\w+) "(.+)"$', lines, re.MULTILINE))


def test_the_version_comes_from_the_project_alone(setup, script):
    text = (WINDOWS / "tlmri.iss").read_text()
    assert setup["AppVersion"] == setup["VersionInfoVersion"] == "{#Version}"
    assert "#define Version" not in text
    assert "#ifndef Version" in script[""]
    build = (WINDOWS / "build.ps1").read_text()
    assert "-m installers.version_check" in build
    assert '"/DVersion=$version"' in build


def test_a_newer_version_takes_the_place_of_an_older_one(setup, defined):
    assert setup["AppId"] == "{{#AppGuid}"
    assert defined["AppGuid"] == "{09635C44-71C5-4777-8F43-5F41CA29E436}", "never to change"
    assert "{app}\\_internal" in "".join(sections()["InstallDelete"])


def test_an_older_version_does_not_take_the_place_of_a_newer_one(script):
    code = "\n".join(script["Code"])
    assert "function InitializeSetup: Boolean;" in code
    assert "ComparePackedVersion(Theirs, Ours) > 0" in code
    assert "InstalledVersion(HKCU)" in code
    assert "InstalledVersion(HKLM64)" in code
    assert r"Uninstall\{#AppGuid}_is1" in code


def test_no_administrator_is_needed(setup):
    assert setup["PrivilegesRequired"] == "lowest"
    assert setup["DefaultDirName"].startswith("{autopf}")


def test_what_the_machine_must_be(setup):
    assert setup["MinVersion"] == ".".join(map(str, system_needs.WINDOWS))
    assert setup["ArchitecturesAllowed"] == setup["ArchitecturesInstallIn64BitMode"]
    assert setup["ArchitecturesAllowed"] == "x64compatible"
    (message,) = sections()["Messages"]
    assert system_needs.WINDOWS_SHOWN in message


def test_everything_that_it_packs_is_made_before(setup, script):
    build = (WINDOWS / "build.ps1").read_text()
    spec = (ROOT / "packaging" / "tlmri.spec").read_text()
    (packed,) = re.findall(r'Source: "(.+?)"', "\n".join(script["Files"]))
    assert packed == f"dist\\{project().name}\\*"
    assert "NAME = project().name\n" in spec
    assert re.search(r"COLLECT\(.*name=NAME\b", spec)
    icons = str(Path(*setup["SetupIconFile"].split("\\")[:-1])).replace("/", "\\")
    assert f"-m installers.icons '{icons}'" in build
    assert (ROOT / setup["LicenseFile"]).is_file()
    (included,) = re.findall(r'#include "(.+)"', "\n".join(script["Registry"]))
    below_root = included.removeprefix("..\\..\\")
    assert f"-m installers.inno_include '{below_root}'" in build
    assert setup["SourceDir"] == r"..\.."
    assert setup["OutputDir"] == "dist"


def test_what_it_starts_is_the_windowed_program(script, defined):
    spec = (ROOT / "packaging" / "tlmri.spec").read_text()
    assert defined["Windowed"] == f"{WINDOWED}.exe"
    assert "name=WINDOWED, console=False" in spec
    for line in (*script["Icons"], *script["Run"]):
        assert 'Filename: "{app}\\{#Windowed}"' in line


def test_task_bar_and_start_menu_know_the_same_application(script):
    application = f"{project().name}.{project().name}"
    assert all(f'AppUserModelID: "{application}"' in line for line in script["Icons"])


def test_a_running_program_is_seen(setup, monkeypatch):
    import ctypes

    held = []
    kernel = SimpleNamespace(CreateMutexW=lambda *arguments: held.append(arguments[-1]))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    runpy.run_path(str(WINDOWS / "rth_running.py"))
    assert held == [setup["AppMutex"]]
    assert '"windows" / "rth_running.py"' in (ROOT / "packaging" / "tlmri.spec").read_text()
    assert setup["CloseApplications"] == "yes"


def test_icon_on_the_desktop_and_path_are_asked_for(script):
    tasks = script["Tasks"]
    assert len(tasks) == 2
    assert all(line.endswith("Flags: unchecked") for line in tasks)


def test_uninstalling_leaves_what_the_user_made(script):
    assert "UninstallDelete" not in script
    code = "\n".join(script["Code"])
    assert r"{localappdata}\tlmri" in code
    assert "kept in" in code


def test_every_procedure_is_ended(script):
    code = re.sub(r"'[^']*'", "''", "\n".join(script["Code"]))
    begins = len(re.findall(r"\bbegin\b", code))
    assert begins == len(re.findall(r"\bend;", code)) > 5
    assert code.count("(") == code.count(")")


def test_the_registry_lines_name_the_windowed_program(tmp_path):
    file = tmp_path / "build" / "registry.iss"
    assert write_include([str(file)]) == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert all(line.startswith("Root: HKA; ") for line in lines)
    assert sum(f"{WINDOWED}.exe" in line for line in lines) > 10
    assert not any(".exe" in line.replace(f"{WINDOWED}.exe", "") for line in lines)


@pytest.mark.parametrize("name", ["build", "environment", "try"])
def test_powershell_stops_at_the_first_failure(name):
    text = (WINDOWS / f"{name}.ps1").read_text(encoding="ascii")
    assert text.startswith("#Requires -Version 7.4\n")
    assert "$ErrorActionPreference = 'Stop'" in text
    assert "$PSNativeCommandUseErrorActionPreference = $true" in text
    for opening, closing in ("()", "{}", "[]"):
        assert text.count(opening) == text.count(closing)


@pytest.mark.parametrize("name", ["build", "environment", "try"])
def test_powershell_names_modules_that_are_there(name):
    text = (WINDOWS / f"{name}.ps1").read_text()
    for module in re.findall(r"-m installers\.(\w+)", text):
        assert (ROOT / "packaging" / "installers" / f"{module}.py").is_file()


def test_every_system_writes_the_licences_of_what_is_inside():
    scripts = {
        (WINDOWS / "build.ps1"): "installers.materials 'dist\\tlmri'",
        (WINDOWS / "../macos/build.sh"): 'installers.materials "$app"',
        (WINDOWS / "../installers/linux_folder.py"): "write_materials(frozen)",
    }
    for script, words in scripts.items():
        assert words in script.read_text(), script


def test_every_system_builds_with_the_same_extras():
    makefile = (ROOT / "Makefile").read_text()
    (extras,) = re.findall(r"environment\.sh \$\(BUILD\) (\S+)", makefile)
    assert f"'build\\venv' '{extras}'" in (WINDOWS / "build.ps1").read_text()
    assert f"environment.sh build/venv {extras}\n" in (WINDOWS / "../macos/build.sh").read_text()


@pytest.mark.skipif(sys.platform != "win32", reason="Windows says who has a window")
def test_a_process_without_a_window_is_told():
    import os

    assert not has_window(os.getpid())
