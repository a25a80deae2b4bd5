"""What a cell does, by its kind: a pure function of the cell."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from core.masks import make_mask
from core.pipeline import Comparison, MethodChoice, choose_method, compare
from core.progress import Progress, no_progress, part
from core.recon.tuning import tuning_images as undersampled_slices
from core.registry import Registry
from core.studies.baselines import BASELINES
from core.studies.cells import UNSUPERVISED, Cell, CellResult, ScanRef
from core.studies.people import file_digest, read_scan
from core.studies.profiles import CellProfile, cell_profile
from core.studies.scratch import write_untrained
from core.studies.selection import scored_slices, tuning_slices
from core.studies.table import REMARKS_JOINT, SAME_SCAN, Row
from core.training.finetune import ImageRef, TuneResult, finetune, tuning_request
from core.types import Scan

TUNING_SHARE = 0.8
"""Share of a cell's progress that its tuning is given."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A method ready to be scored, and what its preparation gave."""

    method: MethodChoice
    checkpoint: bytes | None = None
    tuning: TuneResult | None = None
    settings: str = ""
    seconds: float = 0.0


Kind = Callable[[Cell, Path, Progress], Prepared]
"""Function of (cell, folder for its files, progress) that makes its method ready."""

KINDS: Registry[Kind] = Registry("kind of cell")


@KINDS.register("network", "Network")
def prepare_network(cell: Cell, folder: Path, progress: Progress) -> Prepared:
    """A source domain's network, tuned if the cell asks for images."""
    parent = _parent(cell, folder)
    if cell.n_images == 0:
        return Prepared(choose_method(f"net:{parent}", cell.device))
    output = folder / cell.checkpoint_name
    images, validation = tuning_images(cell)
    request = tuning_request(parent, images, validation, cell.tuning, output, cell.device)
    result = finetune(request, progress)
    method = choose_method(f"net:{output}", cell.device)
    return Prepared(method, output.read_bytes(), result, seconds=result.seconds)


@KINDS.register("baseline", "Baseline")
def prepare_baseline(cell: Cell, folder: Path, progress: Progress) -> Prepared:
    """A method without a network, its settings chosen on the cell's images."""
    del folder
    start = time.perf_counter()
    refs = tuning_images(cell)[0] if cell.n_images else ()
    slices = [(ref.scan, ref.slice_index) for ref in refs]
    images = undersampled_slices(slices, cell.acceleration, cell.pattern)
    method, settings = BASELINES[cell.name].item.prepare(images, progress)
    return Prepared(method, settings=settings, seconds=time.perf_counter() - start)


def run_cell(cell: Cell, progress: Progress = no_progress) -> CellResult:
    """Tune and score: all rows of a cell.

    One torch thread, so that the numbers do not depend on the machine's cores, and no algorithm
    that a GPU chooses by the clock.

    Raises
    ------
    ValueError
        Naming the cell, if a scan is unreadable, a tuned person would be scored, or a slice has no
        score.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            return _run(cell, progress)
    except (ValueError, OSError) as error:
        raise ValueError(f"cell {cell.title}: {error}") from error
    finally:
        torch.set_num_threads(threads)


def _run(cell: Cell, progress: Progress) -> CellResult:
    start = time.perf_counter()
    _check_people(cell)
    with tempfile.TemporaryDirectory(prefix="tlmri-cell-") as name:
        hook = part(progress, 0.0, TUNING_SHARE)
        prepared = KINDS[cell.kind].item(cell, Path(name), hook)
        rows, profile = _score(cell, prepared, part(progress, TUNING_SHARE, 1.0))
    total = time.perf_counter() - start
    return CellResult(cell.key, rows, prepared.checkpoint, prepared.seconds, total, profile)


def tuning_images(cell: Cell) -> tuple[tuple[ImageRef, ...], tuple[ImageRef, ...]]:
    """The images that a cell tunes on and validates on."""
    people = group_by_person(cell.tune)
    scans = [[read_scan(ref) for ref in refs] for refs in people]
    return tuning_slices(scans, cell.n_images, cell.tuning.n_validation, cell.seed)


def group_by_person(refs: Sequence[ScanRef]) -> list[list[ScanRef]]:
    """The scans of each person, in order."""
    found: dict[str, list[ScanRef]] = {}
    for ref in refs:
        found.setdefault(ref.person, []).append(ref)
    return list(found.values())


def _check_people(cell: Cell) -> None:
    both = {ref.person for ref in cell.tune} & {ref.person for ref in cell.test}
    if both:
        raise ValueError(f"a person must be tuned on or scored, not both: {min(both)}")


def _parent(cell: Cell, folder: Path) -> Path:
    if cell.parent is None:
        n_coils = min(read_scan(ref).n_coils for ref in cell.tune)
        return write_untrained(folder / "untrained.safetensors", cell, n_coils)
    path = Path(cell.parent.path)
    if file_digest(path) != cell.parent.sha256:
        raise ValueError(f"{path}: must not change while a study runs")
    return path


def _score(
    cell: Cell, prepared: Prepared, progress: Progress
) -> tuple[tuple[Row, ...], CellProfile]:
    """All rows, and the profile of the middle one of the first scan's slices."""
    rows: list[Row] = []
    profiles: list[CellProfile] = []
    for i, ref in enumerate(cell.test):
        scan = read_scan(ref)
        hook = part(progress, i / len(cell.test), (i + 1) / len(cell.test))
        done = _compared(cell, prepared, scan, hook)
        rows += [_row(cell, prepared, ref, comparison) for comparison in done]
        if not profiles:
            profiles.append(cell_profile(cell, ref, done[len(done) // 2]))
    return tuple(rows), profiles[0]


def _compared(
    cell: Cell, prepared: Prepared, scan: Scan, progress: Progress
) -> Sequence[Comparison]:
    mask = make_mask(cell.pattern, scan.slice_shape, cell.acceleration, seed=cell.mask_seed)
    slices = scored_slices(scan, cell.slices_per_scan)
    return list(compare(scan, slices, mask, [prepared.method], cell.definition, progress))


def _row(cell: Cell, prepared: Prepared, ref: ScanRef, comparison: Comparison) -> Row:
    recon, score = comparison.recon, comparison.score
    index = recon.source.slice_index
    if score.excluded is not None:
        raise ValueError(f"{ref.name}, slice {index} must have a score, got: {score.excluded}")
    tuning = prepared.tuning
    nan = float("nan")
    return Row(
        cell=cell.key,
        target=cell.target,
        kind=cell.kind,
        method=cell.method,
        label=cell.method_label,
        acceleration=cell.acceleration,
        n_images=cell.n_images,
        seed=cell.seed,
        supervision=cell.supervision if cell.n_images else UNSUPERVISED,
        person=ref.person,
        scan=ref.name,
        slice=index,
        definition=score.definition,
        psnr_db=score.psnr_db,
        ssim=score.ssim,
        nmse=score.nmse,
        provenance=recon.source.scan.provenance,
        validation_before_db=tuning.start_psnr_db if tuning else nan,
        validation_after_db=tuning.best_psnr_db if tuning else nan,
        checkpoint=cell.checkpoint_name if prepared.checkpoint else "",
        settings=prepared.settings,
        remarks=REMARKS_JOINT.join((*recon.remarks, *_remarks(cell, ref))),
        rmse=score.rmse,
        trainable=cell.trainable,
    )


def _remarks(cell: Cell, ref: ScanRef) -> tuple[str, ...]:
    return (SAME_SCAN,) if ref.is_apart and cell.n_images else ()
