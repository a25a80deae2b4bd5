"""How far maps are from the truth, by tissue and parameter, in the parameter's own unit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import atomic
from core.fingerprinting.foreground import BRAIN
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.series import Mapped
from core.phantom import TISSUES

WHOLE_BRAIN = "brain"
"""The tissue of the row that pools all voxels of brain and its fluid."""

PD = "pd"
PERCENTILES = (5, 25, 50, 75, 95)

UNITS = {**{parameter.name: parameter.unit for parameter in PARAMETERS}, PD: ""}
"""Of every map by its name; proton density is in units of the series."""

_NUMBERS = ("true_mean", "bias", "sd", "rmse")
_COLUMNS = (
    "method",
    "label",
    "tissue",
    "parameter",
    "unit",
    "voxels",
    *_NUMBERS,
    *(f"error_p{p:02d}" for p in PERCENTILES),
    *(f"error_percent_p{p:02d}" for p in PERCENTILES),
)


@dataclass(frozen=True)
class TissueScore:
    """Errors (found minus true) of one parameter in one tissue.

    Attributes
    ----------
    tissue
        Its name, or :data:`WHOLE_BRAIN`.
    label
        Its :class:`core.phantom.Label`; None for the whole brain.
    parameter
        ``t1``, ``t2``, ``adc`` or ``pd``.
    unit
        Of the figures.
    n_voxels
        Voxels with a value and a truth.
    true_mean
        Mean of the true values.
    bias, sd, rmse
        Mean of the errors, their standard deviation and root mean square:
        rmse² = bias² + sd².
    error_percentiles
        Errors at :data:`PERCENTILES`.
    percent_percentiles
        The same of the errors in percent of each voxel's true value.
    """

    tissue: str
    label: int | None
    parameter: str
    unit: str
    n_voxels: int
    true_mean: float
    bias: float
    sd: float
    rmse: float
    error_percentiles: tuple[float, ...]
    percent_percentiles: tuple[float, ...]

    @property
    def rmse_percent(self) -> float:
        """Root mean square of the errors in percent of the true mean."""
        return 100 * self.rmse / self.true_mean


def score(mapped: Mapped) -> tuple[TissueScore, ...]:
    """Scores of every tissue that is seen, the whole brain first; none if no truth is known.

    A voxel counts for the tissue that fills most of it.
    """
    return tuple(_scores(mapped))


def _scores(mapped: Mapped) -> Iterator[TissueScore]:
    truth = mapped.series.truth
    if truth is None:
        return
    labels = truth.labels
    groups: list[tuple[str, int | None, NDArray[np.bool_]]] = [
        (WHOLE_BRAIN, None, np.isin(labels, BRAIN))
    ]
    groups += [
        (tissue.name, label, labels == label)
        for label, tissue in enumerate(TISSUES)
        if (labels == label).any()
    ]
    for name, label, where in groups:
        for parameter, unit in UNITS.items():
            found, true = mapped.maps[parameter], truth.maps[parameter]
            known = where & np.isfinite(found) & np.isfinite(true)
            if known.any():
                values = found[known].astype(np.float64), true[known].astype(np.float64)
                yield _score(name, label, parameter, unit, *values)


def _score(
    tissue: str,
    label: int | None,
    parameter: str,
    unit: str,
    found: NDArray[np.float64],
    true: NDArray[np.float64],
) -> TissueScore:
    errors = found - true
    return TissueScore(
        tissue=tissue,
        label=label,
        parameter=parameter,
        unit=unit,
        n_voxels=errors.size,
        true_mean=float(true.mean()),
        bias=float(errors.mean()),
        sd=float(errors.std()),
        rmse=float(np.sqrt(np.mean(errors**2))),
        error_percentiles=_percentiles(errors),
        percent_percentiles=_percentiles(100 * errors / true),
    )


def _percentiles(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.percentile(values, PERCENTILES))


def method_name(method: str) -> str:
    """How a method is called in files: a network's file without its folders."""
    kind, colon, which = method.partition(":")
    return f"{kind}{colon}{Path(which).name}"


def score_table(results: Sequence[Mapped]) -> str:
    """One line a method, tissue and parameter, as CSV; only the header where no truth is known."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for mapped in results:
        for line in score(mapped):
            numbers = [getattr(line, name) for name in _NUMBERS]
            numbers += [*line.error_percentiles, *line.percent_percentiles]
            head = (
                method_name(mapped.method),
                mapped.label,
                line.tissue,
                line.parameter,
                line.unit,
            )
            writer.writerow([*head, line.n_voxels, *(f"{number:.6g}" for number in numbers)])
    return text.getvalue()


def write_scores(path: Path, results: Sequence[Mapped]) -> None:
    """Write :func:`score_table` as a file.

    Raises
    ------
    ValueError
        If no truth is known or the file cannot be written.
    """
    if not results or results[0].series.truth is None:
        raise ValueError(f"{path.name}: scores must have a truth, got a series without one")
    atomic.write_bytes(path, score_table(results).encode())
