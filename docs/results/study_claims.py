"""The section of a study over all R: each claim of the paper, and whether it holds here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from paper import AIM_BEHIND_DB, PAPER, Paper
from study import (
    SOURCE,
    Study,
    each_person,
    figure,
    holds,
    images,
    mean,
    over_those,
    reached,
    report_link,
    section,
    signed,
    what,
)
from study_tables import (
    TUNED_ON,
    convergence_table,
    differences_table,
    is_papers,
    needed,
    scores_table,
)

from core.studies.answer import answer
from core.studies.convergence import NEAR_DB
from core.studies.differences import Difference
from core.studies.store import read_times

AIM_IMAGES = 5
"""How few images were aimed at."""

TIMED_AT = 4.0
"""R of the tunings whose time is told."""


def claims_section(study: Study) -> str:
    """Curves, scores, differences and the five claims."""
    paper = PAPER[study.found.target]
    return section(
        [
            f"## How many local images? {study.title}",
            f"{what(study)} Tuned on slices of the `tune` people by the default preset.",
            answer(study.found),
            figure(study, "psnr", "PSNR against number of tuning images"),
            "PSNR in dB, mean over people ± standard deviation over slices, and SSIM:",
            scores_table(study),
            "Paired differences on the same slices, beside the paper's averages over R:",
            differences_table(study, paper),
            "Images needed for convergence:",
            convergence_table(study, paper),
            figure(study, "convergence", "Images needed for convergence"),
            "What of the paper's claims holds here:",
            "\n".join(f"{i}. {text}" for i, text in enumerate(_claims(study, paper), start=1)),
            report_link(study),
        ]
    )


def _claims(study: Study, paper: Paper) -> list[str]:
    """The five claims, each with what this study says of it."""
    return [
        _native_wins_raw(study),
        _behind_native(study, paper),
        _over_compressed_sensing(study, paper),
        _images_to_converge(study, paper),
        _time(study),
    ]


def _native_wins_raw(study: Study) -> str:
    raw = study.by_rate((study.found.native, 0), (SOURCE, 0))
    over = over_those(raw)
    if over is None:
        return "Without tuning: not known yet."
    behind = [
        f"{person} at R={each.acceleration:g} ({signed(db)} dB)"
        for each in raw
        if each is not None
        for person, db in each.people_psnr_db.items()
        if db <= 0
    ]
    lead = f"Without tuning, the native network leads by {over.psnr_db.mean:.2f} dB{_over(raw)}"
    if behind:
        return f"{lead}; that it wins does **not** hold for {', '.join(behind)}."
    return f"{lead}, and it wins for every person at every R."


def _over(differences: Sequence[Difference | None]) -> str:
    """Over which R a mean is, where it is not one alone."""
    known = [d.acceleration for d in differences if d is not None and d.acceleration is not None]
    return ", averaged over R" if len(known) == len(differences) else f" at R = {_listed(known)}"


def _behind_native(study: Study, paper: Paper) -> str:
    bound = paper.behind[SOURCE].tuned_db
    texts = []
    for n in sorted({TUNED_ON, study.most}):
        gaps = study.by_rate((SOURCE, n), (study.found.native, n))
        over = over_those(gaps)
        if n == 0 or over is None:
            continue
        short = -over.psnr_db.mean
        side = "below" if short > 0 else "above"
        texts.append(
            f"After tuning on {images(n)}, the natural-image network is {abs(short):.2f} dB {side} "
            f"the native one tuned on the same{_over(gaps)} ({each_person(over)}): the paper's "
            f"{bound} dB {holds(short <= bound)}, the aim of {AIM_BEHIND_DB} dB "
            f"{reached(short <= AIM_BEHIND_DB)}."
        )
    if (study.folder.parent / f"{study.name}-thorough").exists():
        texts.append("What tuning for longer makes of this has a section of its own.")
    return " ".join([*texts, *_behind_untuned(study)]) or "After tuning: not known yet."


def _behind_untuned(study: Study) -> list[str]:
    """The same against the native network as it came, where tuning does not raise that one."""
    tuned = over_those(study.by_rate((study.found.native, TUNED_ON), (study.found.native, 0)))
    left = study.by_rate((SOURCE, TUNED_ON), (study.found.native, 0))
    over = over_those(left)
    if tuned is None or over is None or tuned.psnr_db.mean > 0:
        return []
    return [
        f"Tuning does not raise the native network here ({signed(tuned.psnr_db.mean)} dB): to that "
        f"network as it came, {signed(over.psnr_db.mean)} dB{_over(left)}."
    ]


def _over_compressed_sensing(study: Study, paper: Paper) -> str:
    """Against each form of it, the strongest named."""
    leads: dict[str, Difference] = {}
    texts = []
    for method, label in study.baselines.items():
        gains = study.by_rate((SOURCE, TUNED_ON), (method, 0))
        over = over_those(gains)
        if over is None or not method.startswith("cs"):
            continue
        leads[label] = over
        held = over.psnr_db.mean >= paper.over_cs_db
        verdict = f", where the paper's {paper.over_cs_db:.1f} dB {holds(held)}"
        texts.append(
            f"{signed(over.psnr_db.mean)} dB against {label}{_over(gains)}"
            f"{verdict if is_papers(method) else ''}"
        )
    if not leads:
        return "Against compressed sensing: not known yet."
    strongest, least = min(leads.items(), key=lambda item: item[1].psnr_db.mean)
    return (
        f"The natural-image network tuned on {images(TUNED_ON)}: {'; '.join(texts)}. The strongest "
        f"is {strongest} ({each_person(least)}).{_by_ssim(study)}"
    )


def _by_ssim(study: Study) -> str:
    """Which baselines have a higher mean SSIM, and at which R."""
    texts = []
    for method, label in study.baselines.items():
        rates = [
            rate
            for rate in study.found.accelerations
            if (ours := study.point(SOURCE, TUNED_ON, rate)) is not None
            and (theirs := study.baseline(method, rate)) is not None
            and theirs.ssim.mean >= ours.ssim.mean
        ]
        texts += [f"{label} at R = {_listed(rates)}"] * bool(rates)
    return f" By mean SSIM it is behind {'; '.join(texts)}." if texts else ""


def _images_to_converge(study: Study, paper: Paper) -> str:
    found = [each for each in needed(study, SOURCE) if each is not None]
    if not found:
        return "Images needed: not known yet."
    by_paper = {each.acceleration: each.by_paper for each in found}
    by_end = {each.acceleration: each.by_end for each in found}
    sizes = ", ".join(f"{n} with {size}" for size, n in paper.images.items())
    fewest = min(paper.images.values())
    return (
        f"By the paper's rule the natural-image network needs {_average(by_paper, study)} (the "
        f"paper: {sizes} natural images for training, averaged over R). The paper's {fewest} "
        f"{_within(by_paper, fewest, study)}, the aim of {AIM_IMAGES} "
        f"{_within(by_paper, AIM_IMAGES, study)}. To stay within {NEAR_DB:g} dB of what "
        f"{study.most} images give, it needs {_average(by_end, study)}. Only numbers of the grid "
        "can come out."
    )


def _average(counts: Mapping[float, int | None], study: Study) -> str:
    """``7.0 images, averaged over R``, or at which R it needs more than there were."""
    beyond = [f"{rate:g}" for rate, n in counts.items() if n is None]
    average = mean(list(counts.values()))
    if average is None:
        return f"more than {study.most} images at R = {', '.join(beyond)}"
    done = "" if len(counts) == len(study.found.accelerations) else f" = {_listed(counts)}"
    return f"{average:.1f} images, averaged over R{done}"


def _listed(rates: Iterable[float]) -> str:
    return ", ".join(f"{rate:g}" for rate in rates)


def _within(counts: Mapping[float, int | None], bound: float, study: Study) -> str:
    """Whether the average is at most a bound, as far as curves that do not converge tell."""
    least = [study.most if n is None else n for n in counts.values()]
    if math.fsum(least) / len(least) > bound:
        return reached(False)
    return "cannot be judged" if None in counts.values() else reached(True)


def _time(study: Study) -> str:
    """How long a tuning took, from the study's own clock."""
    times = read_times(study.folder)
    wanted = {
        row.cell
        for row in study.done.rows
        if (row.method, row.acceleration, row.n_images) == (SOURCE, TIMED_AT, TUNED_ON)
    }
    seconds = [times[cell][0] for cell in wanted if cell in times]
    if not seconds:
        return "Time: not known yet."
    average = math.fsum(seconds) / len(seconds)
    return (
        f"A whole tuning on {images(TUNED_ON)} at R={TIMED_AT:g} took {average:.0f} s of the clock "
        "on one thread, beside other cells. How soon it comes near its plateau stands under [ways "
        "of fine-tuning](#ways-of-fine-tuning)."
    )
