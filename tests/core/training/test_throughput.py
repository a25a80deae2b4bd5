import dataclasses

import pytest
import torch

from core.networks.cascade import Cascade, CascadeConfig
from core.progress import no_progress
from core.training import throughput
from core.training.settings import TrainSettings

CPU = torch.device("cpu")


def test_operations_are_those_that_torch_counts():
    from torch.utils.flop_counter import FlopCounterMode

    model, size = Cascade(CascadeConfig()), 32
    image = torch.zeros(1, size, size, dtype=torch.complex64)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(image, torch.ones(1, size, size, dtype=torch.bool))
    convolutions = sum(
        n for op, n in counter.get_flop_counts()["Global"].items() if "convolution" in str(op)
    )
    assert throughput._forward_flops(model, size) == convolutions


def test_speed_is_images_over_time(monkeypatch):
    settings = TrainSettings(crop=32, batch=3)
    monkeypatch.setattr(throughput, "matrix_product_flops", lambda _: 1e12)
    monkeypatch.setattr(throughput, "_seconds", lambda *_: 2.0)
    last, whole = throughput.measure(settings, CPU, no_progress, n_steps=4)
    assert (last.stage, whole.stage) == ("sub-network 5/5", "end to end")
    assert last.images_per_second == whole.images_per_second == 4 * 3 / 2
    # end to end: five networks forward and backward; the last alone: four forward, one both ways
    assert whole.flops / last.flops == pytest.approx(15 / 7)
    assert whole.share == whole.flops / 1e12


def test_both_stages_run(monkeypatch):
    monkeypatch.setattr(throughput, "matrix_product_flops", lambda _: 1e12)
    monkeypatch.setattr(throughput, "STEPS_BETWEEN_READINGS", 1)
    settings = dataclasses.replace(TrainSettings(), crop=32, batch=1)
    for found in throughput.measure(settings, CPU, no_progress, n_steps=1):
        assert found.images_per_second > 0
