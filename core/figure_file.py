"""Figures as files, with where they come from inside."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core import __version__, atomic
from core.registry import Registry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 300

Metadata = Callable[[str, Mapping[str, str]], Mapping[str, str]]
"""Provenance as the metadata of one file format, from a title and names with values."""

FORMATS: Registry[Metadata] = Registry("figure format")


@FORMATS.register("png", "PNG image")
def png_metadata(title: str, provenance: Mapping[str, str]) -> Mapping[str, str]:
    """One text chunk for each name."""
    return {"Title": title, **provenance}


@FORMATS.register("pdf", "PDF document")
def pdf_metadata(title: str, provenance: Mapping[str, str]) -> Mapping[str, str]:
    """PDF fixes the names, so everything goes into Keywords, as JSON."""
    return {"Title": title, "Keywords": json.dumps(provenance, ensure_ascii=False)}


@FORMATS.register("svg", "SVG drawing")
def svg_metadata(title: str, provenance: Mapping[str, str]) -> Mapping[str, str]:
    """Dublin Core fixes the names, so everything goes into Description, as JSON."""
    return {"Title": title, "Description": json.dumps(provenance, ensure_ascii=False)}


def save_figure(figure: Figure, path: Path, provenance: Mapping[str, str]) -> None:
    """Write a figure as PNG, PDF or SVG, by the path's suffix, with its provenance inside.

    Raises
    ------
    ValueError
        If the suffix is another or the file cannot be written.
    """
    import matplotlib

    name = path.suffix.lower().removeprefix(".")
    if name not in FORMATS:
        known = ", ".join(f".{known}" for known in FORMATS.names())
        raise ValueError(f"{path.name}: a figure must end in {known}, got {path.suffix!r}")
    title = figure.texts[0].get_text() if figure.texts else path.stem
    software = {"Software": f"tlmri {__version__}"}
    metadata = FORMATS[name].item(title, {**software, **provenance})
    data = io.BytesIO()
    # Text stays text: it can be searched, and edited in a drawing program.
    with matplotlib.rc_context({"pdf.fonttype": 42, "svg.fonttype": "none"}):
        figure.savefig(data, format=name, dpi=DPI, metadata=dict(metadata))
    atomic.write_bytes(path, data.getvalue())
