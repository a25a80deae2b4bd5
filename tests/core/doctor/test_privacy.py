import getpass
import os
import platform
from pathlib import Path

import pytest

from core.doctor.privacy import Name, Place, anonymous, hidden

WINDOWS = (
    Place(r"C:\Users\Anna Müller", "~"),
    Place(r"C:\Users\ANNAMU~1\AppData\Local\Temp", "(temporary folder)"),
    Place(r"\\server\home$\anna", "~"),
    Place(r"C:\Users\Anna Müller\AppData\Local\Programs\tlmri", "(tlmri)", is_private=False),
)
NAMES = (Name("anna", "(user)"), Name("ward-7", "(machine)"))

HOMES = "/" + "home"
"""Where homes lie; in two parts, since no path of a machine is in the tree."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"[Errno 13] Permission denied: 'C:\\Users\\Anna Müller\\x y.json'", "denied: '~'"),
        (r"cannot read C:\Users\Anna Müller\MRT Frau Weber\x: gone", "cannot read ~: gone"),
        (r"c:\users\anna müller\x", "~"),
        (r"C:/Users/Anna Müller/tlmri/checkpoints", "~"),
        (r"C:\Users\ANNAMU~1\AppData\Local\Temp\tmp1", "(temporary folder)"),
        (r"'\\\\server\\home$\\anna\\x'", "'~'"),
        (r"\\other\share\Weber", "(path)"),
        (
            r"C:\Users\Anna Müller\AppData\Local\Programs\tlmri\_internal\torch\lib\c10.dll",
            r"(tlmri)\_internal\torch\lib\c10.dll",
        ),
        (r"D:\patients\Weber\x.nii is open", "(path)"),
        (r"C:\Users\Other\x", "~"),
        (r"C:\Windows\System32\nvcuda.dll", r"C:\Windows\System32\nvcuda.dll"),
        ("ANNA on WARD-7 may not", "(user) on (machine) may not"),
        ("annaliese on ward-77", "annaliese on ward-77"),
        ("anna_weber, dr.anna-weber on ward-7.klinik.example.", "(user), (user) on (machine)."),
        (r"C:\WindowsWeber\x", "(path)"),
        (r"C:\Windows\..\Weber\x", "(path)"),
        (r"C:\Users\Anna Müller\AppData\Local\Programs\tlmri\..\Weber\x", "~"),
    ],
)
def test_windows(text, expected):
    assert hidden(text, WINDOWS, NAMES).endswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"cannot read {HOMES}/anna/x at all", "cannot read ~"),
        (f"'{HOMES}/anna b/Weber, MR': gone", "'~': gone"),
        ("/mnt/Weber, Anna; born/x.nii: damaged", "(path): damaged"),
        ('"/mnt/o\'neil: 1/x" is no folder', '"(path)" is no folder'),
        ("/mnt/o'neil/x is no folder", "(path)"),
        ("'/mnt/Weber/x' -> '/mnt/Weber/y'", "'(path)' -> '(path)'"),
        ("~/Weber, MR/x.nii: must be within ~5 %", "~: must be within ~5 %"),
        ("/Users/weber/x", "~"),
        ("/mnt/mri/Weber/x.nii: damaged", "(path): damaged"),
        ("[Errno 2] No such file: '/mnt/Weber 1/x'", "[Errno 2] No such file: '(path)'"),
        ("file:///srv/homes/Weber/x", "(path)"),
        ("'smb://server/share/Weber' is gone", "'(path)' is gone"),
        ("//server/share/Weber/x", "(path)"),
        ("///srv/Weber/x", "(path)"),
        ("../Weber/x", "(path)"),
        ("/opt/people/Bob Weber/x.dcm", "(path)"),
        ("/opt/../srv/Weber", "(path)"),
        ("/usr/lib/../../srv/Weber/x", "(path)"),
        ("/usr Weber/x", "(path)"),
        ("/dev/shm/Weber/x", "(path)"),
        ("/mnt/jane: weber/scan.h5: damaged", "(path): damaged"),
        ("/mnt/jane: a: weber/scan.h5: damaged", "(path): damaged"),
        ("'/mnt/o'weber/x' is no folder", "'(path)' is no folder"),
        ("/opt/tlmri/_internal/x: gone, /etc/os-release, /dev/nvidia0, /usr: gone", None),
        ("libcuda: /usr/lib/x86_64/libcuda.so.1: too old", None),
        ("100 s/mm² and/or 96 x 96, see https://pytorch.org/docs", None),
        ("(environment)/lib/python3/torch", None),
    ],
)
def test_unknown_folders(text, expected):
    assert hidden(text, (), NAMES) == (expected or text)


@pytest.mark.parametrize("home", [f"{HOMES}/Dr. Ana Ñ (MRT)", "/data/a+b[1]/o'neil"])
def test_homes_with_marks_of_patterns(monkeypatch, home):
    monkeypatch.setenv("HOME", home)
    said = anonymous(f"cannot write {home}/tlmri/x")
    assert said.startswith("cannot write ")
    for word in ("Ana", "neil", "tlmri"):
        assert word not in said


def test_a_home_that_is_all_of_the_disk_hides_no_words(monkeypatch):
    monkeypatch.setenv("HOME", "/")
    monkeypatch.chdir("/")
    assert anonymous("12 s/slice, 1/2 done") == "12 s/slice, 1/2 done"


@pytest.mark.parametrize("variable", ["TLMRI_HOME", "TMPDIR", "TEMP"])
def test_folders_of_the_environment(monkeypatch, variable):
    monkeypatch.setenv(variable, "relative/Weber")
    assert "Weber" not in anonymous(f"No space left: '{os.environ[variable]}/x'")


@pytest.mark.parametrize("machine", ["mrt-3.klinik.example", "mrt-3"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weber@mrt-3 failed", "(user)@(machine) failed"),
        ("weber on MRT-3.klinik.example: failed", "(user) on (machine): failed"),
    ],
)
def test_this_user_and_machine(monkeypatch, machine, text, expected):
    monkeypatch.setattr(getpass, "getuser", lambda: "weber")
    monkeypatch.setattr(platform, "node", lambda: machine)
    assert anonymous(text) == expected


def test_other_machines_of_its_domain(monkeypatch):
    monkeypatch.setattr(platform, "node", lambda: "mrt-3.klinik.example")
    assert anonymous("no route to pacs.klinik.example") == "no route to (machine)"


@pytest.mark.parametrize(
    "display",
    [
        "jane-weber-pc.klinik.example:0",
        "tcp/jane-weber-pc:10.0",
        "jane-weber-pc.klinik.example/unix:0",
    ],
)
def test_the_machine_that_shows_the_screen(monkeypatch, display):
    monkeypatch.setenv("DISPLAY", display)
    said = anonymous(f"Qt: could not connect to display {display}; jane-weber-pc refused")
    assert said.startswith("Qt: could not connect to display ")
    assert said.endswith("; (machine) refused")
    for word in ("jane", "weber", "klinik"):
        assert word not in said


def test_the_address_of_a_screen_hides_no_numbers(monkeypatch):
    monkeypatch.setenv("DISPLAY", "192.168.3.4:0")
    assert anonymous("192 GiB at 192.168.3.4:0, version 168.3") == (
        "192 GiB at (machine):0, version 168.3"
    )


@pytest.mark.parametrize("display", ["localhost:10.0", "unix:0", "/private/socket/org.xquartz:0"])
def test_words_of_a_screens_address_stay(monkeypatch, display):
    monkeypatch.setenv("DISPLAY", display)
    text = "a private unix socket of org at localhost"
    assert anonymous(text) == text


@pytest.mark.parametrize("name", ["jane-weber-1", "/srv/screens/jane-weber-1"])
def test_the_name_of_a_wayland_screen(monkeypatch, name):
    monkeypatch.setenv("WAYLAND_DISPLAY", name)
    assert "weber" not in anonymous(f"Failed to connect to {name}: gone")


def test_accounts_of_no_person_stay_words(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "torch")
    monkeypatch.setattr(platform, "node", lambda: "ab")
    assert anonymous("torch 2.13, ab") == "torch 2.13, ab"


def test_a_system_without_accounts(monkeypatch):
    def nobody(*_):
        raise KeyError("getpwuid(): uid not found: 1000")

    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(getpass, "getuser", nobody)
    monkeypatch.setattr(Path, "home", nowhere)
    assert anonymous("fine") == "fine"


def test_many_lines_become_one():
    assert anonymous("a\n b\t c") == "a b c"
