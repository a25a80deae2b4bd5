"""What a fingerprinting network's file says of itself, read without torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.checkpoints import FORMAT, KEY, SUFFIX, weights_folder

ARCHITECTURE = "fingerprint-gru"
FOLDER = "fingerprinting"
SHIPPED = ("clean", "noisy", "transferred")
"""Names of the shipped networks, in the order of lists."""

DEFAULT = "transferred"


@dataclass(frozen=True)
class NetworkCard:
    """A fingerprinting network's own description.

    Attributes
    ----------
    path
        The file.
    label
        The name a person reads.
    sequence_key
        Of the sequence that it was trained for (:attr:`FingerprintSequence.key`).
    sequence_name
        What a person calls that.
    document
        The whole of it.
    """

    path: Path
    label: str
    sequence_key: str
    sequence_name: str
    document: Mapping[str, Any]

    @property
    def method(self) -> str:
        """The method that uses it: ``net:transferred`` or ``net:FILE.safetensors``."""
        return f"net:{self.path.stem if self._is_shipped else self.path}"

    @property
    def title(self) -> str:
        """The name a person reads in lists; one's own networks say their file."""
        return self.label if self._is_shipped else f"{self.label} ({self.path.name})"

    @property
    def _is_shipped(self) -> bool:
        return self.path.parent == shipped_folder()


def shipped_folder() -> Path:
    """Where the networks that come with tlmri lie."""
    return weights_folder() / FOLDER


def shipped() -> tuple[NetworkCard, ...]:
    """The networks that come with tlmri."""
    files = [shipped_folder() / f"{name}{SUFFIX}" for name in SHIPPED]
    return tuple(read_card(file) for file in files if file.is_file())


def find(which: str) -> NetworkCard:
    """The network of a name or a file.

    Parameters
    ----------
    which
        A shipped one's name, or a path ending in ``.safetensors``.

    Raises
    ------
    ValueError
        If there is none.
    """
    if which.endswith(SUFFIX):
        return read_card(Path(which))
    if which not in SHIPPED:
        known = ", ".join(SHIPPED)
        raise ValueError(f"network must be one of {known}, or a {SUFFIX} file, got {which!r}")
    return read_card(shipped_folder() / f"{which}{SUFFIX}")


def read_card(path: Path) -> NetworkCard:
    """Read a network's own description.

    Raises
    ------
    ValueError
        If the file is missing, damaged, or no fingerprinting network.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ValueError(f"{path.name}: there is no such network file")
    try:
        with safe_open(path, framework="np") as file:
            text = (file.metadata() or {}).get(KEY, "{}")
        document = json.loads(text)
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name}: must be a safetensors file, got: {error}") from None
    found = document.get("architecture") if isinstance(document, dict) else None
    if found != ARCHITECTURE or document.get("format") != FORMAT:
        raise ValueError(
            f"{path.name}: must be a fingerprinting network ({ARCHITECTURE}), got {found!r}"
        )
    try:
        task = document["task"]
        return NetworkCard(
            path=path,
            label=str(document["label"]),
            sequence_key=str(task["sequence"]["key"]),
            sequence_name=str(task["sequence"]["name"]),
            document=document,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: its description must hold {error}, got none") from None
