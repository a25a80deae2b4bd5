"""The files that tlmri opens, as macOS is told of them in ``Info.plist``."""

from __future__ import annotations

from typing import Any

from core.io import FORMATS
from installers.file_kinds import Kind, kinds

IDENTIFIER = "org.tlmri"


def info_plist() -> dict[str, Any]:
    """What ``Info.plist`` says of files."""
    return {
        "CFBundleDocumentTypes": document_types(),
        "UTImportedTypeDeclarations": type_declarations(),
    }


def document_types() -> list[dict[str, Any]]:
    """``CFBundleDocumentTypes``.

    Files of MR images alone are opened by default where nothing else does; for all others tlmri is
    an alternative, and their suffixes are not given a meaning that they have for tlmri only.
    """
    found = []
    for kind in kinds():
        if kind.own_suffixes:
            found.append(_document(kind.label, "Default", LSItemContentTypes=[_uniform(kind)]))
        endings = [_last(suffix) for suffix in kind.shared_suffixes]
        endings += [_last(suffix) for suffix in kind.own_suffixes if suffix.count(".") > 1]
        if endings:
            found.append(_document(kind.label, "Alternate", CFBundleTypeExtensions=endings))
    folders = " or ".join(entry.label for entry in FORMATS if entry.item.folders)
    if folders:
        name = f"Folder of {folders} files"
        found.append(_document(name, "Alternate", LSItemContentTypes=["public.folder"]))
    return found


def type_declarations() -> list[dict[str, Any]]:
    """``UTImportedTypeDeclarations``: imported, since the formats are others' inventions."""
    return [
        {
            "UTTypeIdentifier": _uniform(kind),
            "UTTypeDescription": kind.label,
            "UTTypeConformsTo": ["public.data"],
            "UTTypeTagSpecification": {
                "public.filename-extension": [suffix[1:] for suffix in kind.own_suffixes]
            },
        }
        for kind in kinds()
        if kind.own_suffixes
    ]


def _document(name: str, rank: str, **files: list[str]) -> dict[str, Any]:
    return {
        "CFBundleTypeName": name,
        "CFBundleTypeRole": "Viewer",
        "LSHandlerRank": rank,
        **files,
    }


def _uniform(kind: Kind) -> str:
    return f"{IDENTIFIER}.{kind.name}"


def _last(suffix: str) -> str:
    """The part behind the last dot, by which macOS goes."""
    return suffix.rsplit(".", 1)[-1]
