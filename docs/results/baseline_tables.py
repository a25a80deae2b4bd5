"""The baselines' section of the results page, from ``baselines.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tables import select, table

from core import metrics

Result = Mapping[str, Any]
NAMES = {"zf": "Zero-filled", "cs-default": "CS, defaults", "cs": "CS, tuned", "tv": "TV, tuned"}
BART = "bart"


def baselines_section(result: Result) -> str:
    """Scores, settings, and compressed sensing beside BART's, for what has been run."""
    parts = ["## Baselines at every acceleration", ""]
    scored = _cells(result, "scored")
    if scored:
        parts += [_scores_text(scored), "", _scores_table(scored), ""]
    tuned = _cells(result, "tuned")
    if tuned:
        parts += [_settings_table(tuned), ""]
        parts += [line for line in (_remarks(tuned),) if line]
    beside = _cells(result, BART)
    if beside:
        parts += [_bart_text(beside), "", _bart_table(beside), "", _bart_sentence(beside)]
    return "\n".join(parts)


def _cells(result: Result, kind: str) -> dict[tuple[str, ...], Any]:
    """Cells of one kind, by the other words of their names."""
    split = {tuple(name.split()): cell for name, cell in result.items()}
    found = {words[1:]: cell for words, cell in split.items() if words[0] == kind}
    return dict(sorted(found.items(), key=lambda item: (item[0][:-1], _acceleration(item[0]))))


def _acceleration(words: tuple[str, ...]) -> float:
    return float(words[-1].removeprefix("R="))


def _scores_text(scored: Mapping[tuple[str, ...], Any]) -> str:
    cell = next(iter(scored.values()))
    people = sorted({row["person"] for c in scored.values() for row in c["rows"]})
    count = len({(row["person"], row["slice"]) for row in cell["rows"]})
    return (
        f"PSNR and SSIM of {count} slices of each contrast's `val` person ({', '.join(people)}), "
        f"single-coil, simulated from magnitude, under the definition "
        f"'{metrics.label(cell['definition'])}'. Weight and iterations were chosen on slices of "
        "the `tune` people at the same R; total variation runs to convergence."
    )


def _scores_table(scored: Mapping[tuple[str, ...], Any]) -> str:
    body = []
    for (domain, r), cell in scored.items():
        row = [domain.upper(), r]
        for method in NAMES:
            mine = select(cell["rows"], method=method)
            psnr, ssim, seconds = (
                float(np.mean([one[f] for one in mine])) for f in ("psnr_db", "ssim", "seconds")
            )
            row.append(f"{psnr:.2f} dB, {ssim:.3f} ({seconds:.1f} s)")
        body.append(row)
    return table(["Contrast", "R", *NAMES.values()], body)


def _settings_table(tuned: Mapping[tuple[str, ...], Any]) -> str:
    keys = dict.fromkeys((domain, r) for _, domain, r in tuned)
    body = []
    for domain, r in keys:
        row = [domain.upper(), r]
        for method in ("cs", "tv"):
            cell = tuned.get((method, domain, r))
            row.append(_settings(cell["settings"]) if cell else "")
        body.append(row)
    return table(["Contrast", "R", "CS: weight, iterations", "TV: weight"], body)


def _settings(settings: Mapping[str, Any]) -> str:
    iterations = settings.get("n_iterations")
    weight = f"{settings['reg_weight']:.2g}"
    return weight if iterations is None else f"{weight}, {iterations}"


def _remarks(tuned: Mapping[tuple[str, ...], Any]) -> str:
    found = [
        f"{method} {domain} {r}: {remark}"
        for (method, domain, r), cell in tuned.items()
        for remark in cell["remarks"]
    ]
    return f"Of the tuning: {'; '.join(found)}.\n" if found else ""


def _bart_text(beside: Mapping[tuple[str, ...], Any]) -> str:
    version = next(iter(beside.values()))["bart"]
    return (
        f"Compressed sensing beside `pics` of BART {version} on the same samples of one `val` "
        "slice each, weight and iterations tuned on that slice for each of them; BART's wavelets "
        "have four taps and shift at random, too. A run is read up to 400 iterations for both."
    )


def _bart_table(beside: Mapping[tuple[str, ...], Any]) -> str:
    methods = {"cs": "CS, random shifts", "cs-fixed": "CS, fixed grid", BART: "BART"}
    body = []
    for (domain, r), cell in beside.items():
        found = cell["methods"]
        row = [domain.upper(), r]
        row += [
            f"{found[m]['psnr_db']:.2f} dB ({_settings(found[m]['settings'])})" for m in methods
        ]
        psnr = {m: found[m]["psnr_db"] for m in methods}
        row += [f"{psnr['cs'] - psnr['cs-fixed']:+.2f} dB", f"{psnr['cs'] - psnr[BART]:+.2f} dB"]
        body.append(row)
    return table(["Contrast", "R", *methods.values(), "Random − fixed", "Ours − BART"], body)


def _bart_sentence(beside: Mapping[tuple[str, ...], Any]) -> str:
    below = [
        f"{domain.upper()} {r} ({difference:+.2f} dB)"
        for (domain, r), cell in beside.items()
        if (difference := _over_bart(cell)) < 0
    ]
    if not below:
        return f"It is at least as good as BART's in all {len(beside)} comparisons."
    return f"It is below BART's at {_listed(below)}, and at least as good elsewhere."


def _over_bart(cell: Any) -> float:  # noqa: ANN401 - JSON
    return float(cell["methods"]["cs"]["psnr_db"] - cell["methods"][BART]["psnr_db"])


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
