"""What the networks are compared with: methods that need no training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.progress import Progress
from core.registry import Registry

if TYPE_CHECKING:
    from core.pipeline import MethodChoice
    from core.types import Undersampled

Prepare = Callable[[Sequence["Undersampled"], Progress], tuple["MethodChoice", str]]
"""Function of tuning images that returns the method and its settings in words."""


@dataclass(frozen=True)
class Baseline:
    """A method without a network.

    Attributes
    ----------
    is_tuned
        Whether its settings are chosen on tuning images.
    prepare
        Makes it ready; gets no image where it is not tuned.
    """

    is_tuned: bool
    prepare: Prepare


BASELINES: Registry[Baseline] = Registry("baseline")


def _named(name: str) -> Prepare:
    def prepare(images: Sequence[Undersampled], progress: Progress) -> tuple[MethodChoice, str]:
        from core.pipeline import choose_method

        del images, progress
        return choose_method(name), ""

    return prepare


def _tuned_wavelet(images: Sequence[Undersampled], progress: Progress) -> tuple[MethodChoice, str]:
    from core.pipeline import choose_method
    from core.recon.wavelet_tuning import tune

    params = tune(images, progress).params
    settings = f"weight {params.reg_weight:.3g}, {params.n_iterations} iterations"
    return replace(choose_method("cs"), params=params), settings


BASELINES.register("zf", "Zero-filled")(Baseline(False, _named("zf")))
BASELINES.register("cs-paper-t1", "CS, the paper's settings for T1")(
    Baseline(False, _named("cs:paper-t1"))
)
BASELINES.register("cs-paper-t2", "CS, the paper's settings for T2")(
    Baseline(False, _named("cs:paper-t2"))
)
BASELINES.register("cs", "CS, tuned")(Baseline(True, _tuned_wavelet))
