"""What Windows' list of installed applications says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType

UNINSTALL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall"


@dataclass(frozen=True)
class Entry:
    """An installed application: its folder and version, empty where the list does not say."""

    folder: str
    version: str


def installed(name: str) -> tuple[Entry, ...]:
    """The applications whose shown name begins with this word; none on other systems."""
    if sys.platform == "win32":
        import winreg

        return read(winreg, name)
    return ()


def read(winreg: ModuleType, name: str) -> tuple[Entry, ...]:
    """The entries for all users and for this one, of programs of 64 and of 32 bits."""
    found: list[Entry] = []
    for hive in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
        for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
            with (
                suppress(OSError),
                winreg.OpenKey(hive, UNINSTALL, 0, winreg.KEY_READ | view) as applications,
            ):
                found += _entries(winreg, applications, name)
    return tuple(dict.fromkeys(found))


def _entries(winreg: ModuleType, applications: object, name: str) -> Iterator[Entry]:
    for number in range(winreg.QueryInfoKey(applications)[0]):
        with winreg.OpenKey(applications, winreg.EnumKey(applications, number)) as key:
            if _value(winreg, key, "DisplayName").split(" ")[0] == name:
                folder = _value(winreg, key, "InstallLocation")
                yield Entry(folder, _value(winreg, key, "DisplayVersion"))


def _value(winreg: ModuleType, key: object, name: str) -> str:
    try:
        return str(winreg.QueryValueEx(key, name)[0])
    except OSError:
        return ""
