import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from core.gpu_addon import packages
from core.gpu_addon.packages import Source, fetch

ROOT = Path(__file__).resolve().parents[3]


def write_wheel(folder: Path, name: str, needs: str = "", version: str = "1.0") -> None:
    """A package of one module, and what it needs."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{name}.py": f"NAME = {name!r}\n",
        f"{info}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
        wheel.writestr(f"{info}/RECORD", record)


def run_fetch(requirement: str, target: Path, source: Source, function: str = "fetch") -> str:
    """The refusal of a real pip, in a process of its own, since pip sets up logging as it likes.

    Of another function than ``fetch`` also what it returns.
    """
    target.mkdir()
    code = (
        "import sys\nfrom pathlib import Path\n"
        f"from core.gpu_addon.packages import Source, {function}\n"
        "try:\n"
        f"    found = {function}({requirement!r}, Path({str(target)!r}), {source!r})\n"
        "    sys.stderr.write(' '.join(found or []))\n"
        "except ValueError as error:\n"
        "    sys.stderr.write(str(error))\n"
    ).replace("PosixPath(", "Path(")
    environment = os.environ | {"PIP_REQUIRE_VIRTUALENV": "1"}  # which would forbid a target
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_packages_and_what_they_need_are_unpacked(tmp_path, monkeypatch):
    write_wheel(tmp_path / "wheels", "outer_thing", needs="inner_thing")
    write_wheel(tmp_path / "wheels", "inner_thing")
    write_wheel(tmp_path / "others", "inner_thing", version="2.0")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "others"))  # somebody's setting
    target = tmp_path / "target"
    said = run_fetch("outer_thing==1.0", target, Source(wheels=tmp_path / "wheels"))
    assert said == ""
    found = {path.name for path in target.iterdir()} - {"__pycache__"}
    assert found == {
        *("outer_thing.py", "inner_thing.py"),
        *("outer_thing-1.0.dist-info", "inner_thing-1.0.dist-info"),
    }


def test_what_is_not_there_is_told_in_one_line(tmp_path):
    (tmp_path / "wheels").mkdir()
    said = run_fetch("nothing_there==1.0", tmp_path / "target", Source(wheels=tmp_path / "wheels"))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert said == f"nothing_there==1.0: not found there for Python {version} on this system"
    assert list((tmp_path / "target").iterdir()) == []


def test_the_versions_are_told_without_fetching(tmp_path):
    for version in ("1.0+cu126", "1.0+cu130", "0.9", "1.0"):
        write_wheel(tmp_path / "wheels", "thing", version=version)
    (tmp_path / "wheels" / "thing-2.0-cp27-cp27m-win32.whl").touch()  # for another system
    source = Source(wheels=tmp_path / "wheels")
    said = run_fetch("thing", tmp_path / "target", source, "offered")
    assert said.split() == ["1.0+cu130", "1.0+cu126", "1.0", "0.9"]
    assert list((tmp_path / "target").iterdir()) == []
    said = run_fetch("nothing_there", tmp_path / "other", source, "offered")
    assert said.startswith("nothing_there: not found there for Python")


def test_an_index_out_of_reach_is_told_in_one_line(tmp_path):
    source = Source(index_url="http://127.0.0.1:9/simple")  # nothing listens on the discard port
    said = run_fetch("nothing_there==1.0", tmp_path / "target", source)
    assert said.startswith("nothing_there==1.0: the package index cannot be reached; check")
    assert "\n" not in said


@pytest.fixture
def pip_says(monkeypatch):
    """``pip_says(text)``: a pip that writes it on stderr and fails; the arguments it was given."""
    given = []

    def prepare(text: str, code: int = 1) -> list[str]:
        def main(arguments: list[str]) -> int:
            given.extend(arguments)
            assert Path(tempfile.gettempdir()).parent.name == "target"
            sys.stderr.write(text)
            return code

        namespace = SimpleNamespace(main=main)
        monkeypatch.setattr(packages.importlib, "import_module", lambda name: namespace)
        return given

    return prepare


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device\n", "the disk is full"),
        ("ERROR: Could not install\nHINT: ... Windows Long Path support ...", "LongPathsEnabled"),
        ("WARNING: Retrying: NewConnectionError\nERROR: No matching distribution", "be reached"),
        ("ERROR: Something  odd\nhappened\n", "torch==1: Something odd"),
        ("odd\n", "torch==1: odd"),
        ("", "torch==1: pip said nothing"),
    ],
)
def test_every_failure_of_pip_is_one_line(tmp_path, pip_says, said, reason):
    (tmp_path / "target").mkdir()
    pip_says(said)
    before = (tempfile.tempdir, dict(os.environ))
    with pytest.raises(ValueError, match=reason) as refusal:
        fetch("torch==1", tmp_path / "target", Source())
    assert "\n" not in str(refusal.value)
    assert (tempfile.tempdir, dict(os.environ)) == before
    assert list((tmp_path / "target").iterdir()) == []


def test_an_interrupted_pip_interrupts(tmp_path, pip_says):
    (tmp_path / "target").mkdir()
    pip_says("ERROR: Operation cancelled by user\n")
    with pytest.raises(KeyboardInterrupt):
        fetch("torch==1", tmp_path / "target", Source())


@pytest.mark.parametrize(
    ("source", "options"),
    [
        (Source(), []),
        (Source("http://some.where/simple"), ["--index-url", "http://some.where/simple"]),
        (Source(wheels=Path("wheels")), ["--no-index", "--find-links", "wheels"]),
    ],
)
def test_sources_as_options(tmp_path, pip_says, source, options):
    (tmp_path / "target").mkdir()
    given = pip_says("", code=0)
    fetch("torch==1", tmp_path / "target", source)
    assert given[:2] == ["install", "torch==1"]
    assert {"--target", "--only-binary", "--no-cache-dir", *options} <= set(given)
    assert ("--no-index" in given, "--index-url" in given) == (
        "--no-index" in options,
        "--index-url" in options,
    )
    assert source.is_ordinary == (options == [])
