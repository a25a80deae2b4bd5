"""A process without standard streams."""

import subprocess
import sys

from core import streams


def test_everything_that_prints_survives_without_streams(monkeypatch):
    from tqdm import tqdm

    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert not streams.has_terminal()
    streams.ensure()
    print("hello", flush=True)
    print("hello", file=sys.stderr)
    assert list(tqdm(range(3))) == [0, 1, 2]
    assert not streams.has_terminal()
    assert sys.stdout.encoding == "utf-8"


def test_streams_that_are_there_stay(monkeypatch):
    before = sys.stdout, sys.stderr
    streams.ensure()
    assert (sys.stdout, sys.stderr) == before


def test_a_closed_stream_is_no_terminal(tmp_path, monkeypatch):
    with (tmp_path / "log").open("w") as file:
        pass
    monkeypatch.setattr(sys, "stderr", file)
    assert not streams.has_terminal()


def run(argv):
    code = (
        "import sys; sys.stdout = sys.stderr = None; "
        f"from core.cli.main import main; sys.exit(main({argv!r}))"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_the_command_line_without_streams():
    for argv, code in (
        [["--version"], 0],
        [["--help"], 0],
        [["fly"], 2],
        [["recon", "no.nii", "--out", "x"], 2],
    ):
        done = run(argv)
        assert (done.returncode, done.stderr) == (code, ""), argv
