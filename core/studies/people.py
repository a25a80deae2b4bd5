"""The scans of a study's target: who is tuned on and who is scored, found and read again."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from core.checkpoints import file_hash
from core.people import person_key
from core.progress import Progress, no_progress
from core.registry import Registry
from core.studies.cells import FileRef, ScanRef
from core.studies.kept import KeptScans
from core.studies.spec import PHANTOM, StudySpec
from core.types import Scan

Reader = Callable[[ScanRef], Scan]

READERS: Registry[Reader] = Registry("scan reader")

FIRST_PHANTOMS = {"tune": (2000, 2), "val": (3000, 1), "test": (4000, 2)}
"""First seed and number of the phantom's people in each split."""

KEPT_BYTES = 1_500_000_000
"""Memory for the scans that a process keeps; one is kept whatever its size."""


@READERS.register("file", "Scan file")
def read_file(ref: ScanRef) -> Scan:
    """A file of any format that :mod:`core.io` reads."""
    from core import io

    return io.load(_path(ref))


@READERS.register("domain", "File of a data folder")
def read_domain_file(ref: ScanRef) -> Scan:
    """A file that ``splits.json`` lists: a volume, or a stack of slices."""
    from core.domains.mri import axial_scan

    return axial_scan(_path(ref))


@READERS.register(PHANTOM, "Digital brain")
def read_phantom(ref: ScanRef) -> Scan:
    """A T1-weighted magnitude scan of a digital brain."""
    from core.phantom import magnitude_scan, make_brain

    assert ref.phantom is not None
    seed, size, n_slices = ref.phantom
    return magnitude_scan(make_brain(seed, n_slices, size), "t1", seed=seed)


def _path(ref: ScanRef) -> Path:
    assert ref.file is not None
    return Path(ref.file.path)


def read_scan(ref: ScanRef) -> Scan:
    """The scan, kept in memory for the next cells.

    Raises
    ------
    ValueError
        If its file is gone, unreadable, or not what it was when the study was planned.
    """
    return _kept(replace(ref, name="", person=""))


def _read(ref: ScanRef) -> Scan:
    """Whatever it is called."""
    if ref.file is not None and file_digest(Path(ref.file.path)) != ref.file.sha256:
        raise ValueError(f"{ref.file.path}: must not change while a study runs")
    scan = READERS[ref.reader].item(ref)
    if ref.coils == 0 or not scan.is_simulated:
        return scan
    from core.domains.simulated_coils import with_simulated_coils

    content = ref.phantom if ref.file is None else ref.file.sha256
    return with_simulated_coils(scan, ref.coils, seed=zlib.crc32(str(content).encode()))


_kept = KeptScans(_read, KEPT_BYTES)


def file_digest(path: Path) -> str:
    """SHA-256 of a file.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    try:
        return file_hash(path)
    except OSError as error:
        raise ValueError(f"{path}: must be readable, got: {error.strerror}") from None


def people_of(
    spec: StudySpec, progress: Progress = no_progress
) -> tuple[tuple[ScanRef, ...], tuple[ScanRef, ...]]:
    """The scans tuned on and those scored; ``progress`` names each before it is read or drawn.

    Raises
    ------
    ValueError
        If a scan is missing or unreadable, or a person is among both; it names the place.
    """
    target = spec.target
    if target.domain:
        tune = _split(spec, "target.domain", target.domain, "tune")
        key = "target.scored_domain" if target.scored_domain else "target.domain"
        test = _split(spec, key, target.scored_domain or target.domain, target.score)
    else:
        tune = _listed(spec, "target.tune", target.tune)
        test = _listed(spec, "target.test", target.test)
    return _identified(spec, tune, test, progress)


def _split(spec: StudySpec, key: str, domain: str, split: str) -> tuple[ScanRef, ...]:
    return _phantoms(spec, split) if domain == PHANTOM else _of_domain(spec, key, domain, split)


def _phantoms(spec: StudySpec, split: str) -> tuple[ScanRef, ...]:
    first, count = FIRST_PHANTOMS[split]
    return tuple(_phantom(spec, seed) for seed in range(first, first + count))


def _phantom(spec: StudySpec, seed: int) -> ScanRef:
    name = f"phantom {seed}"
    phantom = (seed, spec.target.size, spec.target.n_slices)
    return ScanRef(PHANTOM, name, name, None, phantom, spec.target.coils)


def _of_domain(spec: StudySpec, key: str, domain: str, split: str) -> tuple[ScanRef, ...]:
    from core.domains.splits import read_split

    if not spec.target.data:
        raise spec.origin.refusal(
            "target.data", "must be the folder with splits.json (or give --data)", "none"
        )
    try:
        entries = read_split(Path(spec.target.data), domain, split)
    except ValueError as error:
        raise spec.origin.refusal_for(key, "must be in the data", error) from None
    return tuple(_file(spec, "domain", entry.path) for entry in entries)


def _listed(spec: StudySpec, key: str, texts: Sequence[str]) -> tuple[ScanRef, ...]:
    return tuple(_listed_scan(spec, key, text) for text in texts)


def _listed_scan(spec: StudySpec, key: str, text: str) -> ScanRef:
    kind, colon, seed = text.partition(":")
    if colon and kind == PHANTOM:
        if not seed.isdecimal():
            raise spec.origin.refusal(key, "must state a phantom as phantom:SEED", repr(text))
        return _phantom(spec, int(seed))
    path = Path(text)
    if not path.exists():
        raise spec.origin.refusal(key, "must list scans that exist", repr(text))
    return _file(spec, "file", path)


def _file(spec: StudySpec, reader: str, path: Path) -> ScanRef:
    file = FileRef(str(path.absolute()), file_digest(path))
    return ScanRef(reader, path.name, path.name, file, coils=spec.target.coils)


def _identified(
    spec: StudySpec, tune: Sequence[ScanRef], test: Sequence[ScanRef], progress: Progress
) -> tuple[tuple[ScanRef, ...], tuple[ScanRef, ...]]:
    """The scans under distinct names, with their people; nobody is among both."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    found: list[tuple[ScanRef, str]] = []
    listed = (*tune, *test)
    for number, ref in enumerate(listed, start=1):
        verb = "reading" if ref.phantom is None else "drawing"
        progress(0.0, f"{verb} {ref.name}, scan {number} of {len(listed)}")
        scan = read_scan(ref)
        if not scan.has_reference:
            got = f"{ref.name!r}, acquired undersampled"
            raise spec.origin.refusal("target", "must hold fully sampled scans", got)
        key = person_key(scan) or f"scan {scan.slice_digest(0)} of {ref.name}"
        name = _distinct(scan.name, taken)
        person = names.setdefault(key, name)
        found.append((replace(ref, name=name, person=person), key))
    tuned = {key for _, key in found[: len(tune)]}
    for ref, key in found[len(tune) :]:
        if key in tuned:
            raise spec.origin.refusal(
                "target", "must not tune on a person who is scored", f"{ref.name!r} in both"
            )
    refs = tuple(ref for ref, _ in found)
    return refs[: len(tune)], refs[len(tune) :]


def _distinct(name: str, taken: set[str]) -> str:
    chosen, count = name, 1
    while chosen in taken:
        count += 1
        chosen = f"{name} ({count})"
    taken.add(chosen)
    return chosen
