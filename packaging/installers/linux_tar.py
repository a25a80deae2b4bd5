"""The archive that runs from any folder: the application, and a script for the desktop's menu."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

from installers import associations, icons
from installers.linux_folder import set_modes
from installers.project import ROOT, project

PLACEHOLDER = "@PROGRAM@"
"""Stands for the program's path in the entry, until the script knows it."""

_READ_ME = """\
{name} {version}

  ./{name}                     the window
  ./{name} --help              the commands
  sh add-to-menu.sh            puts it into the desktop's menu, with its icon and file types
  sh add-to-menu.sh --remove   takes it out again
  _internal/docs               the guides, user-guide.md first, and studies to start from
  ./{name} doctor              checks this installation

The folder may lie anywhere and be moved; add it to the menu again then. A '%' in its path keeps it
out of the menu. Outside of it is written what you save, and
  ~/.local/share/{name}         your settings, networks, GPU add-on ('{name} doctor' names it)
  ~/.cache/{name}               what is made again when it is missing
  temporary files              gone when {name} ends
  ~/.local/share               the menu's entry, icons and file types, until --remove
TLMRI_HOME=FOLDER moves the first two; XDG_DATA_HOME and XDG_CACHE_HOME do, too.
Licences: _internal/licences/THIRD-PARTY.md
"""


def write_tar(frozen: Path, out: Path, scratch: Path) -> Path:
    """Write ``tlmri-VERSION-linux-x86_64.tar.gz`` of a finished folder; returns its path."""
    about = project()
    beside = scratch / "tar"
    shutil.rmtree(beside, ignore_errors=True)
    _write_beside(beside)
    set_modes(beside)
    package = out / f"{about.name}-{about.version}-linux-x86_64.tar.gz"
    top = f"{about.name}-{about.version}"
    with tarfile.open(package, "w:gz", compresslevel=9) as archive:
        for folder in (frozen, beside):
            for path in sorted(folder.rglob("*")):
                name = f"{top}/{path.relative_to(folder).as_posix()}"
                archive.add(path, name, recursive=False, filter=_anonymous)
    shutil.rmtree(beside)
    return package


def _write_beside(folder: Path) -> None:
    about = project()
    share = folder / "share"
    icons.write_hicolor(share / "icons" / "hicolor")
    entry = associations.desktop_entry(PLACEHOLDER, about.name)
    (share / f"{about.name}.desktop.in").write_text(entry, encoding="utf-8")
    (share / f"{about.name}.xml").write_text(associations.mime_package(), encoding="utf-8")
    shutil.copyfile(ROOT / "packaging" / "linux" / "add-to-menu.sh", folder / "add-to-menu.sh")
    (folder / "add-to-menu.sh").chmod(0o755)
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    text = _READ_ME.format(name=about.name, version=about.version)
    (folder / "README.txt").write_text(text, encoding="utf-8")


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nobody's in particular, and of a stated time where one is stated."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    if "SOURCE_DATE_EPOCH" in os.environ:
        member.mtime = int(os.environ["SOURCE_DATE_EPOCH"])
    return member
