"""Whether all that lists and forms offer is there: what fails otherwise when somebody chooses it.

Much is imported where it is first needed, so that an installation may lack a module of the system,
of torch or of a reader, and still start. Here it is used, or imported, as the choice would do it.
"""

from __future__ import annotations

import dis
import importlib
import importlib.util
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache, partial
from types import CodeType
from typing import TYPE_CHECKING, Any, cast

from core.doctor import golden
from core.doctor.check import Finding, failed
from core.progress import Progress

if TYPE_CHECKING:
    from importlib.abc import InspectLoader

    from core.types import Undersampled

Tries = Mapping[str, Callable[[], object]]
"""What is tried, by the name under which it is told if it raises."""

SIZE = 64
"""Pixels of the slice's side that methods are tried on: enough for their calibration."""

ACCELERATION = 4.0

OPTIONAL = frozenset({"twixtools"})
"""Packages that readers can do without, and say so."""

_BUILT_BY = ("architecture", "network")
"""Of a checkpoint's document, what its network is built by."""

_SHOWN = 3
"""Choices that are named of those that cannot be used, with the reason."""


def choices(progress: Progress) -> Finding:
    """Every mask is drawn, every method run, every network's parts named, and a step tuned.

    It takes a second, most of which is what torch's optimisers import.
    """
    return _tried({**_masks(), **_methods(), **_networks(), **_schedules()}, progress)


def readers(progress: Progress) -> Finding:
    """Every format's reader, and the modules that it imports no sooner than it reads."""
    from core import io

    late = sorted(set(_imported_late(io.__name__)))
    names = [*(entry.item.read.__module__ for entry in io.FORMATS), *late]
    return _tried({name: partial(importlib.import_module, name) for name in names}, progress)


def _tried(tries: Tries, progress: Progress) -> Finding:
    reasons = {}
    for i, (name, attempt) in enumerate(tries.items()):
        progress(i / len(tries), name)
        try:
            attempt()
        except Exception as error:  # a broken installation may raise anything
            reasons[name] = f"{type(error).__name__}: {error}"
    if not reasons:
        return Finding(f"all {len(tries)} can be used")
    listed = "; ".join(f"{name} ({reason})" for name, reason in list(reasons.items())[:_SHOWN])
    return failed(f"{len(reasons)} of {len(tries)} cannot be used: {listed}")


# what is tried ----------------------------------------------------------------------------------


def _masks() -> Tries:
    from core.masks import PATTERNS, make_mask

    return {
        f"mask {name}": partial(make_mask, name, (SIZE, SIZE), ACCELERATION)
        for name in PATTERNS.names()
    }


def _methods() -> Tries:
    """Each method that :mod:`core.doctor.golden` does not run; networks by their families."""
    from core import checkpoints
    from core.recon import METHODS

    elsewhere = {"net", *golden.ONE_COIL, *golden.FOUR_COILS}
    networks = [f"net:{family}" for family in checkpoints.families()]
    names = [name for name in METHODS.names() if name not in elsewhere] + networks
    return {f"method {name}": partial(_reconstruct, name) for name in names}


def _reconstruct(name: str) -> None:
    from core.pipeline import choose_method, reconstruct

    reconstruct(_slice(), choose_method(name, "cpu"))


@cache
def _slice() -> Undersampled:
    """Of a small head, by four coils."""
    from core.masks import make_mask
    from core.phantom import make_brain, simulate_scan
    from core.pipeline import undersample

    scan = simulate_scan(make_brain(seed=1, n_slices=2, size=SIZE), n_coils=4)
    return undersample(scan, 1, make_mask("poisson", (SIZE, SIZE), ACCELERATION))


def _networks() -> Tries:
    """The shipped networks, each description once, and an untrained one of each architecture."""
    from core import checkpoints
    from core.networks import NETWORKS, files

    shipped = {
        json.dumps([info.config[key] for key in _BUILT_BY]): info
        for info in reversed(checkpoints.shipped())
    }
    found: dict[str, Any] = {f"network {info.name}": info.config for info in shipped.values()}
    for entry in NETWORKS:
        assert entry.params is not None
        document = {"architecture": entry.name, "network": files.jsonable(asdict(entry.params()))}
        found[f"untrained network {entry.name}"] = document
    return {name: partial(_name_parts, document) for name, document in found.items()}


def _name_parts(document: Mapping[str, Any]) -> None:
    """As the window does for the list of what a tuning may change."""
    import torch

    from core.networks import files
    from core.training.parts import part_names

    with torch.random.fork_rng(devices=[]):
        part_names(files.build(document))


def _schedules() -> Tries:
    from core.training.optimiser import SCHEDULES

    return {f"tuning by schedule {name}": partial(_tune, name) for name in SCHEDULES}


def _tune(schedule: str) -> None:
    """One step of the optimiser."""
    import torch

    from core.training.optimiser import SCHEDULES, adam

    weight = torch.nn.Parameter(torch.ones(2))
    optimiser = adam([weight], 1e-3, 0.0)
    steps = SCHEDULES[schedule](optimiser, 1e-3, 2)
    weight.grad = torch.ones(2)
    optimiser.step()
    steps.step()


def _imported_late(package: str) -> Iterator[str]:
    """Modules that the functions of a package's modules import, optional ones left out."""
    folders = importlib.import_module(package).__path__
    for found in pkgutil.walk_packages(folders, f"{package}."):
        spec = importlib.util.find_spec(found.name)
        assert spec is not None
        code = cast("InspectLoader", spec.loader).get_code(found.name)
        assert code is not None
        for function in _functions(code):
            for step in dis.get_instructions(function):
                if step.opname == "IMPORT_NAME" and step.argval.split(".")[0] not in OPTIONAL:
                    yield step.argval


def _functions(code: CodeType) -> Iterator[CodeType]:
    """All within a module's code, however deep, without the module itself."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _functions(constant)
