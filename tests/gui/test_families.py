"""Families of shipped networks, as the window offers them and starts fine-tunings from them."""

from dataclasses import replace

import pytest
import torch

from core import checkpoints
from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig
from core.progress import no_progress
from core.training.settings import TUNE_PRESETS
from tests.gui.window_fakes import make_scan
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.state import ScanImages, TuningPlan

TINY = CascadeConfig(n_subnetworks=1, n_layers=1, n_channels=2)


def write(path, acceleration, domain="natural"):
    task = {"domain": domain, "acceleration": acceleration, "pattern": "poisson", "tuned": False}
    document = files.describe("cascade", TINY, label=domain, task=task, provenance={})
    torch.manual_seed(0)
    files.save(path, Cascade(TINY), document)


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "weights"
    for r in (2.0, 4.0, 6.0):
        write(folder / f"natural-r{r:g}.safetensors", r)
    write(folder / "t1-r4.safetensors", 4.0, "t1")
    write(folder / "training-size" / "natural-500-r4.safetensors", 4.0)
    monkeypatch.setattr(checkpoints, "weights_folder", lambda: folder)
    return folder


def test_one_entry_a_family_and_none_of_fewer_images(shipped, user_folder):
    write(user_folder / "checkpoints" / "mine.safetensors", 4.0)
    offers = [o for o in CoreAccess().methods(no_progress) if o.name.startswith("net:")]
    mine = f"net:{user_folder / 'checkpoints' / 'mine.safetensors'}"
    assert [offer.name for offer in offers] == ["net:natural", "net:t1", mine]
    assert "R=2, 4, 6" in offers[0].note


@pytest.mark.parametrize(
    ("source", "acceleration", "parent"),
    [
        ("net:natural", 6.0, "natural-r6"),
        ("net:natural", 2.5, "natural-r2"),
        ("net:t1", 8.0, "t1-r4"),
    ],
)
def test_a_tuning_starts_from_the_member_nearest_in_r(
    shipped, tmp_path, source, acceleration, parent
):
    settings = replace(TUNE_PRESETS["fast"], acceleration=acceleration)
    images = (ScanImages(make_scan("a", size=64), (0,), (1,)),)
    plan = TuningPlan(source, settings, images)
    output = tmp_path / "tuned.safetensors"
    _, request = CoreAccess().tuning_request(plan, output, "cpu", no_progress)
    assert request.parent == shipped / f"{parent}.safetensors"
