"""What the results page says of the noise study, from a report whose words are known."""

import importlib
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "docs" / "results"

REPORT = """\
# A study

It is 20 % below.

![Errors](errors.png)

## Loss

A note.

| a | b |

## T1: bias, standard deviation, MSE

Left out.
"""


@pytest.fixture
def page(monkeypatch):
    """The script's module; scripts find each other by their own folder."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("fingerprinting")


def test_takes_sentences_figures_and_chosen_tables(page, tmp_path):
    (tmp_path / "report.md").write_text(REPORT)
    (tmp_path / "times.txt").write_text("network 1 s\n")
    text = page.fingerprinting_section(tmp_path, tmp_path / "none", tmp_path / "times.txt")
    assert "### A study\n\nIt is 20 % below.\n\n" in text
    assert f"![Errors]({tmp_path.as_posix()}/errors.png)" in text
    assert "#### Loss\n\nA note.\n\n| a | b |\n\n" in text
    assert "Left out" not in text
    assert f"[report]({tmp_path.as_posix()}/report.md)" in text
    assert "```text\nnetwork 1 s\n```" in text


def test_the_short_study_shows_its_own_figures_only(page, tmp_path):
    (tmp_path / "report.md").write_text(
        REPORT.replace("\n## Loss", "\n![Ratios](ratios.png)\n\n## Loss")
    )
    text = page.fingerprinting_section(tmp_path / "none", tmp_path, tmp_path / "none.txt")
    assert "ratios.png)" in text
    assert "errors.png)" not in text
    assert "It is 20 % below." in text


def test_links_count_from_the_pages_folder(page):
    folder = page.STUDY
    assert folder.relative_to(SCRIPTS.parent).as_posix() == "results/studies/fingerprinting"


def test_says_nothing_where_nothing_was_run(page, tmp_path):
    assert page.fingerprinting_section(tmp_path, tmp_path / "none", tmp_path / "none.txt") == ""


def test_the_reports_tables_are_called_as_the_page_asks(page):
    """A table that is renamed would drop out of the page in silence."""
    from core.studies.fingerprinting import tables

    text = Path(tables.__file__).read_text()
    for title in page.TABLES:
        assert f'"{title}",' in text
