import json

import pytest

from core.checkpoints import read_info
from core.cli import finetune
from core.cli.main import main, parser
from core.cli.options import with_given
from core.training.settings import TUNE_PRESETS


def test_tuned_checkpoint_reconstructs_and_its_images_are_not_scored(
    scan_file, checkpoint, tmp_path, capsys
):
    tuned = tmp_path / "new" / "tuned.safetensors"
    argv = ["finetune", str(scan_file), "--source", str(checkpoint), "--images", "2"]
    argv += [
        "--validation-images",
        "1",
        "--epochs",
        "2",
        "--seed",
        "4",
        "--mask",
        "random",
        "--out",
        str(tuned),
    ]
    assert main(argv) == 0
    assert str(tuned) in capsys.readouterr().out
    info = read_info(tuned)
    assert info.tuned
    assert len(info.tuned_on) == 3
    recipe = info.config["provenance"]["recipe"]
    assert (recipe["epochs"], recipe["seed"], recipe["n_images"]) == (2, 4, 2)

    out = tmp_path / "out"
    argv = ["recon", str(scan_file), "--methods", f"net:{tuned}", "--out", str(out)]
    assert main(argv) == 0
    assert "(3 slices not scored)" in capsys.readouterr().out
    rows = json.loads((out / "metrics.json").read_text())["rows"]
    unscored = [row for row in rows if row["psnr_db"] is None]
    assert len(unscored) == 3
    assert all("used for tuning" in row["note"] for row in unscored)


@pytest.mark.parametrize("preset", TUNE_PRESETS)
def test_what_is_not_stated_comes_from_the_preset(preset):
    line = ["finetune", "a.nii", "b.nii", "--out", "x.safetensors", "--preset", preset]
    args = parser().parse_args([*line, "--learning-rate", "1e-3", "--acceleration", "6"])
    settings = with_given(TUNE_PRESETS[preset], args, finetune.SETTINGS)
    assert (settings.learning_rate, settings.acceleration) == (1e-3, 6.0)
    assert settings.epochs == TUNE_PRESETS[preset].epochs
    assert settings.schedule == TUNE_PRESETS[preset].schedule
