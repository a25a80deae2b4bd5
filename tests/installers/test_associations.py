"""Desktop entry, MIME types, document types and registry, all from the readers' table."""

import configparser
import gzip
import plistlib
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from core.io import FORMATS, suffixes
from installers import associations
from installers.file_kinds import KNOWN, OWN, VAGUE, kinds
from installers.project import project

NAMESPACE = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
SYSTEM = Path("/usr/share")


def needs(tool):
    return pytest.mark.skipif(not shutil.which(tool), reason=f"needs {tool}")


def entry(text):
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string(text)
    return dict(parser["Desktop Entry"])


def run(*command, **environment):
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment or None
    )


# kinds


def test_every_format_and_suffix_is_of_a_kind():
    assert {kind.media_type for kind in kinds()} >= {e.item.media_type for e in FORMATS}
    assert {s for kind in kinds() for s in kind.suffixes} == set(suffixes())
    assert set(suffixes()) >= OWN | VAGUE
    assert len({kind.name for kind in kinds()}) == len(kinds())


def test_formats_in_one_container_are_one_kind():
    [kind] = [kind for kind in kinds() if kind.media_type == "application/x-hdf"]
    assert kind.suffixes == (".h5", ".hdf5", ".mrd")
    assert kind.label == "fastMRI HDF5 or ISMRMRD data"
    assert (kind.own_suffixes, kind.shared_suffixes) == ((".mrd",), (".h5", ".hdf5"))


# Linux


def test_the_desktop_entry_names_the_application_and_all_types():
    found = entry(associations.desktop_entry("/opt/tlmri/tlmri", "tlmri"))
    assert found["Name"] == found["StartupWMClass"] == found["Icon"] == "tlmri"
    assert found["Exec"] == "/opt/tlmri/tlmri gui %F"
    assert found["TryExec"] == "/opt/tlmri/tlmri"
    assert found["Comment"] == project().summary == found["Comment"].split(":")[0]
    assert found["MimeType"].split(";")[:-1] == [kind.media_type for kind in kinds()]
    assert "inode/directory" not in found["MimeType"]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("/home of/tlmri", '"/home of/tlmri" gui %F'),
        ("/a/100%/tlmri", "/a/100%%/tlmri gui %F"),
        ("/a$b/tlmri", r'"/a\\$b/tlmri" gui %F'),
    ],
)
def test_a_program_in_an_odd_place_is_quoted(program, expected):
    assert entry(associations.desktop_entry(program))["Exec"] == expected


@needs("desktop-file-validate")
@pytest.mark.parametrize("program", ["tlmri", "/home of/$me/tlmri"])
def test_the_desktop_entry_is_valid(tmp_path, program):
    path = tmp_path / "tlmri.desktop"
    path.write_text(associations.desktop_entry(program))
    told = run("desktop-file-validate", str(path))
    assert (told.returncode, told.stdout) == (0, "")


@needs("appstreamcli")
def test_the_metainfo_is_valid(tmp_path):
    path = tmp_path / associations.METAINFO_NAME
    path.write_text(associations.metainfo())
    told = run("appstreamcli", "validate", "--no-net", str(path))
    assert told.returncode == 0, told.stdout


def test_the_metainfo_agrees_with_the_desktop_entry():
    root = ET.fromstring(associations.metainfo())
    found = entry(associations.desktop_entry())
    types = [element.text for element in root.iterfind("provides/mediatype")]
    assert types == found["MimeType"].split(";")[:-1]
    categories = [element.text for element in root.iterfind("categories/category")]
    assert categories == found["Categories"].split(";")[:-1]
    assert root.findtext("launchable") == "tlmri.desktop"
    assert root.findtext("project_license") == "GPL-3.0-or-later"


def test_only_types_that_desktops_lack_are_declared():
    root = ET.fromstring(associations.mime_package())
    declared = {element.get("type") for element in root}
    assert declared == {kind.media_type for kind in kinds()} - KNOWN
    patterns = {glob.get("pattern") for glob in root.iterfind(".//m:glob", NAMESPACE)}
    assert patterns == {"*.nii", "*.nii.gz", "*.npy", "*.npz", "*.mat", "*.cfl"}


@pytest.mark.skipif(not (SYSTEM / "mime/types").is_file(), reason="needs shared-mime-info")
def test_the_known_types_are_known_and_the_others_are_not():
    types = set((SYSTEM / "mime/types").read_text().split())
    declared = {kind.media_type for kind in kinds()} - KNOWN
    assert types >= KNOWN
    if not (SYSTEM / "mime/packages/tlmri.xml").is_file():
        assert not types & declared


FILES = {
    "scan.nii.gz": (gzip.compress(b"\0" * 400), "application/x-nifti-compressed"),
    "SCAN.NII.GZ": (gzip.compress(b"\0" * 400), "application/x-nifti-compressed"),
    "other.gz": (gzip.compress(b"\0" * 400), "application/gzip"),
    "scan.nii": (b"\x5c\x01\0\0".ljust(344, b"\0") + b"n+1\0", "application/x-nifti"),
    "nameless": (b"\x5c\x01\0\0".ljust(344, b"\0") + b"n+1\0" + bytes(9), "application/x-nifti"),
    "a.npy": (b"\x93NUMPY\x01\0", "application/x-numpy-data"),
    "a.npz": (b"PK\x03\x04", "application/x-npz"),
    "a.h5": (b"\x89HDF\r\n\x1a\n", "application/x-hdf"),
    "a.mrd": (b"\x89HDF\r\n\x1a\n", "application/x-hdf"),
    "a.ima": (bytes(128) + b"DICM" + bytes(60), "application/dicom"),
    "old.mat": (b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM", "application/x-matlab-data"),
    "raw.hdr": (b"# Dimensions\n64 64 1\n", "application/x-bart"),
    "envi.hdr": (b"ENVI\nsamples = 3\n", "text/plain"),
    "meas.dat": (
        struct.pack("<4IQ", 0, 1, 7, 7, 10240).ljust(99, b"\0"),
        "application/x-siemens-twix",
    ),
    "plain.dat": (b"1 2 3\n", "text/plain"),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A desktop's data folder with what an installer brings."""
    folder = tmp_path_factory.mktemp("share")
    associations.main([str(folder)])
    told = run("update-mime-database", "-V", str(folder / "mime"))
    assert told.returncode == 0, told.stderr
    assert "rror" not in told.stderr
    return folder


@needs("update-mime-database")
@needs("gio")
@pytest.mark.parametrize("name", FILES)
def test_a_desktop_tells_files_by_name_and_content(tmp_path, database, name):
    content, expected = FILES[name]
    (tmp_path / name).write_bytes(content)
    told = run(
        "gio",
        *("info", "-a", "standard::content-type", str(tmp_path / name)),
        XDG_DATA_HOME=str(tmp_path / "none"),
        XDG_DATA_DIRS=f"{database}:{SYSTEM}",
        PATH="/usr/bin:/bin",
        LC_ALL="C.UTF-8",
    )
    assert told.stdout.split()[-1] == expected


@needs("update-desktop-database")
@needs("update-mime-database")
@needs("gio")
@pytest.mark.parametrize(
    ("media_type", "default"),
    [("application/x-nifti", "tlmri.desktop"), ("application/x-hdf", "hdfview.desktop")],
)
def test_another_program_for_shared_files_stays_the_first(tmp_path, media_type, default):
    associations.main([str(tmp_path)])
    (tmp_path / "applications" / "hdfview.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=HDFView\nExec=true\nMimeType=application/x-hdf;\n"
    )
    path = tmp_path / "applications" / "tlmri.desktop"
    path.write_text(associations.desktop_entry("true"))
    assert run("update-desktop-database", str(path.parent)).returncode == 0
    told = run(
        *("gio", "mime", media_type),
        XDG_DATA_HOME=str(tmp_path / "none"),
        XDG_CONFIG_HOME=str(tmp_path / "none"),
        XDG_DATA_DIRS=str(tmp_path),
        PATH="/usr/bin:/bin",
        LC_ALL="C.UTF-8",
    )
    assert told.stdout.splitlines()[0].endswith(default)
    assert "tlmri.desktop" in told.stdout


# macOS


def test_macos_is_offered_every_suffix_and_given_its_own_only():
    declared = {
        one["UTTypeIdentifier"]: one["UTTypeTagSpecification"]["public.filename-extension"]
        for one in associations.type_declarations()
    }
    ranks = {"Default": set(), "Alternate": set()}
    for one in associations.document_types():
        endings = set(one.get("CFBundleTypeExtensions", []))
        for identifier in one.get("LSItemContentTypes", []):
            endings |= set(declared.get(identifier, []))
        ranks[one["LSHandlerRank"]] |= {f".{ending}" for ending in endings}
    assert ranks["Default"] == OWN
    assert ranks["Alternate"] == (set(suffixes()) - OWN) | {".gz"}


def test_the_property_list_can_be_written():
    told = associations.info_plist()
    assert plistlib.loads(plistlib.dumps(told)) == told
    assert told["CFBundleDocumentTypes"] == associations.document_types()
    assert told["UTImportedTypeDeclarations"] == associations.type_declarations()


def test_macos_lets_a_folder_be_dropped():
    assert any(
        one.get("LSItemContentTypes") == ["public.folder"] and one["LSHandlerRank"] == "Alternate"
        for one in associations.document_types()
    )


# Windows


LINE = re.compile(
    r'Root: HKA; Subkey: "[^"]+"; ValueType: string(; ValueName: "[^"]+")?; '
    r'ValueData: "(""|[^"])*"(; Flags: [a-z ]+)?'
)


def test_the_registry_is_told_in_inno_setups_words():
    lines = associations.inno_registry("other.exe").splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    command = r'"""{app}\other.exe"" ""%1"""'
    assert sum(line.endswith(f"ValueData: {command}") for line in lines) == len(kinds()) + 1


def test_windows_keeps_what_opens_files_now():
    """No suffix's own value is written, only its list of programs that can open it."""
    text = associations.inno_registry("tlmri-window.exe")
    keys = re.findall(r'Subkey: "Software\\Classes\\(\.[^"]+)"', text)
    assert keys
    assert all(key.endswith(r"\OpenWithProgids") for key in keys)
    offered = {key.split("\\")[0] for key in keys}
    assert offered == set(suffixes()) - VAGUE - {".nii.gz"}
    listed = set(re.findall(r'SupportedTypes"; ValueType: string; ValueName: "([^"]+)"', text))
    assert listed == (set(suffixes()) - {".nii.gz"}) | {".gz"}
