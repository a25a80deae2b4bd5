"""From a series to maps, by a dictionary or a network."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core import devices
from core.fingerprinting import cards
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.series import Mapped, Maps, Series
from core.params import check, setting
from core.progress import Progress, no_progress, part

if TYPE_CHECKING:
    import torch

    from core.fingerprinting.estimate import Estimate

DICTIONARY = "dictionary"
_NETWORK = "net:"

_NEXT_TO = 1.001
"""Factor within which a value is said to lie at an end of its range."""

_VOXELS = 20_000
"""Voxels at once: how often a network's progress is told and a cancellation heard."""


@dataclass(frozen=True)
class MapSettings:
    """What applies to all methods, and the size of the dictionary."""

    n_atoms: int = setting(
        100_000, "Atoms", low=100, high=2_000_000, logarithmic=True, help="Of the dictionary."
    )
    rank: int = setting(25, "Rank", low=1, high=5000, help="Of the dictionary.")
    device: str = setting("auto", "Device")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class _Method:
    """A method that is ready: signals of a block of voxels to values."""

    label: str
    reference: torch.Tensor
    estimate: Callable[[torch.Tensor, Progress], Estimate]
    remarks: Callable[[NDArray[np.float32]], tuple[str, ...]]


def methods() -> dict[str, str]:
    """Name to label of every method that comes with tlmri, in the order of lists."""
    return {DICTIONARY: "Dictionary", **{card.method: card.label for card in cards.shipped()}}


def check_method(method: str) -> None:
    """Refuse what :func:`map_series` would not know, before anything is computed.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    if method != DICTIONARY:
        _card(method)


def _card(method: str) -> cards.NetworkCard:
    if not method.startswith(_NETWORK):
        known = ", ".join(methods())
        raise ValueError(f"method must be one of {known}, or net:FILE, got {method!r}")
    return cards.find(method.removeprefix(_NETWORK))


def map_series(
    series: Series,
    method: str,
    settings: MapSettings = MapSettings(),
    progress: Progress = no_progress,
) -> Mapped:
    """Map a series by one method.

    Parameters
    ----------
    series
        What is mapped, in the voxels of its mask.
    method
        ``dictionary``, ``net:transferred`` or another of :func:`methods`, or
        ``net:FILE.safetensors``.
    settings
        Size of the dictionary, device.
    progress
        Called after every block of voxels.

    Raises
    ------
    ValueError
        If there is no such method, or a network was trained for another sequence.
    """
    import torch

    device = devices.resolve(settings.device)
    began = time.perf_counter()
    prepared = _prepare(series, method, settings, device, part(progress, 0.0, 0.3))
    prepared_at = time.perf_counter()
    blocks = torch.split(torch.from_numpy(series.voxels), _VOXELS)
    found = []
    for i, block in enumerate(blocks):
        start, stop = (0.3 + 0.7 * n / len(blocks) for n in (i, i + 1))
        hook = part(progress, start, stop)
        hook(0.0, f"{prepared.label}: mapping")
        found.append(_estimate(prepared, block.to(device), hook))
    values = np.concatenate(found)
    seconds = time.perf_counter() - prepared_at
    return Mapped(
        series=series,
        method=method,
        label=prepared.label,
        maps=_maps(series, values),
        seconds=seconds,
        preparation_seconds=prepared_at - began,
        remarks=prepared.remarks(values),
    )


def _prepare(
    series: Series, method: str, settings: MapSettings, device: torch.device, progress: Progress
) -> _Method:
    if method == DICTIONARY:
        return _dictionary(series, settings, device, progress)
    return _network(series, _card(method), device)


def _dictionary(
    series: Series, settings: MapSettings, device: torch.device, progress: Progress
) -> _Method:
    from core.fingerprinting.dictionary import DictionarySettings, dictionary_of
    from core.fingerprinting.matching import match

    size = DictionarySettings(settings.n_atoms, settings.rank)
    dictionary = dictionary_of(series.sequence, size, device, progress)
    return _Method(
        label=f"Dictionary, {settings.n_atoms:,} atoms",
        reference=dictionary.reference,
        estimate=lambda signals, hook: match(dictionary, signals, hook),
        remarks=lambda _: (),
    )


def _network(series: Series, card: cards.NetworkCard, device: torch.device) -> _Method:
    from core.fingerprinting.weights import load_network

    if card.sequence_key != series.sequence.key:
        raise ValueError(
            f"{card.path.name}: the series must be of the sequence it was trained for "
            f"({card.sequence_name}, {card.sequence_key}), got {series.sequence.name} "
            f"({series.sequence.key})"
        )
    network = load_network(card, device)
    return _Method(
        label=card.title,
        reference=network.reference,
        estimate=lambda signals, _: network.estimate(signals),
        remarks=_at_the_ends,
    )


def _at_the_ends(values: NDArray[np.float32]) -> tuple[str, ...]:
    """Where a network says no more than that a value lies beyond what it learnt."""
    counts = {
        parameter.label: int(
            np.count_nonzero(
                (column <= parameter.low * _NEXT_TO) | (column >= parameter.high / _NEXT_TO)
            )
        )
        for parameter, column in zip(PARAMETERS, values.T, strict=False)
    }
    words = ", ".join(f"{label} in {n:,}" for label, n in counts.items() if n)
    if not words:
        return ()
    return (f"at an end of the range that it learnt: {words} of {len(values):,} voxels",)


def _estimate(method: _Method, signals: torch.Tensor, progress: Progress) -> NDArray[np.float32]:
    """T1, T2, ADC and PD of complex signals. Shape `(n, 4)`."""
    import torch

    from core.fingerprinting.signals import phased, with_room

    scaled, sizes = with_room(signals)
    found = method.estimate(phased(scaled, method.reference), progress)
    columns = [found.tissues, found.pd * sizes]
    values: NDArray[np.float32] = torch.column_stack(columns).cpu().numpy()
    return values


def _maps(series: Series, values: NDArray[np.float32]) -> Maps:
    maps = np.full((4, *series.shape), np.nan, np.float32)
    maps[:, series.mask] = values.T
    return Maps(*maps)
