"""A pretended NVIDIA driver: a real library in C, which answers what the environment says."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from core.gpu_addon import driver

SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int answer(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}
int cuDriverGetVersion(int *v) {
    *v = answer("PRETEND_CUDA", 13000);
    return answer("PRETEND_VERSION_CODE", 0);
}
int cuInit(unsigned flags) { (void)flags; return answer("PRETEND_INIT_CODE", 0); }
int cuDeviceGetCount(int *n) { *n = answer("PRETEND_COUNT", 1); return 0; }
int cuDeviceGet(int *d, int n) { *d = n; return 0; }
int cuDeviceGetName(char *name, int size, int d) {
    snprintf(name, size, "Pretended GPU %d", d);
    return 0;
}
int cuDeviceTotalMem_v2(size_t *size, int d) { (void)d; *size = (size_t)24 << 30; return 0; }
int cuDeviceGetAttribute(int *v, int a, int d) {
    int compute = answer("PRETEND_COMPUTE", 89);
    (void)d;
    *v = a == 75 ? compute / 10 : a == 76 ? compute % 10 : -1;
    return 0;
}
int cuGetErrorName(int code, const char **text) {
    *text = code == 100 ? "CUDA_ERROR_NO_DEVICE" : NULL;
    return *text ? 0 : 1;
}
"""

Pretend = Callable[..., None]


@pytest.fixture(scope="session")
def pretended_library(tmp_path_factory) -> Path:
    """The compiled library."""
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    folder = tmp_path_factory.mktemp("driver")
    (folder / "driver.c").write_text(SOURCE)
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-o", "libpretended.so", "driver.c"], cwd=folder, check=True
    )
    return folder / "libpretended.so"


@pytest.fixture
def pretend(pretended_library, monkeypatch) -> Pretend:
    """``pretend(cuda=12040, compute=70)``: a machine with such a driver and GPU."""

    def set_up(version: str = "580.65.06", **answers: int) -> None:
        for name, value in answers.items():
            monkeypatch.setenv(f"PRETEND_{name.upper()}", str(value))
        monkeypatch.setattr(driver, "open_library", lambda: ctypes.CDLL(str(pretended_library)))
        monkeypatch.setattr(driver, "_own_version", lambda: version)

    return set_up


@pytest.fixture
def no_driver(monkeypatch) -> None:
    """A machine without an NVIDIA driver, whatever this one has."""
    monkeypatch.setattr(driver, "open_library", lambda: None)
    monkeypatch.setattr(driver, "_own_version", lambda: "")


@pytest.fixture
def frozen(monkeypatch) -> None:
    """The installers' application on Linux."""
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
