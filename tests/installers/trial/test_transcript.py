"""What the transcript says, and what it must not say."""

import json
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from installers.project import ROOT
from installers.trial.outcome import Finished, Outcome, general_problems, last_lines
from installers.trial.transcript import Scrubber, Trial, section, table, write

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the trial is for Linux packages"
)
GOOD = Outcome("is sound", "tlmri doctor", 0, 2.04, "ok  Python  3.11")
BAD = Outcome("tunes", "tlmri finetune a|b", None, 600.0, "", ("not done after 600 s",))
TIMED = Outcome(
    "opens", "tlmri gui", 0, 9.0, findings={"visible_s": [0.5, 0.75], "median_s": 0.625}
)


def trial(*outcomes):
    return Trial("deb", "tlmri_1.0_amd64.deb", "a place", outcomes)


def test_folders_and_names_of_the_machine_are_taken_out():
    scrub = Scrubber({"/srv/place/users/reader": "~"})
    said = scrub(
        f"{ROOT}/core/x.py on {socket.gethostname()}: {tempfile.gettempdir()}/a, "
        "/srv/place/users/reader/b, /srv/place/users/readers, Get:1 https://mirror.example/debian x"
    )
    assert said == (
        "(repository)/core/x.py on (machine): (temporary)/a, ~/b, /srv/place/users/readers, "
        "Get:1 (mirror) x"
    )


def test_the_name_of_the_machine_inside_a_word_stays(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "vm")
    assert Scrubber({})("lvm2 vm-tools vm: vm") == "lvm2 vm-tools (machine): (machine)"


def test_a_longer_folder_wins_over_the_one_it_lies_in():
    assert Scrubber({"/a/b": "(inner)", "/a": "(outer)"})("/a/b/c /a/d") == "(inner)/c (outer)/d"


def test_the_table_has_a_row_for_each_step_with_its_end():
    rows = table({"outcomes": [vars(outcome) for outcome in (GOOD, BAD, TIMED)]}).splitlines()
    assert rows[2:] == [
        "| is sound | `tlmri doctor` | 0 | 2.0 s | ok |",
        r"| tunes | `tlmri finetune a\|b` | none | 600.0 s | not done after 600 s |",
        "| opens | `tlmri gui` | 0 | 9.0 s | ok, visible after 0.50, 0.75 s, median 0.62 s |",
    ]


def test_both_files_are_written_scrubbed(tmp_path):
    said = Outcome("x", f"tlmri {ROOT}/y", 0, 1.0, f"from {Path.home()}")
    write([trial(GOOD, said)], tmp_path, Scrubber({}))
    (found,) = json.loads((tmp_path / "transcript.json").read_text())
    assert found["outcomes"][1]["command"] == "tlmri (repository)/y"
    assert found["outcomes"][1]["output"] == "from (home)"
    page = (tmp_path / "transcript.md").read_text()
    assert section(found) in page
    assert "$ tlmri doctor\nok  Python  3.11\n" in page


def test_one_failed_step_fails_the_package():
    assert trial(GOOD, TIMED).passed
    assert not trial(GOOD, BAD, TIMED).passed


def test_progress_bars_leave_their_last_state_and_long_outputs_their_end():
    assert last_lines("start\n 1 %\r 50 %\r100 %\n\nend\n") == "start\n100 %\nend"
    assert last_lines("\n".join("abcd"), n_lines=2) == "c\nd"


def test_what_no_step_may_do():
    assert general_problems(Finished(0, 1.0, "fine")) == ()
    assert general_problems(Finished(2, 1.0, "no"), expected_code=2) == ()
    assert general_problems(Finished(None, 60.0, "")) == ("not done after 60 s",)
    crashed = Finished(1, 1.0, "Traceback (most recent call last):\n", ("tlmri",))
    assert general_problems(crashed) == (
        "exit code 1, not 0",
        "a traceback in its output",
        "left processes behind: tlmri",
    )
