import shutil
import subprocess
import sys
from pathlib import Path

import PyQt6
import pytest

from core import system_libraries

ALWAYS_THERE = ("libc.", "libm.", "libstdc++.", "libgcc_s.", "libz.", "libzstd.", "ld-linux")
"""Python itself, its packages or any Debian have these."""
QT = ("Core", "Gui", "Widgets", "DBus", "Svg", "OpenGL", "OpenGLWidgets")


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("readelf") is None,
    reason="needs Linux and readelf",
)
@pytest.mark.parametrize(
    ("platform", "plugin", "libraries"),
    [("xcb", "qxcb", ["XcbQpa"]), ("wayland", "qwayland", ["WaylandClient"])],
)
def test_all_that_qt_links_to_is_listed(platform, plugin, libraries):
    qt = Path(PyQt6.__file__).parent
    files = [qt / "Qt6" / "lib" / f"libQt6{name}.so.6" for name in (*QT, *libraries)]
    files += [qt / "Qt6" / "plugins" / "platforms" / f"lib{p}.so" for p in (plugin, "qoffscreen")]
    needed = set()
    for file in files:
        lines = subprocess.run(
            ["readelf", "-d", file], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        needed |= {line.split("[")[1].rstrip("]") for line in lines if "(NEEDED)" in line}
    listed = {name for names in system_libraries.PLATFORMS[platform].values() for name in names}
    from_system = {
        name for name in needed if not name.startswith(("libQt6", "libicu", *ALWAYS_THERE))
    }
    assert from_system
    assert from_system - listed == set(), "linked to, not listed"
    assert listed - from_system == set(), "listed, not linked to"


LACKING = ("libEGL.so.1", "libxcb-cursor.so.0", "libxcb-shape.so.0", "libxcb-shm.so.0")


@pytest.fixture
def lacking(monkeypatch):
    """A system without :data:`LACKING`."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_libraries, "_is_loadable", lambda name: name not in LACKING)


def test_a_library_that_the_loader_does_not_find(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    listed = {"xcb": {"libc6": ("libc.so.6",), "libnone1": ("libc.so.6", "libnone.so.1")}}
    monkeypatch.setattr(system_libraries, "PLATFORMS", listed)
    assert system_libraries.missing() == ("libnone.so.1",)


def test_missing_libraries_and_their_packages(lacking, monkeypatch):
    assert set(system_libraries.missing()) == set(LACKING)
    assert system_libraries.missing("wayland") == ("libEGL.so.1",)
    assert system_libraries.missing("offscreen") == ("libEGL.so.1",)
    expected = ("libegl1", "libxcb-cursor0", "libxcb-shape0", "libxcb-shm0")
    assert system_libraries.missing_packages() == expected
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system_libraries.missing_packages() == ()


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ({"ID": "debian"}, "run 'sudo apt-get install libegl1 libxcb-cursor0 libxcb-shape0 libx"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "run 'sudo apt-get install libegl1 "),
        ({"ID": "fedora"}, "run 'sudo dnf install libglvnd-egl xcb-util-cursor libxcb'"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "run 'sudo dnf install libglvnd-egl "),
        (
            {"ID": "opensuse-leap", "ID_LIKE": "suse opensuse"},
            'run \'sudo zypper install "libEGL.so.1()(64bit)" "libxcb-cursor.so.0()(64bit)" ',
        ),
        ({"ID": "nixos"}, ": install them"),
        (None, ": install them"),
    ],
)
def test_the_advice_is_for_this_distribution(monkeypatch, release, expected):
    def tell():
        if release is None:
            raise OSError("no os-release")
        return release

    monkeypatch.setattr(system_libraries.platform, "freedesktop_os_release", tell)
    text = system_libraries.advice(LACKING)
    assert text.startswith(f"Qt needs libraries that this system lacks ({', '.join(LACKING)}): ")
    assert expected in text


def test_every_package_has_a_name_in_fedora():
    listed = system_libraries.COMMON | system_libraries.XCB | system_libraries.WAYLAND
    others = set(listed) - set(system_libraries.FEDORA)
    assert all(name.startswith("libxcb") for name in others)
    assert set(system_libraries.FEDORA) <= set(listed)
