"""How an array without a header is read: its axes, what it holds and where its origins lie.

An interpretation is kept as a small JSON file beside the scan, so that a question is asked once.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.atomic import write_bytes
from core.io.formats import refusal
from core.params import check, setting, settings_of

SUFFIX = ".tlmri.json"
"""What is appended to a file's name to give that of its interpretation."""

AXES = ("slice", "kz", "coil", "y", "x", "other")
"""Names of axes. ``kz``: across the slices, but still in k-space (3D acquisitions); ``other``:
echoes, averages and the like, of which :attr:`Interpretation.volume` chooses one."""

ORIGINS = ("centre", "corner", "y edge", "x edge")
"""Where an origin lies: at index ``n // 2`` of both axes, at index 0 of both, or of one."""

_KIND, _VERSION = "tlmri interpretation", 1
_MAX_BYTES = 65536


@dataclass(frozen=True)
class Interpretation:
    """How an array is read.

    Attributes
    ----------
    axes
        One of :data:`AXES` for each axis of the array, between blanks.
    content
        ``magnitude``, ``image`` (complex) or ``kspace``.
    kspace_origin
        Where the origin of k-space lies, one of :data:`ORIGINS`.
    image_origin
        Where the middle of the image lies, one of :data:`ORIGINS`.
    transform
        Whether k-space is the ``forward`` transform of the image, or the ``inverse`` one, which
        turns the image by 180 degrees.
    flip
        Which way the image is mirrored for display: ``none``, ``y`` (upside down), ``x`` (left to
        right) or ``both``.
    sampling
        ``auto``: samples that are exactly 0 within the measured region were not measured; or
        ``full``: they were, and are 0.
    volume
        Which element of the axes named ``other``, counted from 0, the last such axis first.
    variable
        Which array of a file that holds several.
    """

    axes: str = setting("y x", "Axes", help=f"Names of the axes in order: {', '.join(AXES)}")
    content: str = setting("magnitude", "Content", choices=("magnitude", "image", "kspace"))
    kspace_origin: str = setting("centre", "Origin of k-space", choices=ORIGINS)
    image_origin: str = setting("centre", "Middle of the image", choices=ORIGINS)
    transform: str = setting("forward", "Transform", choices=("forward", "inverse"))
    flip: str = setting("none", "Mirror", choices=("none", "y", "x", "both"))
    sampling: str = setting("auto", "Sampling", choices=("auto", "full"))
    volume: int = setting(0, "Volume or echo", low=0)
    variable: str = setting("", "Variable")

    def __post_init__(self) -> None:
        check(self)
        count = Counter(self.names)
        unknown = [name for name in self.names if name not in AXES]
        if unknown:
            raise ValueError(f"axes must be of {', '.join(AXES)}, got {unknown[0]!r}")
        if count["y"] != 1 or count["x"] != 1 or count["coil"] > 1:
            raise ValueError(f"axes must name y and x once, coil at most once, got {self.axes!r}")
        if count["slice"] + count["kz"] > 1:
            raise ValueError(f"axes must name one of slice and kz, got {self.axes!r}")
        if count["kz"] and self.content != "kspace":
            raise ValueError(f"axes may name kz in k-space only, got content {self.content!r}")
        if count["coil"] and self.content == "magnitude":
            raise ValueError(f"axes of a magnitude must not name coil, got {self.axes!r}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(self.axes.split())


def beside(path: Path) -> Path:
    """The file that holds the interpretation of a scan's file.

    Both files of BART's pair have one, called after that of the values.
    """
    values = path.with_suffix(".cfl")
    if path.suffix.lower() == ".hdr" and values.is_file():
        path = values
    return path.with_name(path.name + SUFFIX)


def remember(path: Path, interpretation: Interpretation) -> Path:
    """Keep an interpretation beside the scan's file, whole or not at all; returns where.

    Raises
    ------
    ScanFileError
        If the folder cannot be written to.
    """
    values = {"kind": _KIND, "version": _VERSION, **dataclasses.asdict(interpretation)}
    target = beside(path)
    try:
        write_bytes(target, (json.dumps(values, indent=2) + "\n").encode())
    except ValueError as error:
        reason = error.__cause__.strerror if isinstance(error.__cause__, OSError) else error
        rule = "its folder must be writable for the interpretation to be remembered"
        raise refusal(path, rule, reason) from error
    return target


def forget(path: Path) -> None:
    """Remove the interpretation beside a scan's file, if there is one."""
    beside(path).unlink(missing_ok=True)


def remembered(path: Path) -> Interpretation | None:
    """The interpretation kept beside a scan's file, or None.

    Raises
    ------
    ScanFileError
        If there is such a file and it is damaged; the line names it.
    """
    source = beside(path)
    try:
        with source.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refusal(source, "must be readable", error.strerror or error) from None
    try:
        return _parsed(data)
    except (ValueError, RecursionError) as error:
        raise refusal(source, "must be an interpretation as tlmri writes it", error) from None


def _parsed(data: bytes) -> Interpretation:
    if len(data) > _MAX_BYTES:
        raise ValueError(f"more than {_MAX_BYTES} bytes")
    values: Any = json.loads(data)
    if not isinstance(values, dict) or values.pop("kind", None) != _KIND:
        raise ValueError(f"no kind {_KIND!r}")
    if (version := values.pop("version", None)) != _VERSION:
        raise ValueError(f"version {version!r}")
    kinds = {f.name: type(f.default) for f in dataclasses.fields(Interpretation)}
    for name, value in values.items():
        if name not in kinds:
            raise ValueError(f"unknown entry {name!r}: choose of {', '.join(kinds)}")
        if type(value) is not kinds[name]:
            raise ValueError(f"{name} of type {type(value).__name__}")
    if missing := {"axes", "content"} - set(values):
        raise ValueError(f"no {sorted(missing)[0]}")
    return Interpretation(**values)


def words(name: str) -> str:
    """What a field of an interpretation is called in a sentence."""
    return settings_of(Interpretation)[name].label.lower()
