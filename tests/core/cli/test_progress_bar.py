import io
import sys

import pytest

from core.cli import progress_bar
from core.cli.progress_bar import ProgressBar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with ProgressBar("recon") as progress:
        progress(0.25, "slice 1")
        progress._bar.refresh()
        progress(0.1, "never backwards")
        assert progress._bar.n == pytest.approx(0.25)
        progress(1.0, "done")
        assert progress._bar.n == pytest.approx(1.0)
    assert "recon:  25%" in terminal.getvalue()


def test_occasional_lines_elsewhere(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: now[0])
    with ProgressBar("recon") as progress:
        for second in range(40):
            now[0] = float(second)
            progress(second / 40, f"slice {second}")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["recon: 38 %, slice 15", "recon: 75 %, slice 30"]
