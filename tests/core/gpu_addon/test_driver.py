import pytest

from core.gpu_addon import driver
from core.gpu_addon.driver import Driver, Gpu, look, newest_cuda, open_library


def test_driver_and_gpus_are_told(pretend):
    pretend(cuda=13020, count=2, compute=120)
    gpus = (Gpu("Pretended GPU 0", (12, 0), 24.0), Gpu("Pretended GPU 1", (12, 0), 24.0))
    assert look() == Driver("580.65.06", (13, 2), gpus)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"count": 0}, "the NVIDIA driver finds no GPU"),
        (
            {"init_code": 100},
            "the NVIDIA driver finds no usable GPU: cuInit answered 100 (CUDA_ERROR_NO_DEVICE)",
        ),
        ({"init_code": 7}, "the NVIDIA driver finds no usable GPU: cuInit answered 7"),
        (
            {"version_code": 3},
            "the NVIDIA driver finds no usable GPU: cuDriverGetVersion answered 3",
        ),
    ],
)
def test_what_the_driver_refuses_is_one_line(pretend, answers, problem):
    pretend(**answers)
    assert look().problem == problem
    assert look().gpus == ()


def test_no_driver_is_told(no_driver):
    assert look() == Driver(problem="no NVIDIA driver was found on this machine")


def test_a_library_of_another_make_is_told(pretend, monkeypatch):
    pretend()
    monkeypatch.setattr(driver, "open_library", object)
    assert "cuDriverGetVersion is missing or broken" in look().problem
    with pytest.raises(ValueError, match="did not tell its version: cuDriverGetVersion"):
        newest_cuda(object())


def test_the_version_alone_wakes_no_gpu(pretend):
    pretend(cuda=12080, init_code=100)
    assert newest_cuda(driver.open_library()) == (12, 8)


def test_a_missing_library_is_no_error(monkeypatch):
    def fail(name):
        raise OSError(name)

    monkeypatch.setattr(driver.ctypes, "CDLL", fail)
    assert open_library() is None
    assert driver._version_by_nvml() == ""


def test_linux_tells_the_drivers_version(tmp_path, monkeypatch):
    file = tmp_path / "version"
    file.write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27 06:54:38 UTC 2025\n"
        "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n"
    )
    monkeypatch.setattr(driver, "_LINUX_VERSION_FILE", file)
    assert driver._own_version() == "580.65.06"
