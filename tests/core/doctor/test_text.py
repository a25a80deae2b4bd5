from datetime import UTC, datetime

from core import __version__
from core.doctor import Check, Outcome, is_sound, lines, page, verdict

FINE = Check("memory", "16 GiB, | and ``` and <b>")
NOTED = Check("display", "none", Outcome.NOTE, "log in to a desktop")
BAD = Check("user folder", "OSError: read-only", Outcome.FAILED, "set TLMRI_HOME")
WHEN = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)


def test_the_verdict():
    assert verdict([FINE]) == "This installation is sound: all 1 checks passed"
    assert verdict([FINE, NOTED]).endswith("all 2 checks passed, 1 with a remark")
    assert verdict([FINE, BAD]) == "1 of 2 checks failed: user folder"
    assert is_sound([FINE, NOTED])
    assert not is_sound([FINE, BAD])


def test_the_verdict_of_an_examination_that_was_cancelled():
    skipped = Check("devices", "not looked at", Outcome.SKIPPED)
    assert verdict([FINE, skipped]) == "Not finished: 1 of 2 checks were not made"
    assert verdict([BAD, skipped]).endswith("failed: user folder; 1 of 2 checks were not made")
    assert not is_sound([FINE, skipped])


def test_lines_stand_below_each_other():
    assert lines(FINE, 11) == "ok       memory       16 GiB, | and ``` and <b>"
    first, second = lines(BAD, 11).splitlines()
    assert first == "FAILED   user folder  OSError: read-only"
    assert second == f"{'':22}What to do: set TLMRI_HOME"


def test_long_lines_are_broken_where_asked():
    text = lines(Check("packages", "numpy 2.4.6, " * 40), 11, 80)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "\n" not in lines(Check("packages", "numpy 2.4.6, " * 40), 11)


def test_the_page_is_markdown_with_what_failed_first():
    text = page([FINE, NOTED, BAD], WHEN)
    assert text.startswith(f"## Installation check of tlmri {__version__}\n")
    assert "2030-01-02 03:04 UTC. **1 of 3 checks failed: user folder.**" in text
    _, body, closing = text.split("```")
    assert body.startswith("text\nFAILED   user folder")
    assert body.index("user folder") < body.index("display") < body.index("memory")
    assert "| and ''' and <b>" in body
    assert closing == "\n"


def test_a_page_of_nothing():
    assert "all 0 checks passed" in page([], WHEN)
