"""Where help texts send those who look for a study to start from."""

import pytest

from core import paths
from core.cli.main import main


@pytest.mark.parametrize("command", [["study"], ["mrf", "study"]])
def test_help_names_studies_that_are_there_in_one_piece(monkeypatch, capsys, tmp_path, command):
    folder = tmp_path / "a long name - of a folder %s" / ("x" * 90) / "docs"
    monkeypatch.setattr(paths, "documents", lambda: folder)
    assert main([*command, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"\n  {folder / 'studies'}" in out
    pattern = out.strip().rpartition(str(folder / "studies"))[2][1:]
    monkeypatch.undo()
    assert list((paths.documents() / "studies").glob(pattern))
    assert max(map(len, out.partition("positional")[0].splitlines())) < 80


@pytest.mark.parametrize("command", [["study"], ["mrf", "study"]])
def test_without_them_help_says_where_they_come_with(monkeypatch, capsys, command):
    def missing():
        raise FileNotFoundError

    monkeypatch.setattr(paths, "documents", missing)
    assert main([*command, "--help"]) == 0
    assert "toml (with the source of tlmri)" in capsys.readouterr().out
