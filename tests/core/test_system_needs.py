"""Systems that are too old, pretended."""

import platform
import sys
from types import SimpleNamespace

import pytest

from core import system_needs


@pytest.mark.parametrize(("build", "is_refused"), [(17134, True), (17763, False), (26100, False)])
def test_windows(monkeypatch, build, is_refused):
    version = SimpleNamespace(build=build)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "getwindowsversion", lambda: version, raising=False)
    text = system_needs.refusal()
    assert bool(text) == is_refused
    if is_refused:
        assert "needs Windows 10, version 1809 or newer, got build 17134" in text


@pytest.mark.parametrize(
    ("version", "is_refused"),
    [
        ("10.15.7", True),
        ("13.6.1", True),
        ("13", True),
        ("14", False),
        ("14.0", False),
        ("26.1", False),
        ("", False),
    ],
)
def test_macos(monkeypatch, version, is_refused):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "mac_ver", lambda: (version, ("", "", ""), "arm64"))
    text = system_needs.refusal()
    assert bool(text) == is_refused
    if is_refused:
        assert text.endswith(f"needs macOS 14.0 or newer, got {version}")


def test_linux_is_the_launchers_business(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert system_needs.refusal() == ""
