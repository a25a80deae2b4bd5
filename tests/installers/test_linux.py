"""The Linux packages, made of a small folder in place of the frozen one."""

import gzip
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from core.system_libraries import COMMON, XCB
from installers import elf, linux_deb, linux_folder, linux_tar
from installers.associations import desktop_entry
from installers.linux_folder import Needs
from installers.project import ROOT, project

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="packages for Linux are made on Linux"
)
NEEDS = Needs(glibc="2.35", gcc="11")


def tool(name):
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"needs {name}")


@pytest.fixture
def frozen(tmp_path):
    """A folder of the frozen one's shape: the launcher, and what it starts writes its words."""
    folder = tmp_path / "frozen" / "tlmri"
    (folder / "_internal").mkdir(parents=True)
    launcher = ROOT / "packaging" / "linux" / "tlmri-launcher.sh"
    for name, text in {
        "tlmri": launcher.read_text(),
        "tlmri-bin": '#!/bin/sh\necho "started with $*"\n',
    }.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (folder / "_internal" / "NEEDS-GLIBC").write_text("2.2\n")
    (folder / "_internal" / "libreal.so.1").write_text("library")
    (folder / "_internal" / "liblink.so.1").symlink_to("libreal.so.1")
    return folder


@pytest.fixture
def compiled(tmp_path):
    """Two libraries, the first linked to the second, and a program of the C library alone."""
    if shutil.which("gcc") is None or shutil.which("objdump") is None:
        pytest.skip("needs gcc and objdump")
    folder = tmp_path / "compiled"
    folder.mkdir()
    (folder / "a.c").write_text("int other(void); int one(void) { return other(); }")
    (folder / "b.c").write_text("int other(void) { return 1; }")
    for name, extra in (("b", []), ("a", ["-L.", "-lb"])):
        build = ["gcc", "-shared", "-fPIC", "-o", f"lib{name}.so", f"{name}.c", *extra]
        subprocess.run(build, cwd=folder, check=True)
    for source in folder.glob("*.c"):
        source.unlink()
    return folder


def test_what_a_library_is_linked_to(compiled):
    assert [path.name for path in elf.elf_files(compiled)] == ["liba.so", "libb.so"]
    assert "libb.so" in elf.needed(compiled / "liba.so")
    assert "libb.so" not in elf.needed_from_outside(compiled)
    (compiled / "libb.so").unlink()
    assert elf.needed_from_outside(compiled)["libb.so"] == (Path("liba.so"),)


@tool("objdump")
def test_the_version_of_the_c_library_that_is_needed():
    import numpy.linalg._umath_linalg as module

    asked = elf.newest_version(Path(module.__file__), "GLIBC")
    text = subprocess.run(
        ["objdump", "-T", module.__file__], capture_output=True, text=True, check=True
    ).stdout
    versions = {word.strip("()")[6:] for word in text.split() if word.strip("()")[:6] == "GLIBC_"}
    assert asked == max(tuple(map(int, version.split("."))) for version in versions)
    assert elf.newest_version(Path(module.__file__), "NOBODY") == ()


def test_a_library_that_nobody_brings_is_refused(compiled):
    (compiled / "libb.so").unlink()
    with pytest.raises(ValueError, match=r"^libb\.so must lie in the folder .* by liba\.so$"):
        linux_folder.refuse_unknown_libraries(compiled)


def test_one_that_only_an_optional_part_asks_for_is_not(compiled):
    (compiled / "libb.so").unlink()
    theme = compiled / "plugins" / "platformthemes"
    theme.mkdir(parents=True)
    (compiled / "liba.so").rename(theme / "liba.so")
    linux_folder.refuse_unknown_libraries(compiled)


@tool("strip")
def test_symbols_go_and_rewritten_libraries_are_left_alone(compiled):
    other = compiled / "x.libs" / "libb.so"
    other.parent.mkdir()
    shutil.copy(compiled / "libb.so", other)
    before = other.read_bytes()
    linux_folder.strip(compiled)
    assert (compiled / "libb.so").stat().st_size < len(before)
    assert other.read_bytes() == before


def test_an_unknown_c_plus_plus_library_is_refused(compiled, monkeypatch):
    versions = {"GLIBC": (2, 17), "GLIBCXX": (3, 4, 29)}
    monkeypatch.setattr(elf, "newest_version", lambda path, family: versions[family])
    assert linux_folder.needs_of(compiled) == Needs("2.17", "11")
    versions["GLIBCXX"] = (3, 4, 99)
    with pytest.raises(ValueError, match=r"GLIBCXX must be in the table .* \(3, 4, 99\)"):
        linux_folder.needs_of(compiled)


def test_the_package_asks_for_every_library_of_the_desktop():
    fields = dict(
        line.split(": ", 1) for line in linux_deb.control(NEEDS, 7).splitlines() if ": " in line
    )
    asked = [entry.split(" | ")[0] for entry in fields["Depends"].split(", ")]
    assert {*COMMON, *XCB} <= set(asked)
    assert "libc6 (>= 2.35)" in asked
    assert "libstdc++6 (>= 11)" in asked
    assert fields["Package"] == project().name
    assert fields["Version"] == project().version
    assert fields["Installed-Size"] == "7"


@tool("dpkg-deb")
def test_the_debian_package_holds_application_entry_icons_and_sums(frozen, tmp_path):
    package = linux_deb.write_deb(frozen, NEEDS, tmp_path, tmp_path / "scratch")
    out = tmp_path / "unpacked"
    subprocess.run(["dpkg-deb", "--raw-extract", package, out], check=True)
    assert package.name == f"tlmri_{project().version}_amd64.deb"
    assert str((out / "usr/bin/tlmri").readlink()) == "/opt/tlmri/tlmri"
    assert (out / "opt/tlmri/_internal/liblink.so.1").is_symlink()
    assert "Exec=tlmri gui %F" in (out / "usr/share/applications/tlmri.desktop").read_text()
    assert len(list((out / "usr/share/icons/hicolor").rglob("tlmri.png"))) == 9
    copyright = (out / "usr/share/doc/tlmri/copyright").read_text()
    assert "License: GPL-3.0-or-later" in copyright
    changes = gzip.decompress((out / "usr/share/doc/tlmri/changelog.gz").read_bytes())
    assert changes == (ROOT / "CHANGELOG.md").read_bytes()
    sums = dict(
        reversed(line.split("  ", 1)) for line in (out / "DEBIAN/md5sums").read_text().splitlines()
    )
    files = [p for p in out.rglob("*") if p.is_file() and not p.is_symlink()]
    listed = {str(p.relative_to(out)): p for p in files if p.parent.name != "DEBIAN"}
    assert set(sums) == set(listed)
    for name, path in listed.items():
        assert sums[name] == hashlib.md5(path.read_bytes()).hexdigest()
    owners = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True)
    assert {line.split()[1] for line in owners.stdout.splitlines()} == {"root/root"}


@pytest.fixture
def careful_builder(frozen, monkeypatch):
    """One whose files nobody else may read has finished the folder."""
    for name in ("strip", "refuse_unknown_libraries", "write_materials"):
        monkeypatch.setattr(linux_folder, name, lambda _: None)
    monkeypatch.setattr(linux_folder, "needs_of", lambda _: NEEDS)
    for path in frozen.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o700)
    before = os.umask(0o077)
    linux_folder.finish(frozen)
    yield
    os.umask(before)


def assert_modes(modes):
    """``modes`` are as ``ls`` writes them, by path."""
    programs = {path for path, mode in modes.items() if mode == "-rwxr-xr-x"}
    assert {Path(path).name for path in programs} <= {"tlmri", "tlmri-bin", "add-to-menu.sh"}
    assert len(programs) >= 2
    rest = {mode for path, mode in modes.items() if path not in programs}
    assert rest == {"drwxr-xr-x", "-rw-r--r--", "lrwxrwxrwx"}


@tool("dpkg-deb")
def test_everybody_may_read_the_debian_package(careful_builder, frozen, tmp_path):
    package = linux_deb.write_deb(frozen, NEEDS, tmp_path, tmp_path / "scratch")
    listed = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True)
    words = [line.split() for line in listed.stdout.splitlines()]
    assert_modes({line[5]: line[0] for line in words})


def test_everybody_may_read_the_archive(careful_builder, frozen, tmp_path):
    package = linux_tar.write_tar(frozen, tmp_path, tmp_path / "scratch")
    with tarfile.open(package) as archive:
        members = archive.getmembers()
    kinds = {tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK}
    modes = {m.name: kinds.get(m.type, stat.S_IFREG) | m.mode for m in members}
    assert_modes({name: stat.filemode(mode) for name, mode in modes.items()})


@pytest.fixture
def unpacked(frozen, tmp_path):
    """The archive, unpacked into a folder whose name is hard to write down."""
    package = linux_tar.write_tar(frozen, tmp_path, tmp_path / "scratch")
    place = tmp_path / 'a "b" $c `d` & f|g \\h'
    place.mkdir()
    with tarfile.open(package) as archive:
        assert {member.uname for member in archive} == {"root"}
        archive.extractall(place, filter="data")
    (top,) = place.iterdir()
    return top


def test_the_archive_runs_from_any_folder(unpacked):
    assert unpacked.name == f"tlmri-{project().version}"
    done = subprocess.run([unpacked / "tlmri", "a b"], capture_output=True, text=True, check=True)
    assert done.stdout == "started with a b\n"
    assert project().version in (unpacked / "README.txt").read_text()
    assert (unpacked / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def add_to_menu(unpacked, home, *arguments):
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    command = ["sh", unpacked / "add-to-menu.sh", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_it_puts_itself_into_the_menu_and_out_again(unpacked, tmp_path):
    home = tmp_path / "a home"
    done = add_to_menu(unpacked, home)
    assert done.returncode == 0, done.stderr
    data = home / ".local" / "share"
    entry = (data / "applications" / "tlmri.desktop").read_text()
    assert len(list((data / "icons" / "hicolor").rglob("tlmri.*"))) == 10
    assert (data / "mime" / "packages" / "tlmri.xml").is_file()
    assert linux_tar.PLACEHOLDER not in entry
    # The script quotes as Python does.
    assert entry == desktop_entry(str(unpacked / "tlmri"))
    assert add_to_menu(unpacked, home, "--remove").returncode == 0
    assert [path for path in data.rglob("tlmri*") if path.is_file()] == []
    again = add_to_menu(unpacked, home, "--remove")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("tlmri was not in the menu: ")


def test_no_empty_folders_of_icons_stay_but_those_of_others(unpacked, tmp_path):
    icons = tmp_path / ".local" / "share" / "icons" / "hicolor"
    other = icons / "48x48" / "apps" / "other.png"
    empty = icons / "48x48" / "places"
    for folder in (other.parent, empty):
        folder.mkdir(parents=True)
    other.touch()
    add_to_menu(unpacked, tmp_path)
    assert len({path.parent for path in icons.rglob("tlmri.*")}) > 5
    add_to_menu(unpacked, tmp_path, "--remove")
    left = {path for path in icons.rglob("*") if path.name != "icon-theme.cache"}
    assert left == {icons / "48x48", other.parent, other, empty}


def test_a_path_that_menus_cannot_have_is_refused_before_anything_is_written(unpacked, tmp_path):
    folder = unpacked.rename(unpacked.with_name("50% off"))
    done = add_to_menu(folder, tmp_path / "home")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("add-to-menu.sh: error: the path of tlmri's folder must be ")
    assert done.stderr.endswith(f"got {folder}\n")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_the_script_tells_its_use(unpacked, tmp_path):
    done = add_to_menu(unpacked, tmp_path / "home", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: add-to-menu.sh [--remove | --help]\n")
    assert not (tmp_path / "home").exists()


def test_an_unknown_word_is_refused(unpacked, tmp_path):
    done = add_to_menu(unpacked, tmp_path, "--sideways")
    assert done.returncode == 2
    assert done.stderr == (
        "add-to-menu.sh: error: expected nothing, --remove or --help, got --sideways\n"
    )
    done = add_to_menu(unpacked, tmp_path, "--remove", "now")
    assert done.returncode == 2


@tool("desktop-file-validate")
def test_the_entry_is_valid(unpacked, tmp_path):
    add_to_menu(unpacked, tmp_path)
    entry = tmp_path / ".local" / "share" / "applications" / "tlmri.desktop"
    done = subprocess.run(["desktop-file-validate", entry], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
