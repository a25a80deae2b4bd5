"""The page on GPUs says what the code says."""

import re
import shlex
from pathlib import Path

from core.cli.main import parser
from core.gpu_addon.folder import shipped_torch
from core.gpu_addon.install import DOWNLOAD_GB, UNPACKED_GB
from core.gpu_addon.needs import NEEDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "gpu.md").read_text(encoding="utf-8")


def test_its_commands_are_real():
    commands = [line.strip() for line in PAGE.splitlines() if line.startswith("    tlmri ")]
    assert len(commands) == 5
    for command in commands:
        assert parser().parse_args(shlex.split(command)[1:]).run is not None


def test_its_numbers_are_those_of_the_code():
    for column, need in ((1, NEEDS[13]), (2, NEEDS[12])):
        assert row("NVIDIA driver")[column] == f"{need.driver} or newer"
        least = ".".join(map(str, need.compute))
        assert row("compute capability")[column].startswith(f"{least} or more")
    for size in (f"{DOWNLOAD_GB} GB are fetched", f"{UNPACKED_GB} GB stay"):
        assert size in PAGE
    assert PAGE.count(f"{DOWNLOAD_GB + UNPACKED_GB:.1f} GB") == 2
    assert set(re.findall(r"torch==([\d.]+\d)", PAGE)) == {shipped_torch()}


def test_its_refusals_are_those_of_the_code():
    code = " ".join(
        re.sub(r'"\s*\n\s*f?"', "", file.read_text(encoding="utf-8"))
        for file in (ROOT / "core" / "gpu_addon").glob("*.py")
    )
    refusals = PAGE.partition("## What may be refused")[2]
    heads = re.findall(r"^\| (.+?) \|", refusals, re.MULTILINE)[1:]
    assert len(heads) > 10
    for head in heads:
        for words in re.split(r"…|, or |\d+\.[\d.]+", head):
            assert words.strip(" :") in code, head


def row(beginning: str) -> list[str]:
    """Cells of the first row of a table that begins so."""
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {beginning}"))
    return [cell.strip() for cell in line.strip("|").split("|")]
