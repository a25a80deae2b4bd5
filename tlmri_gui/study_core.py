"""What the Study page asks of the core, one call each; runs on the worker thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core import atomic, checkpoints, paths
from core.progress import Progress
from core.types import Scan
from tlmri_gui import network_core, study_folder
from tlmri_gui.models.study_plan import (
    coils_problem,
    parse_counts,
    simulated_coils,
    used_sources,
)
from tlmri_gui.models.words import moment
from tlmri_gui.study_child import StudyRequest, study_job
from tlmri_gui.study_digest import digest, nothing_done
from tlmri_gui.study_folder import SPEC_NAME, Note
from tlmri_gui.study_state import (
    Digest,
    EarlierStudy,
    Named,
    Role,
    SourceOffer,
    StudyOffer,
    StudyPlan,
    StudyScan,
)

if TYPE_CHECKING:
    from core.jobs import JobFunction
    from core.studies.spec import StudySpec
    from core.studies.target import TargetSpec
    from core.training.settings import TuneSettings

ACCELERATIONS = (2.0, 4.0, 6.0, 8.0, 10.0)
"""The R of the paper; others are shown too where there are weights for them."""

_SUBJECT = re.compile(r"subject (\d+)$")


class StudyAccess:
    """The calls; stateless."""

    def offer(self, progress: Progress) -> StudyOffer:
        """What a study can be made of."""
        progress(0.0, "reading what a study can be made of")
        from core.studies.baselines import BASELINES
        from core.studies.spec import SUPERVISIONS
        from core.training.part_names import PARTS

        sources = (*_families(), *_untrained())
        there = {rate for source in sources for rate in source.accelerations}
        return StudyOffer(
            sources=sources,
            accelerations=tuple(sorted({*ACCELERATIONS, *there})),
            presets=_presets(),
            supervisions=tuple(Named(entry.name, entry.label) for entry in SUPERVISIONS),
            parts=tuple(Named(entry.name, entry.label, entry.item) for entry in PARTS),
            baselines=tuple(
                Named(
                    entry.name,
                    entry.label,
                    is_tuned=entry.item.is_tuned,
                    min_coils=entry.item.min_coils,
                    needs_real=entry.item.needs_real,
                )
                for entry in BASELINES
            ),
        )

    def create(self, plan: StudyPlan, device: str, now: datetime, progress: Progress) -> Path:
        """Write the study's file into a folder of its own.

        Raises
        ------
        ValueError
            If the plan is no study, or a scan can be found again by no name or file.
        """
        from core.studies.spec_file import to_toml

        progress(0.0, "writing the study file")
        folder = study_folder.studies() / _folder_name(plan, now)
        spec = spec_of(plan, _name(plan, now))
        atomic.write_bytes(folder / SPEC_NAME, to_toml(spec).encode())
        try:
            study_folder.write_note(folder, Note(device, is_under_way=True))
        except ValueError:
            study_folder.discard(folder)
            raise
        return folder

    def job(self, folder: Path, progress: Progress) -> tuple[JobFunction, StudyRequest]:
        """What the child process runs to go on with the study in a folder."""
        progress(0.0, "starting")
        note = replace(study_folder.read_note(folder), is_under_way=True)
        study_folder.write_note(folder, note)
        return study_job, StudyRequest(folder, note.device)

    def settle(self, folder: Path, progress: Progress) -> None:
        """Note that a study is done or was stopped: it is not offered at the next start."""
        del progress
        note = replace(study_folder.read_note(folder), is_under_way=False)
        study_folder.write_note(folder, note)

    def discard(self, folder: Path, progress: Progress) -> None:
        """Remove the folder of a study of the window of which nothing was done."""
        del progress
        study_folder.discard(folder)

    def earlier(self, progress: Progress) -> tuple[EarlierStudy, ...]:
        """The studies made so far that can be read, the newest first."""
        from core.studies.run import load_study
        from core.studies.store import PLAN_NAME

        studies = []
        for folder in study_folder.found():
            progress(0.0, "looking for earlier studies")
            if not (folder / PLAN_NAME).exists():
                continue  # refused or stopped before its first cell
            try:
                name, _, table = load_study(folder)
            except ValueError:
                continue  # a damaged folder is refused by name when it is asked for
            studies.append(EarlierStudy(folder, name, table.n_done, table.n_cells))
        return tuple(studies)

    def remember(self, folder: Path, progress: Progress) -> None:
        """List a study that lies elsewhere among the earlier ones from now on.

        Raises
        ------
        ValueError
            If that cannot be noted.
        """
        del progress
        study_folder.remember(folder)

    def cut_off(self, progress: Progress) -> Path | None:
        """The newest study that was under way when its window or process ended."""
        progress(0.0, "looking for studies that were cut off")
        under_way = (f for f in study_folder.found() if study_folder.read_note(f).is_under_way)
        return next((folder for folder in under_way if _is_free(folder)), None)

    def digest(self, folder: Path, progress: Progress) -> Digest:
        """What the study in a folder has given so far; of one without a table, nothing.

        Raises
        ------
        ValueError
            If it is no study's folder, or damaged.
        """
        from core.studies.spec_file import read_spec
        from core.studies.store import PLAN_NAME

        progress(0.0, f"reading {folder.name}")
        study_folder.check(folder)
        spec = read_spec(folder / SPEC_NAME)
        if not (folder / PLAN_NAME).exists():
            return nothing_done(spec)
        return digest(folder, spec)

    def plan_of(self, folder: Path, plan: StudyPlan, progress: Progress) -> StudyPlan:
        """The plan with what the study in a folder was made of; roles, if its scans are open.

        Of a study of several targets, which a plan has not, it takes the grid alone.

        Raises
        ------
        ValueError
            If its file is damaged.
        """
        from core.studies.spec_file import read_spec

        progress(0.0, f"reading {folder.name}")
        spec = read_spec(folder / SPEC_NAME)
        presets = [name for name, recipe in _presets().items() if recipe == spec.tuning]
        plan = _with_target(plan, spec.targets[0]) if len(spec.targets) == 1 else plan
        return replace(
            plan,
            sources=spec.sources,
            native=spec.native,
            accelerations=spec.accelerations,
            source_acceleration=spec.source_acceleration,
            counts_text=", ".join(map(str, spec.n_images)),
            n_seeds=len(spec.seeds),
            preset=presets[0] if presets else plan.preset,
            supervisions=spec.supervisions,
            trainable=spec.trainable,
            baselines=spec.baselines,
        )

    def keep(self, folder: Path, checkpoint: Path, progress: Progress) -> str:
        """Copy a tuned network to the user's; returns its method's name.

        Raises
        ------
        ValueError
            If it is gone or cannot be written.
        """
        progress(0.0, "copying the network")
        target = kept_as(folder, checkpoint)
        try:
            data = checkpoint.read_bytes()
        except OSError as error:
            raise ValueError(f"{checkpoint.name}: must be readable, got {error.strerror}") from None
        atomic.write_bytes(target, data)
        return checkpoints.method_name(checkpoints.read_info(target))

    def kept(self, folder: Path, shown: Digest, progress: Progress) -> frozenset[Path]:
        """Which of a study's networks are among the user's already."""
        del progress
        found = {point.checkpoint for point in shown.points if point.checkpoint}
        return frozenset(path for path in found if kept_as(folder, path).exists())

    def export(self, folder: Path, target: Path, progress: Progress) -> Path:
        """Write figures, tables and the study file into a new folder in ``target``.

        Raises
        ------
        ValueError
            If there is nothing yet, or it cannot be written.
        """
        from core.studies.report import write_report
        from core.studies.table import TABLE_NAME

        progress(0.0, "drawing the figures")
        place = target / folder.name
        write_report(folder, place)
        for name in (SPEC_NAME, TABLE_NAME):
            atomic.write_bytes(place / name, (folder / name).read_bytes())
        return place


def kept_as(folder: Path, checkpoint: Path) -> Path:
    """Where a study's network lies among the user's."""
    return paths.checkpoints() / f"{checkpoint.stem}-{folder.name}{checkpoints.SUFFIX}"


def spec_of(plan: StudyPlan, name: str) -> StudySpec:
    """The study that a plan describes.

    Raises
    ------
    ValueError
        If it is no study, a scan can be found again by no name or file, or a study cannot see the
        scans by the coils on show.
    """
    from core.studies.spec import StudySpec
    from core.studies.target import TargetSpec

    if text := coils_problem(plan):
        raise ValueError(text)
    counts = parse_counts(plan.counts_text)
    target = TargetSpec(
        tune=tuple(map(scan_word, plan.with_role(Role.TUNE))),
        test=tuple(map(scan_word, plan.with_role(Role.TEST))),
        slices_per_scan=plan.slices_per_scan,
        coils=simulated_coils(plan),
    )
    return StudySpec(
        name=name,
        targets=(target,),
        sources=used_sources(plan),
        native=plan.native,
        accelerations=plan.accelerations,
        source_acceleration=plan.source_acceleration,
        n_images=counts,
        seeds=tuple(range(1, plan.n_seeds + 1)),
        supervisions=plan.supervisions,
        trainable=plan.trainable,
        baselines=plan.baselines,
        baseline_images=max(counts),
        tuning=_presets()[plan.preset],
    )


def scan_word(scan: Scan) -> str:
    """What a study file calls a scan: its file, or ``phantom:SEED``.

    Raises
    ------
    ValueError
        If it has no file and is no phantom.
    """
    from core.studies.scan_words import PHANTOM

    if scan.path is not None:
        return str(scan.path.absolute())
    subject = _SUBJECT.search(scan.person or "")
    if subject is None:
        raise ValueError(f"scan {scan.name!r} must come from a file to take part in a study")
    return f"{PHANTOM}:{subject[1]}"


def _presets() -> Mapping[str, TuneSettings]:
    from core.training.settings import TUNE_PRESETS

    return TUNE_PRESETS


def _with_target(plan: StudyPlan, target: TargetSpec) -> StudyPlan:
    """The plan with the scans of a target in their roles, and how it is scored."""
    return replace(
        plan,
        scans=_with_roles(plan.scans, target),
        slices_per_scan=target.slices_per_scan,
        coils=target.coils,
    )


def _with_roles(scans: tuple[StudyScan, ...], target: TargetSpec) -> tuple[StudyScan, ...]:
    """Scans with their roles in a study; unchanged where none of them takes part."""
    roles = dict.fromkeys(target.test, Role.TEST)
    roles |= dict.fromkeys(target.tune, Role.TUNE)
    found = tuple(StudyScan(s.scan, roles.get(_word(s.scan), Role.UNUSED)) for s in scans)
    return found if any(entry.role is not Role.UNUSED for entry in found) else scans


def _word(scan: Scan) -> str:
    try:
        return scan_word(scan)
    except ValueError:
        return ""


def _name(plan: StudyPlan, now: datetime) -> str:
    """What a person calls a study: ``T1-weighted brain, R=2 to 10 – 21 Nov 14:05``."""
    labels = {source.name: source.label for source in (*_families(), *_untrained())}
    named = [plan.native] if plan.native else plan.sources
    what = " and ".join(labels.get(name, name) for name in named)
    ends = dict.fromkeys((plan.accelerations[0], plan.accelerations[-1]))
    rates = " to ".join(f"{rate:g}" for rate in ends)
    return f"{what}, R={rates} – {moment(now)}"


def _folder_name(plan: StudyPlan, now: datetime) -> str:
    """What no other study's folder is called; they sort by time."""
    rates = "-".join(f"{rate:g}" for rate in plan.accelerations)
    name = f"{now:%Y-%m-%d %H:%M:%S} {'+'.join(used_sources(plan))} R{rates}"
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", name)


def _families() -> tuple[SourceOffer, ...]:
    """The shipped families, each with the R it has weights for."""
    return tuple(
        SourceOffer(
            name,
            _label(members[0]),
            tuple(sorted({info.acceleration for info in members})),
            network_core.shared_parts(members),
        )
        for name, members in checkpoints.families().items()
    )


def _untrained() -> tuple[SourceOffer, ...]:
    """An untrained network of every architecture."""
    from core.networks import DEFAULT, NETWORKS
    from core.studies import scratch
    from core.studies.spec import SCRATCH

    return tuple(
        SourceOffer(
            SCRATCH if entry.name == DEFAULT else f"{SCRATCH}:{entry.name}",
            f"{scratch.LABEL}, {entry.label}",
            parts=network_core.untrained_parts(entry.name),
            is_untrained=True,
            min_coils=1 if checkpoints.SINGLE in entry.item.learns_from else 2,
        )
        for entry in NETWORKS
    )


def _label(info: checkpoints.CheckpointInfo) -> str:
    from core.studies.plan import label_of

    return label_of(info)


def _is_free(folder: Path) -> bool:
    """Whether no process is at work on the study in a folder."""
    from core.studies.store import locked

    try:
        with locked(folder):
            return True
    except ValueError:
        return False
