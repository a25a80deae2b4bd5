"""Adjoints, golden values and GPUs: what is right passes, and what is wrong does not."""

import numpy as np
import pytest
import torch

from core import devices
from core.doctor import LOOKS, Outcome, adjoints, both_devices, golden, look_at
from core.fingerprinting import epg
from core.networks import files
from core.progress import Cancelled, no_progress
from tests.core.pretend_device import DEVICE, PretendDevice, moved

PAIRS = {pair.name: pair for pair in adjoints.pairs()}


@pytest.mark.parametrize("name", PAIRS)
def test_operators_are_adjoint_far_below_the_tolerance(name):
    assert adjoints.error_of(PAIRS[name]) < adjoints.TOLERANCE / 10


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    "wrong",
    [lambda y: -y, lambda y: 1.01 * y, lambda y: y.conj(), lambda y: torch.roll(y, 1, -1)],
    ids=["sign", "one per cent", "conjugate", "one pixel"],
)
def test_a_wrong_adjoint_is_found(name, wrong):
    pair = PAIRS[name]
    broken = pair._replace(adjoint=lambda y: wrong(pair.adjoint(y)))
    assert adjoints.error_of(broken) > 10 * adjoints.TOLERANCE


def test_an_operator_that_gives_no_numbers_is_found(monkeypatch):
    pair = PAIRS["wavelets"]
    broken = pair._replace(forward=lambda x: pair.forward(x) * torch.nan)
    monkeypatch.setattr(adjoints, "pairs", lambda: iter([broken]))
    finding = adjoints.adjoints(no_progress)
    assert finding.outcome is Outcome.FAILED
    assert finding.text == "not adjoint: wavelets (error nan)"


def cancelling(fraction, message=""):
    raise Cancelled


@pytest.mark.parametrize(
    "look",
    [adjoints.adjoints, golden.reconstructions, golden.parallel_reconstructions,
     golden.fingerprint],
)  # fmt: skip
def test_what_takes_time_can_be_cancelled(look):
    with pytest.raises(Cancelled):
        look(cancelling)


def test_golden_values_hold_in_single_precision_too(monkeypatch):
    """What a processor without units for bfloat16 does."""
    monkeypatch.setattr(devices, "has_fast_bfloat16", lambda _: False)
    finding = golden.reconstructions(no_progress)
    assert finding.outcome is Outcome.OK, finding.text


def test_a_changed_signal_is_found(monkeypatch):
    monkeypatch.setattr(epg, "_twist", lambda states: states)
    assert golden.fingerprint(no_progress).outcome is Outcome.FAILED


# a GPU that is pretended --------------------------------------------------------------------------


@pytest.fixture
def gpu(monkeypatch):
    """A second device, on which networks and methods for several coils compute."""
    found = (devices.Device("cpu", "Processor"), devices.Device("pretended", "GPU"))
    monkeypatch.setattr(devices, "available", lambda: found)
    monkeypatch.setattr(
        devices, "resolve", lambda name: DEVICE if name == "pretended" else torch.device("cpu")
    )
    monkeypatch.setattr(files, "load_cached", network_on)
    with PretendDevice():
        yield


def network_on(info, device):
    """A network whose weights lie on a device."""
    network = files.load(info.path, torch.device("cpu"))
    if device == "pretended":
        for module in network.modules():
            for name, weights in module._parameters.items():
                module._parameters[name] = moved(weights.detach())
    return network


def test_two_devices_that_agree(gpu):
    finding = both_devices.agreement(no_progress)
    assert finding.outcome is Outcome.OK, finding.text
    assert finding.text.startswith("net:natural-r4 on pretended differs by ")
    assert finding.text.endswith("sense on pretended differs by 0.0e+00")


def test_precision_makes_a_difference_far_below_the_tolerance(gpu, monkeypatch):
    """The processor in bfloat16, the other device in single precision."""
    monkeypatch.setattr(devices, "has_fast_bfloat16", lambda device: device.type == "cpu")
    scan = golden.scan_of_one_coil()
    here, there = (both_devices.image("net:natural-r4", scan, d) for d in ("cpu", "pretended"))
    difference = np.linalg.norm(here - there) / np.linalg.norm(there)
    assert 1e-5 < difference < both_devices.TOLERANCE / 4


def test_a_device_that_computes_otherwise_is_found(gpu, monkeypatch):
    def network_with_worse_weights(info, device):
        network = network_on(info, device)
        if device == "pretended":
            for weights in network.parameters():
                weights.mul_(0.9)
        return network

    monkeypatch.setattr(files, "load_cached", network_with_worse_weights)
    with torch.no_grad():
        finding = both_devices.agreement(no_progress)
    assert finding.outcome is Outcome.FAILED, finding.text


def test_a_device_that_breaks_down_is_found(gpu, monkeypatch):
    def network(info, device):
        if device == "pretended":
            raise RuntimeError("CUDA error: no kernel image is available for execution")
        return network_on(info, device)

    monkeypatch.setattr(files, "load_cached", network)
    check = look_at(LOOKS["CPU against GPU"])
    assert check.outcome is Outcome.FAILED
    assert "no kernel image" in check.found
    assert "--device cpu" in check.advice


def test_without_a_gpu_there_is_nothing_to_compare(monkeypatch):
    found = (devices.Device("auto", "Automatic"), devices.Device("cpu", "Processor"))
    monkeypatch.setattr(devices, "available", lambda: found)
    finding = both_devices.agreement(no_progress)
    assert finding.outcome is Outcome.OK
    assert finding.text.startswith("no GPU here")
