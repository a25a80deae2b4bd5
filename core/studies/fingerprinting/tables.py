"""The tables of a noise study's report."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.fingerprinting.parameters import PARAMETERS, Parameter
from core.studies.fingerprinting.cells import methods_of, short
from core.studies.fingerprinting.comparison import pairs_of
from core.studies.fingerprinting.found import Found
from core.studies.fingerprinting.phrases import change
from core.studies.fingerprinting.rows import TissueError, costs_of
from core.studies.fingerprinting.scores import (
    ALL,
    BIAS,
    BOUND,
    LOSS,
    MEDIAN,
    MSE,
    SD,
    Score,
    group_words,
)
from core.studies.fingerprinting.tissue_figure import shown_snr
from core.studies.tables import Sheet


def sheets(found: Found, errors: Sequence[TissueError]) -> tuple[Sheet, ...]:
    """All tables of the report."""
    return (
        _costs(found),
        _changes(found),
        *(_errors(found, parameter) for parameter in PARAMETERS),
        _medians(found),
        _losses(found),
        _brain(found, errors),
    )


def _costs(found: Found) -> Sheet:
    costs = costs_of(found.results)
    body = []
    for method, label in methods_of(found.study).items():
        mine = [
            (cost, found.results[cell]) for cell, cost in costs.items() if cell.method == method
        ]
        if mine:
            first = mine[0][0]
            seconds = np.mean([[c.seconds, c.total_seconds] for c, _ in mine], axis=0)
            loss = np.mean([result.moments.loss.mean() for _, result in mine])
            body.append(
                (
                    label,
                    *(f"{n:,}" if n else "" for n in (first.steps, first.total_steps)),
                    *(f"{each:.0f}" for each in seconds),
                    f"{loss:.4f}",
                )
            )
    return Sheet(
        "costs",
        "What the training costs",
        "Steps and measured seconds of the training alone (of the dictionary: of making it), then "
        "with those of the clean network that it starts from. A step is of the same batch for all; "
        "seconds are wall time on a machine that may be busy with other work, and cannot be "
        "compared. The loss is the mean over tissues and SNR. Means over seeds.",
        ("Method", "steps", "with parent's", "seconds", "with parent's", "loss"),
        tuple(body),
    )


def _changes(found: Found) -> Sheet:
    labels, words = methods_of(found.study), group_words(found.study)
    snrs = (math.nan, *found.study.evaluation.snr_db)
    body = []
    for method, other in pairs_of(found.study):
        for tissues in words:
            cells = [found.comparison(method, other, tissues, snr) for snr in snrs]
            if cells[0] is not None:
                reduction = cells[0].reduction
                body.append(
                    (
                        f"{short(labels[method])} − {short(labels[other])}",
                        words[tissues],
                        *("" if c is None else change(c) for c in cells),
                        f"{cells[0].n_better} of {reduction.n_people}",
                    )
                )
    return Sheet(
        "changes",
        "Paired differences of the loss",
        "By how much the first method's loss differs from the second's, below 0 where the first is "
        "better: mean over seeds ± half the 95 % confidence interval (Student's t); in how many "
        "seeds it is better over all SNR. The mean over all SNR is one of losses, so that the "
        "lowest SNR weighs most. There is one dictionary, which every seed is compared with.",
        (
            *("Difference", "tissues", "all SNR"),
            *(f"{snr:g} dB" for snr in snrs[1:]),
            "seeds better",
        ),
        tuple(body),
    )


def _errors(found: Found, parameter: Parameter) -> Sheet:
    mine = [s for s in found.scores if (s.tissues, s.parameter) == (ALL, parameter.name)]
    body = []
    for method in dict.fromkeys(s.method for s in mine):
        rows = [s for s in mine if s.method == method]
        if method == BOUND:
            cells = [f"SD {s.value:.3g} %" for s in rows]
        else:
            cells = [_errors_at(rows, snr) for snr in found.study.evaluation.snr_db]
        body.append((rows[0].label, *cells))
    return Sheet(
        f"errors-{parameter.name}",
        f"{parameter.label}: bias, standard deviation, MSE",
        "Root mean square over all tissues of the bias and of the standard deviation of "
        "ln(estimate / truth), in %, and the mean of its square. Intervals are in scores.csv.",
        ("Method", *(f"{snr:g} dB" for snr in found.study.evaluation.snr_db)),
        tuple(body),
    )


def _errors_at(rows: Sequence[Score], snr: float) -> str:
    values = {s.figure: s.value for s in rows if s.snr_db == snr}
    return f"{values[BIAS]:.3g} %, {values[SD]:.3g} %, {values[MSE]:.3g}"


def _medians(found: Found) -> Sheet:
    mine = [s for s in found.scores if s.figure == MEDIAN]
    labels = {parameter.name: parameter.label for parameter in PARAMETERS}
    body = (
        (
            labels[name],
            label,
            *(f"{s.value:.3g} %" for s in mine if (s.parameter, s.method) == (name, method)),
        )
        for name in labels
        for method, label in dict.fromkeys((s.method, s.label) for s in mine)
    )
    return Sheet(
        "medians",
        "Median error",
        "Median over all tissues and noise realisations of |estimate / truth - 1|, which the "
        "tissues that hardly show a parameter do not govern.",
        ("Parameter", "Method", *(f"{snr:g} dB" for snr in found.study.evaluation.snr_db)),
        tuple(body),
    )


def _losses(found: Found) -> Sheet:
    words = group_words(found.study)
    mine = [s for s in found.scores if s.figure == LOSS]
    places = dict.fromkeys((s.method, s.label, s.tissues) for s in mine)
    body = (
        (
            label,
            words[tissues],
            *(f"{s.value:.3g}" for s in mine if (s.method, s.tissues) == (method, tissues)),
        )
        for method, label, tissues in places
    )
    return Sheet(
        "losses",
        "Loss",
        "Mean over T1, T2 and ADC of the mean squared error of their logarithms, in units of the "
        "variance of a value spread evenly over its range: what training makes small.",
        ("Method", "tissues", *(f"{snr:g} dB" for snr in found.study.evaluation.snr_db)),
        tuple(body),
    )


def _brain(found: Found, errors: Sequence[TissueError]) -> Sheet:
    snr = shown_snr(found.study)
    mine = [e for e in errors if e.snr_db == snr]
    tissues = list(dict.fromkeys(e.tissue for e in mine))
    body = [
        (
            parameter.label,
            label,
            *(
                f"{e.bias.mean:+.{parameter.decimals}f} ± {e.sd.mean:.{parameter.decimals}f}"
                for tissue in tissues
                for e in mine
                if (e.method, e.tissue, e.parameter) == (method, tissue, parameter.name)
            ),
        )
        for parameter in PARAMETERS
        for method, label in dict.fromkeys((e.method, e.label) for e in mine)
    ]
    return Sheet(
        "brain",
        f"Tissues of the brain at {snr:g} dB",
        "Bias ± standard deviation over noise, T1 and T2 in ms, ADC in µm²/ms; networks: means "
        "over seeds, in which biases of opposite sign cancel; the mean of their sizes, every SNR, "
        "intervals and bounds are in tissues.csv.",
        ("Parameter", "Method", *tissues),
        tuple(body),
    )
