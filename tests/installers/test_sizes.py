"""Sizes of packages made up here, and what the tables say of them."""

import os
import sys
import tarfile

import pytest

from installers import sizes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="packages for Linux are measured on Linux"
)


@pytest.fixture
def frozen(tmp_path):
    folder = tmp_path / "tlmri"
    for name, size in {
        "tlmri-bin": 500,
        "_internal/torch/lib/libtorch_cpu.so": 100_000,
        "_internal/PyQt6/Qt6/lib/libQt6Core.so.6": 40_000,
        "_internal/resources/weights/t1-r4.safetensors": 30_000,
        "_internal/libX11.so.6": 200,
        "_internal/someone/else.txt": 100,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        content = os.urandom(size) if "weights" in name else bytes(size)
        (folder / name).write_bytes(content)
    (folder / "_internal" / "libQt6Core.so.6").symlink_to("PyQt6/Qt6/lib/libQt6Core.so.6")
    return folder


def test_every_file_is_counted_once_in_the_group_it_belongs_to(frozen):
    found = {group.name: group.unpacked for group in sizes.groups(frozen)}
    assert found == {
        "PyTorch": 100_000,
        "Qt and PyQt6": 40_000,
        "shipped networks": 30_000,
        sizes.PROGRAM: 500,
        "system libraries": 200,
        sizes.REST: 100,
    }
    assert list(found) == sorted(found, key=found.get, reverse=True)


def test_random_bytes_do_not_shrink_and_zeros_do(frozen):
    found = {group.name: group.compressed for group in sizes.groups(frozen)}
    assert found["shipped networks"] >= 30_000
    assert found["PyTorch"] < 1000


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must hold files"):
        sizes.groups(tmp_path)


def test_a_tar_file_has_the_sizes_of_itself_and_of_what_it_holds(frozen, tmp_path):
    path = tmp_path / "tlmri-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(frozen, "tlmri-1")
    assert sizes.package(path) == sizes.Package(path.name, path.stat().st_size, 170_800)


@pytest.mark.parametrize(("compressed", "verdict"), [(299_000_000, "kept"), (301e6, "missed")])
def test_the_tables_say_sizes_shares_and_whether_the_aim_is_kept(compressed, verdict):
    text = sizes.markdown(
        {
            "packages": [{"name": "a.deb", "compressed": compressed, "unpacked": 900_000_000}],
            "groups": [
                {"name": "PyTorch", "unpacked": 600_000_000, "compressed": 150_000_000},
                {"name": sizes.REST, "unpacked": 1_500_000, "compressed": 50_000_000},
            ],
            "xz_preset": 1,
        }
    )
    assert f"MB compressed, is {verdict}." in text
    assert f"| `a.deb` | {compressed / 1e6:.1f} MB | 900.0 MB |" in text
    assert "| PyTorch | 600.0 MB | 150.0 MB | 75 % |" in text
    assert "| all | 601.5 MB | 200.0 MB | 100 % |" in text
