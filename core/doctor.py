"""Is this installation sound? Facts about it, and checks that can fail.

Nothing here names the user, the machine or a folder of theirs, so that the answer can be pasted
into a report.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core import __version__, paths
from core.system_libraries import missing_packages

PACKAGES = (
    "torch", "numpy", "h5py", "safetensors", "scikit-image", "nibabel", "sigpy", "PyWavelets",
    "matplotlib", "dask", "distributed", "PyQt6", "pyqtgraph",
)  # fmt: skip

ADJOINT_TOLERANCE = 1e-5
"""Relative; a single-precision transform of 64 x 63 points comes within about 1e-7."""


_PLACES = {
    sys.prefix: "(environment)",
    str(Path(__file__).parents[1]): "(tlmri)",
    str(Path.home()): "~",
}
"""Folders that an error may name, longest first, and what is said instead."""


@dataclass(frozen=True)
class Check:
    """One line of the answer: what was looked at, what was found, and whether that will do."""

    name: str
    found: str
    passed: bool = True


def examine() -> tuple[Check, ...]:
    """All facts and checks; one that raises has failed, with the reason as what was found."""
    return tuple(_examine(name, look) for name, look in _LOOKS.items())


def _examine(name: str, look: Callable[[], tuple[str, bool]]) -> Check:
    try:
        found, passed = look()
    except Exception as error:  # a broken installation may raise anything, and that is the finding
        found, passed = f"{type(error).__name__}: {' '.join(str(error).split())}", False
    for place, stand_in in _PLACES.items():
        found = found.replace(place, stand_in)
    return Check(name, found, passed)


def _python() -> tuple[str, bool]:
    return f"{platform.python_version()} ({platform.python_implementation()})", True


def _platform() -> tuple[str, bool]:
    return f"{platform.system()} {platform.release()}, {platform.machine()}", True


def _packages() -> tuple[str, bool]:
    found, missing = [], []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    text = ", ".join(found)
    return (f"{text}; missing: {', '.join(missing)}", False) if missing else (text, True)


def _memory() -> tuple[str, bool]:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return "not known on this system", True
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 2**30:.1f} GiB", True


def _processor() -> tuple[str, bool]:
    import torch

    from core.devices import has_fast_bfloat16

    capabilities = torch.cpu.get_capabilities()
    units = [
        name for name in ("amx_bf16", "avx512_bf16", "avx512_f", "avx2") if capabilities.get(name)
    ]
    speed = "fast" if has_fast_bfloat16(torch.device("cpu")) else "not used"
    found = f"{os.cpu_count()} cores, {', '.join(units) or 'no vector units known'}"
    return f"{found}; bfloat16 {speed}", True


def _devices() -> tuple[str, bool]:
    from core.devices import available

    return ", ".join(f"{device.name}: {device.label}" for device in available()), True


def _adjoint() -> tuple[str, bool]:
    """<F x, y> = <x, F* y> for random x and y of odd and even size."""
    import torch

    from core.fourier import fft2c, ifft2c

    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 64, 63, dtype=torch.complex64, generator=generator)
    left, right = torch.vdot(fft2c(x).ravel(), y.ravel()), torch.vdot(x.ravel(), ifft2c(y).ravel())
    error = float(abs(left - right) / (x.norm() * y.norm()))
    return f"relative error {error:.1e}", error < ADJOINT_TOLERANCE


def _weights() -> tuple[str, bool]:
    """Every shipped file is readable and its weights fit."""
    import torch

    from core.checkpoints import SUFFIX, all_families, weights_folder
    from core.networks.files import load

    found = [info for members in all_families().values() for info in members]
    for info in found:
        load(info.path, torch.device("cpu"))
    n_files = len(list(weights_folder().rglob(f"*{SUFFIX}")))
    names = ", ".join(info.name for info in found) or "none"
    return f"{names} ({len(found)} of {n_files} files readable)", 0 < len(found) == n_files


def _golden() -> tuple[str, bool]:
    """A slice of a small digital brain comes out as it did when this was written."""
    from core.phantom import magnitude_scan, make_brain
    from core.pipeline import choose_method, compare, make_mask

    scan = magnitude_scan(make_brain(seed=1, n_slices=3, size=96))
    mask = make_mask("poisson", scan.slice_shape, acceleration=4.0, seed=1)
    methods = [choose_method(name) for name in GOLDEN_PSNR_DB]
    results = list(compare(scan, [scan.n_slices // 2], mask, methods))
    found = {result.recon.method: result.score.psnr_db for result in results}
    text = ", ".join(
        f"{method} {psnr:.2f} dB (expected {GOLDEN_PSNR_DB[method]:.2f})"
        for method, psnr in found.items()
    )
    near = (abs(found[m] - GOLDEN_PSNR_DB[m]) < GOLDEN_TOLERANCE_DB for m in GOLDEN_PSNR_DB)
    return text, all(near)


GOLDEN_PSNR_DB = {"zf": 22.19, "cs": 26.42}
GOLDEN_TOLERANCE_DB = 0.1
"""Different processors round differently, and compressed sensing iterates on the rounding."""


def _user_folder() -> tuple[str, bool]:
    with tempfile.NamedTemporaryFile(dir=paths.checkpoints()):
        return "checkpoints can be written", True


def _qt_libraries() -> tuple[str, bool]:
    missing = missing_packages()
    if missing:
        return f"missing: run 'sudo apt-get install {' '.join(missing)}'", False
    return "all found" if sys.platform.startswith("linux") else "not needed here", True


_LOOKS: dict[str, Callable[[], tuple[str, bool]]] = {
    "tlmri": lambda: (__version__, True),
    "Python": _python,
    "system": _platform,
    "packages": _packages,
    "memory": _memory,
    "processor": _processor,
    "devices": _devices,
    "adjoint of the transform": _adjoint,
    "shipped weights": _weights,
    "golden reconstruction": _golden,
    "user folder": _user_folder,
    "Qt's system libraries": _qt_libraries,
}
