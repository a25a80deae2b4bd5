import shutil
import subprocess
import sys
from pathlib import Path

import PyQt6
import pytest

from core import system_libraries

ALWAYS_THERE = ("libc.", "libm.", "libstdc++.", "libgcc_s.", "libz.", "libzstd.", "ld-linux")
"""Python itself, its packages or any Debian have these."""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("readelf") is None,
    reason="needs Linux and readelf",
)
def test_all_that_qt_links_to_is_listed():
    qt = Path(PyQt6.__file__).parent
    names = ["Core", "Gui", "Widgets", "DBus", "Svg", "XcbQpa", "OpenGL", "OpenGLWidgets"]
    files = [qt / "Qt6" / "lib" / f"libQt6{name}.so.6" for name in names]
    files += [qt / "Qt6" / "plugins" / "platforms" / f"lib{p}.so" for p in ("qxcb", "qoffscreen")]
    needed = set()
    for file in files:
        lines = subprocess.run(
            ["readelf", "-d", file], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        needed |= {line.split("[")[1].rstrip("]") for line in lines if "(NEEDED)" in line}
    listed = {name for libraries in system_libraries.PACKAGES.values() for name in libraries}
    from_system = {
        name for name in needed if not name.startswith(("libQt6", "libicu", *ALWAYS_THERE))
    }
    assert from_system
    assert from_system - listed == set(), "linked to, not listed"
    assert listed - from_system == set(), "listed, not linked to"


def test_a_missing_library_names_its_package(monkeypatch):
    packages = {"libc6": ("libc.so.6",), "libnone1": ("libc.so.6", "libnone.so.1")}
    monkeypatch.setattr(system_libraries, "PACKAGES", packages)
    monkeypatch.setattr(sys, "platform", "linux")
    assert system_libraries.missing_packages() == ("libnone1",)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system_libraries.missing_packages() == ()
