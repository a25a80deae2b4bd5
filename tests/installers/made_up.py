"""Distributions and frozen folders that tests make up."""

from importlib.metadata import PathDistribution

ELF = b"\x7fELF" + bytes(60)


def distribution(site, name, metadata="License-Expression: MIT", files=(), version="1.0"):
    """One in ``site``; ``files`` are its paths below that, all with the same few bytes."""
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    head = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{metadata}\n"
    (folder / "METADATA").write_text(head)
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_bytes(ELF if file.endswith(".so") else f"text of {file}".encode())
    (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return PathDistribution(folder)


def frozen(folder, files):
    """A frozen folder with files, given as names to bytes, inside ``_internal``."""
    for name, data in files.items():
        path = folder / "_internal" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
