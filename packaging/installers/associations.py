"""What tells desktops of tlmri and of the files it opens, made of the readers' own table.

``python -m installers.associations OUT`` writes the files for Linux; macOS and Windows are told by
:func:`info_plist` and :func:`inno_registry`.

An installer must not take over files of other programs. On Linux an application cannot ask to be
offered for a type and never be its default: where it is the only one it is both, and where there
are several the user's choice decides, or else the desktop's order. tlmri ships no defaults
(``mimeapps.list``), and asks for no folders.
"""

from __future__ import annotations

import argparse
import string
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from core.io import FORMATS
from core.io.formats import Mark
from installers.associations_macos import document_types, info_plist, type_declarations
from installers.associations_windows import inno_registry
from installers.file_kinds import KNOWN, VAGUE, Kind, kinds
from installers.project import ROOT, project

__all__ = [
    "desktop_entry",
    "document_types",
    "info_plist",
    "inno_registry",
    "metainfo",
    "mime_package",
    "type_declarations",
]

GENERIC_NAME = "MRI Reconstruction"
METAINFO_NAME = "org.tlmri.tlmri.metainfo.xml"

_TEMPLATES = ROOT / "packaging" / "linux"
_NAMESPACE = "http://www.freedesktop.org/standards/shared-mime-info"
_MAGIC_PRIORITY = 60
"""Above the usual 50: the marks are longer or lie deeper than those of the containers."""

_GLOB_WEIGHT = 60
"""Above the usual 50, for endings of two parts, which are special cases of the last."""

_PLAIN = frozenset(string.ascii_letters + string.digits + "#+._-")
_RESERVED = set(" \t\n\"'\\><~|&;$*?#()`")


def desktop_entry(exec: str = "tlmri", icon: str = "tlmri") -> str:
    """The text of ``tlmri.desktop``.

    Parameters
    ----------
    exec
        The program, by its name or its whole path, as it is: spaces are quoted here.
    icon
        Name of the icon in the theme, or the whole path of a picture.
    """
    about = project()
    labels = [entry.label for entry in FORMATS]
    return _filled(
        "tlmri.desktop.in",
        name=about.name,
        generic_name=GENERIC_NAME,
        summary=about.summary,
        program=exec.replace("\\", "\\\\"),
        exec=_quoted(exec),
        icon=icon,
        keywords=_listed([*about.keywords, *labels]),
        media_types=_listed([kind.media_type for kind in kinds()]),
    )


def metainfo() -> str:
    """The text for software centres (AppStream), :data:`METAINFO_NAME`."""
    about = project()
    types = (f"    <mediatype>{escape(kind.media_type)}</mediatype>" for kind in kinds())
    return _filled(
        "org.tlmri.tlmri.metainfo.xml.in",
        name=about.name,
        summary=escape(about.summary),
        licence=about.licence,
        media_types="\n".join(types),
    )


def mime_package() -> str:
    """The text of ``tlmri.xml`` for ``share/mime/packages``: the kinds that desktops lack."""
    ET.register_namespace("", _NAMESPACE)
    root = ET.Element(f"{{{_NAMESPACE}}}mime-info")
    for kind in kinds():
        if kind.media_type not in KNOWN:
            _declare(root, kind)
    ET.indent(root)
    return ET.tostring(root, "unicode", xml_declaration=True) + "\n"


def _declare(root: ET.Element, kind: Kind) -> None:
    element = ET.SubElement(root, f"{{{_NAMESPACE}}}mime-type", type=kind.media_type)

    def add(tag: str, **attributes: str) -> ET.Element:
        return ET.SubElement(element, f"{{{_NAMESPACE}}}{tag}", attributes)

    add("comment").text = kind.label
    if kind.parent:
        add("sub-class-of", type=kind.parent)
    if kind.own_suffixes:
        add("generic-icon", name="image-x-generic")
    if kind.marks:
        magic = add("magic", priority=str(_MAGIC_PRIORITY))
        for mark in kind.marks:
            _match(magic, mark)
    for suffix in kind.suffixes:
        if suffix in VAGUE:
            continue
        weight = {"weight": str(_GLOB_WEIGHT)} if suffix.count(".") > 1 else {}
        add("glob", pattern=f"*{suffix}", **weight)


def _match(above: ET.Element, mark: Mark) -> None:
    """Nested rules, all of which must hold."""
    for at, text in mark:
        value = "".join(chr(c) if chr(c) in _PLAIN else f"\\x{c:02x}" for c in text)
        attributes = {"type": "string", "offset": str(at), "value": value}
        above = ET.SubElement(above, f"{{{_NAMESPACE}}}match", attributes)


def _quoted(program: str) -> str:
    """A program in a desktop entry's command line."""
    plain = program.replace("%", "%%")
    if not _RESERVED & set(plain):
        return plain
    for character in '\\"`$':
        plain = plain.replace(character, f"\\{character}")
    return f'"{plain}"'.replace("\\", "\\\\")


def _listed(words: Sequence[str]) -> str:
    return "".join(f"{word};" for word in dict.fromkeys(words))


def _filled(template: str, **values: str) -> str:
    text = (_TEMPLATES / template).read_text(encoding="utf-8")
    return string.Template(text).substitute(values)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write desktop entry, MIME package and metainfo into a folder, as below ``share``."""
    parser = argparse.ArgumentParser(prog="installers.associations", description=main.__doc__)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--exec", default=project().name, help="the program, by name or path")
    parser.add_argument("--icon", default=project().name, help="the icon, by name or path")
    args = parser.parse_args(arguments)
    name = project().name
    for place, text in (
        (f"applications/{name}.desktop", desktop_entry(args.exec, args.icon)),
        (f"mime/packages/{name}.xml", mime_package()),
        (f"metainfo/{METAINFO_NAME}", metainfo()),
    ):
        path: Path = args.out / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"desktop entry, MIME package, metainfo: {args.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
