import pytest

from core.cli.main import main

STUDY = """\
name = "tiny"
seeds = [0]

[training]
steps_clean = 2
steps_noisy = 2
pool = 100
batch = 8

[evaluation]
snr_db = [10, 60]
n_tissues = 4
n_noise = 2
n_noise_brain = 2
n_validation = 4
long_t2_ms = 500

[dictionary]
n_atoms = 100
rank = 5
"""


@pytest.fixture(autouse=True)
def _small_figures(monkeypatch):
    monkeypatch.setattr("core.figure_file.DPI", 40)


@pytest.fixture
def study_file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    return path


def test_runs_says_what_it_found_and_draws_again(study_file, tmp_path, capsys):
    out = tmp_path / "out"
    line = ["mrf", "study", str(study_file), "--out", str(out), "--device", "cpu"]
    assert main(line) == 0
    said = capsys.readouterr()
    assert "[5/5] " in said.err
    assert said.out.startswith("After the same 2 steps of noisy training, ")
    assert "one seed, no interval" in said.out
    for name in ("report.md", "scores.csv", "errors.png", "errors.pdf", "convergence.png"):
        assert (out / name).stat().st_size > 0
        assert str(out / name) in said.out
    # None of the four tissues has so long a T2.
    assert "with T2 from" not in said.out
    assert not (out / "errors-long-t2.png").exists()
    (out / "report.md").unlink()
    assert main([*line, "--figures-only"]) == 0
    assert (out / "report.md").exists()
    again = ["mrf", "study", str(study_file), "--out", str(tmp_path / "again"), "--device", "cpu"]
    assert main([*again, "--reuse", str(out)]) == 0
    assert "[1/5]" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--device", "cuda:99"], "device must be one of"),
        (["--figures-only"], "must be a noise study's folder, found no study.json"),
    ],
)
def test_refuses_in_one_line_and_leaves_nothing(study_file, tmp_path, capsys, options, message):
    out = tmp_path / "out"
    assert main(["mrf", "study", str(study_file), "--out", str(out), *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_bad_file_is_refused_by_its_line(study_file, tmp_path, capsys):
    study_file.write_text(STUDY.replace("batch = 8", "batch = 0"))
    assert main(["mrf", "study", str(study_file), "--out", str(tmp_path / "out")]) == 2
    assert "study.toml, line 8: training.batch must be from 1 to" in capsys.readouterr().err
