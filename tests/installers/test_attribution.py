import shutil
import zipfile

import pytest

from installers import inside_wheels, system_libraries
from installers.attribution import Environment
from installers.frozen_folder import (
    below_internal,
    files_inside,
    is_native,
    licences_of,
    modules_inside,
)
from tests.installers.made_up import ELF, distribution, frozen


@pytest.fixture
def environment(tmp_path):
    site = tmp_path / "site"
    files = [
        "alpha/__init__.py",
        "alpha/inner/deep.py",
        "alpha/fast.so",
        "alpha-1.0.dist-info/licenses/LICENSE",
    ]
    own = distribution(site, "tlmri-gui", files=["tlmri_gui-1.0.dist-info/licenses/LICENSE"])
    starts = distribution(site, "pyinstaller", files=["PyInstaller/loader/pyimod01_archive.py"])
    return Environment([distribution(site, "alpha", files=files), own, starts])


def attributed(environment, folder, modules=()):
    found = environment.attribute(folder, files_inside(folder), modules)
    return {component.name: files for component, files in found.items()}


def test_files_belong_to_their_distribution_to_python_and_to_tlmri(environment, tmp_path):
    folder = frozen(
        tmp_path / "out",
        {
            "alpha/fast.so": ELF,
            "alpha/inner/deep.pyc": b"",
            "base_library.zip": b"",
            "python3.11/lib-dynload/_json.so": ELF,
            "resources/icons/a.svg": b"",
            "NEEDS-GLIBC": b"2.35",
            "BUILD": b"built 2026-11-22",
            "docs/studies/t1.toml": b"",
            "resources/weights/a.safetensors": b"",
        },
    )
    assert attributed(environment, folder) == {
        "alpha": ["_internal/alpha/fast.so", "_internal/alpha/inner/deep.pyc"],
        "Networks shipped with tlmri": ["_internal/resources/weights/a.safetensors"],
        "Python": ["_internal/base_library.zip", "_internal/python3.11/lib-dynload/_json.so"],
        "tlmri": [
            "_internal/BUILD",
            "_internal/NEEDS-GLIBC",
            "_internal/docs/studies/t1.toml",
            "_internal/resources/icons/a.svg",
        ],
    }


def test_modules_belong_to_distributions_too(environment, tmp_path):
    modules = ["alpha", "alpha.inner", "alpha.inner.deep", "json.decoder", "core.io", "start"]
    modules.append("rth_running")
    folder = frozen(tmp_path / "out", {"resources/style.qss": b""})
    found = attributed(environment, folder, [*modules, "pyimod01_archive"])
    assert list(found) == ["alpha", "PyInstaller (starts the application)", "Python", "tlmri"]


def test_all_that_belongs_to_nothing_is_listed(environment, tmp_path):
    folder = frozen(tmp_path / "out", {"libmystery.so.1": ELF, "alpha/extra.bin": b""})
    (folder / "stray").write_bytes(ELF)
    (folder / "tlmri").write_text("#!/bin/sh")
    with pytest.raises(ValueError) as failure:
        attributed(environment, folder, ["alpha", "mystery.part", "components"])
    message = str(failure.value)
    assert message.startswith("belong to no component whose licence is known: ")
    for lost in (
        "libmystery.so.1",
        "alpha/extra.bin",
        "stray",
        "module mystery.part",
        "module components",
    ):
        assert lost in message
    assert "module alpha" not in message
    assert "tlmri" not in message


def test_libraries_linked_into_others_are_found_by_their_marks(tmp_path):
    folder = frozen(
        tmp_path,
        {
            "torch/lib/libtorch_cpu.so": ELF + b"..Intel(R) oneAPI Math Kernel Library..",
            "torch/lib/libtorch.so": ELF + b"Intel(R) oneAPI Math Kernel Library",
        },
    )
    assert inside_wheels.linked_in(folder, files_inside(folder)) == {
        "mkl": ["_internal/torch/lib/libtorch_cpu.so"]
    }


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("numpy.libs/libscipy_openblas64_-32a4b2a6.so", "openblas"),
        ("scipy.libs/libgfortran-040039e1.so.5", "gfortran"),
        ("pillow.libs/libjpeg-6dc8d115.so.62", "pillow-libraries"),
        ("h5py.libs/libhdf5-9e18f0c6.so.320", "hdf5"),
        ("PyQt6/Qt6/lib/libicudata.so.73", "icu"),
        ("torch/lib/libgomp.so.1", "gomp"),
        ("matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf", "fonts"),
        ("VCRUNTIME140_1.dll", "microsoft-runtime"),
        ("PyQt6/Qt6/lib/libQt6Core.so.6", None),
    ],
)
def test_what_wheels_bring_is_told_by_its_name(path, key):
    assert inside_wheels.entry_of(path) == key


def test_what_wheels_bring_needs_the_wheel():
    with pytest.raises(ValueError, match="OpenBLAS: needs the distribution numpy, not installed"):
        inside_wheels.component("openblas", {})


@pytest.mark.skipif(not shutil.which("dpkg"), reason="the building system is not Debian")
def test_a_library_of_the_system_belongs_to_its_debian_source():
    owners = system_libraries.owners(["libc.so.6", "libmystery.so.1"])
    assert owners == {"libc.so.6": "libc6"}
    with pytest.raises(ValueError, match=r"licence of glibc \(Debian package libc6\): must be"):
        system_libraries.component("libc6")


def test_links_inside_count_once_and_links_outside_are_refused(tmp_path):
    folder = frozen(tmp_path / "out", {"alpha/fast.so": ELF})
    link = folder / "_internal" / "fast.so"
    link.symlink_to("alpha/fast.so")
    assert files_inside(folder) == ["_internal/alpha/fast.so"]
    link.unlink()
    (tmp_path / "elsewhere").write_bytes(b"")
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match=r"_internal/fast.so: must be a link inside the folder"):
        files_inside(folder)


def test_materials_of_an_earlier_run_are_not_counted(tmp_path):
    assert files_inside(frozen(tmp_path, {"licences/alpha/LICENSE": b""})) == []


def test_an_application_for_macos_has_its_files_elsewhere(tmp_path):
    assert below_internal("Contents/Frameworks/python3__dot__11/lib-dynload/a.so") == (
        "python3.11/lib-dynload/a.so"
    )
    assert below_internal("Contents/Info.plist") is None
    (tmp_path / "Contents" / "Resources").mkdir(parents=True)
    assert licences_of(tmp_path) == tmp_path / "Contents" / "Resources" / "licences"


def test_a_folder_that_is_not_frozen_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be a frozen folder"):
        licences_of(tmp_path)


def test_modules_of_the_base_library_are_told_by_their_dots(tmp_path):
    folder = frozen(tmp_path, {})
    (folder / "_internal").mkdir(parents=True)
    with zipfile.ZipFile(folder / "_internal" / "base_library.zip", "w") as archive:
        for name in ("json/__init__.pyc", "json/decoder.pyc", "readme.txt"):
            archive.writestr(name, b"")
    assert modules_inside(folder) == {"json", "json.decoder"}


def test_native_files_are_told_by_their_first_bytes(tmp_path):
    for data, native in ((ELF, True), (b"MZ\x90\x00", True), (b"#!/bin/sh", False), (b"", False)):
        path = tmp_path / "file"
        path.write_bytes(data)
        assert is_native(path) is native
