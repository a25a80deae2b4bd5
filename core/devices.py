"""Where networks run: the processor or a GPU, and in which precision."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Device:
    """A choice for the user: ``name`` is what torch and the command line call it."""

    name: str
    label: str


def available() -> tuple[Device, ...]:
    """Automatic choice, the processor, and each GPU that torch can use."""
    import torch

    gpus = [
        Device(f"cuda:{i}", f"GPU {i}: {torch.cuda.get_device_name(i)}")
        for i in range(torch.cuda.device_count())
    ]
    if torch.backends.mps.is_available():
        gpus.append(Device("mps", "Apple GPU"))
    best = gpus[0].label if gpus else "processor"
    return (Device("auto", f"Automatic ({best})"), Device("cpu", "Processor (CPU)"), *gpus)


def resolve(name: str) -> torch.device:
    """The torch device called ``name``; ``auto`` takes the first GPU if there is one.

    Raises
    ------
    ValueError
        If this machine has no such device.
    """
    import torch

    names = [device.name for device in available()]
    if name not in names:
        raise ValueError(f"device must be one of {', '.join(names)}, got {name!r}")
    if name == "auto":
        name = next((n for n in names if n not in ("auto", "cpu")), "cpu")
    return torch.device(name)


_OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")


def says_out_of_memory(message: str) -> bool:
    """Whether an error's text says that torch found no memory, on the processor or a GPU."""
    return any(words in message.lower() for words in _OUT_OF_MEMORY)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch found no memory, on the processor or a GPU.

    A GPU's error has a class of its own; the processor's and Apple's are told by their text.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and says_out_of_memory(str(error))


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether convolutions in bfloat16 are quicker than in float32 there."""
    import torch

    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))


def mixed_precision(device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Context in which convolutions run in bfloat16 where the device has units for it.

    The transforms, data consistency, the loss and the weights' own copy stay in float32.
    """
    import torch

    if has_fast_bfloat16(device):
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return contextlib.nullcontext()
