"""What a study's plan says: numbers as a person writes them, roles of scans, what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.training.part_names import ALL
from core.types import COMPRESSED, SIMULATED, Scan
from tlmri_gui.models.layers import lacks, no_layers
from tlmri_gui.study_state import (
    Named,
    Role,
    SourceOffer,
    StudyOffer,
    StudyPlan,
    StudyScan,
)

MOST_IMAGES = 100
N_VALIDATION = 2
"""Slices that a tuning validates on beside those it is tuned on."""
_USABLE = 0.5
"""Share of a scan's slices that surely show anatomy, for a proposal."""


def parse_counts(text: str) -> tuple[int, ...]:
    """Numbers of tuning images of a text such as ``0, 1, 2, 5, 10``, ascending.

    Raises
    ------
    ValueError
        Saying in one line which piece is no number, is out of range or comes twice.
    """
    counts: list[int] = []
    for piece in (part.strip() for part in text.split(",")):
        if not (piece.isascii() and piece.isdecimal()):
            what = f"got {piece!r}" if piece else "a number is missing between commas"
            raise ValueError(f"whole numbers with commas between, such as 0, 1, 5: {what}")
        count = int(piece)
        if count > MOST_IMAGES:
            raise ValueError(f"at most {MOST_IMAGES} images, got {count}")
        if count in counts:
            raise ValueError(f"{count} comes twice")
        counts.append(count)
    if max(counts) == 0:
        raise ValueError("at least one number above 0, or there is nothing to tune")
    return tuple(sorted(counts))


def counts_problem(text: str) -> str:
    """Why :func:`parse_counts` refuses a text; empty if it does not."""
    try:
        parse_counts(text)
    except ValueError as error:
        return str(error)
    return ""


def proposed_roles(
    scans: Sequence[Scan], shown: Scan | None, n_images: int
) -> tuple[StudyScan, ...]:
    """Roles that suit: as few scans to tune on as give enough slices, all others to test on.

    The scan on show is tested on. Phantoms are used only among themselves.
    """
    real = [scan for scan in scans if scan.path is not None]
    usable = sorted(real or scans, key=lambda scan: scan is shown)
    tuned: list[Scan] = []
    for scan in usable[:-1]:
        if tuned and _usable_slices(tuned) >= n_images + N_VALIDATION:
            break
        tuned.append(scan)
    return tuple(StudyScan(scan, _role(scan, usable, tuned)) for scan in scans)


def _role(scan: Scan, usable: list[Scan], tuned: list[Scan]) -> Role:
    if scan in tuned:
        return Role.TUNE
    return Role.TEST if scan in usable else Role.UNUSED


def _usable_slices(scans: Sequence[Scan]) -> int:
    return int(sum(_USABLE * scan.n_slices for scan in scans))


def with_role(plan: StudyPlan, scan: Scan, role: Role) -> StudyPlan:
    """The plan with another role for one scan."""
    scans = tuple(StudyScan(s.scan, role) if s.scan is scan else s for s in plan.scans)
    return replace(plan, scans=scans)


def toggled(chosen: tuple[str, ...], name: str, wanted: bool) -> tuple[str, ...]:
    """Names with one more or one fewer."""
    rest = tuple(other for other in chosen if other != name)
    return (*rest, name) if wanted else rest


def missing_weights(offer: StudyOffer, plan: StudyPlan, acceleration: float) -> str:
    """Why an R cannot be chosen; empty if every chosen source has weights for it."""
    chosen = [source for source in offer.sources if source.name in used_sources(plan)]
    rate = plan.source_acceleration or acceleration
    lacking = [source.label for source in chosen or offer.sources if not source.suits(rate)]
    if not lacking or (not chosen and len(lacking) < len(offer.sources)):
        return ""
    return f"No weights trained for R = {rate:g} from {' or '.join(lacking)}"


def missing_part(offer: StudyOffer, plan: StudyPlan, part: Named) -> str:
    """Why these layers cannot be chosen; empty if the networks of every chosen source have them."""
    chosen = [source for source in offer.sources if source.name in used_sources(plan)]
    lacking = [source.label for source in chosen if lacks(source.parts, part.name)]
    return no_layers(part.label.lower(), lacking) if lacking else ""


def has_further(plan: StudyPlan) -> bool:
    """Whether a plan has anything unusual among the further settings."""
    return plan.trainable != (ALL,) or plan.source_acceleration != 0


def used_sources(plan: StudyPlan) -> tuple[str, ...]:
    """The sources chosen, and the native one, which the others are compared with."""
    extra = (plan.native,) if plan.native and plan.native not in plan.sources else ()
    return (*plan.sources, *extra)


def proposed_native(offer: StudyOffer, scans: Sequence[Scan]) -> str:
    """The source domain that the names of all these scans speak of; empty if none."""
    said = [f"{scan.path or ''} {scan.name}".lower() for scan in scans]
    for source in (s for s in offer.sources if not s.is_untrained):
        word = re.compile(rf"(?<![a-z0-9]){re.escape(source.name)}(?![0-9])")
        if said and all(word.search(text) for text in said):
            return source.name
    return ""


def simulated_coils(plan: StudyPlan) -> int:
    """Receive coils that a study simulates for its magnitude images; 0 for none."""
    return max(_by_simulated_coils(plan), default=plan.coils)


def _by_simulated_coils(plan: StudyPlan) -> dict[int, Scan]:
    """One of the scans of magnitude images for each number of coils that they are seen by."""
    found = {}
    for scan in plan.used:
        if scan.is_simulated:
            found[plan.coils] = scan
        elif scan.kspace_origin == SIMULATED:
            found[scan.n_coils] = scan
    return found


def coils_problem(plan: StudyPlan) -> str:
    """Why scans cannot be studied by the coils on show; empty if they can.

    A study reads every scan anew from its file, and knows one number of simulated coils for all.
    """
    for scan in plan.used:
        if scan.kspace_origin.endswith(COMPRESSED):
            return (
                "Study scans of several coils must all be seen by the coils as opened, not by "
                f"virtual ones: choose so for {scan.name} under Coils on the Compare page"
            )
    found = _by_simulated_coils(plan)
    if len(found) < 2:
        return ""
    return (
        f"Study scans of magnitude images must all be seen by {max(found)} simulated coils, or all "
        f"by none: choose so for {found[min(found)].name} under Coils on the Compare page"
    )


def remarks(plan: StudyPlan) -> tuple[str, ...]:
    """What is allowed but worth knowing before the start, one line each."""
    found = []
    if coils := simulated_coils(plan):
        by = " as in the earlier study, until you choose under Coils" if plan.coils else ""
        found.append(f"Magnitude images are seen by {coils} simulated coils{by}.")
    if plan.sources and not plan.native:
        found.append("Without your contrast's own network there is no line to reach.")
    if len(plan.with_role(Role.TEST)) == 1:
        found.append("One test scan: the result says nothing about other people.")
    return tuple(found)


def problem(offer: StudyOffer, plan: StudyPlan) -> str:
    """The first reason why a study cannot start as planned; empty if it can."""
    tuned, tested = plan.with_role(Role.TUNE), plan.with_role(Role.TEST)
    if not offer.sources:
        return "No networks are installed"
    if len(plan.scans) < 2:
        return "Open two scans or more: some to tune on, others to test on"
    if not tuned:
        return "Give at least one scan the role tune"
    if not tested:
        return "Give at least one scan the role test"
    if text := coils_problem(plan):
        return text
    if not plan.sources:
        return "Choose at least one source domain"
    if not plan.accelerations:
        return "Choose at least one acceleration R"
    if text := counts_problem(plan.counts_text):
        return f"Tuning images: {text}"
    if not plan.supervisions:
        return "Choose what to tune on: fully sampled images, or undersampled scans alone"
    if not plan.trainable:
        return "Choose which layers change, under Further settings"
    for source in offer.sources:
        if source.name in used_sources(plan) and (text := too_few_coils(source, plan)):
            return text
    for rate in plan.accelerations:
        if text := missing_weights(offer, plan, rate):
            return text
    for part in offer.parts:
        if part.name in plan.trainable and (text := missing_part(offer, plan, part)):
            return text
    for baseline in offer.baselines:
        if baseline.name in plan.baselines and (text := unsuitable(baseline, plan)):
            return text
    return _too_few_slices(plan, tuned)


def too_few_coils(choice: Named | SourceOffer, plan: StudyPlan) -> str:
    """Why a baseline or source wants more coils than some scan has; empty if it does not."""
    coils = simulated_coils(plan)
    there = (coils if scan.is_simulated and coils else scan.n_coils for scan in plan.used)
    if min(there, default=1) >= choice.min_coils:
        return ""
    return f"{choice.label} needs scans of at least {choice.min_coils} receive coils"


def unsuitable(baseline: Named, plan: StudyPlan) -> str:
    """Why a baseline does not suit the scans that take part; empty if it does."""
    coils = simulated_coils(plan)
    if text := too_few_coils(baseline, plan):
        return text
    if not baseline.needs_real:
        return ""
    for scan in plan.used:
        if not scan.is_simulated:
            return f"{baseline.label} needs scans of magnitude images, which {scan.name} is not"
        if coils:
            return f"{baseline.label} needs scans seen by no coils, of which {coils} are simulated"
    return ""


def _too_few_slices(plan: StudyPlan, tuned: Sequence[Scan]) -> str:
    most = max(parse_counts(plan.counts_text))
    there = sum(scan.n_slices for scan in tuned)
    if most + N_VALIDATION > there:
        return (
            f"Tuning on {most} images takes {most} + {N_VALIDATION} slices, the scans to tune on "
            f"have {there}"
        )
    return ""
