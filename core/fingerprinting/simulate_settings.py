"""Which fingerprint series of the digital brain to simulate; imports no torch, for forms."""

from __future__ import annotations

from dataclasses import dataclass

from core.params import check, setting

N_BRAIN_SLICES = 24
"""Slices of a digital brain, from the cerebellum to the vertex."""


@dataclass(frozen=True)
class SimulateSettings:
    """Settings of :func:`core.fingerprinting.simulate.simulate_series`."""

    seed: int = setting(1, "Subject", low=0, help="Which digital brain, and its phase and B1.")
    size: int = setting(
        128, "Size", low=32, high=512, unit="voxels", help="Width and height of a slice of 220 mm."
    )
    first_slice: int = setting(
        12,
        "Slice",
        low=0,
        high=N_BRAIN_SLICES - 1,
        help=f"The first of the slices, of {N_BRAIN_SLICES} from the cerebellum to the vertex.",
    )
    n_slices: int = setting(
        1, "Slices", low=1, high=N_BRAIN_SLICES, help="How many, upwards from the first one."
    )
    field_t: float = setting(
        3.0, "Field strength", low=0.5, high=7.0, unit="T", help="Of the scanner: 0.5, 1.5, 3 or 7."
    )
    snr_db: float = setting(
        30.0,
        "SNR",
        low=0.0,
        high=100.0,
        unit="dB",
        help="20 log10 of the noiseless signal's root mean square over the read-outs, averaged "
        "over the brain, over the standard deviation of the noise of its real part.",
    )
    noise_seed: int = setting(0, "Noise seed", low=0, help="Of the noise and of the sampling.")
    b1_spread: float = setting(
        0.0,
        "Spread of B1",
        low=0.0,
        high=0.3,
        help="Standard deviation of a smooth factor of all flip angles, which no method is told.",
    )
    acceleration: float = setting(
        1.0,
        "Undersampling",
        low=1.0,
        high=64.0,
        help="Lines of k-space over lines that each read-out measures; above 1 the images are "
        "reconstructed in a subspace.",
    )
    rank: int = setting(
        15,
        "Rank",
        low=1,
        high=100,
        help="Singular vectors that the images of an undersampled series are made of.",
    )

    def __post_init__(self) -> None:
        check(self)
        last = self.first_slice + self.n_slices - 1
        if last >= N_BRAIN_SLICES:
            raise ValueError(
                f"first_slice and n_slices must stay within slices 0 to {N_BRAIN_SLICES - 1}, "
                f"got {self.first_slice} and {self.n_slices}"
            )
