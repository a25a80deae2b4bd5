"""How large the built packages are, and what they are made of.

``python -m installers.sizes FROZEN_FOLDER PACKAGE ... --out sizes.json``
"""

from __future__ import annotations

import argparse
import json
import lzma
import subprocess
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

MB = 1_000_000
AIM_MB = 300
PRESET = 1
"""Of xz, for the shares; packages are compressed harder, which moves all groups alike."""

REST = "all else"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "PyTorch": ("torch/*", "torchgen/*", "functorch/*", "libtorch*", "libgomp*"),
    "Qt and PyQt6": ("PyQt6/*", "libQt6*", "libicu*"),
    "NumPy and SciPy": (
        "numpy/*", "numpy.libs/*", "scipy/*", "scipy.libs/*", "libopenblas*", "libscipy_openblas*",
        "libgfortran*", "libquadmath*",
    ),
    "shipped networks": ("resources/weights/*",),
    "guides and studies to start from": ("docs/*",),
    "Python's own library and interpreter": (
        "libpython*", "python3*", "base_library.zip", "lib-dynload/*", "libcrypto*", "libssl*",
        "libsqlite3*",
    ),
    "HDF5": ("h5py/*", "h5py.libs/*", "libhdf5*"),
    "figures (matplotlib, Pillow)": (
        "matplotlib/*", "PIL/*", "pillow.libs/*", "kiwisolver/*", "contourpy/*", "fontTools/*",
    ),
    "licences and bill of materials": ("licences/*",),
    "system libraries": ("lib*.so*",),
}  # fmt: skip
"""Group to patterns of paths below ``_internal``; the first that fits takes a file."""

PROGRAM = "program, with the Python modules of all packages"
"""What lies beside ``_internal``."""


@dataclass(frozen=True)
class Package:
    """A built package: its file name, its own size and that of what it holds, in bytes."""

    name: str
    compressed: int
    unpacked: int


@dataclass(frozen=True)
class Group:
    """Part of the frozen folder: its files' size and their size by xz alone, in bytes."""

    name: str
    unpacked: int
    compressed: int


def group_of(path: str) -> str:
    """Name of the group that a file belongs to, by its path below the frozen folder."""
    inside = path.removeprefix("_internal/")
    if inside == path:
        return PROGRAM
    for name, patterns in GROUPS.items():
        if any(fnmatch(inside, pattern) for pattern in patterns):
            return name
    return REST


def groups(frozen: Path) -> list[Group]:
    """What a frozen folder is made of, largest first; links take no room.

    Raises
    ------
    ValueError
        If there is no file in the folder.
    """
    files: dict[str, list[Path]] = {}
    for path in sorted(frozen.rglob("*")):
        if path.is_file() and not path.is_symlink():
            files.setdefault(group_of(path.relative_to(frozen).as_posix()), []).append(path)
    if not files:
        raise ValueError(f"frozen folder must hold files, {frozen} has none")
    with ThreadPoolExecutor() as pool:
        compressed = pool.map(compressed_size, files.values())
        found = [
            Group(name, sum(path.stat().st_size for path in paths), size)
            for (name, paths), size in zip(files.items(), compressed, strict=True)
        ]
    return sorted(found, key=lambda group: -group.unpacked)


def compressed_size(paths: Iterable[Path]) -> int:
    """Bytes of these files, one after the other, by xz."""
    compressor = lzma.LZMACompressor(preset=PRESET)
    size = 0
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                size += len(compressor.compress(block))
    return size + len(compressor.flush())


def package(path: Path) -> Package:
    """Sizes of a built ``.deb`` or tar file."""
    if path.suffix != ".deb":
        with tarfile.open(path) as archive:
            unpacked = sum(member.size for member in archive)
        return Package(path.name, path.stat().st_size, unpacked)
    command = ["dpkg-deb", "--fsys-tarfile", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as unpacking:
        with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
            unpacked = sum(member.size for member in archive)
        assert unpacking.stdout is not None
        unpacking.stdout.read()
    return Package(path.name, path.stat().st_size, unpacked)


def measure(frozen: Path, packages: Sequence[Path]) -> dict[str, Any]:
    """Everything that :func:`markdown` says, as what JSON can hold."""
    return {
        "packages": [asdict(package(path)) for path in packages],
        "groups": [asdict(group) for group in groups(frozen)],
        "xz_preset": PRESET,
    }


def markdown(sizes: Mapping[str, Any]) -> str:
    """The sizes as two tables, in MB of a million bytes."""
    lines = ["| Package | Compressed | Unpacked |", "|---|---|---|"]
    for built in sizes["packages"]:
        lines.append(
            f"| `{built['name']}` | {_mb(built['compressed'])} | {_mb(built['unpacked'])} |"
        )
    largest = max((built["compressed"] for built in sizes["packages"]), default=0)
    if largest:
        kept = "kept" if largest < AIM_MB * MB else "missed"
        lines += ["", f"The aim, less than {AIM_MB} MB compressed, is {kept}."]
    total = sum(group["unpacked"] for group in sizes["groups"])
    total_compressed = sum(group["compressed"] for group in sizes["groups"])
    lines += [
        "",
        "What the application is made of. 'Compressed' is each group alone by "
        f"`xz -{sizes['xz_preset']}`, so that the shares can be told; a whole package is "
        "compressed otherwise.",
        "",
        "| Part | Unpacked | Compressed | Share of the compressed |",
        "|---|---|---|---|",
    ]
    for group in sizes["groups"]:
        share = group["compressed"] / max(total_compressed, 1)
        lines.append(
            f"| {group['name']} | {_mb(group['unpacked'])} | {_mb(group['compressed'])} "
            f"| {100 * share:.0f} % |"
        )
    lines.append(f"| all | {_mb(total)} | {_mb(total_compressed)} | 100 % |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables and keep the numbers."""
    parser = argparse.ArgumentParser(prog="python -m installers.sizes", description=main.__doc__)
    parser.add_argument("frozen", type=Path, metavar="FROZEN_FOLDER")
    parser.add_argument("packages", type=Path, nargs="*", metavar="PACKAGE")
    parser.add_argument("--out", type=Path, required=True, help="a .json file")
    args = parser.parse_args(arguments)
    sizes = measure(args.frozen, args.packages)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(sizes, indent=1) + "\n", encoding="utf-8")
    print(markdown(sizes))
    return 0


def _mb(size: int) -> str:
    return f"{size / MB:.1f} MB"


if __name__ == "__main__":
    raise SystemExit(main())
