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
    wants_whole_images
        Whether tuning must show it whole images: crops are seen otherwise by what takes a mean over
        the image.
    """

    config: Any
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
        for field in fields(self.config):
            own, other = (getattr(model.config, field.name) for model in (self, parent))
            if own != other:
                raise ValueError(
                    f"a training must start from a network of its own shape, {field.name} {own}, "
                    f"got {other}"
                )
        self.load_state_dict(parent.state_dict())
