"""The table of reconstruction methods and what a method is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import torch

from core.progress import Progress
from core.registry import Registry
from core.types import Undersampled


@dataclass(frozen=True, kw_only=True)
class MethodParams:
    """What the settings of every method have.

    Attributes
    ----------
    tuned_on
        Keys (:mod:`core.seen`) of the slices, scans and people the settings or weights were chosen
        on, which are never scored.
    """

    min_coils: ClassVar[int] = 1
    """Receive coils that the method needs; one where it works coil by coil."""

    stays_on_device: ClassVar[bool] = False
    """Whether all of the method's arithmetic stays on the device of the data it is given."""

    tuned_on: frozenset[str] = frozenset()

    @classmethod
    def named(cls, which: str, device: str) -> Self:
        """The settings that ``METHOD:which`` stands for; the defaults where it is empty.

        Raises
        ------
        ValueError
            If there are none of that name.
        """
        del device
        if which:
            raise ValueError(f"it takes no name after the colon, got {which!r}")
        return cls()

    @classmethod
    def presets(cls) -> Mapping[str, Self]:
        """Settings that a form offers by name; none by default."""
        return {}

    @property
    def label(self) -> str:
        """What tells these settings from the method's own label; empty for none."""
        return ""

    def prepare(self, undersampled: Undersampled) -> None:
        """Load what the method needs once, before its time is taken; nothing by default."""
        del undersampled

    def remarks(self, undersampled: Undersampled) -> tuple[str, ...]:
        """What a reader of the result must know; nothing by default."""
        del undersampled
        return ()


class Method(Protocol):
    """A reconstruction method: a pure function of normalised data and its settings.

    It returns what it finds in normalised units: coil images, complex64, shape `(coil, y, x)`, or
    one image of all coils, shape `(y, x)`. :func:`core.combination.magnitude` makes the image of it
    that is shown and scored. It raises :class:`core.progress.Cancelled` through ``progress``.
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
