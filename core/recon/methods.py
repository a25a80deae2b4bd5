"""The table of reconstruction methods and what a method is."""

from __future__ import annotations

from typing import Any, Protocol

import torch

from core.progress import Progress
from core.registry import Registry
from core.types import Undersampled


class Method(Protocol):
    """A reconstruction method: a pure function of normalised data and its settings.

    It returns the magnitude image in normalised units, float32, shape `(y, x)`, and raises
    :class:`core.progress.Cancelled` through ``progress``.
    """

    def __call__(
        self,
        undersampled: Undersampled,
        params: Any,  # noqa: ANN401 - the method's own registered dataclass
        progress: Progress,
    ) -> torch.Tensor:
        """Reconstruct one slice."""
        ...


METHODS: Registry[Method] = Registry("method")
