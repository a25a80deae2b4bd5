"""Maps as files: NIfTI by parameter and method, ``scores.csv``, ``maps.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core import __version__, atomic
from core.checkpoints import file_hash
from core.fingerprinting import cards
from core.fingerprinting.scores import UNITS, method_name, write_scores
from core.fingerprinting.sequence_file import to_toml
from core.fingerprinting.series import Mapped, Maps, Series
from core.io.nifti_writer import Placement, write_volume

SCORES_NAME, DOCUMENT_NAME, TRUTH_FOLDER = "scores.csv", "maps.json", "truth"

_OWN = re.compile(
    rf"{re.escape(SCORES_NAME)}|(?!\.+/)[A-Za-z0-9._-]+/({'|'.join(UNITS)})\.nii\.gz", re.ASCII
)
"""Names that :func:`write_maps` gives."""


def write_maps(
    folder: Path, results: Sequence[Mapped], provenance: Mapping[str, str]
) -> tuple[Path, ...]:
    """Write the maps of every method, and what is known of them; return the paths.

    Each method has a folder with ``t1.nii.gz``, ``t2.nii.gz``, ``adc.nii.gz`` and ``pd.nii.gz`` on
    the grid of the series, 0 where nothing was mapped. A simulated series has the same of its truth
    in the folder ``truth``, and ``scores.csv``. ``maps.json`` says how they were made, and lists
    them: what an earlier one lists and this one does not is removed.

    Parameters
    ----------
    folder
        Made if it does not exist; files of these names in it are replaced.
    results
        Of one series, by one method each; at least one.
    provenance
        What else a reader needs to make the maps again, such as the command.

    Raises
    ------
    ValueError
        If there are no maps, they are of several series, or a file cannot be written.
    """
    if not results:
        raise ValueError("results must hold at least one method, got none")
    series = results[0].series
    if any(mapped.series is not series for mapped in results):
        raise ValueError("results must be of one series, got several")
    names = folder_names([mapped.method for mapped in results])
    written = []
    for name, mapped in zip(names, results, strict=True):
        written += _write_niftis(folder / name, mapped.maps, series, f"tlmri {mapped.label}")
    if series.truth is not None:
        written += _write_niftis(folder / TRUTH_FOLDER, series.truth.maps, series, "tlmri truth")
        write_scores(folder / SCORES_NAME, results)
        written.append(folder / SCORES_NAME)
    files = [path.relative_to(folder).as_posix() for path in written]
    _remove_others(folder, files)
    document = _document(series, dict(zip(names, results, strict=True)), provenance, files)
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    atomic.write_bytes(folder / DOCUMENT_NAME, text.encode())
    return (*written, folder / DOCUMENT_NAME)


def _remove_others(folder: Path, files: Sequence[str]) -> None:
    """Remove maps and scores that the old document lists, except these; then empty folders."""
    for name in _listed(folder / DOCUMENT_NAME):
        path = folder / name
        try:
            # Some file systems know no case: another name can be the same file.
            if path.parent.is_symlink() or any(path.samefile(folder / own) for own in files):
                continue
            path.unlink()
            if path.parent != folder and not any(path.parent.iterdir()):
                path.parent.rmdir()
        except FileNotFoundError:
            continue  # somebody was quicker
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ValueError(f"{path}: must be removable, got {reason}") from error


def _listed(document: Path) -> list[str]:
    """What a document lists, if there is one; never anything but maps and scores below it."""
    try:
        files = json.loads(document.read_text(encoding="utf-8"))["files"]
        return [name for name in files if _OWN.fullmatch(name)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def folder_names(methods: Sequence[str]) -> list[str]:
    """A safe and distinct name a method, none that of the truth: ``net:noisy`` gives ``net-noisy``.

    A file of weights is called without its folders and its suffix.
    """
    names: list[str] = []
    taken = {TRUTH_FOLDER}
    for method in methods:
        kind, _, which = method.partition(":")
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{kind}-{Path(which).stem}" if which else kind)
        name, number = stem, 2
        while name.lower() in taken:  # file systems that know no case are common
            name, number = f"{stem}_{number}", number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def _write_niftis(folder: Path, maps: Maps, series: Series, description: str) -> list[Path]:
    placement = Placement(series.spacing_mm, series.grid, series.edges is not None)
    paths = []
    for name, unit in UNITS.items():
        path = folder / f"{name}.nii.gz"
        volume = np.nan_to_num(maps[name], nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
        in_unit = f" in {unit.replace('µ', 'u').replace('²', '2')}" if unit else ""
        write_volume(path, volume, placement, f"{description}: {name}{in_unit}")
        paths.append(path)
    return paths


def _document(
    series: Series,
    results: Mapping[str, Mapped],
    provenance: Mapping[str, str],
    files: Sequence[str],
) -> dict[str, Any]:
    sequence = series.sequence
    return {
        "provenance": {"tlmri": __version__, **provenance},
        "series": {
            "name": series.name,
            "file": None if series.path is None else series.path.name,
            "shape": list(series.shape),
            "voxels_mapped": int(series.mask.sum()),
            "notes": list(series.notes),
        },
        "sequence": {"name": sequence.name, "key": sequence.key, "toml": to_toml(sequence)},
        "units": {name: unit or "of the series" for name, unit in UNITS.items()},
        "not_mapped": 0,
        "methods": [_method(folder, mapped) for folder, mapped in results.items()],
        "files": list(files),
    }


def _method(folder: str, mapped: Mapped) -> dict[str, Any]:
    kind, _, which = mapped.method.partition(":")
    return {
        "folder": folder,
        "method": method_name(mapped.method),
        "label": mapped.label,
        "weights": _weights(which) if kind == "net" else None,
        "seconds": round(mapped.seconds, 4),
        "preparation_seconds": round(mapped.preparation_seconds, 4),
        "remarks": list(mapped.remarks),
    }


def _weights(which: str) -> dict[str, str] | None:
    """What tells a network's file from others; None if it is gone since."""
    try:
        card = cards.find(which)
    except ValueError:
        return None
    return {"file": card.path.name, "sha256": file_hash(card.path)}
