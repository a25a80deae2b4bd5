"""What a noise study found, in sentences made of its numbers."""

from __future__ import annotations

from collections.abc import Callable

from core.fingerprinting.parameters import PARAMETERS
from core.studies.fingerprinting.cells import (
    CLEAN,
    DICTIONARY,
    SCRATCH,
    SCRATCH_TOTAL,
    TRANSFERRED,
    methods_of,
)
from core.studies.fingerprinting.comparison import Comparison
from core.studies.fingerprinting.found import Found
from core.studies.fingerprinting.phrases import (
    PAPERS_REDUCTION,
    against_paper,
    by_snr,
    difference,
    near,
    seeds,
    shown,
)
from core.studies.fingerprinting.scores import ALL, BOUND, LONG_T2, MSE, SD, group_words


def answer(found: Found) -> tuple[str, ...]:
    """A paragraph for each question, of those that the cells done can answer."""
    paragraphs = (
        _equal_noisy(found),
        _equal_total(found),
        _while_learning(found),
        _against_clean(found),
        _against_dictionary(found),
        _variants(found),
        _below_bound(found),
    )
    return tuple(filter(None, paragraphs))


def _equal_noisy(found: Found) -> str:
    whole = found.comparison(TRANSFERRED, SCRATCH)
    if whole is None:
        return ""
    words = group_words(found.study)
    sentences = [
        f"After the same {found.study.training.steps_noisy:,} steps of noisy training, the loss of "
        f"the transferred network in {words[ALL]} is {difference(whole)} that of the same network "
        f"trained with noise from scratch, mean over all SNR ({seeds(whole)}): "
        f"{against_paper(whole)}.",
        by_snr(found.by_snr(TRANSFERRED, SCRATCH)),
        _in_long_t2(found, SCRATCH, against_paper),
        _what_is_compared(found),
        _medians(found),
    ]
    return " ".join(filter(None, sentences))


def _in_long_t2(found: Found, other: str, verdict: Callable[[Comparison], str]) -> str:
    part = found.comparison(TRANSFERRED, other, LONG_T2)
    if part is None:
        return ""
    return (
        f"In {group_words(found.study)[LONG_T2]}, it is {difference(part)} that one's "
        f"({seeds(part)}): {verdict(part)}. {by_snr(found.by_snr(TRANSFERRED, other, LONG_T2))}"
    )


def _what_is_compared(found: Found) -> str:
    """That the paper's gain is of another figure."""
    lowest = min(found.study.evaluation.snr_db)
    told = " and ".join(
        f"{found.lowest_snr_percent(SCRATCH, tissues):.0f} % in {words}"
        for tissues, words in group_words(found.study).items()
    )
    return (
        f"The paper's {PAPERS_REDUCTION:g} % are of its own mean squared error; the loss here is "
        f"of errors of logarithms, and in its mean over SNR the lowest, {lowest:g} dB, makes {told}"
        " (from scratch)."
    )


def _medians(found: Found) -> str:
    """At the lowest and the highest SNR, and how often the transferred network's is smaller."""
    mine, theirs = found.medians(TRANSFERRED), found.medians(SCRATCH)
    snrs = found.study.evaluation.snr_db
    ends = tuple(dict.fromkeys((min(snrs), max(snrs))))
    told = "; ".join(
        f"{parameter.label} "
        + ", ".join(
            f"{mine[parameter.name, snr]:.3g} and {theirs[parameter.name, snr]:.3g} % at {snr:g} dB"
            for snr in ends
        )
        for parameter in PARAMETERS
    )
    n_smaller = sum(mine[place] < theirs[place] for place in mine)
    return (
        "Median errors of the transferred network and of the one from scratch, over all tissues: "
        f"{told}; of the {len(mine)} medians by parameter and SNR the transferred network's is the "
        f"smaller in {n_smaller}."
    )


def _equal_total(found: Found) -> str:
    whole = found.comparison(TRANSFERRED, SCRATCH_TOTAL)
    if whole is None:
        return ""
    plan, words = found.study.training, group_words(found.study)
    sentences = [
        f"At equal total cost, the {plan.steps_clean:,} clean steps counted "
        f"({plan.steps_clean + plan.steps_noisy:,} steps of {plan.batch:,} signals each), its loss "
        f"in {words[ALL]} is {difference(whole)} that of the network trained with noise throughout "
        f"({seeds(whole)}): {shown(whole)}.",
        by_snr(found.by_snr(TRANSFERRED, SCRATCH_TOTAL)),
        _in_long_t2(found, SCRATCH_TOTAL, shown),
    ]
    return " ".join(filter(None, sentences))


def _while_learning(found: Found) -> str:
    """The losses of both at the first checkpoint, halfway and at the end."""
    mine, theirs = found.losses(TRANSFERRED), found.losses(SCRATCH)
    steps = [step for step in mine if step > 0 and step in theirs]
    if not steps:
        return ""
    times = dict.fromkeys((steps[0], steps[len(steps) // 2], steps[-1]))
    told = "; ".join(f"{mine[s]:.3g} and {theirs[s]:.3g} after {s:,} noisy steps" for s in times)
    return f"While they learn, the losses of the two on other noisy signals are {told}."


def _against_clean(found: Found) -> str:
    """The paper: losses comparable to the clean model at high SNR, more robust at low."""
    sentences = []
    for tissues, words in group_words(found.study).items():
        at = found.by_snr(TRANSFERRED, CLEAN, tissues)
        if at:
            low, high = min(at), max(at)
            sentences.append(
                f"in {words} its loss at {high:g} dB is {difference(at[high])} that one's: "
                f"{near(at[high])}; at {low:g} dB it is {difference(at[low])}: {shown(at[low])}. "
                f"{by_snr(at)}"
            )
    if not sentences:
        return ""
    first, *others = sentences
    opening = f"Against the network of clean signals that it starts from, {first}"
    return " ".join([opening, *(other[0].upper() + other[1:] for other in others)])


def _against_dictionary(found: Found) -> str:
    by_group = " ".join(
        f"In {words}, it is {difference(whole)} the dictionary's, mean over all SNR: "
        f"{shown(whole)}. {by_snr(found.by_snr(TRANSFERRED, DICTIONARY, tissues))}"
        for tissues, words in group_words(found.study).items()
        if (whole := found.comparison(TRANSFERRED, DICTIONARY, tissues)) is not None
    )
    if not by_group:
        return ""
    return (
        "The transferred network's loss is compared with that of matching with a dictionary of "
        f"{found.study.dictionary.n_atoms:,} atoms. {by_group}"
    )


def _variants(found: Found) -> str:
    labels = methods_of(found.study)
    rows = [
        c
        for method in labels
        if method.startswith(f"{TRANSFERRED}-")
        and (c := found.comparison(method, SCRATCH)) is not None
    ]
    if not rows:
        return ""
    told = "; ".join(f"{labels[c.method].split(', ')[-1]}: {difference(c)}" for c in rows)
    return f"Other parts frozen, loss against noise from scratch at equal noisy steps: {told}."


def _below_bound(found: Found) -> str:
    """Which methods' MSE lies below the bound: they cannot be unbiased."""
    bounds = {
        (s.snr_db, s.parameter): (s.value / 100) ** 2
        for s in found.scores
        if (s.method, s.figure, s.tissues) == (BOUND, SD, ALL)
    }
    below: dict[str, list[str]] = {}
    labels = {parameter.name: parameter.label for parameter in PARAMETERS}
    for s in found.scores:
        if (s.figure, s.tissues) == (MSE, ALL) and s.value < bounds[s.snr_db, s.parameter]:
            below.setdefault(s.label, []).append(f"{labels[s.parameter]} at {s.snr_db:g} dB")
    if not below:
        return "No method's mean squared error lies below the Cramér-Rao bound."
    told = "; ".join(f"{label}: {', '.join(where)}" for label, where in below.items())
    return (
        "Below the bound of unbiased methods lie, since they know the range of the parameters and "
        f"pay with bias: {told}."
    )
