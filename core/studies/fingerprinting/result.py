"""What a cell of a noise study gives, and its file."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from core import atomic
from core.studies.fingerprinting.moments import Moments


@dataclass(frozen=True, eq=False)
class Learning:
    """The loss on noisy validation signals while a network learned.

    Attributes
    ----------
    steps, losses
        Steps of its training that were done, and the loss then; empty where there was no noise.
    """

    steps: tuple[int, ...] = ()
    losses: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class BrainErrors:
    """Errors in the brain's own tissues, in the units of the parameters.

    Attributes
    ----------
    bias, sd
        Of the estimates. Shape `(snr, tissue, 3)`.
    """

    bias: NDArray[np.float64]
    sd: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FingerprintResult:
    """What a cell gives besides its network.

    Attributes
    ----------
    moments
        Errors in the quasi-random tissues.
    brain
        Errors in the brain's tissues.
    seconds_preparing
        Time of the training of a network alone, without its parent's; of making the dictionary.
    seconds_evaluating
        Time of all estimates and their noise.
    learning
        Of a network that was trained with noise.
    """

    moments: Moments
    brain: BrainErrors
    seconds_preparing: float
    seconds_evaluating: float
    learning: Learning = field(default_factory=Learning)


def write_result(path: Path, result: FingerprintResult) -> None:
    """Write a result as ``.npz``, whole or not at all.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    data = io.BytesIO()
    arrays: dict[str, Any] = {
        "mean": result.moments.mean,
        "variance": result.moments.variance,
        "median": result.moments.median,
        "n_noise": result.moments.n_noise,
        "brain_bias": result.brain.bias,
        "brain_sd": result.brain.sd,
        "seconds": (result.seconds_preparing, result.seconds_evaluating),
        "steps": np.array(result.learning.steps, np.int64),
        "losses": np.array(result.learning.losses, np.float64),
    }
    np.savez_compressed(data, **arrays)
    atomic.write_bytes(path, data.getvalue())


def read_result(path: Path) -> FingerprintResult:
    """What :func:`write_result` wrote.

    Raises
    ------
    ValueError
        If the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            preparing, evaluating = map(float, file["seconds"])
            return FingerprintResult(
                Moments(file["mean"], file["variance"], file["median"], int(file["n_noise"])),
                BrainErrors(file["brain_bias"], file["brain_sd"]),
                preparing,
                evaluating,
                Learning(tuple(file["steps"].tolist()), tuple(file["losses"].tolist())),
            )
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        raise ValueError(f"{path}: must be as tlmri wrote it, got: {error}") from None
