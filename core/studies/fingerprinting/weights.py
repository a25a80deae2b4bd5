"""Networks of a noise study as files to ship: those of its first seed."""

from __future__ import annotations

from pathlib import Path

from core import atomic
from core.studies.fingerprinting.cells import CLEAN, SCRATCH, TRANSFERRED, name_of
from core.studies.fingerprinting.store import FingerprintStore

SHIPPED = (CLEAN, SCRATCH, TRANSFERRED)
"""Methods whose networks come with tlmri."""


def copy_weights(store: FingerprintStore, folder: Path) -> tuple[Path, ...]:
    """Copy the first seed's networks: ``clean.safetensors`` and so on.

    Returns
    -------
    tuple of Path
        The copies.

    Raises
    ------
    ValueError
        If one is not trained yet, or a file cannot be read or written.
    """
    seed = store.study.seeds[0]
    sources = {method: store.checkpoint(name_of(method, seed)) for method in SHIPPED}
    for method, path in sources.items():
        if not path.is_file():
            raise ValueError(
                f"{store.folder}: network {method!r} must be trained, got no {path.name}"
            )
    copies = []
    for method, path in sources.items():
        copies.append(folder / f"{method}{path.suffix}")
        atomic.write_bytes(copies[-1], path.read_bytes())
    return tuple(copies)
