"""The table of methods whose settings can be chosen on tuning images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from core.params import setting
from core.progress import Progress
from core.recon.methods import MethodParams
from core.registry import Registry


@dataclass(frozen=True, eq=False)
class Candidate:
    """Settings, and the image they give.

    Attributes
    ----------
    params
        Settings of the method.
    magnitude
        What the method returns with them, normalised. float32, shape `(y, x)`.
    """

    params: MethodParams
    magnitude: torch.Tensor


def weight_setting(default: float) -> Any:  # noqa: ANN401 - dataclasses.field is typed so
    """Field of a regularisation weight, which a tuning searches."""
    return setting(
        default,
        "Regularisation weight",
        low=1e-6,
        high=1.0,
        logarithmic=True,
        help="Relative to the image: the 0.995 quantile of the zero-filled magnitude is 1.",
    )


class Candidates(Protocol):
    """All that one run of a method at one weight offers, in order of the work it took.

    A method that is stopped early yields its image every few iterations, one that runs to
    convergence yields once. Every image of one size of work gives equal settings, so that means
    over images can be taken. Raises :class:`core.progress.Cancelled` through ``progress``.
    """

    def __call__(
        self,
        undersampled: Any,  # noqa: ANN401 - core.types.Undersampled
        params: Any,  # noqa: ANN401 - the method's own registered dataclass
        progress: Progress,
    ) -> Iterator[Candidate]:
        """Run at ``params.reg_weight``."""
        ...


TUNABLE: Registry[Candidates] = Registry("method that can be tuned")
"""By the method's name. Its params have ``reg_weight``, which is searched; see :mod:`tuning`."""
