"""What goes into the installers' application, and what stays out, with the reasons.

Read by the specification (``packaging/tlmri.spec``), its hooks, and the test that holds both
against tlmri's own tables.
"""

from __future__ import annotations

import re
import sys
from fnmatch import fnmatch
from pathlib import PurePath

from installers.project import ROOT, document

NOT_IMPORTED: dict[str, str] = {
    "numba": "sigpy imports it, tlmri calls nothing of it: installers.stand_ins",
    "llvmlite": "numba's compiler",
    "torch._dynamo": "torch's compiler: installers.stand_ins",
    "torch._inductor": "torch's compiler",
    "torch.onnx": "export to another format",
    "torch.testing._internal.common_utils": "torch's own tests",
    "torch.testing._internal.common_device_type": "torch's own tests",
    "torch.testing._internal.distributed": "torch's own tests",
    "torch.testing._internal.opinfo": "torch's own tests",
    "torch.utils.benchmark": "torch's own timings",
    "torch.utils.tensorboard": "needs a package that tlmri does not",
    "torch.utils.bottleneck": "a command of torch",
    "torch.utils.model_dump": "a command of torch",
    "sympy": "torch's compiler",
    "mpmath": "sympy",
    "networkx": "torch's compiler",
    "jinja2": "torch's compiler, and pages of Dask's that tlmri switches off",
    "bokeh": "pages of Dask's that tlmri switches off",
    "pandas": "data frames, which tlmri has none of",
    "pyarrow": "data frames",
    "IPython": "a shell",
    "tkinter": "another toolkit for windows",
    "_tkinter": "another toolkit for windows",
    "OpenGL": "three-dimensional views",
    "lxml": "of the tools that build the installers",
    "defusedxml": "of the tools that build the installers",
    "jsonschema": "of the tools that build the installers",
    "attr": "of the tools that build the installers",
    "PySide6": "another binding of Qt",
    "PyQt5": "another binding of Qt",
    "PyQt6.QtPdf": "documents",
    "PyQt6.QtQml": "another way to make windows",
    "PyQt6.QtQuick": "another way to make windows",
    "PyQt6.QtTest": "tests",
    "pyqtgraph.opengl": "three-dimensional views",
    "pyqtgraph.examples": "examples",
    "pyqtgraph.jupyter": "notebooks",
    "matplotlib.tests": "tests",
    "scipy.io.matlab.tests": "tests",
    "pytest": "tests",
    "setuptools": "builds packages",
    "PIL._avif": "pictures that nobody gives tlmri, by a library of eight megabytes",
    "PIL._imagingtk": "another toolkit for windows",
    "readline": "a library of the system, for shells",
    "curses": "a library of the system, for terminals",
    "_curses": "a library of the system, for terminals",
    "_curses_panel": "a library of the system, for terminals",
    "sqlite3": "data bases",
    "_sqlite3": "data bases",
    "crypt": "a library of the system, for passwords",
    "_crypt": "a library of the system, for passwords",
    "nis": "a library of the system, for networks of long ago",
    "_uuid": "a library of the system; Python does without",
    "ismrmrd.xsd.ismrmrdschema.tests": "tests",
}
"""Module to the reason that it and what is below it stay out."""

LEFT_OUT: tuple[str, ...] = (
    "torch/lib/*test*",
    "torch/lib/libaoti_custom_ops*",
    "torch/lib/libbackend_with_compiler*",
    "matplotlib/mpl-data/sample_data/*",
    "dist-info/direct_url.json",
    "dist-info/RECORD",
    "libQt6Pdf.*",
    "libQt6Test.*",
    "libQt6EglFS*",
    "libQt6Network.*",
    "Qt6/plugins/egldeviceintegrations/*",
    "Qt6/plugins/generic/*",
    "Qt6/plugins/imageformats/*qpdf*",
    "Qt6/plugins/imageformats/*qwebp*",
    "Qt6/plugins/imageformats/*qtiff*",
    "Qt6/plugins/imageformats/*qtga*",
    "Qt6/plugins/imageformats/*qwbmp*",
    "Qt6/plugins/platforms/*linuxfb*",
    "Qt6/plugins/platforms/*qvkkhr*",
    "Qt6/plugins/platforms/*qvnc*",
    "Qt6/plugins/platforms/*minimal*",
    "Qt6/plugins/platforms/*eglfs*",
    "Qt6/translations/*",
)
"""Files that hooks collect and nothing opens: tests, commands, other screens, other languages, and
where on the building machine a package came from."""

BROUGHT_LIBRARIES = (
    "libbz2.", "libcrypto.", "libffi.", "liblzma.", "libpython", "libssl.", "libz.", "libzstd."
)  # fmt: skip
"""Libraries of the build system brought along: Python's modules or Qt link to a version of them.

All others of the system stay there: the desktop's must fit its own drivers and settings.
"""

FIGURE_BACKENDS = ("Agg", "PDF", "SVG")
"""What :mod:`core.figure_file` writes by."""

WHOLE_PACKAGES = ("pip", "email")
"""Packages that import their own modules by names which no tool can see: ``tlmri gpu`` runs pip."""

HOOKS_LEFT_OUT: dict[str, str] = {
    "pyi_rth_mplconfig": "makes a temporary folder at every start, and start.py a lasting one",
}
"""PyInstaller's scripts before the program, with the reasons that they stay out."""

STANDARD_MODULES_LEFT_OUT = ("antigravity", "idlelib", "lib2to3", "this", "turtle", "turtledemo")


def our_modules() -> tuple[str, ...]:
    """Every module of ``core`` and ``tlmri_gui``, from the folders themselves."""
    found = []
    for package in packages():
        folder = ROOT.joinpath(*package.split("."))
        found += [package, *(f"{package}.{file.stem}" for file in folder.glob("[!_]*.py"))]
    return tuple(sorted(found))


def packages() -> tuple[str, ...]:
    """The packages of tlmri, as its wheel has them."""
    listed: list[str] = document()["tool"]["setuptools"]["packages"]
    return tuple(name for name in listed if name != "core.resources")


def distributions() -> tuple[str, ...]:
    """Names of tlmri and of what it depends on, for :mod:`importlib.metadata`."""
    project = document()["project"]
    names = (re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in project["dependencies"])
    return (project["name"], *names)


def standard_modules() -> tuple[str, ...]:
    """The standard library, whole: the add-on for GPUs needs more of it than tlmri does."""
    out = (*STANDARD_MODULES_LEFT_OUT, *NOT_IMPORTED)
    return tuple(sorted(name for name in sys.stdlib_module_names if name not in out))


def resources() -> tuple[tuple[str, str], ...]:
    """Files beside the code, and the folder that each comes to lie in."""
    return _in_their_places("resources/**/*")


def documents() -> tuple[tuple[str, str], ...]:
    """The guides with their pictures, and the studies to start from, likewise.

    Without ``docs/results``, four times as large as all of this.
    """
    return _in_their_places("docs/*.md", "docs/images/*", "docs/studies/*.toml")


def _in_their_places(*patterns: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(file), file.parent.relative_to(ROOT).as_posix())
        for pattern in patterns
        for file in sorted(ROOT.glob(pattern))
        if file.is_file()
    )


def is_never_imported(name: str) -> bool:
    """Whether a module, by its whole name, is of :data:`NOT_IMPORTED`."""
    return any(name == out or name.startswith(f"{out}.") for out in NOT_IMPORTED)


def is_left_out(name: str) -> bool:
    """Whether a file, by its path within the application or its source, stays out."""
    path = PurePath(name).as_posix()
    return any(fnmatch(path, f"*{pattern}") for pattern in LEFT_OUT)


def stays_with_the_system(name: str, source: str) -> bool:
    """Whether a shared library, by its name and where it was found, is the system's to provide."""
    is_of_the_system = sys.platform.startswith("linux") and source.startswith(("/usr/lib", "/lib"))
    return is_of_the_system and not PurePath(name).name.startswith(BROUGHT_LIBRARIES)
