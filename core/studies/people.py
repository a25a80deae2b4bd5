"""The scans of a study's targets: who is tuned on and who is scored, found and read again."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from core.checkpoints import file_hash
from core.people import person_key, person_of
from core.progress import Progress, no_progress
from core.registry import Registry
from core.studies.cells import FileRef, ScanRef
from core.studies.kept import KeptScans
from core.studies.scan_words import PHANTOM, ScanWord, part_words, read_word
from core.studies.target import TargetSpec
from core.types import Scan

Reader = Callable[[ScanRef], Scan]

READERS: Registry[Reader] = Registry("scan reader")

FIRST_PHANTOMS = {"tune": (2000, 2), "val": (3000, 1), "test": (4000, 2)}
"""First seed and number of the phantom's people in each split."""

KEPT_BYTES = 1_500_000_000
"""Memory for the scans that a process keeps; one is kept whatever its size."""


@READERS.register("file", "Scan file")
def read_file(ref: ScanRef) -> Scan:
    """A file of any format that :mod:`core.io` reads, or a stack of slices."""
    from core.domains.mri import axial_scan

    return axial_scan(_path(ref))


# Files that splits.json lists have a name of their own in the keys of cells.
READERS.register("domain", "File of a data folder")(read_file)


@READERS.register(PHANTOM, "Digital brain")
def read_phantom(ref: ScanRef) -> Scan:
    """A magnitude scan of a digital brain."""
    from core.phantom import magnitude_scan, make_brain

    assert ref.phantom is not None
    seed, size, n_slices = ref.phantom
    brain = make_brain(seed, n_slices, size, ref.field_t)
    return magnitude_scan(brain, ref.contrast, seed=seed)


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
    if ref.slices is not None:
        scan = _part(scan, ref.slices, ref.is_apart)
    if ref.coils == 0 or not scan.is_simulated:
        return scan
    from core.domains.simulated_coils import with_simulated_coils

    content = ref.phantom if ref.file is None else ref.file.sha256
    return with_simulated_coils(scan, ref.coils, seed=zlib.crc32(str(content).encode()))


def _part(scan: Scan, slices: tuple[int, int], is_apart: bool) -> Scan:
    """Some slices of a scan as a scan of its own, of the same person unless they stand apart.

    Raises
    ------
    ValueError
        If the scan has no such slices.
    """
    start, stop = slices
    if not start < stop <= scan.n_slices:
        raise ValueError(
            f"{scan.name}: slices must be A:B with A < B, and B at most {scan.n_slices}, got "
            f"{start}:{stop}"
        )
    person = person_of(scan)
    words = part_words(start, stop)
    return replace(
        scan,
        name=f"{scan.name}, {words}",
        magnitude=None if scan.magnitude is None else scan.magnitude[start:stop].copy(),
        kspace=None if scan.kspace is None else scan.kspace[start:stop].copy(),
        grid=None,  # of the whole
        person=f"{person}, {words}" if is_apart else person,
    )


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
    target: TargetSpec, progress: Progress = no_progress
) -> tuple[tuple[ScanRef, ...], tuple[ScanRef, ...]]:
    """The scans tuned on and those scored; ``progress`` names each before it is read or drawn.

    Raises
    ------
    ValueError
        If a scan is missing or unreadable, or a person is among both; it names the place.
    """
    if target.domain:
        tune = _split(target, "domain", target.domain, "tune")
        key = "scored_domain" if target.scored_domain else "domain"
        test = _split(target, key, target.scored_domain or target.domain, target.score)
    else:
        tune = tuple(_listed(target, "tune", text) for text in target.tune)
        test = tuple(_listed(target, "test", text) for text in target.test)
    return _identified(target, tune, test, progress)


def _split(target: TargetSpec, key: str, domain: str, split: str) -> tuple[ScanRef, ...]:
    if domain != PHANTOM:
        return _of_domain(target, key, domain, split)
    first, count = FIRST_PHANTOMS[split]
    return tuple(_phantom(target, seed) for seed in range(first, first + count))


def _phantom(target: TargetSpec, seed: int) -> ScanRef:
    name = f"phantom {seed}"
    phantom = (seed, target.size, target.n_slices)
    return ScanRef(
        PHANTOM,
        name,
        name,
        phantom=phantom,
        coils=target.coils,
        field_t=target.field_t,
        contrast=target.contrast,
    )


def _of_domain(target: TargetSpec, key: str, domain: str, split: str) -> tuple[ScanRef, ...]:
    from core.domains.splits import read_split

    folder = _data_folder(target, "with splits.json")
    try:
        entries = read_split(folder, domain, split)
    except ValueError as error:
        raise target.origin.refusal_for(key, "must be in the data", error) from None
    return tuple(_file(target, "domain", entry.path) for entry in entries)


def _data_folder(target: TargetSpec, what: str) -> Path:
    if not target.data:
        rule = f"must be the folder {what} (or give --data)"
        raise target.origin.refusal("data", rule, "none")
    return Path(target.data)


def _listed(target: TargetSpec, key: str, text: str) -> ScanRef:
    word = read_word(text)
    if word.seed is not None:
        if not word.seed.isdecimal():
            rule = "must state a phantom as phantom:SEED"
            raise target.origin.refusal(key, rule, repr(text))
        return _phantom(target, int(word.seed))
    path = _path_of(target, word)
    if not path.exists():
        raise target.origin.refusal(key, "must list scans that exist", repr(text))
    return replace(_file(target, "file", path), slices=word.slices)


def _path_of(target: TargetSpec, word: ScanWord) -> Path:
    if not word.is_in_data:
        return Path(word.path)
    return _data_folder(target, f"that {word.text!r} counts from") / word.path


def _file(target: TargetSpec, reader: str, path: Path) -> ScanRef:
    file = FileRef(str(path.absolute()), file_digest(path))
    return ScanRef(reader, path.name, path.name, file, coils=target.coils)


def _identified(
    target: TargetSpec, tune: Sequence[ScanRef], test: Sequence[ScanRef], progress: Progress
) -> tuple[tuple[ScanRef, ...], tuple[ScanRef, ...]]:
    """The scans under distinct names, with their people; nobody is among both."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    tuned: dict[str, list[ScanRef]] = {}
    found: list[ScanRef] = []
    listed = (*tune, *test)
    for number, ref in enumerate(listed, start=1):
        verb = "reading" if ref.phantom is None else "drawing"
        progress(0.0, f"{verb} {ref.name}, scan {number} of {len(listed)}")
        key, scan = _read_person(target, ref)
        if number <= len(tune):
            tuned.setdefault(key, []).append(ref)
        elif key in tuned:
            ref = _apart(target, ref, tuned[key])
            key, scan = _read_person(target, ref)
        name = _distinct(scan.name, taken)
        found.append(replace(ref, name=name, person=names.setdefault(key, name)))
    return tuple(found[: len(tune)]), tuple(found[len(tune) :])


def _read_person(target: TargetSpec, ref: ScanRef) -> tuple[str, Scan]:
    """Key of the person of a scan, and the scan."""
    try:
        scan = read_scan(ref)
    except ValueError as error:
        raise target.origin.refusal_for("", "must hold scans that can be read", error) from None
    if not scan.has_reference:
        got = f"{ref.name!r}, acquired undersampled"
        raise target.origin.refusal("", "must hold fully sampled scans", got)
    return person_key(scan) or f"scan {scan.slice_digest(0)} of {ref.name}", scan


def _apart(target: TargetSpec, scored: ScanRef, tuned: Sequence[ScanRef]) -> ScanRef:
    """A scan of a person who is tuned on, if it is other slices of the same file by themselves."""
    rule = "must not tune on a person who is scored"
    pairs = [(_slices_of(scored, each), _slices_of(each, scored)) for each in tuned]
    if target.same_person and all(own and others for own, others in pairs):
        for own, others in pairs:
            if max(own[0], others[0]) < min(own[1], others[1]):
                rule = "must not hold slices that are tuned on"
                got = f"{_range(others)} and {_range(own)} of {scored.name}"
                raise target.origin.refusal("test", rule, got)
        return replace(scored, is_apart=True)
    if any(_is_same_file(scored, each) for each in tuned):
        rule += ", unless it states same_person = true and both as ranges PATH#A:B of slices"
    raise target.origin.refusal("", rule, f"{scored.name!r} in both")


def _slices_of(ref: ScanRef, other: ScanRef) -> tuple[int, ...]:
    """The range of slices; nothing where there is none, or the other is no range of this file."""
    return ref.slices if ref.slices is not None and _is_same_file(ref, other) else ()


def _is_same_file(one: ScanRef, other: ScanRef) -> bool:
    return bool(one.file and other.file and one.file.sha256 == other.file.sha256)


def _range(slices: Sequence[int]) -> str:
    return f"{slices[0]}:{slices[1]}"


def _distinct(name: str, taken: set[str]) -> str:
    chosen, count = name, 1
    while chosen in taken:
        count += 1
        chosen = f"{name} ({count})"
    taken.add(chosen)
    return chosen
