"""What the networks are compared with: methods that need no training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.progress import Progress
from core.registry import Registry

if TYPE_CHECKING:
    from core.pipeline import MethodChoice
    from core.types import Undersampled

Prepare = Callable[[Sequence["Undersampled"], Progress], tuple["MethodChoice", str]]
"""Function of tuning images that returns the method, and its chosen settings in words."""


@dataclass(frozen=True)
class Baseline:
    """A method without a network.

    Attributes
    ----------
    is_tuned
        Whether its settings are chosen on tuning images.
    prepare
        Makes it ready; gets no image where it is not tuned.
    min_coils
        Receive coils that it needs.
    needs_real
        Whether it takes the image for real, as only scans of magnitude images are.
    """

    is_tuned: bool
    prepare: Prepare
    min_coils: int = 1
    needs_real: bool = False


BASELINES: Registry[Baseline] = Registry("baseline")

DEVICE = "cpu"
"""Where all baselines run, so that their numbers do not depend on the machine's GPU."""


def _named(name: str) -> Prepare:
    """A method with its own settings."""

    def prepare(images: Sequence[Undersampled], progress: Progress) -> tuple[MethodChoice, str]:
        from core.pipeline import choose_method

        del images, progress
        return choose_method(name, DEVICE), ""

    return prepare


def _tuned(name: str, base: Mapping[str, Any] | None = None) -> Prepare:
    """A method whose weight, and what goes with it, is chosen on the images."""

    def prepare(images: Sequence[Undersampled], progress: Progress) -> tuple[MethodChoice, str]:
        from core.params import settings_of
        from core.pipeline import choose_method
        from core.recon.tuning import tune

        choice = choose_method(name, DEVICE)
        settled = replace(choice.params, **(base or {}))
        params = tune(name, images, progress, settled).params
        settings = ", ".join(f"{n}={_short(getattr(params, n))}" for n in settings_of(params))
        return replace(choice, params=params), settings

    return prepare


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _add(name: str, label: str, baseline: Baseline) -> None:
    BASELINES.register(name, label)(baseline)


_REAL = {"image_values": "real"}
_add("zf", "Zero-filled", Baseline(False, _named("zf")))
_add("cs-paper-t1", "CS, the paper's settings for T1", Baseline(False, _named("cs:paper-t1")))
_add("cs-paper-t2", "CS, the paper's settings for T2", Baseline(False, _named("cs:paper-t2")))
_add("cs", "CS, tuned", Baseline(True, _tuned("cs")))
_add("tv", "TV, tuned", Baseline(True, _tuned("tv")))
_add("cs-real", "CS, tuned, real image", Baseline(True, _tuned("cs", _REAL), needs_real=True))
_add("tv-real", "TV, tuned, real image", Baseline(True, _tuned("tv", _REAL), needs_real=True))
_add("sense", "CG-SENSE, tuned", Baseline(True, _tuned("sense"), 2))
_add("l1-espirit", "L1-ESPIRiT, tuned", Baseline(True, _tuned("l1-espirit"), 2))
_add("spirit-paper", "L1-SPIRiT, the paper's settings", Baseline(False, _named("spirit:paper"), 2))
_add("spirit", "L1-SPIRiT, tuned", Baseline(True, _tuned("spirit"), 2))
