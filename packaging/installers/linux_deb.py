"""The Debian package: application, menu entry, icons, file types, and what it depends on."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
from pathlib import Path

from installers import associations, icons
from installers.linux_folder import (
    EVERY_SYSTEM_HAS,
    Needs,
    packages_needed,
    packages_of_use,
    set_modes,
)
from installers.project import ROOT, project

ALTERNATIVES = {"libglib2.0-0": "libglib2.0-0t64"}
"""Debian's and Ubuntu's new names of 2024."""

_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: {name}
Comment: What is inside, version by version, with all licences in full, is listed in
 /opt/{name}/_internal/licences/THIRD-PARTY.md

Files: *
Copyright: the authors of {name}, and those of the parts listed there
License: {licence}
 On Debian systems the full text is in /usr/share/common-licenses/GPL-3.
"""


def write_deb(frozen: Path, needs: Needs, out: Path, scratch: Path) -> Path:
    """Write ``tlmri_VERSION_amd64.deb`` of a finished folder into ``out``; returns its path."""
    about = project()
    tree = scratch / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    application = tree / "opt" / about.name
    # Links rather than copies: the folder is large, and only read here.
    shutil.copytree(frozen, application, symlinks=True, copy_function=_link)
    command = tree / "usr" / "bin" / about.name
    command.parent.mkdir(parents=True)
    command.symlink_to(f"/opt/{about.name}/{about.name}")
    _write_share(tree / "usr" / "share", about.name)
    _write_control(tree, needs)
    set_modes(tree)
    package = out / f"{about.name}_{about.version}_amd64.deb"
    build = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(tree), str(package)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return package


def control(needs: Needs, installed_kib: int) -> str:
    """The package's description of itself."""
    about = project()
    libraries = [_either(name) for name in packages_needed()]
    base = {"libc6": f" (>= {needs.glibc})", "libstdc++6": f" (>= {needs.gcc})"}
    bases = [f"{name}{base.get(name, '')}" for name in EVERY_SYSTEM_HAS]
    return "\n".join((
        f"Package: {about.name}",
        f"Version: {about.version}",
        "Architecture: amd64",
        "Section: science",
        "Priority: optional",
        f"Maintainer: {about.name} developers <{about.name}@localhost>",
        f"Installed-Size: {installed_kib}",
        f"Depends: {', '.join([*bases, *libraries])}",
        f"Recommends: {', '.join(packages_of_use())}",
        f"Description: {about.summary}",
        " A desktop application and a command. Open scans, choose an acceleration and a source",
        " domain, fine-tune a network on a few local images, and compare it with zero-filled,",
        " compressed-sensing, SPIRiT and CG-SENSE reconstructions.",
        "",
    ))  # fmt: skip


def _write_share(share: Path, name: str) -> None:
    icons.write_hicolor(share / "icons" / "hicolor")
    texts = {
        f"applications/{name}.desktop": associations.desktop_entry(),
        f"mime/packages/{name}.xml": associations.mime_package(),
        f"metainfo/{associations.METAINFO_NAME}": associations.metainfo(),
        f"doc/{name}/copyright": _COPYRIGHT.format(name=name, licence=project().licence),
    }
    for place, text in texts.items():
        path = share / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    packed = gzip.compress(changes, 9, mtime=0)
    (share / "doc" / name / "changelog.gz").write_bytes(packed)


def _write_control(tree: Path, needs: Needs) -> None:
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    installed_kib = sum(path.stat().st_size for path in files) // 1024
    folder = tree / "DEBIAN"
    folder.mkdir()
    (folder / "control").write_text(control(needs, installed_kib), encoding="utf-8")
    sums = (f"{_md5(path)}  {path.relative_to(tree)}\n" for path in files)
    (folder / "md5sums").write_text("".join(sums), encoding="utf-8")


def _either(package: str) -> str:
    other = ALTERNATIVES.get(package)
    return f"{package} | {other}" if other else package


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _link(source: str, target: str) -> str:
    Path(target).hardlink_to(source)
    return target
