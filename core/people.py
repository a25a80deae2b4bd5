"""Who was scanned: two scans of one person are never tuned on and scored against each other.

What identifies a person holds names and folders, so it stays in memory; files get a hash of it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from weakref import WeakKeyDictionary

from core.types import Scan

PREFIX = "person:"
"""What the key of a person begins with in a list of keys."""

_SUFFIX = re.compile(r"\.(nii|hdr|img|h5|hdf5|npy|npz|mat|cfl|mgz|mgh|nrrd|dcm|ima|dat)$")
_SUBJECT = re.compile(r"(?:^|_)(sub-[a-z0-9+]+)(?:_|$)")
_ENTITY = re.compile(
    r"(ses|task|tracksys|acq|ce|trc|stain|rec|dir|run|mod|echo|flip|inv|mt|part|proc|hemi|space"
    r"|split|recording|chunk|seg|res|den|label|desc)(-[a-z0-9+]+|\d+)"
)
_CONTRAST = re.compile(
    r"(ax|axial|sag|cor)?"
    r"(t1|t2|t1w|t2w|t2star|t2starw|pd|pdw|pdt2|flair|t1flair|t2flair|dwi|adc|swi|dir"
    r"|t1c|t1ce|t1gd|t1post|t1pre|t1rho|t1map|t2map|pdmap|inplanet1|inplanet2|angio|mra|tof|bold"
    r"|mprage|mp2rage|spgr|bravo|tse|fse|gre|flash|cube|haste|epi|mpr|post|pre|gd|ce|weighted)"
)
_PLACE = re.compile(r"(anat|func|fmap|perf|other|ses-[a-z0-9+]+)")
_FILLER = re.compile(
    r"(scan|scans|image|images|img|volume|vol|data|file|kspace|raw|mri|mr|brain|head|axial|sagittal"
    r"|coronal|slices|slice|magnitude|mag|phase|complex|reconstruction|recon|bet|n4|masked|defaced"
    r"|skullstripped|stripped|registered|resampled)"
)
_ALSO_RAW = ("derivatives", "rawdata", "sourcedata")
"""Folders of a BIDS data set that hold the same people as the data set itself."""

_KEYS: WeakKeyDictionary[Scan, str | None] = WeakKeyDictionary()
"""Known keys of people; weak, so that no scan is kept in memory for them."""


def person_of(source: Scan | Path) -> str | None:
    """Whom a scan or a file shows, as far as is known; equal for all scans of one person.

    1. What the scan itself says (:attr:`core.types.Scan.person`).
    2. In a path with a BIDS subject, ``sub-<label>`` in the data set's folder.
    3. In any other path, the file's name without what tells scans of one person apart (contrast,
       session, run, echo) and the folder above those that are called after a contrast:
       ``t1/l03_T1w.nii.gz`` and ``t2/l03_T2w.nii.gz`` are one person, ``a/scan.nii.gz`` and
       ``b/scan.nii.gz`` are two.

    Returns
    -------
    str or None
        For memory only, since it may hold a name or a folder; None where nothing is known.
    """
    if isinstance(source, Path):
        return _of_path(source)
    if source.person is not None:
        return source.person
    return None if source.path is None else _of_path(source.path)


def person_key(source: Scan | Path) -> str | None:
    """Key of the person in files: a hash, without name or folder. None where nobody is known."""
    if isinstance(source, Path):
        return _hashed(person_of(source))
    if source not in _KEYS:
        _KEYS[source] = _hashed(person_of(source))
    return _KEYS[source]


def same_person(one: Scan, other: Scan) -> bool:
    """Whether two scans are known to show one person; a scan always shows the same as itself."""
    key = person_key(one)
    return one is other or (key is not None and key == person_key(other))


def _hashed(person: str | None) -> str | None:
    if person is None:
        return None
    return PREFIX + hashlib.sha256(f"person {person}".encode()).hexdigest()[:16]


def _of_path(path: Path) -> str:
    folder = path.parent.resolve()  # of the folder only: data sets may link to files named by hash
    name, family = _stem(path.name), _family(folder)
    if subject := _SUBJECT.search(name) or _SUBJECT.fullmatch(family.name.lower()):
        return f"{_data_set(family, subject[1])}\n{subject[1]}"
    return f"{family}\n{_what_stays(name)}"


def _stem(name: str) -> str:
    return _SUFFIX.sub("", name.lower().removesuffix(".gz"))


def _data_set(family: Path, subject: str) -> Path:
    """The folder of the BIDS data set, not one of those within that repeat its people."""
    lines = (family, *family.parents)
    root = next((f.parent for f in lines if f.name.lower() == subject), family)
    return next((f.parent for f in (root, *root.parents) if f.name.lower() in _ALSO_RAW), root)


def _family(folder: Path) -> Path:
    """The nearest folder that is not called after a contrast or a session."""
    while folder.name and _is_contrast(folder.name.lower()):
        folder = folder.parent
    return folder


def _is_contrast(name: str) -> bool:
    words = re.split(r"[_\s]+", name)
    return all(_PLACE.fullmatch(w) or _CONTRAST.fullmatch(w.replace("-", "")) for w in words)


def _what_stays(stem: str) -> str:
    """The words of a file's name that do not tell scans of one person apart."""
    parts = (part for part in re.split(r"[_\s]+", stem) if not _ENTITY.fullmatch(part))
    words = (word for part in parts for word in re.split(r"[-.]+", part))
    return " ".join(w for w in words if not (_CONTRAST.fullmatch(w) or _FILLER.fullmatch(w)))
