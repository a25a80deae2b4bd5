import pytest

from core.cli.main import main

STUDY = """\
name = "tiny"
[target]
tune = ["phantom:5"]
test = ["phantom:7"]
size = 48
n_slices = 6
slices_per_scan = 1
[grid]
sources = ["tiny.safetensors"]
accelerations = [4]
n_images = [0, 1]
[tuning]
length = 1
validation_rounds = 1
n_validation = 1
"""


@pytest.fixture
def study_file(checkpoint):
    path = checkpoint.parent / "study.toml"
    path.write_text(STUDY)
    return path


def test_runs_says_what_it_found_and_draws_again(study_file, tmp_path, capsys):
    out = tmp_path / "out"
    line = ["study", str(study_file), "--out", str(out), "--device", "cpu"]
    assert main([*line, "--workers", "1"]) == 0
    said = capsys.readouterr()
    assert "[2/2] tiny, R=4, 1 image, seed 1: " in said.err
    assert said.out.startswith("At R=4, ")
    for name in ("table.csv", "psnr.png", "psnr.pdf", "convergence.png", "scores.csv", "report.md"):
        assert (out / name).stat().st_size > 0
        assert str(out / name) in said.out
    page = (out / "report.md").read_text(encoding="utf-8")
    assert "simulated from magnitude" in page
    (out / "psnr.png").unlink()
    assert main([*line, "--figures-only"]) == 0
    assert (out / "psnr.png").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers", "0"], "--workers must be at least 1, got 0"),
        (["--workers", "2", "--scheduler", "x:1"], "leave it out with --scheduler"),
        (["--scheduler", "tcp://127.0.0.1:1"], "scheduler must be reachable at tcp://127.0.0.1:1"),
        (["--device", "cuda:99"], "device must be one of"),
        (["--figures-only"], "must be a study's folder, found no study.json"),
    ],
)
def test_refuses_in_one_line_and_leaves_nothing(study_file, tmp_path, capsys, options, message):
    out = tmp_path / "out"
    assert main(["study", str(study_file), "--out", str(out), *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_bad_file_is_refused_by_its_line(study_file, tmp_path, capsys):
    study_file.write_text(STUDY.replace("accelerations = [4]", "accelerations = [99]"))
    assert main(["study", str(study_file), "--out", str(tmp_path / "out")]) == 2
    assert "study.toml, line 10: grid.accelerations must be from 1 to 20" in capsys.readouterr().err
