"""What every network is to those who use and train it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import Any, ClassVar

from torch import nn

from core.networks.handling import Handling


class Network(nn.Module, ABC):
    """A network that reconstructs images from undersampled data.

    Attributes
    ----------
    config
        The architecture's frozen dataclass.
    learns_from
        The coils of the images that it can be trained on, as checkpoints say it
        (:data:`core.checkpoints.SINGLE` and the like).
    preset
        Settings that its training starts from where none are named
        (:data:`core.training.settings.TRAIN_PRESETS`).
    wants_whole_images
        Whether tuning must show it whole images: crops are seen otherwise by what takes a mean over
        the image.
    """

    config: Any
    learns_from: ClassVar[tuple[str, ...]]
    preset: ClassVar[str] = "fast"
    wants_whole_images: ClassVar[bool] = False

    @property
    @abstractmethod
    def handling(self) -> Handling:
        """How coils reach it."""

    @property
    @abstractmethod
    def parts(self) -> dict[str, tuple[nn.Parameter, ...]]:
        """What may be tuned alone (:mod:`core.training.parts`), by name; a part may be empty."""

    def start_from(self, parent: Network) -> None:
        """Take the weights of another network.

        Raises
        ------
        ValueError
            If it is of another architecture or shape.
        """
        if type(parent) is not type(self):
            raise ValueError(
                f"a training must start from a network of its own architecture, "
                f"{type(self).__name__}, got {type(parent).__name__}"
            )
        refuse_another_shape(self.config, parent.config)
        self.load_state_dict(parent.state_dict())


def refuse_another_shape(config: Any, parent: Any) -> None:  # noqa: ANN401 - dataclasses
    """Refuse a parent's configuration that differs in a field that it has.

    Raises
    ------
    ValueError
        Naming the field.
    """
    for field in fields(parent):
        own, other = (getattr(each, field.name) for each in (config, parent))
        if own != other:
            raise ValueError(
                f"a training must start from a network of its own shape, {field.name} {own}, got "
                f"{other}"
            )
