"""From a study's settings to its cells, with every check that can be made before the first runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from core import checkpoints, devices
from core.checkpoints import CheckpointInfo
from core.masks import make_mask
from core.networks import files
from core.progress import Progress, no_progress
from core.remarks import is_same
from core.seen import why_unscored
from core.studies import scratch
from core.studies.baselines import BASELINES
from core.studies.cells import UNSUPERVISED, Cell, FileRef, ScanRef
from core.studies.kinds import group_by_person
from core.studies.people import file_digest, people_of, read_scan
from core.studies.selection import scored_slices, tuning_slices
from core.studies.spec import SCRATCH, StudySpec, source_name
from core.training.part_names import ALL
from core.training.parts import parameters_of
from core.training.settings import FULL

Scored = Mapping[ScanRef, tuple[int, ...]]
"""Scans with their scored slices."""


@dataclass(frozen=True)
class _Base:
    """What all cells of a study share."""

    spec: StudySpec
    tune: tuple[ScanRef, ...]
    test: tuple[ScanRef, ...]
    device: str

    def cell(
        self,
        kind: str,
        name: str,
        label: str,
        acceleration: float,
        n_images: int = 0,
        seed: int = 0,
        supervision: str = UNSUPERVISED,
        parent: FileRef | None = None,
    ) -> Cell:
        spec = self.spec
        tuning = replace(
            spec.tuning,
            acceleration=acceleration,
            pattern=spec.pattern,
            n_images=max(n_images, 1),
            seed=seed,
            supervision=FULL if supervision == UNSUPERVISED else supervision,
        )
        return Cell(
            kind=kind,
            name=name,
            label=label,
            acceleration=acceleration,
            pattern=spec.pattern,
            mask_seed=spec.mask_seed,
            n_images=n_images,
            seed=seed,
            supervision=supervision,
            tuning=tuning,
            parent=parent,
            tune=self.tune,
            test=self.test,
            slices_per_scan=spec.target.slices_per_scan,
            definition=spec.definition,
            target=spec.target.scored_domain or spec.target.domain or spec.name,
            device=self.device,
        )


def cells_of(
    spec: StudySpec, device: str = "auto", progress: Progress = no_progress
) -> tuple[Cell, ...]:
    """All cells, in the order of the table.

    What needs no tuning comes first, then seed after seed, so that every curve is there early.
    ``progress`` says what is read and checked, which may take long; cancelling it ends that.

    Raises
    ------
    ValueError
        If anything is missing or impossible, naming the file, the line and the key.
    """
    _check_known(spec)
    tune, test = people_of(spec, progress)
    n_coils = min(read_scan(ref).n_coils for ref in (*tune, *test))
    networks = _networks(spec, n_coils)
    _check_coils(spec, n_coils)
    _check_real(spec, (*tune, *test))
    progress(0.0, "checking that networks, slices and masks suit")
    _check_tuned(spec, tune)
    scored = _scored(spec, test)
    _check_masks(spec, (*tune, *test))
    _check_seen(spec, scored)
    base = _Base(spec, tune, test, str(devices.resolve(device)))
    return (
        *_untuned(base, networks),
        *_tuned_baselines(base),
        *(cell for seed in spec.seeds for cell in _tuned_networks(base, networks, seed)),
    )


def _check_known(spec: StudySpec) -> None:
    """Sources exist: before scans are read, which may take long."""
    for source in spec.sources:
        try:
            if source != SCRATCH:
                checkpoints.members(source)
        except ValueError as error:
            raise spec.origin.refusal_for("grid.sources", "must be known", error) from None


Networks = dict[tuple[str, float], tuple[str, FileRef | None]]
"""Label and weights by source and R."""


def _networks(spec: StudySpec, n_coils: int) -> Networks:
    return {
        (source, r): _network(spec, source, r, n_coils)
        for source in spec.sources
        for r in spec.accelerations
    }


def _network(
    spec: StudySpec, source: str, acceleration: float, n_coils: int
) -> tuple[str, FileRef | None]:
    if source == SCRATCH:
        return scratch.LABEL, None
    info = checkpoints.find(source, acceleration, n_coils)
    if not is_same(info.acceleration, acceleration):
        there = ", ".join(f"{member.acceleration:g}" for member in checkpoints.members(source))
        raise spec.origin.refusal(
            "grid.accelerations",
            f"must be R that {source_name(source)!r} has a network for, which are {there}",
            f"{acceleration:g}",
        )
    _check_part(spec, info)
    return label_of(info), FileRef(str(info.path.absolute()), file_digest(info.path))


def _check_part(spec: StudySpec, info: CheckpointInfo) -> None:
    """The layers to tune are some that the network has."""
    part = spec.tuning.trainable
    if part == ALL:
        return
    try:
        parameters_of(files.load(info.path, torch.device("cpu")), part)
    except ValueError as error:
        raise spec.origin.refusal_for("tuning.trainable", f"must suit {info.name}", error) from None


def label_of(info: CheckpointInfo) -> str:
    """What a figure calls a checkpoint's source: ``Natural images`` of ``Network (...)``."""
    return info.label.removeprefix("Network (").removesuffix(")")


def _untuned(base: _Base, networks: Networks) -> Iterator[Cell]:
    spec = base.spec
    for r in spec.accelerations:
        for name in spec.baselines:
            if not BASELINES[name].item.is_tuned:
                yield base.cell("baseline", name, BASELINES[name].label, r)
        for source in spec.sources:
            if 0 in spec.n_images:
                label, parent = networks[source, r]
                yield base.cell("network", source_name(source), label, r, parent=parent)


def _tuned_baselines(base: _Base) -> Iterator[Cell]:
    spec = base.spec
    for r in spec.accelerations:
        for name in spec.baselines:
            if BASELINES[name].item.is_tuned:
                label, seed = BASELINES[name].label, spec.seeds[0]
                yield base.cell("baseline", name, label, r, spec.baseline_images, seed)


def _tuned_networks(base: _Base, networks: Networks, seed: int) -> Iterator[Cell]:
    spec = base.spec
    for r in spec.accelerations:
        for source in spec.sources:
            label, parent = networks[source, r]
            for supervision in spec.supervisions:
                for n in sorted(n for n in spec.n_images if n):
                    name = source_name(source)
                    yield base.cell("network", name, label, r, n, seed, supervision, parent)


def _check_coils(spec: StudySpec, n_coils: int) -> None:
    """The scans have the coils that each baseline needs."""
    for name in spec.baselines:
        needed = BASELINES[name].item.min_coils
        if n_coils < needed:
            rule = f"must be for as few coils as a scan has, which is {n_coils}"
            got = f"{name!r}, which needs {needed}"
            raise spec.origin.refusal("grid.baselines", rule, got)


def _check_real(spec: StudySpec, refs: Sequence[ScanRef]) -> None:
    """The scans are of magnitude images where a baseline takes them for real."""
    name = next((name for name in spec.baselines if BASELINES[name].item.needs_real), "")
    for ref in refs if name else ():
        scan = read_scan(ref)
        if not scan.is_simulated:
            rule = f"must not need a real image, as {ref.name} has none ({scan.provenance})"
            raise spec.origin.refusal("grid.baselines", rule, repr(name))


def _check_tuned(spec: StudySpec, tune: Sequence[ScanRef]) -> None:
    """Enough slices for the largest cell."""
    scans = [[read_scan(ref) for ref in refs] for refs in group_by_person(tune)]
    counts = {"grid.n_images": max(spec.n_images)}
    if any(BASELINES[name].item.is_tuned for name in spec.baselines):
        counts["grid.baseline_images"] = spec.baseline_images
    for key, count in counts.items():
        if count == 0:
            continue
        try:
            tuning_slices(scans, count, spec.tuning.n_validation, spec.seeds[0])
        except ValueError as error:
            raise spec.origin.refusal_for(key, "must leave enough", error) from None


def _scored(spec: StudySpec, test: Sequence[ScanRef]) -> Scored:
    """The scored slices of each scan, of which there is one at least."""
    scored = {ref: scored_slices(read_scan(ref), spec.target.slices_per_scan) for ref in test}
    for ref, slices in scored.items():
        if not slices:
            raise spec.origin.refusal(
                "target", "must have a slice that shows anatomy in each scored scan", ref.name
            )
    return scored


def _check_masks(spec: StudySpec, refs: Sequence[ScanRef]) -> None:
    """Each scan can be sampled at each R."""
    for ref in refs:
        for r in spec.accelerations:
            try:
                make_mask(spec.pattern, read_scan(ref).slice_shape, r, spec.mask_seed)
            except ValueError as error:
                rule = f"must suit {ref.name}"
                raise spec.origin.refusal_for("grid.accelerations", rule, error) from None


def _check_seen(spec: StudySpec, scored: Scored) -> None:
    """No network was tuned on anybody who is scored."""
    for source in spec.sources:
        infos = () if source == SCRATCH else checkpoints.members(source)
        seen = frozenset[str]().union(*(info.tuned_on for info in infos))
        if not seen:
            continue
        for ref, slices in scored.items():
            scan = read_scan(ref)
            for index in slices:
                reason = why_unscored(scan, index, seen)
                if reason is not None:
                    raise spec.origin.refusal(
                        "grid.sources",
                        f"must not have seen who is scored ({ref.name}, slice {index}: {reason})",
                        repr(source_name(source)),
                    )
