"""A component: what one licence stands for among all that is inside an installer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["python", "library", "data", "runtime"]


@dataclass(frozen=True, order=True)
class Text:
    """A licence text.

    Attributes
    ----------
    name
        Its path in the folder of its component, with forward slashes.
    source
        The file that it is copied from.
    """

    name: str
    source: Path


@dataclass(frozen=True)
class Component:
    """What one licence stands for.

    Attributes
    ----------
    name, version
        As its makers call it.
    licence
        SPDX expression.
    home
        Its page, or empty.
    kind
        ``python``: a distribution; ``library``: native code; ``data``: read, not linked;
        ``runtime``: what comes with Python or with the system.
    texts
        Its licence texts and notices.
    purl
        Package URL, or empty where it is in no registry.
    """

    name: str
    version: str
    licence: str
    home: str
    kind: Kind
    texts: tuple[Text, ...]
    purl: str = ""

    @property
    def folder(self) -> str:
        """Name of the folder of its texts."""
        return re.sub(r"[^a-z0-9.+]+", "-", self.name.lower()).strip("-")
