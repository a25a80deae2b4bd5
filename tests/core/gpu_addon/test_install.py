import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from core.gpu_addon import install as installing
from core.gpu_addon.folder import Record, folder, read_record, shipped_torch, this_python
from core.gpu_addon.install import install, refuse_early
from core.gpu_addon.packages import Source
from core.gpu_addon.trial import Computed

GOOD = Computed(shipped_torch(), "13.0", "Pretended GPU 0", 1e-4)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _room_on_the_disk(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1e12, 0, 1e12))


class Pretended:
    """A fetch that brings one file, and a child process that found something."""

    def __init__(self, found: Computed | BaseException) -> None:
        self.found = found
        self.asked: list[str] = []

    def fetch(self, requirement: str, target: Path, source: Source) -> None:
        self.asked.append(requirement)
        (target / "torch.py").touch()

    def compute(self, addon: Path) -> Computed:
        assert (addon / "torch.py").is_file()
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found

    def install(self, source: Source = Source()) -> Computed:  # noqa: B008 - frozen
        return install(source, fetched=self.fetch, tried=self.compute)


def test_what_was_tried_is_put_in_place(frozen, pretend, user_folder):
    pretend()
    pretended = Pretended(GOOD)
    assert pretended.install() == GOOD
    assert pretended.asked == [f"torch=={shipped_torch()}"]
    assert read_record(folder()) == Record(shipped_torch(), "13.0", this_python())
    assert (folder() / "torch.py").is_file()
    assert [path.name for path in user_folder.iterdir()] == ["gpu"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Computed(shipped_torch()), "has no CUDA: run 'tlmri gpu add --index-url ADDRESS'"),
        (Computed("2.1.0", "13.0", "GPU", 0.0), f"torch must be {shipped_torch()}, got 2.1.0"),
        (Computed(shipped_torch(), "14.0", "GPU", 0.0), "got CUDA 14.0"),
        (Computed(shipped_torch(), "13.0", "GPU", 0.5), "GPU computes wrongly: .* by 5.0e-01"),
        (Computed(shipped_torch(), "13.0", "GPU", float("nan")), "computes wrongly"),
        (ValueError("the GPU does not compute"), "the GPU does not compute"),
        (KeyboardInterrupt("by hand"), "by hand"),
    ],
)
def test_nothing_is_left_of_what_does_not_compute(frozen, pretend, user_folder, found, message):
    pretend()
    with pytest.raises((ValueError, KeyboardInterrupt), match=message):
        Pretended(found).install()
    assert list(user_folder.iterdir()) == []


def test_an_older_driver_takes_the_older_build_of_an_address(frozen, pretend):
    pretend(cuda=12060, compute=61)
    older = Pretended(Computed(shipped_torch(), "12.6", "GPU", 1e-4))
    with pytest.raises(ValueError, match="the build for CUDA 12 would do"):
        older.install()
    newer = Pretended(GOOD)
    with pytest.raises(ValueError, match="needs driver 580 or newer"):
        newer.install(Source("some address"))
    assert older.install(Source("some address")).cuda == "12.6"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"cuda": 12040}, "CUDA 13.x needs driver 580 or newer"),
        ({"compute": 61}, "its compute capability is 6.1"),
        ({"count": 0}, "finds no GPU: install NVIDIA's driver"),
    ],
)
def test_machines_are_refused_before_anything_is_fetched(
    frozen, pretend, user_folder, answers, message
):
    pretend(**answers)
    pretended = Pretended(GOOD)
    with pytest.raises(ValueError, match=message):
        pretended.install()
    assert pretended.asked == []
    assert list(user_folder.iterdir()) == []


def test_a_second_one_is_refused(frozen, pretend):
    pretend()
    Pretended(GOOD).install()
    with pytest.raises(
        ValueError,
        match="already: used from the next start on; to fetch it anew, run",
    ):
        Pretended(GOOD).install()
    pretend(cuda=12000)
    with pytest.raises(ValueError, match="add-on already: the NVIDIA driver is too old"):
        Pretended(GOOD).install()


def test_a_full_disk_is_told_in_numbers(frozen, pretend, user_folder, monkeypatch):
    pretend()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1e12, 0, 3.21e9))
    with pytest.raises(ValueError, match=r"7.5 GB free .* keeps 4.8 GB, got 3.2 GB") as refusal:
        refuse_early(Source())
    assert str(user_folder) in str(refusal.value)


def test_a_folder_without_torch_is_refused(frozen, pretend, tmp_path):
    pretend()
    with pytest.raises(ValueError, match="must be a folder with the wheel of torch in it"):
        refuse_early(Source(wheels=tmp_path))
    (tmp_path / "torch-2.13.0-any.whl").touch()
    refuse_early(Source(wheels=tmp_path))


def test_each_system_is_told_its_own_way(frozen, pretend, monkeypatch):
    pretend()
    monkeypatch.setattr(installing.sys, "platform", "win32")
    with pytest.raises(ValueError, match="no CUDA build for Windows: run"):
        refuse_early(Source())
    refuse_early(Source("some address"))
    monkeypatch.setattr(installing.sys, "platform", "darwin")
    with pytest.raises(ValueError, match="a Mac needs no add-on"):
        refuse_early(Source())


def test_from_source_the_environments_pip_is_named(monkeypatch):
    monkeypatch.setattr(installing.sys, "platform", "linux")
    command = f"'python -m pip install --force-reinstall torch=={shipped_torch()}'"
    with pytest.raises(ValueError, match=command):
        refuse_early(Source())
    monkeypatch.setattr(installing.sys, "platform", "win32")
    with pytest.raises(ValueError, match="--index-url ADDRESS', with the address that the PyTorch"):
        refuse_early(Source())
