import json
import math
import struct

import pytest
import torch

from core import checkpoints
from core.networks import NETWORKS, files
from core.networks.cascade import Cascade, CascadeConfig
from tests.core.networks.small import CONFIGS, small_network

TASK = {"domain": "phantom", "acceleration": 4.0, "pattern": "poisson", "tuned": False}
CPU = torch.device("cpu")


def write(path, dtype=torch.float32, **changes):
    torch.manual_seed(0)
    config = CascadeConfig(n_subnetworks=2, n_channels=4)
    model = Cascade(config)
    document = files.describe(
        "cascade", config, label="Tiny", task=TASK, provenance={"not_to_be_scored": ["a:1"]}
    )
    document.update(changes)
    files.save(path, model, document, dtype)
    return model


def test_round_trip(tmp_path):
    path = tmp_path / "tiny.safetensors"
    model = write(path)
    loaded = files.load(path, CPU)
    assert loaded.config == model.config
    assert loaded.config.reg_weight == math.inf
    for name, value in model.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name])
    info = checkpoints.read_info(path)
    assert (info.label, info.acceleration, info.tuned) == ("Tiny", 4.0, False)
    assert info.tuned_on == {"a:1"}
    assert not list(tmp_path.glob(".*"))


def test_half_precision_weights_load_as_float32(tmp_path):
    path = tmp_path / "half.safetensors"
    model = write(path, torch.float16)
    loaded = files.load(path, CPU)
    for name, value in model.state_dict().items():
        found = loaded.state_dict()[name]
        assert found.dtype == torch.float32
        torch.testing.assert_close(found, value, atol=1e-3, rtol=1e-3)


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "tiny.safetensors"
    write(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="Out of range float"):
        write(path, label=math.nan)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def truncated(data):
    return data[: len(data) // 2]


def no_header(data):
    return b"\x80\x04" + data[2:]  # what a pickle starts with


def huge_header(data):
    return struct.pack("<Q", 2**40) + data[8:]


@pytest.mark.parametrize("spoil", [truncated, no_header, huge_header, lambda data: b""])
def test_damaged_files_are_refused_in_one_line(tmp_path, spoil):
    path = tmp_path / "bad.safetensors"
    write(path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=r"^bad\.safetensors: must be a safetensors file") as error:
        files.load(path, CPU)
    assert "\n" not in str(error.value)


def rewrite_metadata(path, change):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    change(header)
    head = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + data[8 + length :])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h: h.pop("__metadata__"), "must hold the description"),
        (lambda h: h["__metadata__"].update(tlmri="{"), "must hold the description"),
        (lambda h: h["__metadata__"].update(tlmri='{"format": 9, "label": "", "task": {}}'),
         "format must be 1, got 9"),
    ],
)  # fmt: skip
def test_foreign_descriptions_are_refused(tmp_path, change, message):
    path = tmp_path / "odd.safetensors"
    write(path)
    rewrite_metadata(path, change)
    with pytest.raises(ValueError, match=message):
        checkpoints.read_info(path)


@pytest.mark.parametrize(
    ("changes", "got"),
    [
        ({"network": {"n_subnetworks": 3, "n_channels": 4}},
         "no 'subnetworks.2.convolutions.0.weight', which Cascade has with the shape (4, 2, 3, 3)"),
        ({"network": {"n_subnetworks": 1, "n_channels": 4}},
         "'subnetworks.1.convolutions.0.bias' of the shape (4,), which Cascade has not"),
        ({"network": {"n_subnetworks": 2, "n_channels": 8}},
         "'subnetworks.0.convolutions.0.weight' of the shape (4, 2, 3, 3), which in Cascade is "
         "(8, 2, 3, 3)"),
        ({"architecture": "unet", "network": {"n_channels": 4}},
         "no 'unet.encoder.0.0.weight', which UNet has with the shape (4, 2, 3, 3)"),
    ],
)  # fmt: skip
def test_weights_of_another_network_are_refused_by_their_first_layer(tmp_path, changes, got):
    path = tmp_path / "other.safetensors"
    write(path, **changes)
    with pytest.raises(ValueError, match="must fit") as error:
        files.load(path, CPU)
    rule = "other.safetensors: its weights must fit its description, got: "
    assert str(error.value) == rule + got


@pytest.mark.parametrize("architecture", CONFIGS)
def test_every_architecture_comes_back_as_it_was(tmp_path, architecture):
    path = tmp_path / "any.safetensors"
    model = small_network(architecture)
    document = files.describe(architecture, model.config, label="", task=TASK, provenance={})
    files.save(path, model, document)
    loaded = files.load(path, CPU)
    assert type(loaded) is type(model)
    assert loaded.config == model.config
    assert all(map(torch.equal, loaded.parameters(), model.parameters()))


def test_every_architecture_is_tested():
    assert set(CONFIGS) == set(NETWORKS.names())


def test_unknown_architecture_is_refused_by_name(tmp_path):
    path = tmp_path / "new.safetensors"
    write(path, architecture="transformer")
    with pytest.raises(ValueError, match="unknown network 'transformer'"):
        files.load(path, CPU)


def test_weights_that_are_not_finite_are_not_written(tmp_path):
    path = tmp_path / "nan.safetensors"
    config = CascadeConfig(n_subnetworks=1, n_channels=2)
    model = Cascade(config)
    with torch.no_grad():
        model.subnetworks[0].convolutions[0].bias[0] = math.nan
    document = files.describe("cascade", config, label="", task=TASK, provenance={})
    with pytest.raises(ValueError, match="weights must be finite"):
        files.save(path, model, document)
    assert not path.exists()
    model.subnetworks[0].convolutions[0].bias.data[0] = 1e6
    with pytest.raises(ValueError, match=r"finite in torch\.float16"):
        files.save(path, model, document, torch.float16)


def test_a_file_with_weights_that_are_not_finite_is_refused(tmp_path):
    path = tmp_path / "nan.safetensors"
    write(path)
    data = bytearray(path.read_bytes())
    data[-4:] = struct.pack("<f", math.nan)
    path.write_bytes(bytes(data))
    with pytest.raises(ValueError, match="weights must be finite, got NaN"):
        files.load(path, CPU)


def test_find_names_what_there_is(tmp_path):
    with pytest.raises(ValueError, match="source must be one of"):
        checkpoints.find("atlantis")
    with pytest.raises(ValueError, match=r"gone\.safetensors: there is no such"):
        checkpoints.find(str(tmp_path / "gone.safetensors"))
