"""The add-on at the start of the program: used if it fits, left alone with a reason if not."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from core import paths
from core.gpu_addon import driver, needs, trust
from core.gpu_addon.folder import (
    ADVICE,
    folder,
    is_there,
    read_record,
    shipped_torch,
    this_python,
)


@dataclass(frozen=True)
class Status:
    """``line`` says how it stands; ``problem`` is why an add-on that is there is not used."""

    line: str
    in_use: bool
    problem: str = ""


def use_if_it_fits() -> None:
    """Have torch come from the add-on, if there is one that fits this tlmri and the driver.

    To be called once, by the frozen program, before torch is imported and after
    ``multiprocessing.freeze_support()``: children get the parent's ``sys.path``, so that all
    processes use the same build. The frozen program's own modules are found through ``sys.path``
    too, which is why the add-on's win by lying before them.
    """
    if is_there() and not misfit(folder()):
        sys.path.insert(0, str(folder()))


def misfit(addon: Path) -> str:
    """Why an add-on may not be used here, or does not fit tlmri or the driver; empty if it does."""
    try:
        trust.refuse_of_others(addon)
        record = read_record(addon)
        if (record.torch, record.python) != (shipped_torch(), this_python()):
            return (
                f"the GPU add-on holds torch {record.torch} ({record.python}), this tlmri needs "
                f"{shipped_torch()} ({this_python()}): {ADVICE}"
            )
        library = driver.open_library()
        if library is None:
            return "the GPU add-on needs an NVIDIA driver, and none was found"
        needs.refuse_driver(needs.generation(record.cuda), driver.newest_cuda(library))
    except ValueError as error:
        return str(error)
    return ""


def status() -> Status:
    """How the add-on stands, in the program and in its children alike."""
    if not paths.is_frozen():
        return Status("not used: torch is that of this Python environment", in_use=False)
    addon = folder()
    if str(addon) in sys.path:
        return Status("in use", in_use=True)
    if not is_there():
        return Status("none, torch computes on the processor", in_use=False)
    problem = misfit(addon)
    line = "not used" if problem else "there, used from the next start on"
    return Status(line, in_use=False, problem=problem)
