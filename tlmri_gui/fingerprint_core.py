"""What the Fingerprinting page asks of the core, one call each; runs on the worker thread."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.fingerprinting.simulate_settings import SimulateSettings
from core.params import changed
from core.progress import Progress, part
from tlmri_gui.fingerprint_state import (
    DICTIONARY,
    FigureLook,
    FingerprintMethod,
    FingerprintPlan,
    FingerprintRun,
    MapOutcome,
    Voxel,
)

if TYPE_CHECKING:
    from core.fingerprinting.cards import NetworkCard
    from core.fingerprinting.series import Mapped, Series
    from core.fingerprinting.voxel_fit import VoxelFit

SERIES_SUFFIXES = (".h5", ".hdf5", ".npy", ".nii", ".nii.gz")
"""Endings of the files that may hold a series."""

SEQUENCE_SUFFIX = ".toml"
_OF_ANOTHER_SEQUENCE = "read-outs of sequence"
"""In the refusal of a series that has not as many read-outs as its sequence."""

OUT_SERIES, OUT_MAPS = "series", "maps"
FIGURE_NAME = "maps.png"


class FingerprintAccess:
    """The calls; stateless."""

    def plan(self, progress: Progress) -> FingerprintPlan:
        """The methods and settings there are."""
        progress(0.0, "reading the methods of fingerprinting")
        from core.fingerprinting import cards
        from core.fingerprinting.mapping import MapSettings, methods

        networks = {card.method: card for card in cards.shipped()}
        found = tuple(
            _network_method(networks[name]) if name in networks else FingerprintMethod(name, label)
            for name, label in methods().items()
        )
        return FingerprintPlan(found, simulation=SimulateSettings(), n_atoms=MapSettings().n_atoms)

    def network(self, path: Path, progress: Progress) -> FingerprintMethod:
        """A network of the user's as a method.

        Raises
        ------
        ValueError
            If the file is none.
        """
        progress(0.0, f"reading {path.name}")
        from core.fingerprinting import cards

        return _network_method(cards.read_card(path))

    def simulate(self, settings: SimulateSettings, progress: Progress) -> Series:
        """A series of the digital brain by the default sequence."""
        from core.fingerprinting.sequence_file import find
        from core.fingerprinting.simulate import simulate_series

        return simulate_series(settings, find(), progress)

    def open(self, path: Path, progress: Progress) -> Series:
        """Read a series, by the sequence that lies beside it under its name if there is one.

        Raises
        ------
        ValueError
            In one line, if it cannot be mapped.
        """
        progress(0.0, f"reading {path.name}")
        from core.fingerprinting.sequence_file import read_sequence
        from core.fingerprinting.series_file import read_series

        if path.suffix.lower() == SEQUENCE_SUFFIX:
            advice = (
                "put it beside its series under the name of that, such as mine.toml of mine.npy"
            )
            raise ValueError(f"{path.name}: a sequence is no series: {advice}, and open the series")
        beside = sequence_beside(path)
        if beside.is_file():
            series = read_series(path, read_sequence(beside))
            note = f"its sequence was read from {beside.name}"
            return replace(series, notes=(note, *series.notes))
        try:
            return read_series(path)
        except ValueError as error:
            if _OF_ANOTHER_SEQUENCE not in str(error):
                raise
            advice = f"if it is of another, put its sequence beside it as {beside.name}"
            raise ValueError(f"{error}: {advice}") from None

    def map(
        self, series: Series, method: str, n_atoms: int, device: str, progress: Progress
    ) -> MapOutcome:
        """The maps of a series by one method, with their scores where the truth is known."""
        from core.fingerprinting.mapping import MapSettings, map_series
        from core.fingerprinting.scores import score

        mapped = map_series(series, method, MapSettings(n_atoms=n_atoms, device=device), progress)
        size = n_atoms if method == DICTIONARY else 0
        return MapOutcome(mapped, score(mapped), size, device)

    def fits(
        self, results: Sequence[Mapped], voxel: Voxel, progress: Progress
    ) -> dict[str, VoxelFit]:
        """The signal of a voxel by each method that has values there, measured and fitted.

        Raises
        ------
        ValueError
            If none has.
        """
        from core.fingerprinting.voxel_fit import fit_of

        found, problem = {}, ValueError("no method has mapped the series")
        for i, mapped in enumerate(results):
            progress(i / len(results), "fitting a voxel")
            try:
                found[mapped.method] = fit_of(mapped, voxel)
            except ValueError as error:  # what other methods say of the voxel is worth seeing
                problem = error
        if not found:
            raise problem
        return found

    def save(
        self,
        folder: Path,
        results: Sequence[Mapped],
        slice_index: int,
        command: str,
        look: FigureLook,
        progress: Progress,
    ) -> None:
        """Write maps as NIfTI, scores, figure and how they were made into a folder."""
        from core.fingerprinting.maps_file import write_maps

        progress(0.0, "writing maps")
        write_maps(folder, results, {"command": command})
        figure = folder / FIGURE_NAME
        self.write_figure(figure, results, slice_index, command, look, part(progress, 0.5, 1.0))

    def write_figure(
        self,
        path: Path,
        results: Sequence[Mapped],
        slice_index: int,
        command: str,
        look: FigureLook,
        progress: Progress,
    ) -> None:
        """Draw and write the figure of maps."""
        from core import figure_file
        from core.fingerprinting.maps_figure import maps_figure

        progress(0.0, "drawing the figure")
        drawing = maps_figure(results, slice_index, look.ranges, look.error_percent, look.shows_pd)
        progress(0.5, f"writing {path.name}")
        figure_file.save_figure(drawing, path, {"Command": command})

    def write_scores(self, path: Path, results: Sequence[Mapped], progress: Progress) -> None:
        """Write the scores of all slices as CSV."""
        from core.fingerprinting.scores import write_scores

        progress(0.0, f"writing {path.name}")
        write_scores(path, results)


def sequence_beside(path: Path) -> Path:
    """Where the sequence of a series may lie: ``mine.toml`` beside ``mine.nii.gz``."""
    from core.io.formats import scan_name

    return path.with_name(f"{scan_name(path)}{SEQUENCE_SUFFIX}")


def _network_method(card: NetworkCard) -> FingerprintMethod:
    return FingerprintMethod(
        card.method,
        card.title,
        sequence_key=card.sequence_key,
        sequence_name=card.sequence_name,
    )


def command_line(run: FingerprintRun, plan: FingerprintPlan, device: str) -> str:
    """The command that makes the maps on show, or maps the series as planned if there are none.

    Of a simulated series it follows the one that simulates it. Maps found on several devices take a
    command and a folder each.

    Raises
    ------
    ValueError
        If there is no series, or no method is chosen.
    """
    if run.series is None:
        raise ValueError("no series is open")
    if not plan.chosen:
        raise ValueError("no method is chosen")
    place = str(run.series.path or OUT_SERIES)
    commands = [] if run.series.path is not None else [_simulate_words(run.simulation)]
    beside = None if run.series.path is None else sequence_beside(run.series.path)
    sequence = ["--sequence", str(beside)] if beside is not None and beside.is_file() else []
    by_device = _methods_by_device(run, plan, device)
    for used, methods in by_device.items():
        words = ["tlmri", "mrf", "map", place, *sequence, "--methods", ",".join(methods)]
        if DICTIONARY in methods:
            words += ["--atoms", str(methods[DICTIONARY])]
        if run.series.shape[0] > 1:
            words += ["--slice", str(run.slice_index)]
        out = OUT_MAPS if len(by_device) == 1 else f"{OUT_MAPS}-{used.replace(':', '-')}"
        commands.append([*words, "--device", used, "--out", out])
    return " && ".join(shlex.join(words) for words in commands)


def _methods_by_device(
    run: FingerprintRun, plan: FingerprintPlan, device: str
) -> dict[str, dict[str, int]]:
    """Size of the dictionary by method, by device: of the maps on show, or as planned."""
    found: dict[str, dict[str, int]] = {}
    for mapped in run.mapped(plan):
        outcome = run.outcomes[mapped.method]
        found.setdefault(outcome.device, {})[mapped.method] = outcome.n_atoms
    return found or {device: {method.name: plan.n_atoms for method in plan.chosen}}


def _simulate_words(settings: SimulateSettings | None) -> list[str]:
    """The command that simulates a series as this one was."""
    from core.cli.mrf_simulate import OPTIONS

    words = ["tlmri", "mrf", "simulate"]
    for name, value in ({} if settings is None else changed(settings)).items():
        words += [f"--{OPTIONS[name].replace('_', '-')}", str(value)]
    return [*words, "--out", OUT_SERIES]
