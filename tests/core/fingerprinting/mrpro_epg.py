"""Signals by MRpro's extended phase graphs, which know relaxation but no diffusion."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType

import pytest
import torch

from core.fingerprinting.sequence import FingerprintSequence, Preparation

VISION = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional")
"""What MRpro imports of torchvision, for a phantom that is not made here."""


def load() -> ModuleType:
    """MRpro's module of blocks; skips the test where MRpro is not installed."""
    if find_spec("mrpro") is None:
        pytest.skip("needs MRpro, which is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _torchvision_or_stand_ins():
            from mrpro.operators.models import EPG
    return EPG


@contextmanager
def _torchvision_or_stand_ins() -> Iterator[None]:
    """While it lasts torchvision can be imported, even one that does not fit torch."""
    before = _loaded()
    try:
        import torchvision.transforms.functional  # noqa: F401
    except (ImportError, RuntimeError):
        for name in _loaded() - before:
            del sys.modules[name]
    else:
        yield
        return
    sys.modules.update({name: ModuleType(name) for name in VISION})
    try:
        yield
    finally:
        for name in VISION:
            del sys.modules[name]


def _loaded() -> set[str]:
    return {name for name in sys.modules if name.split(".")[0] == "torchvision"}


def signals(
    sequence: FingerprintSequence, tissues: torch.Tensor, b1: torch.Tensor, n_states: int
) -> torch.Tensor:
    """Complex signals of tissues `(n, 3)`, whose ADC is not asked; shape `(n, readout)`.

    MRpro counts in seconds and turns about x at phase 0, so that a pulse about y has π/2.
    """
    epg = load()
    parameters = epg.Parameters(
        m0=torch.ones(len(tissues), dtype=torch.complex128),
        t1=tissues[:, 0] / 1e3,
        t2=tissues[:, 1] / 1e3,
        relative_b1=b1.to(torch.complex128),
    )
    blocks = []
    for segment in sequence.segments:
        blocks += [_crusher(epg), *_preparation(epg, segment.preparation), _crusher(epg)]
        blocks += [
            epg.DelayBlock(segment.preparation.wait_ms / 1e3),
            epg.FispBlock(
                torch.deg2rad(torch.tensor(segment.flip_deg, dtype=torch.float64)),
                torch.pi / 2,
                sequence.te_ms / 1e3,
                torch.tensor(segment.tr_ms, dtype=torch.float64) / 1e3,
            ),
            epg.DelayBlock(segment.recovery_ms / 1e3),
        ]
    _, echoes = epg.EPGSequence(blocks)(parameters, n_states)
    return torch.stack(echoes, dim=1)


def _preparation(epg: ModuleType, preparation: Preparation) -> list[object]:
    """The wait that follows is not part of it, so that a crusher can come between."""
    return {
        "none": lambda: [],
        "inversion": lambda: [epg.InversionBlock(0.0)],
        "t2": lambda: [epg.T2PrepBlock(preparation.te_ms / 1e3)],
    }[preparation.kind]()


def _crusher(epg: ModuleType) -> object:
    """A block after which nothing is transverse; MRpro has none."""

    class Crusher(epg.EPGBlock):
        def forward(
            self, parameters: object, states: torch.Tensor
        ) -> tuple[torch.Tensor, tuple[()]]:
            longitudinal = torch.tensor([0.0, 0.0, 1.0], dtype=states.dtype)
            return states * longitudinal[:, None], ()

    return Crusher()
