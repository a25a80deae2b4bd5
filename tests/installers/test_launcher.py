"""The script that starts the installers' application on Linux, in the shells that may run it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).resolve().parents[2] / "packaging" / "linux" / "tlmri-launcher.sh"
SHELLS = {"sh": ["sh"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


@pytest.fixture(params=SHELLS)
def shell(request):
    command = SHELLS[request.param]
    if shutil.which(command[0]) is None:
        pytest.skip(f"this machine has no {command[0]}")
    return command


@pytest.fixture
def folder(tmp_path):
    """An application that tells its arguments, for glibc 2.35, in a folder of an awkward name."""
    folder = tmp_path / "-my 'scans' and \"tools\" $HOME"
    (folder / "_internal").mkdir(parents=True)
    (folder / "_internal" / "NEEDS-GLIBC").write_text("2.35\n")
    shutil.copy(LAUNCHER, folder / "tlmri")
    program(folder / "tlmri-bin", 'printf "%s|" "$0" "$@"')
    return folder


@pytest.fixture
def system(tmp_path):
    """Pretended commands of the system: ``system(getconf="echo glibc 2.36")``."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("sh", "dash", "bash", "busybox", "readlink", "sed", "cat"):
        if found := shutil.which(name):
            (commands / name).symlink_to(found)

    def pretend(**scripts):
        for name, script in ({"uname": "echo x86_64"} | scripts).items():
            program(commands / name.replace("_", "-"), script)
        return {"PATH": str(commands)}

    return pretend


def program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def start(shell, launcher, environment, *arguments, cwd=None):
    return subprocess.run(
        [*shell, str(launcher), *arguments],
        capture_output=True, text=True, env=environment, timeout=30, cwd=cwd,
    )  # fmt: skip


def refusal(done):
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("tlmri: error: ")
    return done.stderr


@pytest.mark.parametrize("version", ["2.35", "2.36", "2.100", "3.0", "2.36.9000"])
def test_a_recent_system_starts_the_program(shell, folder, system, version):
    done = start(shell, folder / "tlmri", system(getconf=f"echo glibc {version}"), "a b", "", "-x")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{folder}/tlmri-bin|a b||-x|"


@pytest.mark.parametrize("version", ["2.31", "2.4", "1.99", "2.34.9000"])
def test_an_old_system_is_refused(shell, folder, system, version):
    text = refusal(start(shell, folder / "tlmri", system(getconf=f"echo glibc {version}")))
    assert f"needs the GNU C library (glibc) 2.35 or newer, got {version}" in text


LDD = "ldd (Ubuntu GLIBC {0}-0ubuntu3) {0}"


def test_ldd_is_asked_where_getconf_does_not_know(shell, folder, system):
    environment = system(getconf="exit 1", ldd=f"echo '{LDD.format('2.31')}'; echo Copyright 2.99")
    assert "got 2.31" in refusal(start(shell, folder / "tlmri", environment))
    environment = system(getconf="exit 1", ldd=f"echo '{LDD.format('2.39')}'")
    assert start(shell, folder / "tlmri", environment).returncode == 0


def test_musl_is_refused(shell, folder, system):
    ldd = "echo 'musl libc (x86_64)' >&2; echo 'Version 1.2.5' >&2; exit 1"
    text = refusal(start(shell, folder / "tlmri", system(getconf="exit 1", ldd=ldd)))
    assert "is musl" in text
    assert "2.35" in text


@pytest.mark.parametrize("answer", ["exit 1", "echo", "echo glibc", "echo glibc 2.x", "echo 2..3"])
def test_a_system_that_does_not_tell_is_tried(shell, folder, system, answer):
    done = start(shell, folder / "tlmri", system(getconf=answer, ldd="exit 1"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("content", [None, "", "new"])
def test_an_application_that_does_not_tell_is_tried(shell, folder, system, content):
    needs = folder / "_internal" / "NEEDS-GLIBC"
    needs.unlink()
    if content is not None:
        needs.write_text(content)
    done = start(shell, folder / "tlmri", system(getconf="echo glibc 2.31"))
    assert (done.returncode, done.stderr) == (0, "")


def test_another_processor_is_refused(shell, folder, system):
    text = refusal(start(shell, folder / "tlmri", system(uname="echo aarch64")))
    assert "x86_64, got aarch64" in text


def test_a_folder_without_the_program(shell, folder, system):
    (folder / "tlmri-bin").unlink()
    assert "incomplete" in refusal(
        start(shell, folder / "tlmri", system(getconf="echo glibc 2.36"))
    )


def test_links_lead_to_the_folder(shell, folder, system, tmp_path):
    links = tmp_path / "usr bin"
    links.mkdir()
    (links / "first").symlink_to(folder / "tlmri")
    (links / "second").symlink_to("first")
    (tmp_path / "third").symlink_to("usr bin/second")
    (tmp_path / "fourth").symlink_to(tmp_path / "third")
    environment = system(getconf="echo glibc 2.36")
    for link in (links / "second", tmp_path / "third", tmp_path / "fourth"):
        assert start(shell, link, environment).stdout == f"{folder}/tlmri-bin|"


def test_names_without_a_folder(shell, folder, system):
    environment = system(getconf="echo glibc 2.36") | {"CDPATH": str(folder.parent)}
    for name in ("tlmri", "./tlmri"):
        assert start(shell, name, environment, cwd=folder).stdout == f"{folder}/tlmri-bin|"
    environment["PATH"] += f":{folder}"
    done = subprocess.run(["tlmri"], capture_output=True, text=True, env=environment)
    assert done.stdout == f"{folder}/tlmri-bin|"


@pytest.mark.parametrize("tool", ["zenity", "kdialog", "xmessage", "notify_send"])
def test_a_click_is_answered_on_the_screen(folder, system, tmp_path, tool):
    said = tmp_path / "said"
    pretended = {tool: f'printf "%s " "$@" > "{said}.part"; mv "{said}.part" "{said}"'}
    environment = system(getconf="echo glibc 2.31", mv='exec /bin/mv "$@"', **pretended)
    refusal(start(["sh"], folder / "tlmri", environment))
    assert not said.exists(), "there is no screen"
    refusal(start(["sh"], folder / "tlmri", environment | {"DISPLAY": ":7"}))
    for _ in range(500):
        if said.exists():
            break
        subprocess.run(["sleep", "0.02"], check=True)
    assert "this system is too old" in said.read_text()


def test_a_dialog_that_stays_does_not_hold_up(folder, system):
    environment = system(getconf="echo glibc 2.31", zenity="exec /bin/sleep 2", sleep="")
    refusal(start(["sh"], folder / "tlmri", environment | {"WAYLAND_DISPLAY": "wayland-0"}))


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="this machine has no shellcheck")
def test_shellcheck_finds_nothing():
    done = subprocess.run(["shellcheck", LAUNCHER], capture_output=True, text=True)
    assert done.stdout == ""
