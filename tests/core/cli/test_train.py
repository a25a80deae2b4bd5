import json

import h5py
import numpy as np
import pytest
from skimage.data import camera
from skimage.transform import resize

from core.checkpoints import read_info
from core.cli.main import main


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


def test_damaged_data_is_named(data_folder, tmp_path, capsys):
    (data_folder / "photos.h5").write_bytes(b"not HDF5")
    argv = ["train", "--data", str(data_folder), "--out", str(tmp_path / "x.safetensors")]
    assert main(argv) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert not (tmp_path / "x.safetensors").exists()
