"""A 256 x 256 map by the dictionary and by every shipped network: errors, and the time it takes.

    python docs/results/fingerprint_map.py               # on a machine that does nothing else
    python docs/results/fingerprint_map.py --no-timing   # errors only; keeps the times of before

A slice of the digital brain, fully sampled and undersampled. Writes ``fingerprint_map.json`` beside
this file and ``docs/images/fingerprint-maps.png``. Torch is imported late, so that its threads
learn how to wait first.
"""

from __future__ import annotations

import argparse
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tables import table

from core.atomic import write_bytes
from core.fingerprinting.foreground import BRAIN
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.scores import PD, UNITS
from core.fingerprinting.simulate_settings import SimulateSettings
from core.threads import share_the_processor

if TYPE_CHECKING:
    from core.fingerprinting.series import Mapped, Series

FILE = Path(__file__).with_suffix(".json")
FIGURE = Path(__file__).parents[1] / "images" / "fingerprint-maps.png"

FULL, UNDERSAMPLED = "fully sampled", "undersampled"
SERIES = {
    FULL: SimulateSettings(size=256, snr_db=30.0),
    UNDERSAMPLED: SimulateSettings(size=256, snr_db=30.0, acceleration=8.0),
}
N_ATOMS = 100_000
REPEATS = 3
NETWORK = "net:transferred"
"""Whose time the others are compared with."""

_LABELS = {**{p.name: p.label for p in PARAMETERS}, PD: "PD"}
_DPI = 100
_DIGITS = {"t1": 1, "t2": 1, "adc": 3, PD: 4}


def series_of(kind: str) -> Series:
    """The slice of one kind of sampling."""
    from core.fingerprinting.sequence_file import find
    from core.fingerprinting.simulate import simulate_series

    return simulate_series(SERIES[kind], find())


def maps_of(series: Series) -> list[Mapped]:
    """By every method, one after the other."""
    from core.fingerprinting.mapping import MapSettings, map_series, methods

    settings = MapSettings(n_atoms=N_ATOMS, device="cpu")
    return [map_series(series, method, settings) for method in methods()]


def errors(mapped: Mapped) -> dict[str, Any]:
    """Over the voxels of brain and its fluid, by parameter."""
    truth = mapped.series.truth
    assert truth is not None
    brain = mapped.series.mask & np.isin(truth.labels, BRAIN)
    found: dict[str, Any] = {}
    for name in UNITS:
        true = truth.maps[name][brain].astype(np.float64)
        off = mapped.maps[name][brain] - true
        percent = 100 * off / true
        found[name] = {
            "rmse": _root_mean_square(off),
            "bias": float(off.mean()),
            "rmse_percent": _root_mean_square(percent),
            "bias_percent": float(percent.mean()),
        }
    return found


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def accuracy(series: Series, results: Sequence[Mapped]) -> dict[str, Any]:
    """What was mapped, and the errors of every method."""
    assert series.truth is not None
    return {
        "notes": list(series.notes),
        "n_voxels": int(series.mask.sum()),
        "n_brain": int((series.mask & np.isin(series.truth.labels, BRAIN)).sum()),
        "methods": {m.method: {"label": m.label, "errors": errors(m)} for m in results},
    }


def timing(series: Series) -> dict[str, Any]:
    """Seconds of every method, the methods in turn so that all meet the same disturbances."""
    import torch

    rounds = [maps_of(series) for _ in range(REPEATS)]
    return {
        "n_voxels": int(series.mask.sum()),
        "n_threads": torch.get_num_threads(),
        "n_processors": os.cpu_count(),
        "methods": {
            first.method: {
                "seconds": [done.seconds for done in repeats],
                # Later rounds find the dictionary made.
                "preparation_seconds": first.preparation_seconds,
            }
            for first, *rest in zip(*rounds, strict=True)
            for repeats in ([first, *rest],)
        },
    }


def draw(results: Sequence[Mapped]) -> None:
    """The maps as an image for pages, of fewer points than the command's."""
    from core.fingerprinting.maps_figure import maps_figure

    image = io.BytesIO()
    maps_figure(results).savefig(image, format="png", dpi=_DPI, pil_kwargs={"optimize": True})
    write_bytes(FIGURE, image.getvalue())


def section(file: Path = FILE) -> str:
    """What the results page says of it; empty where nothing was made."""
    if not file.is_file():
        return ""
    found = json.loads(file.read_text(encoding="utf-8"))
    parts = [
        "### A 256 x 256 map: the dictionary and the networks",
        "    python docs/results/fingerprint_map.py",
        "Errors over the voxels of brain and its fluid of one slice of the digital brain: root "
        "mean square error with the bias in brackets, in the parameter's unit and in percent of "
        "each voxel's true value. It is one slice with one noise and one network of each kind; the "
        "noise study compares trainings over several seeds.",
        *(_accuracy_text(kind, found["series"][kind]) for kind in SERIES),
        f"![Maps of the slice, fully sampled](images/{FIGURE.name})",
    ]
    if found["timing"] is not None:
        parts.append(_timing_text(found["timing"], found["series"][FULL]["methods"]))
    return "\n\n".join(parts)


def _accuracy_text(kind: str, result: Mapping[str, Any]) -> str:
    settings = SERIES[kind]
    sampling = (
        f", R = {settings.acceleration:g}, images in a subspace of rank {settings.rank}"
        if settings.acceleration > 1
        else ""
    )
    title = f"#### {kind.capitalize()}{sampling}: {result['n_brain']:,} voxels of brain, SNR "
    methods = result["methods"].values()
    units = {name: f" ({unit})" if unit else "" for name, unit in UNITS.items()}
    head = ["Method", *(f"{_LABELS[name]}{units[name]}" for name in UNITS)]
    body = [[m["label"], *(_cell(name, m["errors"][name]) for name in UNITS)] for m in methods]
    return f"{title}{settings.snr_db:g} dB\n\n{table(head, body)}\n\n{_lowest(methods)}"


def _cell(name: str, error: Mapping[str, float]) -> str:
    n = _DIGITS[name]
    # Adding 0 turns a rounded -0 into 0.
    bias, percent = round(error["bias"], n) + 0.0, round(error["bias_percent"], 1) + 0.0
    return (
        f"{error['rmse']:.{n}f} ({bias:+.{n}f}); {error['rmse_percent']:.1f} % ({percent:+.1f} %)"
    )


def _lowest(methods: Any) -> str:  # noqa: ANN401 - values of JSON
    """Which method is closest to the truth, by parameter and by percent."""
    best = {
        name: min(methods, key=lambda m, name=name: m["errors"][name]["rmse_percent"])["label"]
        for name in UNITS
    }
    words = "; ".join(f"{_LABELS[name]}: {label}" for name, label in best.items())
    return f"Lowest RMSE in percent: {words}."


def _timing_text(found: Mapping[str, Any], methods: Mapping[str, Mapping[str, Any]]) -> str:
    best = {name: min(times["seconds"]) for name, times in found["methods"].items()}
    body = [
        [
            methods[name]["label"],
            f"{best[name]:.2f} s",
            f"{best[name] / best[NETWORK]:.1f}",
            f"{times['preparation_seconds']:.1f} s",
        ]
        for name, times in found["methods"].items()
    ]
    intro = (
        f"Time for the {found['n_voxels']:,} voxels of the head in the slice, best of {REPEATS} "
        f"in turn, {found['n_threads']} threads on {found['n_processors']} processors:"
    )
    head = ["Method", "Time", f"Over that of {methods[NETWORK]['label']}", "Preparation, once"]
    return f"{intro}\n\n{table(head, body)}"


def main() -> None:
    """Map, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-timing", action="store_true", help="errors only; keeps older times")
    args = parser.parse_args()
    share_the_processor()
    found: dict[str, Any] = {"n_atoms": N_ATOMS, "series": {}, "timing": None}
    if FILE.is_file():
        found["timing"] = json.loads(FILE.read_text(encoding="utf-8"))["timing"]
    if not args.no_timing:
        found["timing"] = timing(series_of(FULL))
    for kind in SERIES:
        series = series_of(kind)
        results = maps_of(series)
        found["series"][kind] = accuracy(series, results)
        if kind == FULL:
            draw(results)
    write_bytes(FILE, (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
