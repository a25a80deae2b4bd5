import csv
import json
import re
import shutil
import signal
import subprocess
import sys

import h5py
import nibabel
import numpy as np
import pytest
from PIL import Image

from core.cli import progress_bar
from core.cli.main import main
from core.fingerprinting.series_file import read_series

SHORT = """
name = "Short"
te_ms = 2.0
spoiler_rad_per_mm = 3.0
[[segment]]
preparation = "inversion"
wait_ms = 20
readouts = 12
flip_lobe_deg = [10, 50]
tr_lobe_ms = [10, 13]
[[segment]]
preparation = "diffusion"
te_ms = 60
b_s_per_mm2 = 800
readouts = 12
flip_lobe_deg = [10, 40]
tr_lobe_ms = [10, 12]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mrf")


@pytest.fixture(scope="module")
def sequence_file(folder):
    path = folder / "short.toml"
    path.write_text(SHORT)
    return path


@pytest.fixture(scope="module")
def simulated(folder, sequence_file):
    out = folder / "series"
    words = ["--sequence", str(sequence_file), "--size", "32", "--slices", "2", "--snr", "40"]
    assert main(["mrf", "simulate", "--out", str(out), *words]) == 0
    return out


def mapping(series, out, *more):
    words = ["mrf", "map", str(series), "--out", str(out), "--device", "cpu", "--atoms", "500"]
    return main([*words, *more])


@pytest.mark.parametrize("words", [["mrf", "--help"], ["mrf", "simulate", "--help"]])
def test_help_answers_without_the_heavy_libraries(words):
    code = (
        "import sys; from core.cli.main import main; "
        f"code = main({words!r}); "
        "print('loaded:', sorted({'torch', 'numpy', 'matplotlib', 'h5py'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "usage: tlmri mrf" in done.stdout, done.stderr
    assert done.stdout.rstrip().endswith("loaded: []")


def test_simulate_writes_a_series_and_says_what_it_is(tmp_path, sequence_file, capsys):
    out = tmp_path / "series"
    words = ["--seed", "3", "--size", "40", "--slice", "9", "--snr", "25", "--noise-seed", "7"]
    words += ["--b1-spread", "0.1", "--undersampling", "2", "--rank", "6", "--field", "1.5"]
    line = ["mrf", "simulate", "--out", str(out), "--sequence", str(sequence_file), *words]
    assert main(line) == 0
    said = capsys.readouterr().out
    assert said.startswith("Digital brain 3: 1 slice of 40 x 40, 24 read-outs of 'Short'\n")
    for note in (
        "1.5 T, slice 9 of the whole head's 0-23",
        "SNR 25 dB",
        "B1 varies",
        "1/2 of the lines",
        "rank 6",
    ):
        assert note in said
    series = read_series(out)
    assert series.signals.shape == (1, 24, 40, 40)
    assert series.truth is not None
    assert str(out / "series.h5") in said


def test_map_writes_maps_scores_and_a_figure(simulated, tmp_path, capsys):
    out = tmp_path / "maps"
    assert mapping(simulated, out, "--figure-style", "dark", "--slice", "0") == 0
    said = capsys.readouterr().out
    assert "Digital brain 1: 2 slices, " in said
    assert "Root mean square error, with the bias:" in said
    assert "T1 (ms)" in said
    assert re.search(r"^  Dictionary, 500 atoms: \S+ s( \+ \S+ s set-up)?$", said, re.M)
    for name in ("dictionary/t1.nii.gz", "truth/adc.nii.gz", "scores.csv", "maps.json", "maps.png"):
        assert (out / name).stat().st_size > 0
        assert str(out / name) in said
    series = read_series(simulated)
    t1 = series.grid.to_scan(np.asarray(nibabel.load(out / "dictionary/t1.nii.gz").dataobj))
    truth = series.truth.maps.t1_ms
    error = np.abs(t1 - truth)[series.mask] / truth[series.mask]
    assert np.median(error) < 0.2
    with Image.open(out / "maps.png") as image:
        assert image.text["Title"] == "Digital brain 1, slice 1 of 2"
    with (out / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    for tissue in ("brain", "white matter", "cortical grey matter"):
        (row,) = [r for r in rows if (r["tissue"], r["parameter"]) == (tissue, "t1")]
        (line,) = [line for line in said.splitlines() if line.startswith(f"    {tissue} ")]
        rmse, bias = line.removeprefix(f"    {tissue}").split()[:2]
        assert float(rmse) == pytest.approx(float(row["rmse"]), abs=0.06)
        assert float(bias.strip("()")) == pytest.approx(float(row["bias"]), abs=0.06)
    assert (rows[0]["tissue"], rows[0]["parameter"]) == ("brain", "t1")
    document = json.loads((out / "maps.json").read_text())
    assert document["provenance"]["command"].startswith("tlmri mrf map ")


def without_t1(file):
    file["truth/t1"][...] = np.nan


def without_truth(file):
    for name in ("t1", "t2", "adc", "pd"):
        file[f"truth/{name}"][...] = np.nan


def without_brain(file):
    file["truth/labels"][...] = 0


NO_SCORES = "No errors: no voxel of brain has both a truth and a value.\n"


@pytest.mark.parametrize(
    ("change", "expected"),
    [(without_t1, "T2 (ms)"), (without_truth, NO_SCORES), (without_brain, NO_SCORES)],
)
def test_a_truth_with_gaps_is_no_obstacle(simulated, tmp_path, capsys, change, expected):
    shutil.copytree(simulated, tmp_path / "series")
    with h5py.File(tmp_path / "series" / "series.h5", "r+") as file:
        change(file)
    capsys.readouterr()
    assert mapping(tmp_path / "series", tmp_path / "maps") == 0
    said = capsys.readouterr().out
    assert expected in said
    assert "T1 (ms)" not in said


def test_signals_of_nothing_are_one_line(simulated, tmp_path, capsys):
    shutil.copytree(simulated, tmp_path / "series")
    with h5py.File(tmp_path / "series" / "series.h5", "r+") as file:
        file["signals"][...] = 0
    assert mapping(tmp_path / "series", tmp_path / "maps") == 2
    expected = "tlmri mrf map: error: series.h5: series must hold signals, got 0 in every voxel\n"
    assert capsys.readouterr().err.endswith(expected)
    assert not (tmp_path / "maps").exists()


def test_a_bare_array_is_mapped_without_scores(simulated, sequence_file, tmp_path, capsys):
    signals = read_series(simulated).signals.copy()
    signals[0, 5, 16, 16] = np.nan
    np.save(tmp_path / "bare.npy", signals)
    out = tmp_path / "maps"
    assert mapping(tmp_path / "bare.npy", out, "--sequence", str(sequence_file)) == 0
    said = capsys.readouterr().out
    assert "1 of 2048 voxels hold NaN or infinity, and are not mapped" in said
    assert "error" not in said
    assert not (out / "scores.csv").exists()
    assert (out / "dictionary" / "pd.nii.gz").exists()


BAD = {
    "no command": ([], "required: COMMAND"),
    "simulate: no out": (["simulate"], "required: --out"),
    "simulate: size": (
        ["simulate", "--out", "{new}", "--size", "8"],
        "error: --size must be at least 32",
    ),
    "simulate: slices": (
        ["simulate", "--out", "{new}", "--slices", "20"],
        "error: --slice and --slices must",
    ),
    "simulate: field": (
        ["simulate", "--out", "{new}", "--field", "2"],
        "error: --field must be one of",
    ),
    "simulate: sequence": (["simulate", "--out", "{new}", "--sequence", "x"], "got 'x'"),
    "simulate: rank": (
        ["simulate", "--out", "{new}", "--sequence", "{toml}", "--undersampling", "8"],
        "--rank must be at most the 3 times that a line of k-space is measured at --undersampling",
    ),
    "simulate: onto a series": (
        ["simulate", "--out", "{series}"],
        "--out must be a folder without series.h5",
    ),
    "simulate: onto a file": (["simulate", "--out", "{toml}"], "--out must be a folder"),
    "map: nothing there": (["map", "{new}", "--out", "{new}"], "must be a file or folder"),
    "map: no series": (["map", "{folder}", "--out", "{new}"], "a folder must hold series.h5"),
    "map: method": (["map", "{series}", "--out", "{new}", "--methods", "magic"], "got 'magic'"),
    "map: method twice": (
        ["map", "{series}", "--out", "{new}", "--methods", "dictionary,dictionary"],
        "--methods must be different names",
    ),
    "map: no network": (
        ["map", "{series}", "--out", "{new}", "--methods", "net:no.safetensors"],
        "no.safetensors",
    ),
    "map: atoms": (
        ["map", "{series}", "--out", "{new}", "--atoms", "9"],
        "error: --atoms must be at",
    ),
    "map: slice": (["map", "{series}", "--out", "{new}", "--slice", "-1"], "from 0 to 1, got -1"),
    "map: slice beyond": (["map", "{series}", "--out", "{new}", "--slice", "2"], "got 2"),
    "map: style": (
        ["map", "{series}", "--out", "{new}", "--figure-style", "loud"],
        "unknown figure style 'loud'",
    ),
    "map: device": (["map", "{series}", "--out", "{new}", "--device", "abacus"], "got 'abacus'"),
    "map: wrong length": (["map", "{npy}", "--out", "{new}"], "read-outs of sequence"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_leaves_nothing(case, simulated, sequence_file, tmp_path, capsys):
    words, expected = BAD[case]
    (tmp_path / "folder").mkdir()
    np.save(tmp_path / "bare.npy", np.random.default_rng(0).standard_normal((7, 8, 8)))
    places = {
        "new": tmp_path / "new",
        "toml": sequence_file,
        "folder": tmp_path / "folder",
        "series": simulated,
        "npy": tmp_path / "bare.npy",
    }
    before = sorted(tmp_path.rglob("*"))
    capsys.readouterr()
    assert main(["mrf", *(word.format(**places) for word in words)]) == 2
    out, err = capsys.readouterr()
    assert err.count("\n") == 1, err
    assert expected in err
    assert err.startswith("tlmri mrf")
    assert out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_ctrl_c_leaves_nothing(simulated, tmp_path, capsys, monkeypatch):
    def press_ctrl_c(bar, fraction, message=""):
        if "mapping" in message:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(progress_bar.ProgressBar, "__call__", press_ctrl_c)
    capsys.readouterr()
    assert mapping(simulated, tmp_path / "maps") == 130
    assert capsys.readouterr().err == "tlmri mrf map: error: interrupted\n"
    assert not (tmp_path / "maps").exists()
