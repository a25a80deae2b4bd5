"""``THIRD-PARTY.md``: what is inside, what its licences ask, in words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from installers.compatibility import open_question
from installers.components import Component
from installers.frozen_folder import below_internal
from installers.project import project

_TERMS = re.compile(r"^(.*\bTerms: .*)$", re.MULTILINE)


def page(inside: Mapping[Component, list[str]], texts: Mapping[str, list[str]]) -> str:
    """The page.

    Parameters
    ----------
    inside
        Components with their files in the frozen folder.
    texts
        From a component's name to the paths of its texts, relative to the page.
    """
    parts = [_head(), _questions(inside), _source(inside), _replaceable(inside), _data(inside)]
    return "\n".join([part for part in parts if part] + [_table(inside, texts)])


def _head() -> str:
    us = project()
    return (
        f"# What is inside {us.name} {us.version}\n\n"
        f"{us.name} is under {us.licence}. PyQt6 is under GPL-3.0-only, so this application as a "
        "whole comes under the GNU General Public License, version 3. There is no warranty. "
        f"Each component keeps its own licence; all texts are in the folders beside this page, "
        "and `bill-of-materials.cdx.json` lists the same for machines (CycloneDX).\n"
    )


def _questions(inside: Mapping[Component, list[str]]) -> str:
    open_ones = [(one, open_question(one)) for one in inside]
    lines = [f"- **{one.name}** ({one.licence}): {why}\n" for one, why in open_ones if why]
    return "## Not settled\n\n" + "".join(lines) if lines else ""


def _source(inside: Mapping[Component, list[str]]) -> str:
    built = [one for one in inside if one.purl.startswith("pkg:deb/")]
    systems = (
        f"\nOf Debian, in its archive: {', '.join(f'{one.name} {one.version}' for one in built)}.\n"
        if built
        else ""
    )
    return (
        "## The source\n\n"
        "Section 6 of the GPL: whoever passes this application on must offer its complete source "
        f"in the same place. That of {project().name} {project().version}, with the scripts that "
        "build this application, is offered where it was downloaded from. That of the other "
        "components is published by their makers under the versions in the table; what was built "
        "from it is unchanged, but that on Linux the symbols which only debuggers read are\n"
        "taken out.\n" + systems
    )


def _replaceable(inside: Mapping[Component, list[str]]) -> str:
    lines = []
    for one, files in inside.items():
        folders = sorted(
            {str(PurePosixPath(file).parent) for file in files if below_internal(file)}
        )
        if "LGPL" in one.licence and folders:
            if len(folders) > 3:  # Qt's plug-ins lie in many
                folders = [posixpath.commonpath(folders)]
            lines.append(f"- {one.name}: in `{'`, `'.join(folders)}`\n")
    if not lines:
        return ""
    return (
        "## What may be replaced\n\n"
        "These are shared libraries under the GNU Lesser General Public License. Put your "
        "own build, of the same interface, in the place of the file; you may take the "
        "application apart to do so.\n\n" + "".join(lines)
    )


def _data(inside: Mapping[Component, list[str]]) -> str:
    terms: dict[str, int] = {}
    for one in inside:
        for text in one.texts:
            if one.kind == "data" and text.source.suffix == ".md":
                for line in _TERMS.findall(text.source.read_text(encoding="utf-8")):
                    terms[line] = terms.get(line, 0) + 1
    if not terms:
        return ""
    return (
        "## What the networks learnt from\n\n"
        "No image or scan is inside. The cards of the networks, among the texts, tell what "
        "each was trained on. Terms of data whose use is limited:\n\n"
        + "".join(f"- {line} ({count} networks)\n" for line, count in sorted(terms.items()))
        + "\nWhether terms of data reach the networks that learnt from it is not settled in law: "
        "ask before other uses than research.\n"
    )


def _table(inside: Mapping[Component, list[str]], texts: Mapping[str, list[str]]) -> str:
    columns = (
        (one.name, one.version, one.licence, _link(texts[one.name][0]), one.home) for one in inside
    )
    rows = [f"| {' | '.join(row)} |\n" for row in columns]
    return (
        "## Components\n\n| name | version | licence | texts | home |\n|---|---|---|---|---|\n"
        + "".join(rows)
    )


def _link(path: str) -> str:
    folder = path.partition("/")[0]
    return f"[{folder}]({folder}/)"
