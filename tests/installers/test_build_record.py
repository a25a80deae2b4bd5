"""What a build writes of itself."""

import re
import shutil
import subprocess

import pytest

from installers.build_record import build_line


@pytest.fixture(autouse=True)
def a_stated_date(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")


def test_without_git_there_is_a_date(monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert build_line(tmp_path) == "built 2026-11-22"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build_line(tmp_path) == "built 2026-11-22"


def test_the_date_is_todays_where_none_is_stated(monkeypatch, tmp_path):
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert re.match(r"built 20\d\d-\d\d-\d\d", build_line(tmp_path))


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_and_whether_the_source_differs(tmp_path):
    def git(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
        done = subprocess.run(
            ["git", *who, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "-m", "one")
    git("tag", "v1")
    short = git("rev-parse", "--short=7", "HEAD")
    assert build_line(tmp_path) == f"built 2026-11-22 from {short}"
    (tmp_path / "file").write_text("two")
    assert build_line(tmp_path) == f"built 2026-11-22 from {short}-dirty"
