"""The machine: its system, memory, disk, processor and GPUs."""

from __future__ import annotations

import os
import platform
import shutil
import sys

from core import paths
from core.doctor.check import Finding, failed, note
from core.progress import Progress

GIB = 2**30
LITTLE_MEMORY = 1.0 * GIB
"""Available, below which it is said: a comparison of a raw scan of 8 coils takes as much."""

LITTLE_DISK = 0.1 * GIB
"""Free, below which nothing is kept: the largest shipped checkpoint takes 16 MB."""

NO_FOLDER = "see 'user folder' below"
GPU_ADVICE = "see 'tlmri gpu status'"


def system(progress: Progress) -> Finding:
    """Name and version of the operating system."""
    del progress
    found = [f"{platform.system()} {platform.release()}, {platform.machine()}", _edition()]
    libc, number = platform.libc_ver() if sys.platform.startswith("linux") else ("", "")
    return Finding(", ".join(filter(None, [*found, f"{libc} {number}".strip()])))


def _edition() -> str:
    """The distribution's name and version, or which Windows or macOS it is; empty if not told."""
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    if sys.platform == "win32":
        return f"build {platform.version()}"
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def memory(progress: Progress) -> Finding:
    """How much there is, and how much is free now."""
    del progress
    import psutil

    found = psutil.virtual_memory()
    text = f"{found.total / GIB:.1f} GiB, {found.available / GIB:.1f} GiB available"
    if found.available < LITTLE_MEMORY:
        return note(text, "close other programs before working on scans of many coils")
    return Finding(text)


def disk(progress: Progress) -> Finding:
    """Free space where checkpoints and settings are kept."""
    del progress
    folder = paths.user_data()
    if not folder.is_dir():  # it cannot be made
        return note("not known: there is no folder for checkpoints and settings", NO_FOLDER)
    free = shutil.disk_usage(folder).free
    text = f"{free / GIB:.1f} GiB free for checkpoints and settings"
    return failed(text) if free < LITTLE_DISK else Finding(text)


def processor(progress: Progress) -> Finding:
    """Cores, and the vector units that torch uses."""
    del progress
    import torch

    from core.devices import has_fast_bfloat16

    capabilities = torch.cpu.get_capabilities()
    units = [
        name for name in ("amx_bf16", "avx512_bf16", "avx512_f", "avx2") if capabilities.get(name)
    ]
    speed = "fast" if has_fast_bfloat16(torch.device("cpu")) else "not used"
    found = f"{os.cpu_count()} cores, {', '.join(units) or 'no vector units known'}"
    return Finding(f"{found}; bfloat16 {speed}")


def devices(progress: Progress) -> Finding:
    """Where networks can run, what NVIDIA's driver says, and how the GPU add-on stands."""
    progress(0.0, "asking for GPUs")
    from core import gpu_addon
    from core.devices import available
    from core.gpu_addon import driver

    found = available()
    told, addon = driver.look(), gpu_addon.status()
    texts = [", ".join(f"{device.name}: {device.label}" for device in found)]
    if told.version:
        texts.append(f"NVIDIA driver {told.version}")
    texts.append(f"GPU add-on {addon.line}")
    text = "; ".join(texts)
    if addon.problem:
        return note(f"{text}: {addon.problem}", GPU_ADVICE)
    if told.gpus and not any(device.name.startswith("cuda") for device in found):
        return note(f"{text}; PyTorch uses none of {len(told.gpus)} NVIDIA GPUs", GPU_ADVICE)
    return Finding(text)
