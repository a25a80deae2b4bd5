"""What goes into the installers, held against tlmri's own tables and against Python's import."""

import ast
import dataclasses
import importlib
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from core import paths
from core.registry import Registry
from installers import contents
from installers.project import ROOT

BLOCKED = Path(__file__).with_name("blocked.py")


@pytest.fixture(scope="module")
def registries():
    """Every table of the core, by its place."""
    found = {}
    for name in contents.our_modules():
        if name.startswith("core.") and not name.startswith("core.cli"):
            module = importlib.import_module(name)
            found |= {
                id(value): (f"{name}.{key}", value)
                for key, value in vars(module).items()
                if isinstance(value, Registry)
            }
    return dict(found.values())


def modules_of(item):
    """Where the parts of a registered thing are written."""
    parts = [item]
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        parts += [getattr(item, field.name) for field in dataclasses.fields(item)]
    return {
        part.__module__
        for part in parts
        if hasattr(part, "__module__") and (callable(part) or part is item)
    }


def test_whatever_is_registered_goes_in(registries):
    ours = set(contents.our_modules())
    labels = {registry.kind for registry in registries.values()}
    assert {"format", "method", "mask", "network"} <= {label.split()[-1] for label in labels}
    for place, registry in registries.items():
        assert registry.names(), place
        for entry in registry:
            inside = {name for name in modules_of(entry.item) if name.split(".")[0] == "core"}
            assert inside <= ours, f"{place}: {entry.name}"


def test_the_list_of_modules_is_that_of_the_folders():
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for top in ("core", "tlmri_gui")
        for path in (ROOT / top).rglob("*.py")
    }
    assert set(contents.our_modules()) == files


def test_every_resource_goes_in_and_keeps_its_place():
    listed = {(Path(source), folder) for source, folder in contents.resources()}
    files = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    assert listed == {(path, path.parent.relative_to(ROOT).as_posix()) for path in files}
    endings = {path.suffix for path in files}
    assert {".safetensors", ".toml", ".svg", ".qss"} <= endings
    left_out = [path for path in files if contents.is_left_out(str(path.relative_to(ROOT)))]
    assert left_out == []


ONLY_IN_THE_REPOSITORY = ("../packaging/", "../README.md", "results/studies/")
"""What shipped guides link to and readers of an installed application do without."""

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|(?:src|href)=\"([^\"#]+)")


def test_the_guides_go_in_with_what_they_link_to():
    listed = {Path(source) for source, _ in contents.documents()}
    guides = [path for path in listed if path.suffix == ".md"]
    assert ROOT / "docs" / paths.GUIDE in guides
    met = set()
    for guide in guides:
        for match in LINK.finditer(guide.read_text(encoding="utf-8")):
            link = match[1] or match[2]
            if link.startswith(("https://", "http://")):
                continue
            elsewhere = [start for start in ONLY_IN_THE_REPOSITORY if link.startswith(start)]
            met.update(elsewhere)
            target = (guide.parent / link).resolve()
            inside = target in listed or any(target in path.parents for path in listed)
            assert target.exists(), f"{guide.name}: {link}"
            assert inside != bool(elsewhere), f"{guide.name}: {link}"
    assert met == set(ONLY_IN_THE_REPOSITORY)


def test_guides_and_studies_keep_their_place_and_stay_small():
    entries = [(Path(source), folder) for source, folder in contents.documents()]
    assert {folder for _, folder in entries} == {"docs", "docs/images", "docs/studies"}
    assert all(path.parent == ROOT / folder for path, folder in entries)
    assert {path.suffix for path, _ in entries} == {".md", ".png", ".toml"}
    assert sum(path.stat().st_size for path, _ in entries) < 10e6
    assert not any(contents.is_left_out(f"{folder}/{path.name}") for path, folder in entries)


def imported(path):
    """Names that a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_that_tlmri_imports_is_left_out():
    names = {
        name
        for top in ("core", "tlmri_gui")
        for path in (ROOT / top).rglob("*.py")
        for name in imported(path)
    }
    assert {"torch", "sigpy", "nibabel"} <= {name.split(".")[0] for name in names}
    assert {name for name in names if contents.is_never_imported(name)} == set()


def run(script):
    """Run Python text in a process of its own, from the repository's root."""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def run_on_the_frozen_list(script):
    """The same where what stays out cannot be imported."""
    return run(f"import runpy\nrunpy.run_path({str(BLOCKED)!r})\n{script}")


def test_all_of_tlmri_is_importable_from_the_frozen_list():
    script = (
        "import importlib, sys\n"
        "from installers import contents\n"
        "for name in [*contents.our_modules(), 'sigpy']:\n"
        "    importlib.import_module(name)\n"
        "left_out = [n for n in contents.NOT_IMPORTED if n in sys.modules]\n"
        "print(','.join(left_out))\n"
    )
    done = run_on_the_frozen_list(script)
    assert done.returncode == 0, done.stderr
    # What stands there stands in: sigpy imports numba.
    assert done.stdout.strip() == "numba"


def test_reconstructions_and_children_work_on_the_frozen_list():
    """The checks of an installation: operators, golden images, networks, child processes."""
    done = subprocess.run(
        [sys.executable, str(BLOCKED), "doctor"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_window_finds_methods_networks_and_layers_on_the_frozen_list():
    catalogue = (
        "from tlmri_gui.core_access import CoreAccess\n"
        "found = CoreAccess().catalogue(lambda fraction, message='': None)\n"
        "print(len(found.methods))\n"
    )
    done = run_on_the_frozen_list(catalogue)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


def test_an_optimiser_steps_the_same_on_the_frozen_list():
    step = (
        "import torch\n"
        "from core.training.optimiser import adam\n"
        "weight = torch.nn.Parameter(torch.arange(4.0))\n"
        "optimiser = adam([weight], 0.1, 0.01)\n"
        "for _ in range(3):\n"
        "    optimiser.zero_grad(); weight.square().sum().backward(); optimiser.step()\n"
        "print(weight.tolist())\n"
    )
    plain, frozen = run(step), run_on_the_frozen_list(step)
    assert (plain.returncode, frozen.returncode) == (0, 0), plain.stderr + frozen.stderr
    assert plain.stdout == frozen.stdout != ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the patterns name Linux's files")
def test_every_pattern_of_files_left_out_meets_some():
    site = Path(importlib.import_module("torch").__file__).parents[1]
    packages = ("torch/lib", "PyQt6/Qt6/lib", "PyQt6/Qt6/plugins", "PyQt6/Qt6/translations")
    paths = [str(p.relative_to(site)) for name in packages for p in (site / name).rglob("*")]
    paths += [str(p.relative_to(site)) for p in site.glob("*.dist-info/*")]
    data = site / "matplotlib" / "mpl-data"
    paths += [str(p.relative_to(site)) for p in data.rglob("*")]
    unmet = [p for p in contents.LEFT_OUT if not any(fnmatch(path, f"*{p}") for path in paths)]
    assert unmet == []


def test_the_systems_libraries_stay_with_it_but_for_those_that_python_and_qt_bring(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    stays = contents.stays_with_the_system
    assert stays("libxcb.so.1", "/usr/lib/x86_64-linux-gnu/libxcb.so.1")
    assert stays("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6")
    assert not stays("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3")
    assert not stays("libzstd.so.1", "/usr/lib/x86_64-linux-gnu/libzstd.so.1")
    assert not stays("libQt6Gui.so.6", "/some/venv/site-packages/PyQt6/Qt6/lib/libQt6Gui.so.6")
