"""Whether reconstructions and maps come out as they did when this was written.

The expected values are those that ``tlmri doctor`` printed on an x86-64 processor in single
precision and in bfloat16, with AVX-512, with AVX2 and without vector units.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from core.doctor.check import Finding, failed
from core.progress import Progress, part

if TYPE_CHECKING:
    from core.types import Mask, Scan

ONE_COIL = {"zf": 22.192, "cs": 26.423, "net:natural-r4": 28.040}
FOUR_COILS = {
    "sense": 26.392,
    "spirit": 24.054,
    "l1-espirit": 31.071,
    "net:natural-multi-r4": 23.203,
}
"""Method to its PSNR in dB. That of a centre of ten lines, small for SPIRiT's kernel: what counts
is that it is the same everywhere."""

TOLERANCE_DB = 0.05
"""Vector units changed the PSNR by less than 1e-4 dB, bfloat16 in place of single precision by
2e-3; another slice, mask or set of weights changes it by tenths."""

TISSUE = (1000.0, 80.0, 0.8)
"""T1 and T2 in ms and ADC in µm²/ms, as of white matter."""

ESTIMATE = (1008.4, 78.67, 0.7739)
"""What the shipped network finds of the tissue's signal."""

ESTIMATE_TOLERANCE = 1e-3
"""Relative; single precision leaves some 1e-6."""

SIGNAL_TOLERANCE = 1e-10
"""Of a signal in double precision against its formula, which the tests meet to 1e-12."""

SIZE, N_SLICES = 96, 3


def reconstructions(progress: Progress) -> Finding:
    """Methods for one coil, a network among them, on a slice of a small digital brain."""
    return _compared(ONE_COIL, scan_of_one_coil(), progress)


def parallel_reconstructions(progress: Progress) -> Finding:
    """Methods for several coils, a network among them."""
    return _compared(FOUR_COILS, scan_of_four_coils(), progress)


def _compared(expected: dict[str, float], scan: Scan, progress: Progress) -> Finding:
    found = dict(_psnr_db(tuple(expected), scan, progress))
    text = ", ".join(
        f"{name} {psnr:.2f} dB (expected {expected[name]:.2f})" for name, psnr in found.items()
    )
    near = (abs(found[name] - expected[name]) < TOLERANCE_DB for name in expected)
    return Finding(text) if all(near) else failed(text)


def _psnr_db(names: tuple[str, ...], scan: Scan, progress: Progress) -> Iterator[tuple[str, float]]:
    from core.pipeline import choose_method, compare

    methods = [choose_method(name, "cpu") for name in names]
    hook = part(progress, 0.1, 1.0)
    for done in compare(scan, [middle_slice()], sampling(), methods, progress=hook):
        yield done.recon.method, done.score.psnr_db


def middle_slice() -> int:
    """The slice that is reconstructed."""
    return N_SLICES // 2


@cache
def sampling() -> Mask:
    """How it is undersampled."""
    from core.masks import make_mask

    return make_mask("poisson", (SIZE, SIZE), acceleration=4.0, seed=1)


@cache
def scan_of_one_coil() -> Scan:
    """Magnitude images of a small digital brain."""
    from core.phantom import magnitude_scan, make_brain

    return magnitude_scan(make_brain(seed=1, n_slices=N_SLICES, size=SIZE))


@cache
def scan_of_four_coils() -> Scan:
    """k-space of the same brain by four coils."""
    from core.phantom import make_brain, simulate_scan

    return simulate_scan(make_brain(seed=1, n_slices=N_SLICES, size=SIZE), n_coils=4)


def fingerprint(progress: Progress) -> Finding:
    """Extended phase graphs against a formula, and the shipped network on one signal."""
    progress(0.0, "extended phase graphs")
    error = signal_error()
    progress(0.5, "fingerprinting network")
    found = estimate()
    far = max(abs(f / e - 1) for f, e in zip(found, ESTIMATE, strict=True))
    t1, t2, adc = found
    text = (
        f"signal against its formula: error {error:.0e}; network: T1 {t1:.1f} ms, T2 {t2:.2f} ms, "
        f"ADC {adc:.4f} µm²/ms (expected {', '.join(f'{value:g}' for value in ESTIMATE)})"
    )
    good = error < SIGNAL_TOLERANCE and far < ESTIMATE_TOLERANCE
    return Finding(text) if good else failed(text)


def signal_error() -> float:
    """Three pulses: recovery, and the spin echo of the first by the second under the third.

    Relative to the longest signal, 1.
    """
    import torch

    from core.fingerprinting.epg import simulate
    from core.fingerprinting.sequence import FingerprintSequence, Preparation, Segment

    degrees, tr_ms, te_ms = (40.0, 70.0, 25.0), 10.0, 3.0
    train = Segment(Preparation(), degrees, (tr_ms,) * 3)
    tissue = torch.tensor([TISSUE], dtype=torch.float64)
    found = simulate(FingerprintSequence("three pulses", te_ms, 0.0, (train,)), tissue)[0]
    first, second, third = torch.deg2rad(torch.tensor(degrees, dtype=torch.float64))
    e1, e2 = torch.exp(-tr_ms / tissue[0, :2])
    z2 = 1 - (1 - first.cos()) * e1
    z3 = 1 - (1 - second.cos() * z2) * e1
    echo = -first.sin() * (second / 2).sin() ** 2 * e2**2
    formula = torch.stack([first.sin(), second.sin() * z2, third.sin() * z3 + third.cos() * echo])
    return float((found - formula * torch.exp(-te_ms / tissue[0, 1])).abs().max())


def estimate() -> tuple[float, ...]:
    """T1, T2 and ADC that the shipped network finds of the tissue's signal without noise."""
    import torch

    from core.fingerprinting import cards
    from core.fingerprinting.epg import simulate
    from core.fingerprinting.sequence_file import find
    from core.fingerprinting.weights import read_network

    signal = simulate(find(), torch.tensor([TISSUE]))
    network = read_network(cards.find(cards.DEFAULT).path)
    with torch.no_grad():
        return tuple(network.estimate(signal).tissues[0].tolist())
