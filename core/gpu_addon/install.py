"""Putting the add-on in place: refused early where it cannot work, whole or not there at all."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from core import paths
from core.gpu_addon import build as builds
from core.gpu_addon import driver, needs, trial, trust
from core.gpu_addon.at_start import misfit
from core.gpu_addon.build import Build
from core.gpu_addon.folder import (
    Record,
    being_made,
    folder,
    is_there,
    shipped_torch,
    sweep,
    this_python,
    write_record,
)
from core.gpu_addon.packages import Source, fetch, offered

DOWNLOAD_GB, UNPACKED_GB = 2.7, 4.8
"""Of torch 2.13.0 for CUDA 13.0 and all that it needs on Linux, in 10^9 bytes: the sums of the
wheels' sizes and of their contents' in the package index."""

_WHICH = ", with the address that the PyTorch site's Get started page shows for pip and CUDA 13.0"


def install(
    source: Source,
    *,
    listed: Callable[[str, Path, Source], list[str]] = offered,
    fetched: Callable[[str, Path, Source], None] = fetch,
    tried: Callable[[Path], trial.Computed] = trial.compute,
) -> tuple[Build, trial.Computed]:
    """Fetch the CUDA build of this tlmri's torch, try it, and put it in place.

    The build is held against the machine where the index names it, and again as it was fetched,
    before it computes: a driver that does not fit makes torch fail with advice of torch's own.

    Parameters
    ----------
    source : Source
        Where the packages come from.
    listed, fetched, tried : callable
        What tells the versions, what fetches the packages, and what computes with them.

    Raises
    ------
    ValueError
        With what is in the way and what to do, in one line.
    """
    refuse_early(source)
    sweep()
    with being_made() as partial:
        _refuse_offer(listed("torch", partial, source))
        fetched(f"torch=={shipped_torch()}", partial, source)
        build = builds.of_folder(partial)
        _refuse_build(build)
        computed = tried(partial)
        _refuse_wrong(computed)
        write_record(partial, Record(build.torch, build.cuda, this_python()))
    return build, computed


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
    if is_there():
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
    trust.refuse_place_of_others(paths.user_data())
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


def _refuse_offer(versions: list[str]) -> None:
    """Refuse the build that pip would take, the first that fits, where its version names it."""
    fitting = [version for version in versions if version.partition("+")[0] == shipped_torch()]
    build = builds.of_version(fitting[0]) if fitting else None
    if build is not None:
        _refuse_build(build)


def _refuse_build(build: Build) -> None:
    """Refuse a build that is not what was asked for, or does not suit the machine."""
    if not build.cuda:
        raise ValueError(
            "the torch found there has no CUDA: run 'tlmri gpu add --index-url ADDRESS'" + _WHICH
        )
    if build.torch != shipped_torch():
        raise ValueError(f"torch must be {shipped_torch()}, got {build.torch}")
    needs.refuse_machine(needs.generation(build.cuda), driver.look())


def _refuse_wrong(computed: trial.Computed) -> None:
    if not computed.error < trial.TOLERANCE:
        raise ValueError(
            f"the {computed.gpu} computes wrongly: a convolution is off by {computed.error:.1e}"
        )
