"""What is installed: the program, its Python, its packages, and others beside it."""

from __future__ import annotations

import platform
import re
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, requires, version

from core import __version__, built, installations, paths
from core.doctor.check import Finding, failed, note
from core.progress import Progress

DISTRIBUTION = "tlmri-gui"
"""Whose metadata names the packages that are needed."""

_NOBODYS = re.compile(
    r"[\\/]?|~|[A-Za-z]:|tlmri(-\d[\d.]*)?(-linux-x86_64)?(\.app)?|opt|usr|\.?local|share|lib|bin|"
    r"\.?v?env|Applications|Apps|Desktop|Downloads|Program Files|Programs|AppData|Local"
)
"""What parts of paths are called that tell of nobody, and the separators between them."""


def program(progress: Progress) -> Finding:
    """The version, how it came here, and from which build."""
    del progress
    how = "installed application" if paths.is_frozen() else "Python package"
    return Finding(f"{__version__} ({', '.join(filter(None, (how, built.line())))})")


def python(progress: Progress) -> Finding:
    """The interpreter."""
    del progress
    return Finding(f"{platform.python_version()} ({platform.python_implementation()})")


def packages(progress: Progress) -> Finding:
    """Versions of all packages that tlmri needs."""
    del progress
    found, missing = [], []
    for package in needed_packages():
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    text = ", ".join(found)
    return failed(f"missing: {', '.join(missing)}; found: {text}") if missing else Finding(text)


def needed_packages() -> tuple[str, ...]:
    """Names of the packages that tlmri states it needs, optional ones left out.

    Raises
    ------
    PackageNotFoundError
        If tlmri itself is not installed.
    """
    stated = [line for line in requires(DISTRIBUTION) or () if "extra ==" not in line]
    names = (re.match(r"[\w.-]+", line) for line in stated)
    return tuple(name.group() for name in names if name)


def torch(progress: Progress) -> Finding:
    """PyTorch, and which GPUs it was built for."""
    progress(0.0, "loading PyTorch")
    import torch

    for_gpu = {"CUDA": torch.version.cuda, "ROCm": torch.version.hip}
    built = [f"{name} {number}" for name, number in for_gpu.items() if number]
    threads = torch.get_num_threads()
    build = f"built for {' and '.join(built)}" if built else "built without CUDA"
    return Finding(f"{torch.__version__}, {build}, {threads} thread{'s' * (threads > 1)}")


def others(progress: Progress) -> Finding:
    """Other installations of tlmri on this machine, where they lie, and how each is removed."""
    del progress
    found = [replace(other, place=_place(other.place)) for other in installations.others()]
    if not found:
        return Finding("none found")
    removals = "; ".join(f"{other.place}: {other.removal}" for other in found)
    return note(
        "; ".join(f"tlmri {o.version or '(version unknown)'}, {o.how}" for o in found),
        "all share the same settings and checkpoints: remove those that you do not use "
        f"({removals})",
    )


def _place(place: str) -> str:
    """A folder, with dots in place of each name that may be somebody's."""
    parts = re.split(r"([\\/])", place)
    return "".join(part if _NOBODYS.fullmatch(part) else "…" for part in parts)
