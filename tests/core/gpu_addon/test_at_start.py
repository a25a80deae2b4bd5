import shutil
import sys
from pathlib import Path

import pytest

from core import gpu_addon
from core.gpu_addon import Status, at_start
from core.gpu_addon.folder import Record, folder, shipped_torch, this_python, write_record


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


def put_in_place(**fields: str) -> Path:
    record = {"torch": shipped_torch(), "cuda": "13.0", "python": this_python()} | fields
    folder().mkdir()
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
