import json

import nibabel
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.checkpoints import read_info
from core.cli import finetune
from core.cli.main import main, parser
from core.masks.lines import LinesParams
from core.seen import THIS_CHOICE, THIS_PERSON, THIS_SCAN, THIS_SLICE
from core.training.settings import TUNE_PRESETS
from tests.core.cli.conftest import N_SLICES


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
    printed = capsys.readouterr()
    assert str(tuned) in printed.out
    assert "Tuned and validated on: simulated from magnitude." in printed.out
    warned = "tlmri: warning: Tiny network: trained for poisson masks, used with random"
    assert warned in printed.err.splitlines()  # beside progress, on a slow machine
    info = read_info(tuned)
    assert info.tuned
    assert sum(":" not in key for key in info.tuned_on) == 3
    recipe = info.config["provenance"]["recipe"]
    assert (recipe["length"], recipe["length_unit"]) == (2, "epochs")
    assert (recipe["seed"], recipe["n_images"]) == (4, 2)

    out = tmp_path / "out"
    argv = ["recon", str(scan_file), "--methods", f"zf,net:{tuned}", "--out", str(out)]
    assert main(argv) == 0
    printed = capsys.readouterr().out
    assert f"({N_SLICES} slices not scored: " in printed
    assert THIS_SLICE in printed
    assert f"Mean scores of the {N_SLICES} slices" in printed, "zero filling keeps its scores"
    assert "nan" not in printed.lower()
    [unscored] = [line for line in printed.splitlines() if "slices not scored: " in line]
    assert unscored.count(" –  ") == 3, "PSNR, SSIM and NMSE"
    document = json.loads((out / "metrics.json").read_text())
    rows = [row for row in document["rows"] if row["method"] != "zf"]
    assert {row["psnr_db"] for row in rows} == {None}
    assert sum(THIS_SLICE in row["note"] for row in rows) == 2
    assert sum(THIS_CHOICE in row["note"] for row in rows) == 1
    assert sum(THIS_SCAN in row["note"] for row in rows) == N_SLICES - 3
    assert THIS_SCAN in document["summary"][f"net:{tuned.name}"]["note"]


def test_another_scan_of_the_same_person_is_not_scored(
    volume, checkpoint, tmp_path, capsys, scan_file
):
    names = ("t1/mustermann_T1w", "t2/mustermann_T2w", "t2/p2_T2w")
    paths = [tmp_path / f"{name}.nii.gz" for name in names]
    for i, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        nibabel.save(nibabel.Nifti1Image(volume * (i + 1) // 2, np.eye(4)), path)
    tuned = tmp_path / "tuned.safetensors"
    argv = ["finetune", str(paths[0]), "--source", str(checkpoint), "--images", "1", "--mask"]
    argv += ["random", "--validation-images", "1", "--epochs", "1", "--out", str(tuned)]
    assert main(argv) == 0
    assert all(word not in tuned.read_bytes() for word in (b"mustermann", bytes(tmp_path.parent)))
    for path, is_scored in ((paths[1], False), (paths[2], True)):
        out = tmp_path / path.stem
        argv = ["recon", str(path), "--slices", "4", "--methods", f"net:{tuned}"]
        assert main([*argv, "--out", str(out)]) == 0
        [row] = json.loads((out / "metrics.json").read_text())["rows"]
        assert (row["psnr_db"] is not None) == is_scored
        assert (THIS_PERSON in row["note"]) != is_scored


@pytest.mark.parametrize("preset", TUNE_PRESETS)
def test_what_is_not_stated_comes_from_the_preset(preset):
    line = ["finetune", "a.nii", "b.nii", "--out", "x.safetensors", "--preset", preset]
    args = parser().parse_args([*line, "--learning-rate", "1e-3", "--acceleration", "6"])
    settings = finetune.chosen_settings(args)
    assert (settings.learning_rate, settings.acceleration) == (1e-3, 6.0)
    assert settings.length == TUNE_PRESETS[preset].length
    assert settings.schedule == TUNE_PRESETS[preset].schedule


@pytest.mark.parametrize(
    ("given", "length"), [(["--steps", "7"], (7, "steps")), (["--epochs", "3"], (3, "epochs"))]
)
def test_the_length_is_stated_in_steps_or_epochs(given, length):
    for preset in TUNE_PRESETS:
        line = ["finetune", "a.nii", "--out", "x.safetensors", "--preset", preset, *given]
        settings = finetune.chosen_settings(parser().parse_args(line))
        assert (settings.length, settings.length_unit) == length


def test_both_lengths_at_once_are_refused(capsys):
    line = ["finetune", "a.nii", "--out", "x.safetensors", "--steps", "7", "--epochs", "3"]
    with pytest.raises(SystemExit):
        parser().parse_args(line)
    assert "not allowed with" in capsys.readouterr().err


def test_tuning_without_fully_sampled_data(scan_file, checkpoint, tmp_path, capsys):
    tuned = tmp_path / "tuned.safetensors"
    argv = ["finetune", str(scan_file), "--source", str(checkpoint), "--images", "2", "--steps"]
    argv += ["2", "--validation-images", "1", "--supervision", "self", "--out", str(tuned)]
    assert main(argv) == 0
    printed = capsys.readouterr().out
    assert "Validation PSNR of held-out samples" in printed
    provenance = read_info(tuned).config["provenance"]
    assert provenance["recipe"]["supervision"] == "self"
    assert provenance["validation_measure"] == "PSNR of held-out samples"


def test_the_masks_settings_can_be_stated():
    line = ["finetune", "a.nii", "--out", "x.safetensors", "--mask", "random", "--set"]
    args = parser().parse_args([*line, "mask.centre_share=0.2"])
    assert finetune.chosen_settings(args).mask_params == LinesParams(centre_share=0.2)
    for wrong in ("cs.reg_weight=1", "mask.growth=5"):
        with pytest.raises(ValueError, match=wrong.split("=")[0].split(".")[1]):
            finetune.chosen_settings(parser().parse_args([*line, wrong]))


def test_a_network_is_tuned_on_simulated_coils(scan_file, checkpoint, tmp_path, capsys):
    argv = ["finetune", str(scan_file), "--source", str(checkpoint), "--images", "1", "--steps"]
    argv += ["1", "--validation-images", "1", "--out", str(tmp_path / "tuned.safetensors")]
    assert main([*argv, "--simulate-coils", "2"]) == 0
    assert "validated on: simulated from magnitude, 2 coils." in capsys.readouterr().out
    assert main([*argv, "--simulate-coils", "1"]) == 2
    assert "--simulate-coils must be from 2 to 32, got 1" in capsys.readouterr().err


def test_one_part_of_the_network_can_be_tuned_alone(scan_file, checkpoint, tmp_path, capsys):
    tuned = tmp_path / "tuned.safetensors"
    argv = ["finetune", str(scan_file), "--source", str(checkpoint), "--images", "2"]
    argv += ["--validation-images", "1", "--steps", "2", "--out", str(tuned)]
    assert main([*argv, "--trainable", "last block"]) == 0
    info = read_info(tuned)
    assert info.config["provenance"]["recipe"]["trainable"] == "last block"
    assert info.label == "Tiny network, last block tuned on 2"
    before, after = load_file(checkpoint), load_file(tuned)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("subnetworks.1.") for name in changed)
    capsys.readouterr()
    tuned.unlink()
    assert main([*argv, "--trainable", "decoder"]) == 2
    err = capsys.readouterr().err
    known = "all, last block, all but first block, biases"
    assert f"trainable must be one of {known} for this network, got 'decoder'" in err
    assert not tuned.exists()
