"""What a file does not say, said on the command line."""

import argparse
import json

import numpy as np
import pytest

from core.cli.main import main, parser
from core.cli.options import add_reading, read_options
from core.io import ReadOptions
from core.params import settings_of

NY, NX = 64, 48


def head() -> np.ndarray:
    y, x = np.meshgrid(np.linspace(-1, 1, NY), np.linspace(-1, 1, NX), indexing="ij")
    return ((y / 0.8) ** 2 + (x / 0.6) ** 2 < 1) * (1 + 0.5 * np.cos(9 * y + 5 * x))


@pytest.fixture
def two_volumes(tmp_path):
    """Complex images whose first axis is of volumes, which no one could guess."""
    images = np.stack([head(), 3 * head()[::-1]]) * np.exp(0.3j)
    np.savez(tmp_path / "scan.npz", first=images.astype(np.complex64), second=np.ones((NY, NX)))
    return tmp_path / "scan.npz"


@pytest.mark.parametrize("command", ["recon", "finetune"])
def test_every_setting_of_reading_is_an_option(command, capsys):
    assert main([command, "--help"]) == 0
    words = capsys.readouterr().out.split()
    assert {f"--{name}" for name in settings_of(ReadOptions)} <= set(words)
    assert "{auto,image,kspace}" in words
    needed = {"recon": ["demo"], "finetune": ["a.nii"]}[command]
    args = parser().parse_args([command, *needed, "--out", "out"])
    assert read_options(args) == ReadOptions()


def test_options_are_taken():
    told = argparse.ArgumentParser()
    add_reading(told)
    words = ["--volume", "3", "--content", "kspace", "--axes", "coil y x", "--variable", "a.b"]
    args = told.parse_args([*words, "--series", "4.1"])
    assert read_options(args) == ReadOptions(3, "kspace", "coil y x", "a.b", "4.1")


def test_a_scan_is_read_as_said(two_volumes, tmp_path):
    argv = ["recon", str(two_volumes), "--methods", "zf", "--acceleration", "1"]
    said = ["--content", "image", "--axes", "other y x", "--variable", "first", "--volume", "1"]
    assert main([*argv, *said, "--out", str(tmp_path / "out")]) == 0
    import nibabel

    document = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert len(document["rows"]) == 1
    found = nibabel.load(tmp_path / "out" / "zf.nii.gz").get_fdata()
    assert found.max() == pytest.approx(3 * head().max(), rel=1e-3)


def test_what_must_be_said_is_asked_for_by_its_option(two_volumes, tmp_path, capsys):
    out = tmp_path / "out"
    argv = ["recon", str(two_volumes), "--methods", "zf", "--out", str(out)]
    assert main(argv) == 2
    assert "by option --variable, or once in the window" in capsys.readouterr().err
    argv += ["--variable", "first", "--content", "image"]
    np.savez(two_volumes, first=np.random.default_rng(0).normal(size=(2, 3, NY, NX)), second=[1.0])
    assert main(argv[:-2]) == 2
    line = capsys.readouterr().err
    assert "scan.npz: its axes must be said where the data does not tell" in line
    assert "(say it by option --axes, or once in the window" in line
    assert line.count("\n") == 1
    assert not out.exists()


def test_what_no_option_says_is_said_in_the_window(tmp_path, capsys):
    """Nothing of noise tells where its origins lie."""
    noise = np.random.default_rng(0).normal(size=(2, NY, NX))
    np.save(tmp_path / "scan.npy", noise[0] + 1j * noise[1])
    argv = ["recon", str(tmp_path / "scan.npy"), "--methods", "zf", "--content", "kspace"]
    assert main([*argv, "--axes", "y x", "--out", str(tmp_path / "out")]) == 2
    line = capsys.readouterr().err
    assert "its origin of k-space must be said" in line
    assert "(say it once in the window, 'tlmri gui FILE', which remembers it)" in line
    assert "--" not in line


@pytest.mark.parametrize("command", ["recon", "finetune"])
def test_values_out_of_range_are_refused_in_one_line(command, scan_file, tmp_path, capsys):
    out = tmp_path / "tuned.safetensors"
    assert main([command, str(scan_file), "--volume", "-1", "--out", str(out)]) == 2
    assert capsys.readouterr().err == (
        f"tlmri {command}: error: volume must be at least 0, got -1\n"
    )
    assert main([command, str(scan_file), "--content", "both", "--out", str(out)]) == 2
    assert "argument --content: invalid choice: 'both'" in capsys.readouterr().err
    assert not out.exists()
