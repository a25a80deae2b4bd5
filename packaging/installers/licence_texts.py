"""Copy the licence texts of components into a folder, with those that they point at."""

from __future__ import annotations

import re
from pathlib import Path

from core.atomic import write_bytes
from installers.components import Component
from installers.known_licences import common_text

_POINTER = re.compile(rb"/usr/share/common-licenses/(\w+(?:-\d+(?:\.\d+)*)?)")


def write_texts(component: Component, folder: Path) -> list[str]:
    """Copy a component's texts into its own folder; give their paths below the folder of all.

    A text that points at Debian's common licences has them beside all others, once.

    Raises
    ------
    ValueError
        If it has no text, two of one name that differ, or one points at a licence that is not here.
    """
    if not component.texts:
        raise ValueError(f"{component.name}: must have a licence text, has none")
    written: dict[str, bytes] = {}
    for text in component.texts:
        path, data = f"{component.folder}/{text.name}", text.source.read_bytes()
        if written.setdefault(path, data) != data:
            raise ValueError(f"{component.name}: two licence texts must not share the name {path}")
        for name in sorted(set(_POINTER.findall(data))):
            common = common_text(name.decode())
            written[f"common/{common.name}"] = common.source.read_bytes()
    for path, data in written.items():
        write_bytes(folder / path, data)
    return list(written)
