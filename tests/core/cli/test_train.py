import json
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from skimage.data import camera
from skimage.transform import resize

from core.checkpoints import read_info
from core.cli.main import main
from core.cli.train import interrupted_between_steps
from core.training.coil_settings import CoilSettings

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def data_folder(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    photo = (255 * resize(camera(), (160, 160), anti_aliasing=True)).astype(np.uint8)
    with h5py.File(folder / "photos.h5", "w") as file:
        file["images"] = np.stack([photo, photo.T, photo[::-1], photo[:, ::-1]])
    splits = {"natural": {"train": ["photos.h5#images[0:3]"]}}
    (folder / "splits.json").write_text(json.dumps(splits))
    return folder


def test_trained_network_is_a_source(data_folder, scan_file, tmp_path, capsys):
    path = tmp_path / "natural.safetensors"
    argv = ["train", "--domain", "natural", "--data", str(data_folder), "--acceleration", "3"]
    steps = [
        "--mask",
        "random",
        "--crop",
        "32",
        "--batch",
        "2",
        "--steps",
        "1",
        "--end-to-end-steps",
        "2",
        "--out",
        str(path),
    ]
    assert main([*argv, *steps]) == 0
    assert str(path) in capsys.readouterr().out
    info = read_info(path)
    assert (info.domain, info.acceleration, info.tuned) == ("natural", 3.0, False)
    assert info.config["provenance"]["recipe"]["steps_per_subnetwork"] == 1
    out = tmp_path / "out"
    argv = ["recon", str(scan_file), "--methods", f"net:{path}", "--slices", "4", "--out", str(out)]
    assert main([*argv, "--acceleration", "3"]) == 0


def test_a_unet_is_trained_by_the_same_command(data_folder, scan_file, tmp_path, capsys):
    path = tmp_path / "unet.safetensors"
    argv = ["train", "--network", "unet", "--data", str(data_folder), "--out", str(path)]
    size = ["--crop", "32", "--batch", "1", "--end-to-end-steps", "1", "--lambda", "0"]
    assert main([*argv, *size]) == 0
    info = read_info(path)
    assert info.config["architecture"] == "unet"
    assert info.config["network"]["reg_weight"] == 0
    made = info.config["provenance"]["recipe"]
    assert (made["steps_per_subnetwork"], made["end_to_end_rate"]) == (0, 2e-3)  # preset unet
    out = tmp_path / "out"
    argv = ["recon", str(scan_file), "--methods", f"net:{path}", "--slices", "4", "--out", str(out)]
    assert main(argv) == 0


def test_a_network_learns_from_simulated_coils(data_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("core.training.coil_pool.N_RINGS", 1)
    few = partial(CoilSettings, n_samples=1)
    monkeypatch.setattr("core.training.coil_settings.CoilSettings", few)
    for options, architecture, label in (
        (["--coils", "3"], "multicoil", "Network (Natural images, multi-coil)"),
        (["--coils", "1", "--network", "unet"], "unet", "Network (Natural images, complex, U-Net)"),
    ):
        path = tmp_path / f"{architecture}.safetensors"
        argv = ["train", *options, "--data", str(data_folder), "--out", str(path)]
        size = ["--crop", "64", "--batch", "1", "--steps", "0", "--end-to-end-steps", "1"]
        assert main([*argv, *size]) == 0
        info = read_info(path)
        assert (info.config["architecture"], info.label) == (architecture, label)
        assert info.config["provenance"]["coils"]["n_coils"] == int(options[1])


def test_networks_are_refused_what_they_cannot_learn_from(tmp_path, capsys):
    out = ["--out", str(tmp_path / "x.safetensors")]
    refusals = {
        ("resnet",): "--network must be one of cascade, multicoil, unet, got 'resnet'",
        ("multicoil",): "'multicoil' must learn from simulated coils, got images of one coil",
        (
            "cascade",
            "--coils",
            "4",
        ): "'cascade' must learn from images of one coil, got 4 simulated",
    }
    for options, message in refusals.items():
        assert main(["train", "--network", *options, *out]) == 2
        err = capsys.readouterr().err
        assert message in err
        assert err.count("\n") == 1


def test_damaged_data_is_named(data_folder, tmp_path, capsys):
    (data_folder / "photos.h5").write_bytes(b"not HDF5")
    argv = ["train", "--data", str(data_folder), "--out", str(tmp_path / "x.safetensors")]
    assert main(argv) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert not (tmp_path / "x.safetensors").exists()


# --- the zoo, and a machine that only trains


def test_the_zoo_refuses_what_its_recipe_decides(tmp_path, capsys):
    zoo = ["train", "--zoo", "single-coil", "--out", str(tmp_path / "zoo")]
    refusals = {
        ("--steps", "0"): "--steps cannot be given with --zoo",
        ("--network", "unet"): "--network cannot be given with --zoo",
        ("--lambda", "3"): "--lambda cannot be given with --zoo",
        ("--acceleration", "4"): "--acceleration cannot be given with --zoo",
        ("--only", "nature:4"): "got 'nature:4'",
        ("--recipe", "tpu"): "--recipe must be one of cpu, gpu, got 'tpu'",
    }
    for options, message in refusals.items():
        assert main([*zoo, *options]) == 2
        err = capsys.readouterr().err
        assert message in err
        assert err.count("\n") == 1
    assert main(["train", "--zoo", "double-coil", "--out", str(tmp_path / "zoo")]) == 2
    assert "--zoo must be one of single-coil" in capsys.readouterr().err
    assert main(["train", "--only", "t1:4", "--out", str(tmp_path / "x.safetensors")]) == 2
    assert "--only needs --zoo" in capsys.readouterr().err
    assert main(["train"]) == 2
    assert "--out must be given" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_zoo_without_data_leaves_nothing(tmp_path, capsys):
    argv = ["train", "--zoo", "single-coil", "--data", str(tmp_path), "--out", str(tmp_path / "z")]
    assert main(argv) == 2
    assert "must hold splits.json" in capsys.readouterr().err
    assert not (tmp_path / "z").exists()


def test_a_zoo_whose_last_domain_is_missing_does_not_begin(data_folder, tmp_path, capsys):
    argv = ["train", "--zoo", "single-coil", "--data", str(data_folder)]
    assert main([*argv, "--out", str(tmp_path / "z")]) == 2
    assert "must list 't1', found 'natural'" in capsys.readouterr().err
    assert not (tmp_path / "z").exists()


def test_ctrl_c_takes_effect_between_steps():
    reports = []

    def work():
        with interrupted_between_steps(lambda fraction, message: reports.append(message)) as hook:
            signal.raise_signal(signal.SIGINT)
            reports.append("the step is finished")
            hook(0.5, "step 1")

    with pytest.raises(KeyboardInterrupt, match="goes on from here"):
        work()
    assert reports == ["the step is finished", "step 1"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


BARE = """
import sys
for name in ("nibabel", "sigpy", "dask", "distributed", "PyQt6", "pyqtgraph", "pywt", "matplotlib",
             "tqdm", "platformdirs"):
    sys.modules[name] = None
import dataclasses
from core.cli.main import main
from core.training import zoo
recipes = zoo.ZOOS["single-coil"].recipes
tiny = dataclasses.replace(
    recipes["cpu"].scratch, crop=32, batch=1, steps_per_subnetwork=1, end_to_end_steps=1
)
recipes["cpu"] = zoo.Recipe("tiny", tiny)
sys.exit(main(sys.argv[1:]))
"""


def test_a_bare_machine_trains_from_a_pack(data_folder, tmp_path):
    splits = json.loads((data_folder / "splits.json").read_text())
    splits["natural"]["val"] = ["photos.h5#images[3:4]"]
    splits["t1"] = splits["t2"] = {"train": ["photos.h5"]}
    (data_folder / "splits.json").write_text(json.dumps(splits))
    packed, zoo = tmp_path / "pack", tmp_path / "zoo"
    assert main(["train", "--pack", str(packed), "--data", str(data_folder)]) == 0
    options = ["--zoo", "single-coil", "--only", "t1:4", "--data", str(packed), "--out", str(zoo)]
    argv = [sys.executable, "-W", "error", "-c", BARE, "train", *options, "--device", "cpu"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=250)
    assert done.returncode == 0, done.stderr
    assert read_info(zoo / "t1-r4.safetensors").domain == "t1"
    assert main(["train", "--pack", str(data_folder), "--data", str(data_folder)]) == 2
