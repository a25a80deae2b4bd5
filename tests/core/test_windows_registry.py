"""Windows' list of installed applications, on a pretended registry."""

import sys
from contextlib import nullcontext
from types import SimpleNamespace

from core import windows_registry
from core.windows_registry import Entry


class Registry(SimpleNamespace):
    """As much of ``winreg`` as is asked for: ``keys[hive][view]`` lists applications."""

    HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER = "machine", "user"
    KEY_READ, KEY_WOW64_64KEY, KEY_WOW64_32KEY = 1, 2, 4

    def OpenKey(self, parent, name, reserved=0, access=0):  # noqa: N802
        if isinstance(parent, str):
            return nullcontext(self.found(parent, access))
        return nullcontext(parent[name])

    def found(self, hive, access):
        if (hive, access - self.KEY_READ) not in self.keys:
            raise FileNotFoundError(hive)
        return self.keys[hive, access - self.KEY_READ]

    def QueryInfoKey(self, key):  # noqa: N802
        return len(key), 0, 0

    def EnumKey(self, key, number):  # noqa: N802
        return list(key)[number]

    def QueryValueEx(self, key, name):  # noqa: N802
        if name not in key:
            raise FileNotFoundError(name)
        return key[name], 1


def test_entries_of_that_name_are_found_once():
    ours = {
        "DisplayName": "tlmri version 0.0.9",
        "InstallLocation": "C:\\tlmri\\",
        "DisplayVersion": "0.0.9",
    }
    bare = {"DisplayName": "tlmri"}
    foreign = {"DisplayName": "tlmrix", "InstallLocation": "C:\\x"}
    shared = {"{A}_is1": ours, "{B}": foreign, "{C}": {}}
    registry = Registry(
        keys={("machine", 2): shared, ("machine", 4): shared, ("user", 2): {"D": bare}}
    )
    assert windows_registry.read(registry, "tlmri") == (
        Entry("C:\\tlmri\\", "0.0.9"),
        Entry("", ""),
    )


def test_other_systems_have_no_such_list(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert windows_registry.installed("tlmri") == ()
