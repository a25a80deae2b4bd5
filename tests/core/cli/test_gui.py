"""How the window is asked for, and what is refused before it."""

import sys
from types import ModuleType

import pytest

from core import screen, system_needs
from core.cli import start_message
from core.cli.main import main


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """What someone who clicked on an icon is told."""
    texts = []
    monkeypatch.setattr(start_message, "show", texts.append)
    return texts


@pytest.fixture
def opened(monkeypatch):
    """What the window was given, on a screen that answers."""
    calls = []
    app = ModuleType("tlmri_gui.app")
    app.run = lambda files: calls.append([path.name for path in files]) or 0
    monkeypatch.setitem(sys.modules, "tlmri_gui.app", app)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(screen, "prepare", lambda: None)
    return calls


def refused(capsys, shown):
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    assert err.startswith("tlmri gui: error: ")
    [text] = shown
    assert text.endswith(err.removeprefix("tlmri gui: error: ").rstrip("\n"))
    return err


def test_files_reach_the_window(opened, shown):
    assert main(["gui", "a.nii", "b.h5"]) == 0
    assert opened == [["a.nii", "b.h5"]]
    assert shown == []


def test_a_click_on_the_icon(opened):
    assert main([]) == 0
    assert opened == [[]]


def test_a_click_on_files(opened, tmp_path):
    files = [tmp_path / "a scan.nii.gz", tmp_path / "b.h5"]
    files[0].touch()
    assert main([str(file) for file in files]) == 0
    assert opened == [["a scan.nii.gz", "b.h5"]]


def test_a_command_is_no_file(opened, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recon").touch()
    assert main(["recon"]) == 2
    assert "tlmri recon: error:" in capsys.readouterr().err
    assert opened == []


def test_nothing_said_and_no_screen_is_a_wish_for_help(opened, monkeypatch, capsys):
    monkeypatch.delenv("DISPLAY")
    assert main([]) == 0
    assert "usage: tlmri" in capsys.readouterr().out
    assert opened == []


def test_a_refusal_is_said_on_the_terminal_and_on_the_screen(opened, shown, monkeypatch, capsys):
    def refuse():
        raise ValueError("no screen: the display ':7' does not answer")

    monkeypatch.setattr(screen, "prepare", refuse)
    assert main(["gui"]) == 1
    assert "':7' does not answer" in refused(capsys, shown)
    assert opened == []


def test_a_system_that_is_too_old(opened, shown, monkeypatch, capsys):
    monkeypatch.setattr(system_needs, "refusal", lambda: "this system is too old: got 1")
    assert main(["gui"]) == 1
    assert "too old" in refused(capsys, shown)
    assert opened == []


def test_a_window_that_cannot_be_loaded(opened, shown, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tlmri_gui.app", None)
    assert main(["gui"]) == 1
    assert "install tlmri again" in refused(capsys, shown)


def test_a_fault_of_the_program_is_shown_and_not_hidden(opened, shown, monkeypatch):
    def fail(files):
        raise LookupError("no such thing")

    monkeypatch.setattr(sys.modules["tlmri_gui.app"], "run", fail)
    with pytest.raises(LookupError, match="no such thing"):
        main(["gui"])
    assert shown == ["tlmri has failed.\n\nLookupError: no such thing"]


@pytest.mark.parametrize(
    ("error", "expected", "code"),
    [
        (RuntimeError("CUDA out of memory. Tried 2 GiB."), "choose the processor): CUDA out of", 1),
        (MemoryError("full"), "out of memory: full", 1),
        (OSError(28, "No space left on device"), "No space left on device", 2),
        (ValueError("n must be 1, got 2"), "n must be 1, got 2", 2),
    ],
)
def test_what_fails_in_the_window_is_shown_once(
    opened, shown, monkeypatch, capsys, error, expected, code
):
    def fail(files):
        raise error

    monkeypatch.setattr(sys.modules["tlmri_gui.app"], "run", fail)
    assert main(["gui"]) == code
    assert expected in refused(capsys, shown)
    assert shown[0].startswith("tlmri has failed.\n\n")


def test_a_fault_before_the_window_is_told_from_one_in_it(opened, shown, monkeypatch):
    def fail():
        raise LookupError("no such thing")

    monkeypatch.setattr(screen, "prepare", fail)
    with pytest.raises(LookupError, match="no such thing"):
        main(["gui"])
    assert shown == ["tlmri could not open its window.\n\nLookupError: no such thing"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["/no/such.nii"], "/no/such.nii: no such file"),
        (["such.nii"], "such.nii: no such file"),
        (["gui", "--bad"], "unrecognized arguments: --bad"),
    ],
)
def test_arguments_that_keep_the_window_from_opening(opened, shown, capsys, arguments, expected):
    assert main(arguments) == 2
    assert shown == [f"tlmri could not open its window.\n\n{expected}"]
    assert expected in capsys.readouterr().err
    assert opened == []


@pytest.mark.parametrize(
    "arguments", [["recon", "no.nii", "--out", "x"], ["recon", "--bad"], ["fly"], ["--bad"]]
)
def test_other_commands_show_nothing(shown, capsys, arguments):
    assert main(arguments) == 2
    assert shown == []
