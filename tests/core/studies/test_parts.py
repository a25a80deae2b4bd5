"""Parts of a network and networks of another R or architecture, as axes of a study."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load

from core.checkpoints import SINGLE, read_info
from core.networks.cascade import Cascade
from core.networks.unet import UNet
from core.studies.curves import curves
from core.studies.kinds import run_cell
from core.studies.plan import cells_of
from core.studies.run import run_study
from core.studies.scratch import untrained, write_untrained
from core.studies.sizes import checkpoint_bytes
from core.studies.spec_file import read_spec
from core.studies.tables import sheets

GRID_LINE = "n_images = [0, 2]"
PARTS = (GRID_LINE, f'{GRID_LINE}\ntrainable = ["all", "last block"]')
SOURCE = '"natural.safetensors"'


def test_a_part_is_a_method_of_its_own_and_raw_networks_stand_once(edited, tmp_path):
    spec = read_spec(edited(PARTS))
    cells = cells_of(spec, "cpu")
    assert [cell.title for cell in cells] == [
        "natural, R=4, not tuned",
        "natural, R=4, 2 images, seed 1",
        "natural, last block, R=4, 2 images, seed 1",
    ]
    assert cells[2].checkpoint_name == "natural--last-block-r4-n2-seed1-full.safetensors"
    table = run_study(spec, tmp_path, device="cpu")
    found = curves(table)
    assert [(c.label, c.grid, c.source) for c in found.networks] == [
        ("Natural images", (0, 2), "natural"),
        ("Natural images, last block", (0, 2), "natural"),
    ]
    assert [row.trainable for row in table.rows[::2]] == ["all", "all", "last block"]
    scores, differences, _ = sheets(found, table)
    assert [line[1:4:2] for line in scores.body] == [
        ("Natural images", "raw"),
        ("Natural images", "2"),
        ("Natural images, last block", "2"),
    ]
    pairs = [line[1:3] for line in differences.body]
    raw, whole = "Natural images, raw", "Natural images, 2 images"
    part = "Natural images, last block, 2 images"
    assert pairs == [(whole, raw), (whole, part), (part, raw)]


def test_a_part_leaves_the_rest_bit_identical(edited):
    spec = read_spec(edited(PARTS, ("length = 2", "length = 2\nlearning_rate = 0.01")))
    raw, _, part = cells_of(spec, "cpu")
    before = load(Path(raw.parent.path).read_bytes())
    after = load(run_cell(part).checkpoint)
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("subnetworks.1.") for name in changed)


def test_a_part_that_an_untrained_network_lacks_is_refused(edited):
    sources = (SOURCE, f'{SOURCE}, "scratch"')
    part = (GRID_LINE, f'{GRID_LINE}\ntrainable = ["decoder"]')
    with pytest.raises(ValueError, match=r"line 14: grid\.trainable must suit natural: trainable"):
        cells_of(read_spec(edited(sources, part)), "cpu")
    with pytest.raises(ValueError, match=r"grid\.trainable must suit Untrained network: trainable"):
        cells_of(read_spec(edited((SOURCE, '"scratch"'), part)), "cpu")
    assert cells_of(read_spec(edited((SOURCE, '"scratch:unet"'), part)), "cpu")


def test_networks_of_one_r_are_used_at_every_r(edited):
    changes = ("accelerations = [4]", "source_acceleration = 4\naccelerations = [2, 6]")
    cells = cells_of(read_spec(edited(changes)), "cpu")
    assert len({cell.parent for cell in cells}) == 1
    assert [(cell.acceleration, cell.tuning.acceleration) for cell in cells] == [
        (2, 2), (6, 6), (2, 2), (6, 6),
    ]  # fmt: skip
    assert {row.remarks for row in run_cell(cells[1]).rows} == {"trained for R=4, used at R=6"}
    assert {row.remarks for row in run_cell(cells[3]).rows} == {""}
    other = ("accelerations = [4]", "source_acceleration = 6\naccelerations = [4]")
    message = r"line 12: grid\.source_acceleration must be R that 'natural' .*, got 6"
    with pytest.raises(ValueError, match=message):
        cells_of(read_spec(edited(other)), "cpu")


@pytest.mark.parametrize(
    ("source", "kind", "label"),
    [
        ("scratch", Cascade, "Untrained network"),
        ("scratch:unet", UNet, "Untrained network, U-Net"),
    ],
)
def test_an_untrained_network_of_either_architecture(edited, tmp_path, source, kind, label):
    spec = read_spec(edited((SOURCE, f'"{source}"'), (GRID_LINE, "n_images = [0]")))
    (cell,) = cells_of(spec, "cpu")
    assert cell.label == label
    assert isinstance(untrained(source), kind)
    info = read_info(write_untrained(tmp_path / "raw.safetensors", cell, n_coils=1))
    assert (info.domain, info.coils, info.acceleration) == ("scratch", SINGLE, 4.0)
    assert set(info.config["network"]) == {f.name for f in fields(untrained(source).config)}


def test_an_unknown_architecture_is_refused_by_its_line(edited):
    with pytest.raises(ValueError, match=r"line 11: grid\.sources must be known: .*'vit'"):
        cells_of(read_spec(edited((SOURCE, '"scratch:vit"'))), "cpu")


def test_the_room_on_disk_follows_the_parents(edited):
    cells = cells_of(read_spec(edited(PARTS)), "cpu")
    size = len(run_cell(cells[1]).checkpoint)
    assert size <= checkpoint_bytes(cells[:2]) < size + 300_000
    assert checkpoint_bytes(cells) == 2 * checkpoint_bytes(cells[:2])
    (_, unet) = cells_of(read_spec(edited((SOURCE, '"scratch:unet"'))), "cpu")
    # fastMRI's U-Net of 32 channels has 7.76 million weights
    assert checkpoint_bytes([unet]) == pytest.approx(31.04e6, rel=0.02)
