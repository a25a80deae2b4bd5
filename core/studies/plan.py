"""From a study's settings to its cells, with every check that can be made before the first runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from core import checkpoints, devices
from core.checkpoints import CheckpointInfo
from core.masks import make_mask
from core.networks import files
from core.networks.network import Network
from core.progress import Progress, no_progress
from core.remarks import is_same
from core.seen import why_unscored
from core.studies import scratch
from core.studies.baselines import BASELINES
from core.studies.cells import UNSUPERVISED, Cell, FileRef, ScanRef
from core.studies.kinds import group_by_person
from core.studies.people import file_digest, people_of, read_scan
from core.studies.selection import scored_slices, tuning_slices
from core.studies.spec import StudySpec, is_scratch, source_name
from core.studies.target import TargetSpec
from core.training.part_names import ALL
from core.training.parts import parameters_of
from core.training.settings import FULL

Scored = Mapping[ScanRef, tuple[int, ...]]
"""Scans with their scored slices."""

Networks = dict[tuple[str, float], tuple[str, FileRef | None]]
"""Label and weights by source and R."""


@dataclass(frozen=True)
class _Base:
    """What all cells of a study on one target share."""

    spec: StudySpec
    target: TargetSpec
    tune: tuple[ScanRef, ...]
    test: tuple[ScanRef, ...]
    networks: Networks
    device: str

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of tuning images."""
        return self.target.n_images or self.spec.n_images

    @property
    def baseline_images(self) -> int:
        """Images that baselines are tuned on: no more than networks where the target has few."""
        few = max(self.target.n_images, default=0)
        return min(few, self.spec.baseline_images) if few else self.spec.baseline_images

    def network(
        self,
        source: str,
        acceleration: float,
        n_images: int = 0,
        seed: int = 0,
        supervision: str = UNSUPERVISED,
        trainable: str = ALL,
    ) -> Cell:
        """A cell of a source's network."""
        label, parent = self.networks[source, acceleration]
        found = self.cell(
            "network", source_name(source), label, acceleration, n_images, seed, supervision, parent
        )
        return replace(found, tuning=replace(found.tuning, trainable=trainable))

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
        spec, target = self.spec, self.target
        tuning = replace(
            spec.tuning,
            acceleration=acceleration,
            pattern=spec.pattern,
            n_images=max(n_images, 1),
            seed=seed,
            supervision=FULL if supervision == UNSUPERVISED else supervision,
            trainable=ALL,
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
            slices_per_scan=target.slices_per_scan,
            definition=spec.definition,
            target=target.name or target.scored_domain or target.domain or spec.name,
            device=self.device,
            is_named=bool(target.name),
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
    bases = [_base(spec, target, device, progress) for target in spec.targets]
    return (
        *(cell for base in bases for cell in _untuned(base)),
        *(cell for base in bases for cell in _tuned_baselines(base)),
        *(cell for seed in spec.seeds for base in bases for cell in _tuned_networks(base, seed)),
    )


def _base(spec: StudySpec, target: TargetSpec, device: str, progress: Progress) -> _Base:
    """A target's scans and the networks for them, with every check on them."""
    tune, test = people_of(target, progress)
    n_coils = min(read_scan(ref).n_coils for ref in (*tune, *test))
    networks = _networks(spec, n_coils)
    base = _Base(spec, target, tune, test, networks, str(devices.resolve(device)))
    _check_coils(spec, n_coils)
    _check_real(spec, (*tune, *test))
    progress(0.0, "checking that networks, slices and masks suit")
    _check_tuned(base)
    scored = _scored(base)
    _check_masks(spec, (*tune, *test))
    _check_seen(spec, scored)
    return base


def _check_known(spec: StudySpec) -> None:
    """Sources exist: before scans are read, which may take long."""
    for source in spec.sources:
        try:
            if is_scratch(source):
                scratch.architecture_of(source)
            else:
                checkpoints.members(source)
        except ValueError as error:
            raise spec.origin.refusal_for("grid.sources", "must be known", error) from None


def _networks(spec: StudySpec, n_coils: int) -> Networks:
    return {
        (source, r): _network(spec, source, r, n_coils)
        for source in spec.sources
        for r in spec.accelerations
    }


def _network(
    spec: StudySpec, source: str, acceleration: float, n_coils: int
) -> tuple[str, FileRef | None]:
    if is_scratch(source):
        label = scratch.label_of(source)
        _check_parts(spec, label, lambda: scratch.untrained(source))
        return label, None
    wanted = spec.source_acceleration or acceleration
    info = checkpoints.find(source, wanted, n_coils)
    if not is_same(info.acceleration, wanted):
        there = ", ".join(f"{member.acceleration:g}" for member in checkpoints.members(source))
        raise spec.origin.refusal(
            "grid.source_acceleration" if spec.source_acceleration else "grid.accelerations",
            f"must be R that {source_name(source)!r} has a network for, which are {there}",
            f"{wanted:g}",
        )
    _check_parts(spec, info.name, lambda: files.load(info.path, torch.device("cpu")))
    return label_of(info), FileRef(str(info.path.absolute()), file_digest(info.path))


def _check_parts(spec: StudySpec, name: str, network: Callable[[], Network]) -> None:
    """The layers to tune are some that the network has."""
    parts = [part for part in spec.trainable if part != ALL]
    model = network() if parts else None
    for part in parts:
        try:
            assert model is not None
            parameters_of(model, part)
        except ValueError as error:
            rule = f"must suit {name}"
            raise spec.origin.refusal_for("grid.trainable", rule, error) from None


def label_of(info: CheckpointInfo) -> str:
    """What a figure calls a checkpoint's source: ``Natural images`` of ``Network (...)``."""
    return info.label.removeprefix("Network (").removesuffix(")")


def _untuned(base: _Base) -> Iterator[Cell]:
    spec = base.spec
    for r in spec.accelerations:
        for name in spec.baselines:
            if not BASELINES[name].item.is_tuned:
                yield base.cell("baseline", name, BASELINES[name].label, r)
        for source in spec.sources:
            if 0 in base.counts:
                yield base.network(source, r)


def _tuned_baselines(base: _Base) -> Iterator[Cell]:
    spec = base.spec
    for r in spec.accelerations:
        for name in spec.baselines:
            if BASELINES[name].item.is_tuned:
                label, seed = BASELINES[name].label, spec.seeds[0]
                yield base.cell("baseline", name, label, r, base.baseline_images, seed)


def _tuned_networks(base: _Base, seed: int) -> Iterator[Cell]:
    spec = base.spec
    for r in spec.accelerations:
        for source in spec.sources:
            for supervision in spec.supervisions:
                for part in spec.trainable:
                    for n in sorted(n for n in base.counts if n):
                        yield base.network(source, r, n, seed, supervision, part)


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


def _check_tuned(base: _Base) -> None:
    """Enough slices for the largest cell."""
    spec = base.spec
    scans = [[read_scan(ref) for ref in refs] for refs in group_by_person(base.tune)]
    counts = {"grid.n_images": max(base.counts)}
    if any(BASELINES[name].item.is_tuned for name in spec.baselines):
        counts["grid.baseline_images"] = base.baseline_images
    for key, count in counts.items():
        if count == 0:
            continue
        try:
            tuning_slices(scans, count, spec.tuning.n_validation, spec.seeds[0])
        except ValueError as error:
            if base.target.n_images:
                raise base.target.origin.refusal_for(
                    "n_images", "must leave enough", error
                ) from None
            where = f" in the target {base.target.name!r}" if base.target.name else ""
            raise spec.origin.refusal_for(key, f"must leave enough{where}", error) from None


def _scored(base: _Base) -> Scored:
    """The scored slices of each scan, of which there is one at least."""
    count = base.target.slices_per_scan
    scored = {ref: scored_slices(read_scan(ref), count) for ref in base.test}
    for ref, slices in scored.items():
        if not slices:
            rule = "must have a slice that shows anatomy in each scored scan"
            raise base.target.origin.refusal("", rule, ref.name)
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
        infos = () if is_scratch(source) else checkpoints.members(source)
        seen = frozenset[str]().union(*(info.tuned_on for info in infos))
        if not seen:
            continue
        for ref, slices in scored.items():
            scan = read_scan(replace(ref, is_apart=False))  # of whatever person it is
            for index in slices:
                reason = why_unscored(scan, index, seen)
                if reason is not None:
                    raise spec.origin.refusal(
                        "grid.sources",
                        f"must not have seen who is scored ({ref.name}, slice {index}: {reason})",
                        repr(source_name(source)),
                    )
