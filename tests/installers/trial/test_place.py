"""Commands in a place: environment, time limits, processes left behind."""

import shutil
import sys

import numpy as np
import pytest

from installers.trial import install, place
from installers.trial.outcome import Finished
from installers.trial.place import CleanSystem, EmptiedFolder
from installers.trial.window import shows_images, start_button

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the trial is for Linux packages"
)


@pytest.fixture
def emptied(tmp_path):
    home = tmp_path / "a home"
    (home / "tools").mkdir(parents=True)
    for tool in ("sh", "env", "sleep", "cat"):
        (home / "tools" / tool).symlink_to(shutil.which(tool))
    return EmptiedFolder(home, "this is a test")


def test_nothing_but_the_given_environment_is_seen(emptied, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    finished = place.run(emptied, ["env"], 20, {"DISPLAY": ":7"})
    seen = dict(line.split("=", 1) for line in finished.output.split("\n") if line)
    seen.pop("PWD", None)
    seen.pop("_", None)
    tools = str(emptied.home / "tools")
    home = str(emptied.home)
    assert seen == {"HOME": home, "PATH": tools, "LANG": "C.UTF-8", "DISPLAY": ":7"}
    assert finished.code == 0


def test_a_command_out_of_time_is_killed_and_has_no_code(emptied):
    finished = place.run(emptied, ["sh", "-c", "echo begun; sleep 60"], 0.5)
    assert finished.code is None
    assert finished.output == "begun\n"


def test_a_process_left_behind_is_told_and_ended(emptied):
    finished = place.run(emptied, ["sh", "-c", "sleep 60 & exit 3"], 20)
    assert finished.code == 3
    assert finished.left == ("a process of its group",)


def test_the_links_to_tools_leave_python_and_compilers_out(tmp_path):
    finished = place.run(EmptiedFolder(tmp_path / "new", "x"), ["sh", "-c", "command -v cat"], 20)
    names = {path.name for path in (tmp_path / "new" / "tools").iterdir()}
    assert finished.code == 0
    assert not {n for n in names if n.startswith(("python", "gcc", "pip", "cc"))}


def test_what_the_guard_says_of_processes_is_no_output():
    finished = place.with_output(Finished(0, 1.0, ""), "a\n__left__ tlmri sleep\nb\n")
    assert finished.output == "a\nb\n"
    assert finished.left == ("tlmri", "sleep")


def test_a_clean_system_is_entered_as_its_user_without_network(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda command: f"/sbin/{command}")
    (tmp_path / "etc").mkdir()
    passwd = "root:x:0:0:root:/:/bin/sh\nreader:x:1000:1001::/users/reader:/bin/sh\n"
    (tmp_path / "etc" / "passwd").write_text(passwd)
    system = CleanSystem(tmp_path)
    assert system.home == tmp_path / "users" / "reader"
    alone = system.command(["tlmri"], {"A": "b"})
    assert {"--net", "1000:1001", "HOME=/users/reader", "A=b"} <= set(alone)
    assert alone[-1] == "tlmri"
    installing = system.command(["apt-get"], {}, as_root=True, network=True)
    assert "--net" not in installing
    assert "0:0" in installing


@pytest.mark.parametrize(
    ("said", "packages"),
    [
        ("run 'sudo apt-get install libegl1 libxcb-cursor0'", ("libegl1", "libxcb-cursor0")),
        ("apt-get install libglib2.0-0; then", ("libglib2.0-0",)),
        ("all found", ()),
    ],
)
def test_the_packages_that_a_refusal_names(said, packages):
    assert install.libraries_asked_for(said) == packages


def test_nothing_of_a_removed_package_is_overlooked(tmp_path):
    stay = ("usr/share/doc/tlmri", "usr/share/metainfo/org.tlmri.tlmri.metainfo.xml", "opt/tlmri")
    for path in (*stay, "usr/share/doc/other", "users/reader/tlmri"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "usr/bin").mkdir()
    (tmp_path / "usr/bin/tlmri").symlink_to("/opt/nowhere/tlmri")
    assert install.left_of("tlmri", tmp_path) == tuple(
        sorted(f"/{path}" for path in (*stay, "usr/bin/tlmri"))
    )


def test_the_start_button_is_the_lowest_wide_one_in_the_accent_colour():
    pixels = np.full((900, 1480, 3), 25, np.uint8)
    accent = (42, 107, 186)
    pixels[100:120, 10:360] = accent  # Reconstruct
    pixels[700:730, 20:360] = accent  # Start fine-tuning
    pixels[800:820, 20:60] = accent  # a tick box
    pixels[850:870, 700:1400] = accent  # not in the left column
    x, y = start_button(pixels)
    assert (700 <= y < 730, 180 <= x < 200) == (True, True)
    assert start_button(np.zeros((50, 500, 3), np.uint8)) is None


def test_a_window_with_brains_is_told_from_one_with_words():
    words = np.full((900, 1480, 3), 25, np.uint8)
    words[::50, 400:] = 150  # strokes of letters are this grey at their edges
    words[30:60, 400:1400] = (42, 107, 186)
    words[:, :300] = 150  # in the left column
    assert not shows_images(words)
    brains = words.copy()
    brains[200:420, 400:620] = 130
    brains[200:420, 800:1020] = 130
    assert shows_images(brains)
