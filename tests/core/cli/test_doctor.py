import getpass
import platform
from pathlib import Path

import pytest

from core import doctor
from core.cli.main import main


@pytest.fixture(scope="module")
def checks():
    return {check.name: check for check in doctor.examine()}


def test_everything_is_looked_at(checks):
    found = " ".join(check.found for check in checks.values())
    for word in ("torch", "PyQt6", platform.python_version(), "cores", "cpu:", "GiB", "zf"):
        assert word in found


@pytest.mark.parametrize(
    "name", ["packages", "adjoint of the transform", "golden reconstruction", "user folder"]
)
def test_this_installation_is_sound(checks, name):
    assert checks[name].passed, checks[name].found


def test_nobody_is_named(checks):
    found = " ".join(check.found for check in checks.values())
    names = {platform.node(), str(Path.home()), str(Path.cwd())}
    if len(getpass.getuser()) > 4:  # a short one is part of other words
        names.add(getpass.getuser())
    assert [name for name in names if name in found] == []


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"neon": True, "sve": True, "bf16": True}, "no vector units known; bfloat16 not used"),
        ({"avx2": True, "avx512_f": False}, "avx2; bfloat16 not used"),
        ({"avx2": True, "amx_bf16": True}, "amx_bf16, avx2; bfloat16 fast"),
    ],
)
def test_a_processor_of_another_kind_is_described(monkeypatch, capabilities, expected):
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    found, passed = doctor._processor()
    assert passed
    assert found.endswith(f"cores, {expected}")


def test_a_wrong_transform_is_found(monkeypatch):
    import torch

    monkeypatch.setattr("core.fourier.ifft2c", torch.fft.ifft2)
    found, passed = doctor._adjoint()
    assert not passed, found


def test_a_failed_check_gives_exit_code_1(monkeypatch, capsys):
    def broken():
        raise OSError(f"cannot read {Path.home()}/x\nat all")

    monkeypatch.setattr(doctor, "_LOOKS", {"fine": lambda: ("yes", True)})
    assert main(["doctor"]) == 0
    monkeypatch.setattr(doctor, "_LOOKS", {"fine": lambda: ("yes", True), "broken": broken})
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].split() == [
        "FAILED",
        "broken",
        "OSError:",
        "cannot",
        "read",
        "~/x",
        "at",
        "all",
    ]
