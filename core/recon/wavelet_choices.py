"""What L1-wavelet compressed sensing offers: schedules of the weight, shifts, values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.params import setting
from core.recon import image_values
from core.registry import Registry

Shift = Callable[[np.random.Generator, tuple[int, int]], tuple[int, int]]
"""How far, in (y, x), the wavelet grid is moved at one iteration."""

Constraint = Callable[[NDArray[np.complex64]], NDArray[np.complex64]]
"""Projection of an image onto what its values may be."""

Schedule = Callable[[int], float]
"""The least weight in force at an iteration, counted from 0."""

FIRST_WEIGHT = 1e-2
"""Where a falling weight begins."""

ITERATIONS_PER_DECADE = 40
"""Iterations in which it falls tenfold; 20 converge as fast at R = 2 and 4, and slower at 10."""

SCHEDULES: Registry[Schedule] = Registry("weight schedule")
SHIFTS: Registry[Shift] = Registry("wavelet shift")
CONSTRAINTS: Registry[Constraint] = Registry("image values")


@SCHEDULES.register("falling", "smooth more")
def falling(iteration: int) -> float:
    """From :data:`FIRST_WEIGHT` geometrically down to the weight set: continuation.

    Small weights suit scans with little noise, and from zero they converge slowly (Hale, Yin and
    Zhang, SIAM J. Optim. 19, 2008). On brain slices 150 iterations so came as far as 300 without
    at R = 10, to within 0.1 dB, and one weight serves all R.
    """
    return FIRST_WEIGHT * 10 ** (-iteration / ITERATIONS_PER_DECADE)


@SCHEDULES.register("constant", "as set")
def constant(iteration: int) -> float:
    """The weight set, from the first iteration on."""
    del iteration
    return 0.0


@SHIFTS.register("random", "shifted at random")
def random_shift(generator: np.random.Generator, shape: tuple[int, int]) -> tuple[int, int]:
    """Any circular shift, equally likely: cycle spinning, as BART's ``pics`` does by default.

    The grid of a decimated wavelet transform leaves blocks in the image; on real slices at R = 4
    moving it at every iteration gained 2 to 4 dB of PSNR at no cost in time.
    """
    y, x = generator.integers(0, shape)
    return int(y), int(x)


@SHIFTS.register("none", "fixed")
def no_shift(generator: np.random.Generator, shape: tuple[int, int]) -> tuple[int, int]:
    """Stay: the plain problem above, and sigpy's ``L1WaveletRecon``."""
    del generator, shape
    return 0, 0


@CONSTRAINTS.register(image_values.COMPLEX, "Complex")
def complex_values(image: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Anything: what holds for every scan."""
    return image


@CONSTRAINTS.register(image_values.REAL, "Real (simulated scans only)")
def real_values(image: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Zero phase: true only of scans simulated from magnitude, and worth 1 to 4 dB there.

    BART offers the same as ``pics -c``. Half of k-space then follows from the other half, which no
    measured scan grants.
    """
    return image.real.astype(np.complex64)


def wavelet_setting(default: str) -> Any:  # noqa: ANN401 - dataclasses.field is typed so
    """Field ``wavelet``: ``db4`` (eight taps) or ``db2`` (four), in PyWavelets' naming."""
    return setting(
        default, "Wavelet", choices=("db4", "db2"), help="Daubechies, by vanishing moments."
    )


def schedule_setting() -> Any:  # noqa: ANN401
    """Field ``schedule``: whether the weight falls to its value over the first iterations."""
    return setting(
        "falling",
        "First iterations",
        choices=SCHEDULES.names(),
        choice_labels=SCHEDULES.labels(),
        help=f"Continuation: a weight that falls from {FIRST_WEIGHT:g}, tenfold every "
        f"{ITERATIONS_PER_DECADE} iterations, to the weight above converges sooner.",
    )


def shifts_setting() -> Any:  # noqa: ANN401
    """Field ``shifts``: whether the wavelet grid moves from one iteration to the next."""
    return setting(
        "random",
        "Wavelet grid",
        choices=SHIFTS.names(),
        choice_labels=SHIFTS.labels(),
        help="Cycle spinning: a grid that is shifted at every iteration leaves no blocks.",
    )
