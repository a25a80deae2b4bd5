"""Files as a desktop knows them, made of the table of formats: one kind for each media type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from core.io import FORMATS, Format
from core.io.formats import Mark
from core.registry import Entry

OWN = frozenset({".nii", ".nii.gz", ".cfl", ".mrd"})
"""Suffixes of MR images and nothing else. For all others tlmri is one program among several: it is
offered for such files, and never asks to be what opens them."""

VAGUE = frozenset({".dat", ".hdr", ".ima"})
"""Suffixes of so many programs that they tell nothing: such files are told by their content."""

KNOWN = frozenset({"application/dicom", "application/x-hdf"})
"""Media types that every desktop has (shared-mime-info), which are used as they are."""

_PARENTS = {".gz": "application/gzip", ".npz": "application/zip"}


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes
    ----------
    name
        Its name in identifiers, such as ``nifti``.
    label
        What a person reads in the column "Type".
    media_type
        What desktops call it.
    suffixes
        Its files' endings, with the dot.
    marks
        What tells it by content; see :class:`core.io.formats.Format`.
    parent
        Media type of which it is a special case, so that programs for that open it too; or empty.
    """

    name: str
    label: str
    media_type: str
    suffixes: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    parent: str = ""

    @property
    def own_suffixes(self) -> tuple[str, ...]:
        """Those in :data:`OWN`."""
        return tuple(suffix for suffix in self.suffixes if suffix in OWN)

    @property
    def shared_suffixes(self) -> tuple[str, ...]:
        """The others."""
        return tuple(suffix for suffix in self.suffixes if suffix not in OWN)


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order of the formats."""
    found: dict[str, Kind] = {}
    for entry in FORMATS:
        for kind in _kinds_of(entry):
            earlier = found.get(kind.media_type)
            found[kind.media_type] = _joined(earlier, kind) if earlier else kind
    return tuple(found.values())


def _kinds_of(entry: Entry[Format]) -> list[Kind]:
    """A format's kind, and another one of its compressed files."""
    item, label = entry.item, entry.label
    compressed = tuple(suffix for suffix in item.suffixes if suffix.endswith(".gz"))
    plain = tuple(suffix for suffix in item.suffixes if suffix not in compressed)
    text = label if " " in label else f"{label} data"
    parents = [_PARENTS[suffix] for suffix in plain if suffix in _PARENTS]
    made = [Kind(entry.name, text, item.media_type, plain, item.marks, "".join(parents))]
    if compressed:
        made.append(
            Kind(
                name=f"{entry.name}-compressed",
                label=f"{text}, compressed",
                media_type=f"{item.media_type}-compressed",
                suffixes=compressed,
                parent=_PARENTS[".gz"],
            )
        )
    return made


def _joined(one: Kind, other: Kind) -> Kind:
    """Two formats in one container, which a desktop cannot tell apart."""
    return Kind(
        name=one.name,
        label=f"{one.label} or {other.label}",
        media_type=one.media_type,
        suffixes=tuple(dict.fromkeys(one.suffixes + other.suffixes)),
        marks=one.marks + other.marks,
        parent=one.parent,
    )
