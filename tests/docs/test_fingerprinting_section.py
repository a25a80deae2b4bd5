"""What the results page says of the noise study, from a report whose words are known."""

import importlib
import json
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
    text = page.fingerprinting_section(
        tmp_path, tmp_path / "none", tmp_path / "times.txt", tmp_path / "none"
    )
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
    text = page.fingerprinting_section(
        tmp_path / "none", tmp_path, tmp_path / "none.txt", tmp_path / "none"
    )
    assert "ratios.png)" in text
    assert "errors.png)" not in text
    assert "It is 20 % below." in text


def test_links_count_from_the_pages_folder(page):
    folder = page.STUDY
    assert folder.relative_to(SCRIPTS.parent).as_posix() == "results/studies/fingerprinting"


def test_says_nothing_where_nothing_was_run(page, tmp_path):
    assert (
        page.fingerprinting_section(
            tmp_path, tmp_path / "none", tmp_path / "none.txt", tmp_path / "none"
        )
        == ""
    )


def test_the_reports_tables_are_called_as_the_page_asks(page):
    """A table that is renamed would drop out of the page in silence."""
    from core.studies.fingerprinting import tables

    text = Path(tables.__file__).read_text()
    for title in page.TABLES:
        assert f'"{title}",' in text


HEAD = "method,other,snr_db,tissues,parameter,reduction_percent,low,high,seeds,seeds_better\n"


def write_study(folder, steps, rows):
    """A study's folder; ``rows``: the other method, SNR, tissues, reduction, half its interval."""
    folder.mkdir()
    settings = {
        "training": {"steps_clean": 5000, "steps_noisy": steps},
        "evaluation": {"snr_db": [10, 60], "long_t2_ms": 30},
    }
    (folder / "study.json").write_text(json.dumps({"settings": settings}))
    lines = [
        f"transferred,{other},{snr},{tissues},all,{mean},{mean - half},{mean + half},5,4\n"
        for other, snr, tissues, mean, half in rows
    ]
    (folder / "comparison.csv").write_text(
        HEAD + "transferred-none,noisy,all,all,all,99,98,100,5,5\n" + "".join(lines)
    )
    return folder


def test_the_summary_says_where_the_transfer_gains_and_where_not(page, tmp_path):
    long = write_study(
        tmp_path / "long",
        2500,
        [
            ("noisy", "all", "all", 3.5, 1.7),
            ("noisy", "all", "long T2", 0.1, 3.5),
            ("noisy-total", "all", "all", -6.6, 1.5),
            ("clean", "60", "long T2", -203.9, 78.3),
            ("dictionary", "all", "long T2", 10.2, 3.2),
        ],
    )
    short = write_study(
        tmp_path / "short",
        250,
        [
            ("noisy", "all", "all", 16.7, 4.8),
            ("noisy", "all", "long T2", 11.6, 8.1),
            ("noisy-total", "all", "all", -42.8, 6.4),
            ("dictionary", "all", "long T2", -93.2, 15.2),
        ],
    )
    text = page.fingerprinting_section(long, short, tmp_path / "none.txt", tmp_path / "none")
    assert text == ""  # without a report
    text = page.summary((long, short))
    assert text.startswith("In short: after 5,000 clean and 250 noisy steps the loss of")
    assert "16.7 % (95 % CI 11.9 to 21.5) below that of as many noisy steps from scratch" in text
    assert "the paper's 15 % is reached; the interval holds 15 %" in text
    for line in (
        "as many noisy steps: in all tissues lower after 250 and 2,500 noisy steps; in those with "
        "T2 from 30 ms on lower after 250 noisy steps",
        "the clean steps added: in all tissues higher after 250 and 2,500 noisy steps",
        "at 60 dB: in all tissues neither lower nor higher; in those with T2 from 30 ms on higher "
        "after 2,500 noisy steps",
        "T2 from 30 ms on lower after 2,500, higher after 250 noisy steps",
    ):
        assert line in text
    assert "| T2 from 30 ms on | **−11.6 ± 8.1 %** |  | −0.1 ± 3.5 % |  |" in text
    assert "99" not in text


def test_the_summary_stands_at_the_top(page, tmp_path):
    study = write_study(tmp_path / "study", 250, [("noisy", "all", "all", 16.7, 4.8)])
    (study / "report.md").write_text(REPORT)
    text = page.fingerprinting_section(
        study, tmp_path / "none", tmp_path / "none.txt", tmp_path / "none"
    )
    assert text.index("In short: ") < text.index("tlmri mrf study") < text.index("### A study")
