"""Putting the add-on in place: refused early where it cannot work, whole or not there at all."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from core import paths
from core.gpu_addon import driver, needs, trial
from core.gpu_addon.at_start import misfit
from core.gpu_addon.folder import (
    Record,
    being_made,
    folder,
    shipped_torch,
    sweep,
    this_python,
    write_record,
)
from core.gpu_addon.packages import Source, fetch

DOWNLOAD_GB, UNPACKED_GB = 2.7, 4.8
"""Of torch 2.13.0 for CUDA 13.0 and all that it needs on Linux, in 10^9 bytes: the sums of the
wheels' sizes and of their contents' in the package index."""

_WHICH = ", with the address that the PyTorch site's Get started page shows for pip and CUDA 13.0"


def install(
    source: Source,
    *,
    fetched: Callable[[str, Path, Source], None] = fetch,
    tried: Callable[[Path], trial.Computed] = trial.compute,
) -> trial.Computed:
    """Fetch the CUDA build of this tlmri's torch, try it, and put it in place.

    Parameters
    ----------
    source : Source
        Where the packages come from.
    fetched, tried : callable
        What fetches the packages, and what computes with them.

    Raises
    ------
    ValueError
        With what is in the way and what to do, in one line.
    """
    refuse_early(source)
    sweep()
    with being_made() as partial:
        fetched(f"torch=={shipped_torch()}", partial, source)
        computed = tried(partial)
        _refuse_build(computed)
        write_record(partial, Record(computed.torch, computed.cuda, this_python()))
    return computed


def refuse_early(source: Source) -> None:
    """Refuse what can be known before anything is fetched.

    Raises
    ------
    ValueError
        With what is in the way and what to do, in one line.
    """
    if sys.platform == "darwin":
        raise ValueError("a Mac needs no add-on: Apple's GPU is used as it is")
    if not paths.is_frozen():
        address = " --index-url ADDRESS" if sys.platform == "win32" else ""
        raise ValueError(
            "this tlmri runs from a Python environment and computes with the torch in it: give "
            "that one CUDA by 'python -m pip install --force-reinstall "
            f"torch=={shipped_torch()}{address}'{_WHICH if address else ''}"
        )
    if folder().exists():
        reason = (
            misfit(folder())
            or "used from the next start on; to fetch it anew, run 'tlmri gpu remove' first"
        )
        raise ValueError(f"there is a GPU add-on already: {reason}")
    if sys.platform == "win32" and source.is_ordinary:
        raise ValueError(
            "the usual package index has no CUDA build for Windows: run 'tlmri gpu add --index-url "
            f"ADDRESS'{_WHICH}"
        )
    needs.refuse_machine(needs.ORDINARY if source.is_ordinary else needs.OLDEST, driver.look())
    _refuse_wheels(source)
    _refuse_disk()


def _refuse_wheels(source: Source) -> None:
    if source.wheels is not None and not any(source.wheels.glob("torch-*.whl")):
        raise ValueError(f"{source.wheels}: must be a folder with the wheel of torch in it")


def _refuse_disk() -> None:
    needed, free = DOWNLOAD_GB + UNPACKED_GB, shutil.disk_usage(paths.user_data()).free / 1e9
    if free < needed:
        raise ValueError(
            f"the disk of {paths.user_data()} must have {needed:.1f} GB free while the add-on is "
            f"fetched, of which it keeps {UNPACKED_GB:.1f} GB, got {free:.1f} GB"
        )


def _refuse_build(computed: trial.Computed) -> None:
    """Refuse a build that came but is not what was asked for, or computes wrongly."""
    if not computed.cuda:
        raise ValueError(
            "the torch found there has no CUDA: run 'tlmri gpu add --index-url ADDRESS'" + _WHICH
        )
    if computed.torch != shipped_torch():
        raise ValueError(f"torch must be {shipped_torch()}, got {computed.torch}")
    needs.refuse_machine(needs.generation(computed.cuda), driver.look())
    if not computed.error < trial.TOLERANCE:
        raise ValueError(
            f"the {computed.gpu} computes wrongly: a convolution is off by {computed.error:.1e}"
        )
