"""The studies' sections of the results page, from the tables in ``studies/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from study import read_targets
from study_claims import claims_section
from study_equal_time import equal_time_section
from study_layers import layers_section
from study_multi_coil import multi_coil_section
from study_sources import sources_section
from study_supervision import supervision_section
from study_thorough import thorough_section
from study_transfer import transfer_section

STUDIES = Path(__file__).parent / "studies"

SECTIONS: Mapping[str, Callable[..., str]] = {
    "t1": claims_section,
    "t2": claims_section,
    "t1-thorough": thorough_section,
    "sources": sources_section,
    "self-supervised": supervision_section,
    "multi-coil": multi_coil_section,
    "multi-coil-measured": multi_coil_section,
    "transfer-field": transfer_section,
    "transfer-anatomy": transfer_section,
    "transfer-acceleration": transfer_section,
    "transfer-coils": transfer_section,
    "equal-time": equal_time_section,
    "layers": layers_section,
    "layers-cascade": layers_section,
}
"""Folder of a study to its section: a function of the targets, one after the other."""


def studies_section(folder: Path = STUDIES) -> str:
    """Every study that has been run, whole or not; those that are not there are left out."""
    found = ((section, read_targets(folder / name)) for name, section in SECTIONS.items())
    return "\n\n".join(section(*targets) for section, targets in found if targets)
