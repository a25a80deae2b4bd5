from pathlib import Path

import pytest
import torch

from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig

STUDY = """\
name = "tiny"

[target]
tune = ["phantom:5", "phantom:6"]
test = ["phantom:7"]
size = 48
n_slices = 8
slices_per_scan = 2

[grid]
sources = ["natural.safetensors"]
accelerations = [4]
n_images = [0, 2]

[tuning]
length = 2
validation_rounds = 1
"""
"""Two cells: the raw network, and one tuned for two steps."""


def write_network(path: Path, seed: int = 0, acceleration: float = 4.0) -> Path:
    """A network of two small sub-networks with random weights, which does change when tuned."""
    torch.manual_seed(seed)
    config = CascadeConfig(n_subnetworks=2, n_layers=1, n_channels=4)
    document = files.describe(
        "cascade",
        config,
        label="Network (Natural images)",
        task={
            "domain": "natural",
            "acceleration": acceleration,
            "pattern": "poisson",
            "coils": "single",
            "tuned": False,
        },
        provenance={},
    )
    files.save(path, Cascade(config), document)
    return path


@pytest.fixture(scope="session")
def study_folder(tmp_path_factory) -> Path:
    """A folder with the file of a two-cell study and its network."""
    folder = tmp_path_factory.mktemp("study")
    write_network(folder / "natural.safetensors")
    (folder / "study.toml").write_text(STUDY)
    return folder


@pytest.fixture
def study_file(study_folder) -> Path:
    return study_folder / "study.toml"


@pytest.fixture
def edited(study_folder, tmp_path):
    """Function that writes the study's file with texts replaced, and returns its path."""

    def edit(*changes: tuple[str, str], text: str = STUDY) -> Path:
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "edited.toml"
        path.write_text(text)
        network = tmp_path / "natural.safetensors"
        network.write_bytes((study_folder / "natural.safetensors").read_bytes())
        return path

    return edit


@pytest.fixture(scope="session")
def whole_study(study_folder, tmp_path_factory) -> Path:
    """The folder of the two-cell study, run in this process without a break."""
    from core.studies.run import run_study
    from core.studies.spec_file import read_spec

    out = tmp_path_factory.mktemp("whole") / "out"
    run_study(read_spec(study_folder / "study.toml"), out, device="cpu")
    return out
