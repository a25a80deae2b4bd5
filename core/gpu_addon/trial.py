"""Does a folder's torch compute on the GPU here? Tried in a child process, which may crash."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from core.jobs import ChildJob, Failed, JobContext, Succeeded

TOLERANCE = 1e-2
"""Relative, for a convolution on the GPU against the processor's: TF32 keeps 10 bits."""


@dataclass(frozen=True)
class Computed:
    """What the child found: the GPU's name, and how far its convolution is off.

    ``error`` is the relative difference between the GPU's convolution and the processor's.
    """

    gpu: str
    error: float


def compute(addon: Path) -> Computed:
    """Have a child process import torch from a folder and compute with it.

    Raises
    ------
    ValueError
        If the child failed or died.
    """
    job = ChildJob(_compute, str(addon))
    try:
        while True:
            event = job.next_event()
            if isinstance(event, Succeeded):
                return event.result
            if isinstance(event, Failed):
                raise ValueError(f"the GPU does not compute with this build: {event.message}")
    finally:
        if not job.finished:
            job.kill()


def _compute(context: JobContext, addon: str) -> Computed:
    """In the child: a convolution on the GPU, and the same on the processor."""
    del context
    sys.path.insert(0, addon)
    import torch

    if not Path(torch.__file__).is_relative_to(addon):
        raise ValueError(f"torch was found elsewhere than in the add-on: {torch.__file__}")
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(1, 8, 32, 32, generator=generator)
    weights = torch.randn(8, 8, 3, 3, generator=generator)
    expected = torch.nn.functional.conv2d(images, weights)
    answer = torch.nn.functional.conv2d(images.cuda(), weights.cuda()).cpu()
    error = float((answer - expected).norm() / expected.norm())
    return Computed(torch.cuda.get_device_name(), error)
