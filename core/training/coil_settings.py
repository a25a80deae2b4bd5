"""Settings of simulated multi-coil training data. No torch here: forms may read this file."""

from __future__ import annotations

from dataclasses import dataclass

from core.params import check, setting


@dataclass(frozen=True)
class CoilSettings:
    """Multi-coil samples simulated from magnitude images (:mod:`core.domains.simulated_coils`).

    ``noise`` is the standard deviation of the real and of the imaginary part of every coil's noise,
    relative to the image's bright level. ``tissue_phase`` is the largest difference of phase
    between bright and dark, which may have either sign.
    """

    n_coils: int = setting(8, "Coils", low=1, high=32)
    n_samples: int = setting(300, "Samples", low=1, high=10_000)
    noise: float = setting(0.005, "Noise", low=0.0, high=0.5)
    tissue_phase: float = setting(2.0, "Phase between tissues", low=0.0, high=3.2, unit="rad")

    def __post_init__(self) -> None:
        check(self)
