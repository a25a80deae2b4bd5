import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_folder_with_code_is_packaged(project):
    packaged = set(project["tool"]["setuptools"]["packages"])
    folders = {
        ".".join(init.parent.relative_to(ROOT).parts)
        for top in ("core", "tlmri_gui")
        for init in (ROOT / top).rglob("__init__.py")
    }
    assert packaged == {*folders, "core.resources"}


def test_torch_is_pinned_exactly():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert "torch==2.13.0" in lines


def test_links_of_the_documents_lead_somewhere():
    broken = []
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("packaging/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            if "://" not in target and not (document.parent / target).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_command_of_the_readme_is_real(capsys):
    import shlex

    from core.cli.main import parser

    text = (ROOT / "README.md").read_text() + (ROOT / "docs" / "user-guide.md").read_text()
    lines = text.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line.strip()) for line in lines if line.startswith("    tlmri ")]
    assert len(commands) > 5
    for words in commands:
        assert parser().parse_args(words[1:]).run is not None


@pytest.mark.parametrize("place", ["/work/", "/tmp/", "/home/", "/root/"])
def test_no_path_of_a_machine_is_in_the_tree(place):
    found = subprocess.run(
        ["git", "grep", "-lI", "-e", place, "--", ".", ":!tests/test_house.py", ":!LICENSE"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if found.returncode > 1:
        pytest.skip("needs a git checkout")
    assert found.stdout == ""
