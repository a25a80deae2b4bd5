import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core import checkpoints
from core.masks import make_mask
from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig
from core.pipeline import choose_method, reconstruct, undersample
from core.types import Scan

TINY = CascadeConfig(n_subnetworks=1, n_layers=1, n_channels=2, skip="none")


def write(path, domain="natural", acceleration=4.0, coils="single"):
    torch.manual_seed(int(acceleration))
    task = {"domain": domain, "acceleration": acceleration, "pattern": "poisson", "tuned": False}
    task["coils"] = coils
    document = files.describe(
        "cascade", TINY, label=f"Network ({domain})", task=task, provenance={}
    )
    files.save(path, Cascade(TINY), document)


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "weights"
    for r in (10, 2, 4):
        write(folder / f"natural-r{r}.safetensors", acceleration=r)
    write(folder / "t1-r2.5.safetensors", "t1", 2.5)
    write(folder / "training-size" / "natural-500-r4.safetensors")
    monkeypatch.setattr(checkpoints, "weights_folder", lambda: folder)
    return folder


def test_families_are_in_order_of_r_and_without_those_of_fewer_images(shipped):
    found = checkpoints.families()
    assert {name: [m.acceleration for m in members] for name, members in found.items()} == {
        "natural": [2, 4, 10],
        "t1": [2.5],
    }
    assert "training-size/natural-500" in checkpoints.all_families()


@pytest.mark.parametrize(
    ("which", "acceleration", "name"),
    [
        ("natural", 4, "natural-r4"),
        ("natural", 2.82, "natural-r2"),  # by the ratio: sqrt(2 * 4) = 2.83
        ("natural", 2.84, "natural-r4"),
        ("natural", 6.4, "natural-r10"),
        ("natural", 20, "natural-r10"),
        ("natural-r10", 2, "natural-r10"),
        ("natural-r2", None, "natural-r2"),
        ("t1", None, "t1-r2.5"),
        ("training-size/natural-500", None, "natural-500-r4"),
        ("training-size/natural-500-r4", 8, "natural-500-r4"),
    ],
)
def test_a_name_and_an_acceleration_pick_one_network(shipped, which, acceleration, name):
    assert checkpoints.find(which, acceleration).name == name


@pytest.mark.parametrize(
    ("acceleration", "n_coils", "name"),
    [
        (4, 1, "natural-r4"),
        (4, 8, "natural-multi-r4"),
        (10, 8, "natural-multi-r6"),
        (10, 1, "natural-r10"),
    ],
)
def test_a_family_has_networks_for_one_coil_and_for_many(shipped, acceleration, n_coils, name):
    for r in (4, 6):
        write(shipped / f"natural-multi-r{r}.safetensors", acceleration=r, coils="multi")
    found = checkpoints.families()
    assert list(found) == ["natural", "t1"]
    assert [info.acceleration for info in found["natural"]] == [2, 4, 10, 4, 6]
    assert checkpoints.find("natural", acceleration, n_coils).name == name
    assert checkpoints.find("natural-r4", acceleration, n_coils).name == "natural-r4"
    assert checkpoints.find("t1", acceleration, n_coils).name == "t1-r2.5"
    assert title("natural-multi-r4") == "Network (natural), R=4"


def test_a_file_is_itself_whatever_the_acceleration(shipped, tmp_path):
    path = tmp_path / "own.safetensors"
    write(path, acceleration=4.0)
    assert checkpoints.find(str(path), 10).path == path
    assert checkpoints.method_name(checkpoints.find(str(path))) == f"net:{path}"


def test_a_family_needs_an_acceleration(shipped):
    with pytest.raises(ValueError, match="choose one of natural-r2, natural-r4, natural-r10"):
        checkpoints.find("natural")


@pytest.mark.parametrize("which", ["natural-r6", "atlantis", "training-size", "../weights/t1", ""])
def test_unknown_names_are_refused_with_the_known_ones(shipped, which):
    with pytest.raises(ValueError, match="source must be one of natural, t1,"):
        checkpoints.find(which, 4)


def title(which):
    return checkpoints.title(which, checkpoints.members(which))


def test_one_member_says_its_acceleration(shipped):
    assert title("natural") == "Network (natural)"
    assert title("natural-r10") == "Network (natural), R=10"
    assert title("training-size/natural-500") == "Network (natural)"
    assert title("training-size/natural-500-r4") == "Network (natural), R=4"
    assert checkpoints.method_name(checkpoints.find("natural", 9)) == "net:natural-r10"
    small = checkpoints.find("training-size/natural-500")
    assert checkpoints.method_name(small) == "net:training-size/natural-500-r4"


def test_a_file_that_comes_or_changes_while_the_program_runs_is_seen(shipped):
    assert checkpoints.find("natural", 6).acceleration == 4
    write(shipped / "natural-r6.safetensors", acceleration=6)
    assert checkpoints.find("natural", 6).acceleration == 6
    write(shipped / "natural-r6.safetensors", "t2", acceleration=6)
    assert [info.domain for info in checkpoints.members("natural-r6")] == ["t2"]


def test_a_damaged_file_is_refused_by_name_and_left_out_of_its_family(shipped):
    (shipped / "natural-r4.safetensors").write_bytes(b"no weights")
    assert [info.acceleration for info in checkpoints.members("natural")] == [2, 10]
    with pytest.raises(ValueError, match=r"natural-r4.safetensors: must be a safetensors file"):
        checkpoints.find("natural-r4")


def test_a_file_of_a_newer_version_says_so_and_stays(shipped, tmp_path):
    path = tmp_path / "newer.safetensors"
    document = {"format": checkpoints.FORMAT + 1, "networks": []}
    save_file({"w": torch.zeros(1)}, path, metadata={checkpoints.KEY: json.dumps(document)})
    with pytest.raises(ValueError, match=r"newer.safetensors: .* got 2 \(written by a newer tlmri"):
        checkpoints.read_info(path)
    assert path.is_file()


def test_only_the_headers_that_are_asked_for_are_read(shipped, monkeypatch):
    read = []
    original = checkpoints.read_info
    monkeypatch.setattr(checkpoints, "read_info", lambda path: read.append(path) or original(path))
    choose_method("net:natural")
    assert sorted(path.stem for path in read) == ["natural-r10", "natural-r2", "natural-r4"]


def recon(method, acceleration):
    scan = Scan("noise", magnitude=np.random.default_rng(0).random((1, 64, 64), np.float32))
    mask = make_mask("poisson", scan.slice_shape, acceleration)
    return reconstruct(undersample(scan, 0, mask), choose_method(method))


@pytest.mark.parametrize(("acceleration", "member"), [(4, "natural-r4"), (8, "natural-r10")])
def test_a_family_reconstructs_by_its_nearest_member(shipped, acceleration, member):
    by_family = recon("net:natural", acceleration)
    np.testing.assert_array_equal(by_family.image, recon(f"net:{member}", acceleration).image)
    assert by_family.method == "net:natural"
    others = (m for m in ("natural-r2", "natural-r4", "natural-r10") if m != member)
    assert not any(
        np.array_equal(by_family.image, recon(f"net:{m}", acceleration).image) for m in others
    )


def test_a_family_remarks_on_its_nearest_member(shipped):
    assert recon("net:natural", 4).remarks == ()
    assert recon("net:natural", 8).remarks == ("trained for R=10, used at R=8",)
