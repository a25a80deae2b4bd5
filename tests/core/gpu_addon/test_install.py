import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from core.gpu_addon import driver
from core.gpu_addon import install as installing
from core.gpu_addon.build import Build
from core.gpu_addon.folder import Record, folder, read_record, shipped_torch, this_python
from core.gpu_addon.install import install, refuse_early
from core.gpu_addon.packages import Source
from core.gpu_addon.trial import Computed

CUDA_13, CUDA_12 = Build(shipped_torch(), "13.0"), Build(shipped_torch(), "12.6")
GOOD = Computed("Pretended GPU 0", 1e-4)
OF_TORCH = "the GPU does not compute with this build: The NVIDIA driver on your system is too old"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _room_on_the_disk(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1e12, 0, 1e12))


class Pretended:
    """An index, a fetch that brings a build, and a child process that found something.

    As with torch nothing is computed with a driver that is too old for the build.
    """

    def __init__(
        self,
        build: Build = CUDA_13,
        found: Computed | BaseException = GOOD,
        offers: tuple[str, ...] = (shipped_torch(),),
    ) -> None:
        self.build, self.found, self.offers = build, found, offers
        self.asked: list[str] = []

    def list(self, package: str, folder: Path, source: Source) -> list[str]:
        assert package == "torch"
        assert folder.is_dir()
        return list(self.offers)

    def fetch(self, requirement: str, target: Path, source: Source) -> None:
        self.asked.append(requirement)
        (target / "torch").mkdir()
        text = f"__version__ = {self.build.torch!r}\ncuda = {self.build.cuda or None!r}\n"
        (target / "torch" / "version.py").write_text(text)

    def compute(self, addon: Path) -> Computed:
        served = driver.look().cuda[0]
        if served < int(self.build.cuda.partition(".")[0]):
            raise ValueError(OF_TORCH)
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found

    def install(self, source: Source = Source()) -> tuple[Build, Computed]:  # noqa: B008 - frozen
        return install(source, listed=self.list, fetched=self.fetch, tried=self.compute)


def test_what_was_tried_is_put_in_place(frozen, pretend, user_folder):
    pretend()
    pretended = Pretended()
    assert pretended.install() == (CUDA_13, GOOD)
    assert pretended.asked == [f"torch=={shipped_torch()}"]
    assert read_record(folder()) == Record(shipped_torch(), "13.0", this_python())
    assert (folder() / "torch" / "version.py").is_file()
    assert [path.name for path in user_folder.iterdir()] == ["gpu"]


@pytest.mark.parametrize(
    ("build", "found", "message"),
    [
        (Build(shipped_torch(), ""), GOOD, "has no CUDA: run 'tlmri gpu add --index-url ADDRESS'"),
        (Build("2.1.0", "13.0"), GOOD, f"torch must be {shipped_torch()}, got 2.1.0"),
        (Build(shipped_torch(), "14.0"), GOOD, "got CUDA 14.0"),
        (CUDA_13, Computed("GPU", 0.5), "GPU computes wrongly: .* by 5.0e-01"),
        (CUDA_13, Computed("GPU", float("nan")), "computes wrongly"),
        (CUDA_13, ValueError("the GPU does not compute"), "the GPU does not compute"),
        (CUDA_13, KeyboardInterrupt("by hand"), "by hand"),
    ],
)
def test_nothing_is_left_of_what_does_not_compute(
    frozen, pretend, user_folder, build, found, message
):
    pretend()
    with pytest.raises((ValueError, KeyboardInterrupt), match=message):
        Pretended(build, found).install()
    assert list(user_folder.iterdir()) == []


def test_an_older_driver_takes_the_older_build_of_an_address(frozen, pretend):
    pretend(cuda=12060, compute=61)
    older = Pretended(CUDA_12)
    with pytest.raises(ValueError, match="the build for CUDA 12 would do"):
        older.install()
    assert older.install(Source("some address"))[0].cuda == "12.6"


@pytest.mark.parametrize("by_address", [True, False])
def test_a_driver_too_old_for_what_came_is_told_in_our_words(frozen, pretend, tmp_path, by_address):
    (tmp_path / f"torch-{shipped_torch()}-any.whl").touch()
    source = Source("some address") if by_address else Source(wheels=tmp_path)
    pretend(cuda=12060)
    pretended = Pretended(CUDA_13)
    message = "driver 580.65.06 is too old: it serves CUDA 12.6, and .* CUDA 12 would do"
    with pytest.raises(ValueError, match=message):
        pretended.install(source)
    assert pretended.asked != []


@pytest.mark.parametrize(
    ("offers", "answers", "message"),
    [
        (["2.99.0+cu126", "{}+cu130", "{}+cu126"], {"cuda": 12060}, "serves CUDA 12.6, and"),
        (["{}+cu130"], {"compute": 61}, "compute capability is 6.1, and CUDA 13.x needs 7.5"),
        (["{}+cpu"], {}, "the torch found there has no CUDA"),
        (["{}+cu118"], {}, "got CUDA 11.8"),
    ],
)
def test_what_an_index_names_is_refused_before_it_is_fetched(
    frozen, pretend, user_folder, offers, answers, message
):
    pretend(**answers)
    named = tuple(offer.format(shipped_torch()) for offer in offers)
    pretended = Pretended(offers=named)
    with pytest.raises(ValueError, match=message):
        pretended.install(Source("some address"))
    assert pretended.asked == []
    assert list(user_folder.iterdir()) == []


def test_an_index_that_names_another_version_is_left_to_pip(frozen, pretend):
    pretend()
    assert Pretended(offers=("2.1.0+cpu",)).install() == (CUDA_13, GOOD)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has rights of another kind")
def test_a_place_of_others_is_refused_before_anything_is_fetched(frozen, pretend, user_folder):
    pretend()
    user_folder.chmod(0o777)
    pretended = Pretended()
    with pytest.raises(ValueError, match=r"must be writable by nobody else, .*got mode 0777: run"):
        pretended.install()
    assert pretended.asked == []


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
    pretended = Pretended()
    with pytest.raises(ValueError, match=message):
        pretended.install()
    assert pretended.asked == []
    assert list(user_folder.iterdir()) == []


def test_a_second_one_is_refused(frozen, pretend):
    pretend()
    Pretended().install()
    with pytest.raises(
        ValueError,
        match="already: used from the next start on; to fetch it anew, run",
    ):
        Pretended().install()
    pretend(cuda=12000)
    with pytest.raises(ValueError, match="add-on already: the NVIDIA driver is too old"):
        Pretended().install()


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
