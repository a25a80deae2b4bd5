"""Which build of torch a version names and a folder holds, known before any of it runs."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Build:
    """``torch`` is its version without the suffix; ``cuda`` is empty for a build without CUDA."""

    torch: str
    cuda: str


def of_version(version: str) -> Build | None:
    """The build of a version such as ``2.13.0+cu130``; None where the suffix does not tell it."""
    number, _, suffix = version.partition("+")
    if found := re.match(r"cu(\d+)(\d)\b", suffix):
        return Build(number, f"{found[1]}.{found[2]}")
    return Build(number, "") if re.match("cpu|rocm|xpu", suffix) else None


def of_folder(folder: Path) -> Build:
    """The build that is unpacked in a folder, from the file in which torch's own build says it.

    Raises
    ------
    ValueError
        If it is not said there.
    """
    try:
        module = ast.parse((folder / "torch" / "version.py").read_text(encoding="utf-8"))
        values = dict(filter(None, map(_constant, module.body)))
        version, cuda = values["__version__"], values["cuda"]
    except (OSError, ValueError, SyntaxError, KeyError) as error:
        raise ValueError("the torch found there does not say for which CUDA it is built") from error
    return Build(str(version).partition("+")[0], str(cuda or ""))


def _constant(statement: ast.stmt) -> tuple[str, object] | None:
    """Name and value of a module's constant, with or without a type; None for all else."""
    match statement:
        case ast.Assign([ast.Name(name)], ast.Constant(value)) | ast.AnnAssign(
            ast.Name(name), _, ast.Constant(value)
        ):
            return name, value
    return None
