import pytest

from core.cli.main import main
from core.gpu_addon import Status, driver, folder, install
from core.gpu_addon.build import Build
from core.gpu_addon.driver import Driver, Gpu
from core.gpu_addon.packages import Source
from core.gpu_addon.trial import Computed


def test_the_status_tells_gpu_driver_and_addon(capsys, monkeypatch):
    found = Driver("580.65.06", (13, 0), (Gpu("RTX A5000", (8, 6), 23.6),))
    monkeypatch.setattr(driver, "look", lambda: found)
    monkeypatch.setattr("core.gpu_addon.status", lambda: Status("not used", False, "too old"))
    assert main(["gpu", "status"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "GPU     RTX A5000, 24 GiB, compute capability 8.6",
        "driver  580.65.06, serves CUDA 13.0",
        "add-on  not used: too old",
    ]


def test_a_machine_without_a_gpu_is_no_failure(capsys, monkeypatch):
    monkeypatch.setattr(driver, "open_library", lambda: None)
    assert main(["gpu", "status"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "GPU     no NVIDIA driver was found on this machine",
        "add-on  not used: torch is that of this Python environment",
    ]


@pytest.mark.parametrize(
    ("options", "source"),
    [([], Source()), (["--index-url", "address"], Source("address"))],
)
def test_add_says_what_computes(capsys, monkeypatch, options, source):
    given = []

    def pretended(source):
        given.append(source)
        return Build("2.13.0", "13.0"), Computed("RTX A5000", 1e-4)

    monkeypatch.setattr(install, "install", pretended)
    assert main(["gpu", "add", *options]) == 0
    assert given == [source]
    expected = "The RTX A5000 computes with CUDA 13.0; used from the next start on.\n"
    assert capsys.readouterr().out == expected


def test_add_from_source_is_refused_in_one_line(capsys):
    assert main(["gpu", "add"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("tlmri gpu: error: this tlmri runs from a Python environment")
    assert error.count("\n") == 1


def test_one_source_at_a_time(capsys, tmp_path):
    assert main(["gpu", "add", "--index-url", "address", "--from", str(tmp_path)]) == 2
    assert "not allowed with argument" in capsys.readouterr().err


def test_remove(capsys):
    folder.folder().mkdir()
    assert main(["gpu", "remove"]) == 0
    assert main(["gpu", "remove"]) == 0
    out = capsys.readouterr().out
    assert out == "The GPU add-on is removed.\nThere is no GPU add-on.\n"
    assert not folder.folder().exists()
