import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core import __version__
from core.cli import progress_bar
from core.cli.main import COMMANDS, main

HEAVY = "{'torch', 'numpy', 'sigpy', 'PyQt6', 'matplotlib', 'nibabel', 'h5py'}"


def one_line(capsys):
    out, err = capsys.readouterr()
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return out, err


@pytest.mark.parametrize("argv", [["--help"], ["recon", "--help"], ["finetune", "--help"]])
def test_help_answers_without_the_heavy_libraries(argv):
    code = (
        "import sys; from core.cli.main import main; "
        f"code = main({argv!r}); print('loaded:', sorted({HEAVY} & set(sys.modules))); "
        "sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "usage: tlmri" in done.stdout
    assert done.stdout.rstrip().endswith("loaded: []")


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tlmri {__version__}\n"


def test_every_command_has_help(capsys):
    for module in COMMANDS:
        name = module.__name__.rsplit(".", 1)[-1]
        assert main([name, "--help"]) == 0
        assert f"usage: tlmri {name}" in capsys.readouterr().out


RECON = ["recon", "{scan}", "--out", "{out}", "--methods", "zf"]
TUNE = ["finetune", "{scan}", "--source", "{net}", "--out", "{out}.safetensors"]
TRAIN = ["train", "--data", "{folder}", "--out", "{out}.safetensors"]

BAD = {
    "unknown command": (["fly"], "invalid choice: 'fly'"),
    "file that is none": (["no.nii.gz"], "no.nii.gz: no such file"),
    "file in a folder": (["{folder}/no"], "no: no such file"),
    "no scan": (["recon", "--out", "{out}"], "required: SCAN"),
    "unknown option": ([*RECON, "--fast"], "unrecognized arguments: --fast"),
    "abbreviated option": ([*RECON, "--accel", "3"], "unrecognized arguments: --accel"),
    "not a number": (
        [*RECON, "--acceleration", "four"],
        "--acceleration: invalid float value: 'four'",
    ),
    "seed not a number": ([*RECON, "--seed", "1.5"], "argument --seed: invalid int value: '1.5'"),
    "R too small": ([*RECON, "--acceleration", "0.5"], "acceleration"),
    "R not a number": ([*RECON, "--acceleration", "nan"], "acceleration"),
    "R infinite": ([*RECON, "--acceleration", "inf"], "acceleration"),
    "negative seed": ([*RECON, "--seed", "-1"], "seed"),
    "unknown mask": ([*RECON, "--mask", "spiral"], "unknown mask 'spiral': choose one of"),
    "unknown method": ([*RECON[:-1], "zf,magic"], "unknown method 'magic': choose one of"),
    "method twice": ([*RECON[:-1], "zf,zf"], "--methods must be different names"),
    "empty method": ([*RECON[:-1], "zf,"], "--methods must be different names"),
    "setting for zf": ([*RECON[:-1], "zf:natural"], "takes no name after the colon, got 'natural'"),
    "unknown domain": ([*RECON[:-1], "net:xrays"], "got 'xrays'"),
    "no such checkpoint": ([*RECON[:-1], "net:no.safetensors"], "no.safetensors"),
    "not a checkpoint": ([*RECON[:-1], "net:{junk}"], "junk.safetensors: must be a safetensors"),
    "slice beyond": ([*RECON, "--slices", "4:20"], "from 0 to 8 (it has 9), got '4:20'"),
    "no slices": ([*RECON, "--slices", "5:5"], "--slices must name at least one slice"),
    "unknown definition": ([*RECON, "--definition", "best"], "unknown metric definition 'best'"),
    "unknown device": ([*RECON, "--device", "abacus"], "got 'abacus'"),
    "no such volume": ([*RECON, "--volume", "3"], "volume"),
    "missing file": (["recon", "no.nii", "--out", "{out}"], "no.nii"),
    "a folder as scan": (["recon", "{folder}", "--out", "{out}"], "must be a file"),
    "not a scan": (["recon", "{junk}", "--out", "{out}", "--methods", "zf"], "junk.safetensors"),
    "NaN everywhere": (["recon", "{nan}", "--out", "{out}", "--methods", "zf"], "nan.npy"),
    "out is a file": (["recon", "{scan}", "--out", "{scan}"], "--out must be a folder"),
    "out inside a file": (["recon", "{scan}", "--out", "{scan}/x"], "--out must be a folder"),
    "tune: unknown source": ([*TUNE[:3], "xrays", *TUNE[4:]], "got 'xrays'"),
    "tune: no suffix": ([*TUNE[:-1], "{out}"], "--out must end in .safetensors"),
    "tune: onto the source": ([*TUNE[:-1], "{net}"], "--out must be another file than --source"),
    "tune: too many images": ([*TUNE, "--images", "50"], "tuning needs 50 + 2 slices"),
    "tune: no epochs": ([*TUNE, "--epochs", "0"], "length must be at least 1, got 0"),
    "tune: no images": ([*TUNE, "--images", "0"], "n_images must be at least 1, got 0"),
    "tune: preset": ([*TUNE, "--preset", "slow"], "invalid choice: 'slow'"),
    "train: no data": (TRAIN, "splits.json"),
    "train: domain": ([*TRAIN, "--domain", "cats"], "unknown domain 'cats': choose one of"),
    "train: small crop": ([*TRAIN, "--crop", "16"], "--crop must be 0 (whole images) or from 32"),
    "train: large crop": ([*TRAIN, "--crop", "2048"], "to 1024, got 2048"),
    "train: negative crop": ([*TRAIN, "--crop", "-1"], "to 1024, got -1"),
    "train: R": ([*TRAIN, "--acceleration", "0"], "acceleration must be at least 1, got 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_exit_code_2(case, scan_file, checkpoint, tmp_path, capsys):
    (tmp_path / "junk.safetensors").write_bytes(b"junk" * 20)
    np.save(tmp_path / "nan.npy", np.full((40, 40), np.nan))
    (tmp_path / "folder").mkdir()
    places = {
        "scan": scan_file,
        "net": checkpoint,
        "out": tmp_path / "out",
        "junk": tmp_path / "junk.safetensors",
        "nan": tmp_path / "nan.npy",
        "folder": tmp_path / "folder",
    }
    argv, expected = BAD[case]
    before = sorted(tmp_path.rglob("*"))
    assert main([word.format(**places) for word in argv]) == 2
    out, err = one_line(capsys)
    assert expected in err
    assert err.startswith("tlmri")
    assert out == ""
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "argv",
    [["recon", "{scan}", "--methods", "zf"], ["demo", "--source", "{net}"]],
    ids=["recon", "demo"],
)
def test_a_folder_that_only_seems_writable_is_named(
    argv, scan_file, checkpoint, tmp_path, capsys, monkeypatch
):
    def refused(**_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    words = [word.format(scan=scan_file, net=checkpoint) for word in argv]
    out = tmp_path / "sealed"
    assert main([*words, "--out", str(out)]) == 2
    expected = f"--out must be writable, got {out} (Read-only file system)\n"
    assert one_line(capsys)[1].endswith(expected)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_proc_is_no_place_for_results(scan_file, capsys):
    assert main(["recon", str(scan_file), "--methods", "zf", "--out", "/proc/tlmri"]) == 2
    assert "--out must be writable, got /proc/tlmri (" in one_line(capsys)[1]


@pytest.mark.parametrize(
    "message",
    [
        "CUDA out of memory. Tried to allocate 2.00 GiB.\nSee the documentation",
        "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes",
    ],
)
def test_out_of_memory_is_one_line_and_exit_code_1(message, scan_file, tmp_path, capsys, failing):
    failing(RuntimeError(message))
    out = tmp_path / "out"
    assert main(["recon", str(scan_file), "--methods", "zf", "--out", str(out)]) == 1
    assert "out of memory" in one_line(capsys)[1]
    assert not out.exists()


def test_a_fault_of_the_program_is_not_hidden(scan_file, tmp_path, failing):
    failing(RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        main(["recon", str(scan_file), "--methods", "zf", "--out", str(tmp_path / "out")])


@pytest.fixture
def failing(monkeypatch):
    """Every reconstruction raises."""

    def arrange(error):
        def reconstruct(*_):
            raise error

        monkeypatch.setattr("core.pipeline.reconstruct", reconstruct)

    return arrange


@pytest.fixture
def interrupted_at(monkeypatch):
    """A real SIGINT at the first progress message that contains a text."""

    def arrange(text):
        def press_ctrl_c(bar, fraction, message=""):
            if text in message:
                signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(progress_bar.ProgressBar, "__call__", press_ctrl_c)

    return arrange


def test_interrupted_recon_leaves_nothing(scan_file, tmp_path, capsys, interrupted_at):
    interrupted_at("slice 4")
    out = tmp_path / "out"
    argv = ["recon", str(scan_file), "--methods", "zf", "--slices", "3:6", "--out", str(out)]
    assert main(argv) == 130
    assert one_line(capsys)[1] == "tlmri recon: error: interrupted\n"
    assert not out.exists()


def test_interrupted_tuning_keeps_the_best(scan_file, checkpoint, tmp_path, capsys, interrupted_at):
    from core.checkpoints import read_info

    interrupted_at("step 3/")
    out = tmp_path / "tuned.safetensors"
    argv = ["finetune", str(scan_file), "--source", str(checkpoint), "--out", str(out)]
    argv += ["--mask", "random"]
    assert main([*argv, "--images", "2", "--validation-images", "1", "--epochs", "50"]) == 130
    warning, last = capsys.readouterr().err.splitlines()
    assert "trained for poisson masks, used with random" in warning
    assert f"interrupted; the best so far is in {out}" in last
    assert read_info(out).tuned
    assert [p.name for p in tmp_path.glob("*tuned*")] == ["tuned.safetensors"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["--help"], ["gpu", "status"]])
def test_a_full_disk_behind_the_output_is_one_line(arguments):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "core.cli.main", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
    assert (done.returncode, done.stderr) == (2, "tlmri: error: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be deleted there")
def test_a_current_folder_that_is_gone(tmp_path, monkeypatch, capsys):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert main(["recon", "scan.nii", "--out", "x"]) == 2
    expected = "tlmri recon: error: the current folder no longer exists: change to another one\n"
    assert capsys.readouterr().err == expected
