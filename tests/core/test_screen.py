"""Which screens Qt could open its window on, without Qt."""

import locale
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core import screen, system_libraries


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """A Linux with all libraries and no screen."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_libraries, "missing", lambda platform: ())
    for name in (screen.CHOICE, "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(screen.CHOICE, "")  # so that what is set there goes with the test


@pytest.fixture
def wayland(monkeypatch):
    """The socket of a Wayland server."""
    if not hasattr(socket, "AF_UNIX"):
        pytest.skip("this system has no such sockets")
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket must be short
        path = Path(folder) / "wayland-3"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen()
            monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
            monkeypatch.setenv("WAYLAND_DISPLAY", path.name)
            yield path


def x_answers(monkeypatch, answer):
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(screen, "_x_answers", lambda: answer)


def test_no_screen_is_said_before_qt_aborts():
    assert not screen.is_named()
    with pytest.raises(ValueError, match="no screen: neither DISPLAY nor WAYLAND_DISPLAY is set"):
        screen.prepare()


def test_other_systems_have_a_screen(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert screen.is_named()
    screen.prepare()


def test_a_display_that_answers(monkeypatch):
    x_answers(monkeypatch, True)
    assert screen.is_named()
    screen.prepare()
    assert os.environ[screen.CHOICE] == ""


def test_a_display_that_does_not_answer(monkeypatch):
    x_answers(monkeypatch, False)
    with pytest.raises(ValueError, match="no screen: the display ':7' does not answer"):
        screen.prepare()


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not system_libraries._is_loadable("libxcb.so.1"),
    reason="needs Linux and libxcb",
)
def test_a_display_that_is_not_there_and_a_server_that_says_nothing(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":4711")
    assert not screen._x_answers()
    monkeypatch.setattr(screen, "ANSWER_S", 0.1)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        if port < 6000:
            pytest.skip("the system gave a port that no display has")
        server.listen()
        monkeypatch.setenv("DISPLAY", f"127.0.0.1:{port - 6000}")
        assert not screen._x_answers()


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="this machine has no Xvfb")
def test_a_real_display_answers(monkeypatch):
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-screen", "0", "64x64x8"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as answer:
            monkeypatch.setenv("DISPLAY", f":{answer.readline().strip()}")
        try:
            assert screen._x_answers()
        finally:
            server.terminate()


def test_wayland_alone_needs_no_x_libraries(monkeypatch, wayland):
    asked = []
    monkeypatch.setattr(system_libraries, "missing", lambda platform: asked.append(platform) or ())
    screen.prepare()
    assert asked == ["wayland"]


@pytest.mark.parametrize("name", ["wayland-4", "/nowhere/wayland-3"])
def test_wayland_that_does_not_answer(monkeypatch, wayland, name):
    monkeypatch.setenv("WAYLAND_DISPLAY", name)
    with pytest.raises(ValueError, match=r"the Wayland display '.*' does not answer"):
        screen.prepare()


def test_wayland_by_its_whole_path(monkeypatch, wayland):
    monkeypatch.setenv("WAYLAND_DISPLAY", str(wayland))
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    screen.prepare()


def test_wayland_without_a_folder_of_the_session(monkeypatch, wayland):
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    with pytest.raises(ValueError, match="Wayland display 'wayland-3' does not answer"):
        screen.prepare()


def test_the_one_of_two_screens_that_works_is_taken(monkeypatch, wayland):
    x_answers(monkeypatch, False)
    screen.prepare()
    assert os.environ[screen.CHOICE] == "wayland"


def test_where_both_work_qt_chooses(monkeypatch, wayland):
    x_answers(monkeypatch, True)
    screen.prepare()
    assert os.environ[screen.CHOICE] == ""


def test_libraries_missing_for_one_of_two_screens(monkeypatch, wayland):
    x_answers(monkeypatch, True)
    lacking = {"wayland": ("libwayland-cursor.so.0",), "xcb": ()}
    monkeypatch.setattr(system_libraries, "missing", lacking.__getitem__)
    screen.prepare()
    assert os.environ[screen.CHOICE] == "xcb"


def test_missing_libraries_are_named_once(monkeypatch, wayland):
    x_answers(monkeypatch, True)
    monkeypatch.setattr(system_libraries, "missing", lambda platform: ("libEGL.so.1",))
    with pytest.raises(ValueError) as error:
        screen.prepare()
    assert str(error.value).count("libEGL.so.1") == 1


@pytest.mark.parametrize("choice", ["offscreen", "minimal:x=1", "vnc;offscreen"])
def test_a_screen_of_the_users_choice(monkeypatch, choice):
    monkeypatch.setenv(screen.CHOICE, choice)
    screen.prepare()
    assert os.environ[screen.CHOICE] == choice


def test_a_choice_of_the_user_is_checked_and_kept(monkeypatch, wayland):
    x_answers(monkeypatch, False)
    monkeypatch.setenv(screen.CHOICE, "xcb")
    with pytest.raises(ValueError, match="':7' does not answer"):
        screen.prepare()
    monkeypatch.setenv(screen.CHOICE, "wayland-egl;xcb")
    screen.prepare()
    assert os.environ[screen.CHOICE] == "wayland-egl;xcb"


# the encoding that Qt is told ---------------------------------------------------------------------


@pytest.fixture
def spoken(monkeypatch):
    """``spoken(LANG="C")``: the variables of the locale, after :func:`screen.speak_utf8`."""
    if not sys.platform.startswith("linux"):
        pytest.skip("has no such locales")
    names = ("LC_ALL", "LC_CTYPE", "LANG")

    def arrange(**variables):
        for name in names:
            monkeypatch.setenv(name, variables.get(name, ""))
        screen.speak_utf8()
        return {name: os.environ[name] for name in names if os.environ[name]}

    return arrange


def test_the_environment_says_utf8(spoken):
    before = locale.setlocale(locale.LC_CTYPE)
    assert spoken(LANG="C") == {"LANG": "C", "LC_CTYPE": "C.UTF-8"}
    assert spoken(LC_CTYPE="POSIX") == {"LC_CTYPE": "C.UTF-8"}
    assert spoken(LC_ALL="xx_YY.ISO8859-1") == {"LC_ALL": "C.UTF-8"}
    assert locale.setlocale(locale.LC_CTYPE) == before


def test_a_locale_of_utf8_stays(spoken):
    assert spoken(LANG="C.UTF-8") == {"LANG": "C.UTF-8"}
    assert spoken(LC_ALL="C.utf8", LANG="C") == {"LC_ALL": "C.utf8", "LANG": "C"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has no such locales")
def test_qt_has_nothing_to_say_of_the_encoding():
    code = (
        "from core import screen; screen.speak_utf8(); "
        "from PyQt6.QtCore import QCoreApplication; QCoreApplication([])"
    )
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
