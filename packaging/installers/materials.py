"""Write the bill of materials and the licences of all that is inside a frozen folder."""

from __future__ import annotations

from pathlib import Path


def write_materials(frozen: Path) -> None:
    """Write ``_internal/licences`` of a frozen folder: texts, table, bill of materials.

    Raises
    ------
    ValueError
        If a file belongs to no component, a component has no licence text, or a licence is not
        known to go with GPL-3.
    """
    raise NotImplementedError(f"{frozen}: the bill of materials is being written")
