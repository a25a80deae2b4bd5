"""A comparison in words: how large it is, and what its interval shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.studies.fingerprinting.comparison import Comparison

PAPERS_REDUCTION = 15.0
"""Finkelstein et al. (2022): percent less MSE than training with noise without transfer."""

NEAR_PERCENT = 10.0
"""A loss that is above another's by at most so much is called near."""

_PAPER = f"the paper's {PAPERS_REDUCTION:g} %"


def difference(comparison: Comparison) -> str:
    """``12.3 % (95 % CI 10.1 to 14.5) below``, or ``above``."""
    reduction = comparison.reduction
    sign = 1 if reduction.mean >= 0 else -1
    word = "below" if sign > 0 else "above"
    if not reduction.has_interval:
        return f"{abs(reduction.mean):.1f} % {word}"
    low, high = sorted((sign * reduction.low, sign * reduction.high))
    return f"{abs(reduction.mean):.1f} % (95 % CI {low:.1f} to {high:.1f}) {word}"


def change(comparison: Comparison) -> str:
    """``−12.3 %``: by how much the method's loss differs from the other's; ± half the interval."""
    reduction = comparison.reduction
    half = f" ± {(reduction.high - reduction.low) / 2:.1f}" if reduction.has_interval else ""
    return f"{-reduction.mean:+.1f}{half} %".replace("-", "−")


def seeds(comparison: Comparison) -> str:
    """In how many seeds the method is better."""
    n = comparison.reduction.n_people
    if n == 1:
        return "one seed, no interval"
    return f"lower for {comparison.n_better} of {n} seeds"


def against_paper(comparison: Comparison) -> str:
    """Whether the paper's gain is reached: by a mean that large and an interval without 0."""
    reduction = comparison.reduction
    if not reduction.has_interval:
        return f"with one seed it cannot be said whether {_PAPER} is reached"
    where = _interval_to_paper(comparison)
    if reduction.high < 0:
        return f"the transfer does harm here, against {_PAPER} of gain"
    if reduction.low <= 0:
        large = "though the mean is that large" if reduction.mean >= PAPERS_REDUCTION else where
        return f"no difference is shown, so {_PAPER} is not reached; {large}"
    if reduction.mean >= PAPERS_REDUCTION:
        return f"{_PAPER} is reached; {where}"
    return f"the interval leaves out 0, but {_PAPER} is not reached; {where}"


def _interval_to_paper(comparison: Comparison) -> str:
    low, high = comparison.reduction.low, comparison.reduction.high
    if low <= PAPERS_REDUCTION <= high:
        return f"the interval holds {PAPERS_REDUCTION:g} %"
    side = "above" if low > PAPERS_REDUCTION else "below"
    return f"the interval lies {side} {PAPERS_REDUCTION:g} %"


def shown(comparison: Comparison) -> str:
    """Whether the method is shown to be better or worse: whether the interval leaves out 0."""
    reduction = comparison.reduction
    if not reduction.has_interval:
        return "with one seed no difference can be shown or ruled out"
    if reduction.low > 0:
        return "it is shown to be lower"
    if reduction.high < 0:
        return "it is shown to be higher"
    return "no difference is shown"


def near(comparison: Comparison) -> str:
    """Whether a loss is at most :data:`NEAR_PERCENT` above another's, as far as can be said."""
    reduction = comparison.reduction
    least = reduction.low if reduction.has_interval else reduction.mean
    most = reduction.high if reduction.has_interval else reduction.mean
    rule = f"near that one's (at most {NEAR_PERCENT:g} % above it) or lower"
    if least >= -NEAR_PERCENT:
        return f"it is {rule}"
    if most < -NEAR_PERCENT:
        return f"it is not {rule}"
    return f"whether it is {rule} is not shown"


def by_snr(found: Mapping[float, Comparison]) -> str:
    """The change at each SNR, and where the method is shown to be better or worse."""
    if not found:
        return ""
    changes = ", ".join(f"{snr:g} dB {change(c)}" for snr, c in found.items())
    if not all(c.reduction.has_interval for c in found.values()):
        return f"By SNR: {changes}."
    lower = [snr for snr, c in found.items() if c.reduction.low > 0]
    higher = [snr for snr, c in found.items() if c.reduction.high < 0]
    where = (_places(some, len(found)) for some in (lower, higher))
    return "By SNR: {}; shown to be lower at {}, higher at {}.".format(changes, *where)


def _places(snr_db: Sequence[float], n: int) -> str:
    if len(snr_db) == n:
        return "every SNR"
    return f"{listed([f'{snr:g}' for snr in snr_db])} dB" if snr_db else "none"


def listed(words: Sequence[str]) -> str:
    """``10, 20 and 30``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
