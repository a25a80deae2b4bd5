"""Messages on the desktop, with pretended tools."""

import sys
import time
from types import SimpleNamespace

import pytest

from core import streams
from core.cli import start_message

TEXT = "tlmri could not open its window.\n\n<b> $HOME 'no' \"screen\" -x"
LIMIT_S = 60.0


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """``tools(zenity="exit 1")`` are all that the desktop has; each notes what it is given."""
    if sys.platform == "win32":
        pytest.skip("the tools are scripts of /bin/sh")
    folder = tmp_path / "bin"
    folder.mkdir()
    # So long that no machine is too busy for a tool that fails at once.
    monkeypatch.setattr(start_message, "FAILS_WITHIN_S", LIMIT_S)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(sys, "platform", "linux")

    def have(**scripts):
        for name, script in scripts.items():
            path = folder / name.replace("_", "-")
            notes = f'printf "%s\\n" "$@" > "$0.part"; echo "$LD_LIBRARY_PATH" > "{folder}/path"'
            path.write_text(f'#!/bin/sh\n{notes}\n/bin/mv "$0.part" "$0.said"\n{script}\n')
            path.chmod(0o755)

    def said():
        return {path.stem: path.read_text() for path in folder.glob("*.said")}

    return SimpleNamespace(have=have, said=said, folder=folder)


def test_a_desktop_without_tools(tools):
    start_message.show(TEXT)
    assert tools.said() == {}


@pytest.mark.parametrize("tool", ["zenity", "kdialog", "xmessage", "notify_send", "gdbus"])
def test_what_the_desktop_has_is_used(tools, tool):
    tools.have(**{tool: "exit 0"})
    start_message.show(TEXT)
    [text] = tools.said().values()
    assert TEXT.splitlines()[-1] in text


def test_one_that_fails_is_followed_by_the_next(tools):
    tools.have(zenity="exit 1", kdialog="exit 0", xmessage="exit 0")
    start_message.show(TEXT)
    assert set(tools.said()) == {"zenity", "kdialog"}


def test_one_that_cannot_be_run(tools):
    tools.have(zenity="", kdialog="exit 0")
    (tools.folder / "zenity").write_bytes(b"\x7fELF junk")
    start_message.show(TEXT)
    assert set(tools.said()) == {"kdialog"}


def test_nobody_waits_for_the_answer(tools, monkeypatch):
    monkeypatch.setattr(start_message, "FAILS_WITHIN_S", 0.1)
    waits = 'for i in $(/usr/bin/seq 600); do [ -e "$0.answer" ] && exit 1; /bin/sleep 0.1; done'
    tools.have(zenity=waits, kdialog="exit 0")
    start_message.show(TEXT)  # comes back although nothing was answered
    until(lambda: "zenity" in tools.said())
    assert set(tools.said()) == {"zenity"}
    (tools.folder / "zenity.answer").touch()


def until(is_so):
    """Wait for what another process does."""
    end = time.monotonic() + LIMIT_S
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)


def test_a_terminal_is_enough(tools, monkeypatch):
    tools.have(zenity="exit 0")
    monkeypatch.setattr(streams, "has_terminal", lambda: True)
    start_message.show(TEXT)
    monkeypatch.setattr(streams, "has_terminal", lambda: False)
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    start_message.show(TEXT)
    assert tools.said() == {}


@pytest.mark.parametrize(
    ("original", "is_frozen", "expected"),
    [("/theirs", True, "/theirs"), (None, True, ""), (None, False, "/ours")],
)
def test_tools_get_the_systems_libraries(tools, monkeypatch, original, is_frozen, expected):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/ours")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    if original:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", original)
    monkeypatch.setattr(sys, "frozen", is_frozen, raising=False)
    tools.have(zenity="exit 0")
    start_message.show(TEXT)
    assert (tools.folder / "path").read_text() == f"{expected}\n"


def test_macos_gets_the_text_as_an_argument(tools, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delenv("DISPLAY")
    tools.have(osascript="exit 0")
    start_message.show(TEXT)
    assert tools.said()["osascript"].endswith(f"end run\n{TEXT}\n")


def test_windows_shows_a_box_where_nothing_collects_the_text(monkeypatch):
    boxes = []
    user32 = SimpleNamespace(MessageBoxW=lambda *words: boxes.append(words))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(
        start_message.ctypes, "windll", SimpleNamespace(user32=user32), raising=False
    )
    start_message.show(TEXT)  # pytest collects it
    assert boxes == []
    monkeypatch.setattr(sys, "stderr", None)
    streams.ensure()
    start_message.show(TEXT)
    assert boxes == [(None, TEXT, "tlmri", 0x10)]


def test_long_lines_are_folded_for_xmessage():
    assert max(map(len, start_message._folded("word " * 60 + "\n\nshort").splitlines())) <= 90


LIBRARIES = [f"libxcb-something-long{i}" for i in range(8)]
LACKING = f"No.\n\nQt needs libraries ({', '.join(LIBRARIES)}): run 'sudo apt-get install "


@pytest.mark.parametrize("tool", ["zenity", "xmessage"])
def test_a_command_stands_apart_and_can_be_pasted(tools, tool):
    tools.have(**{tool: "exit 0"})
    start_message.show(f"{LACKING}{' '.join(LIBRARIES)}'; no answer")
    [text] = tools.said().values()
    before, command, after = text.rstrip().rsplit("\n\n", 2)
    assert before.endswith("): run")
    words = command.replace(" \\\n", " ").split(" ")
    assert words == ["sudo", "apt-get", "install", *LIBRARIES]
    assert max(map(len, command.splitlines())) <= 90
    assert after == "no answer"


def test_words_are_not_broken_for_xmessage():
    folded = start_message._folded(f"{LACKING}{'x' * 100}'")
    assert folded.split() == f"{LACKING}{'x' * 100}'".split()
