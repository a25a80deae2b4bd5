import os
import shutil
import sys
from pathlib import Path

import pytest

from core import gpu_addon
from core.gpu_addon import Status, at_start, trust
from core.gpu_addon.at_start import misfit
from core.gpu_addon.folder import (
    ADVICE,
    Record,
    folder,
    shipped_torch,
    this_python,
    write_record,
)

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has rights of another kind")


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


def put_in_place(**fields: str) -> Path:
    record = {"torch": shipped_torch(), "cuda": "13.0", "python": this_python()} | fields
    folder().mkdir(mode=0o755)
    folder().parent.chmod(0o755)
    write_record(folder(), Record(**record))
    return folder()


def test_an_addon_that_fits_comes_before_everything_else(frozen, pretend):
    pretend(cuda=13000, init_code=100)  # no GPU is woken at the start
    addon = put_in_place()
    gpu_addon.use_if_it_fits()
    assert sys.path[0] == str(addon)
    assert gpu_addon.status() == Status("in use", in_use=True)
    shutil.rmtree(addon)  # under a program that runs
    assert gpu_addon.status().in_use


def test_without_an_addon_nothing_happens(frozen, monkeypatch):
    monkeypatch.setattr(at_start.driver, "open_library", lambda: pytest.fail("asked the driver"))
    before = list(sys.path)
    gpu_addon.use_if_it_fits()
    assert sys.path == before
    assert gpu_addon.status() == Status("none, torch computes on the processor", in_use=False)


@pytest.mark.parametrize(
    ("fields", "answers", "problem"),
    [
        ({}, {"cuda": 12040}, "it serves CUDA 12.4, and CUDA 13.x needs driver 580 or newer"),
        ({"cuda": "12.6"}, {"cuda": 11040}, "CUDA 12.x needs driver 525 or newer"),
        ({}, {"version_code": 3}, "the NVIDIA driver did not tell its version"),
        ({"torch": "2.1.0"}, {}, "holds torch 2.1.0"),
        ({"python": "cpython-39 linux x86_64"}, {}, "this tlmri needs"),
        ({"cuda": "99.0"}, {}, "got CUDA 99.0"),
    ],
)
def test_what_does_not_fit_is_left_alone_with_a_reason(frozen, pretend, fields, answers, problem):
    pretend(**answers)
    addon = put_in_place(**fields)
    gpu_addon.use_if_it_fits()
    found = gpu_addon.status()
    assert str(addon) not in sys.path
    assert (found.line, found.in_use) == ("not used", False)
    assert problem in found.problem
    assert "\n" not in found.problem


def test_a_driver_that_went_is_told(frozen, no_driver):
    put_in_place()
    gpu_addon.use_if_it_fits()
    problem = "the GPU add-on needs an NVIDIA driver, and none was found"
    assert gpu_addon.status().problem == problem


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"torch": 2, "cuda": "13.0", "python": ""}'])
def test_a_damaged_addon_is_told(frozen, pretend, text):
    pretend()
    (put_in_place() / "tlmri-gpu.json").write_text(text)
    gpu_addon.use_if_it_fits()
    assert "is damaged: run 'tlmri gpu remove', then 'tlmri gpu add'" in gpu_addon.status().problem


def test_a_folder_that_cannot_be_made_hinders_no_start(frozen, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TLMRI_HOME", str(tmp_path / "file" / "home"))
    before = list(sys.path)
    gpu_addon.use_if_it_fits()
    assert sys.path == before


def test_a_folder_that_may_not_be_entered_is_as_none(frozen, monkeypatch):
    def refuse(path, **options):  # what every look into it raises, for all but root
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr("os.stat", refuse)
    before = list(sys.path)
    gpu_addon.use_if_it_fits()
    assert sys.path == before
    assert gpu_addon.status() == Status("none, torch computes on the processor", in_use=False)


@POSIX
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
def test_what_others_may_write_is_not_run(frozen, pretend, mode):
    pretend()
    addon = put_in_place()
    addon.chmod(mode)
    gpu_addon.use_if_it_fits()
    assert str(addon) not in sys.path
    problem = gpu_addon.status().problem
    assert problem.startswith(f"{addon}: must be writable by nobody else")
    assert problem.endswith(f"got mode {mode:04o}: {ADVICE}")


@POSIX
def test_what_is_somebody_elses_is_not_run(frozen, pretend, monkeypatch):
    pretend()
    addon = put_in_place()
    number = addon.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: number + 1)
    if number == 0:  # root's is as good as one's own
        assert misfit(addon) == ""
        monkeypatch.setattr(trust, "_status", owned_by(1234))
        number = 1234
    gpu_addon.use_if_it_fits()
    assert str(addon) not in sys.path
    problem = gpu_addon.status().problem
    assert problem.startswith(f"{addon}: must belong to you or to root")
    assert problem.endswith(f"got user {number}: {ADVICE}")


@POSIX
def test_a_place_where_others_may_exchange_it_is_told(frozen, pretend):
    pretend()
    addon = put_in_place()
    addon.parent.chmod(0o777)
    problem = misfit(addon)
    assert problem.startswith(f"{addon.parent}: must be writable by nobody else")
    assert f"run 'chmod go-w {addon.parent}', or set TLMRI_HOME to another folder" in problem
    addon.parent.chmod(0o1777)  # others may add to it, but exchange nothing
    assert misfit(addon) == ""


@POSIX
def test_a_group_of_ones_own_may_write_to_the_place(frozen, pretend, monkeypatch):
    pretend()
    addon = put_in_place()
    addon.parent.chmod(0o775)
    own = addon.parent.stat()
    monkeypatch.setattr(trust, "_status", owned_by(own.st_uid, group=own.st_uid))
    assert misfit(addon) == ""
    monkeypatch.setattr(trust, "_status", owned_by(own.st_uid, group=own.st_uid + 1))
    assert misfit(addon).startswith(f"{addon.parent}: must be writable by nobody else")


@POSIX
def test_a_link_is_not_followed(frozen, pretend, tmp_path):
    pretend()
    addon = put_in_place()
    addon.rename(tmp_path / "elsewhere")
    addon.symlink_to(tmp_path / "elsewhere")
    assert misfit(addon).startswith(f"{addon}: the GPU add-on must be a folder and no link")


def test_one_that_went_meanwhile_is_no_failure(frozen, pretend):
    pretend()
    assert "must be a folder that can be read" in misfit(folder())


def owned_by(user: int, group: int = 0):
    """Files as they are, but of this user and group."""

    def status(path: Path) -> os.stat_result:
        found = list(path.lstat())
        found[4:6] = user, group
        return os.stat_result(found)

    return status


def test_one_fetched_meanwhile_waits_for_the_next_start(frozen, pretend):
    pretend()
    gpu_addon.use_if_it_fits()
    put_in_place()
    assert gpu_addon.status().line == "there, used from the next start on"


def test_from_source_there_is_none():
    assert gpu_addon.status() == Status(
        "not used: torch is that of this Python environment", in_use=False
    )


def test_torch_is_not_imported():
    import subprocess

    code = "import sys, core.gpu_addon as g; g.use_if_it_fits(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
