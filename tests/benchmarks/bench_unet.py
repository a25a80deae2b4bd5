"""How much the U-Net's way of normalising gains over torch's instance normalisation.

Run with ``pytest -m benchmark -s tests/benchmarks/bench_unet.py``. Prints, asserts nothing about
time.
"""

import time

import pytest
import torch
from torch.nn import functional

from core.devices import available, mixed_precision, resolve
from core.networks import files
from core.networks.unet import ImageUNet, Normalisation, UNetConfig

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("all_cores")]

REPEATS = 5


def by_instance(layer, x):
    return functional.instance_norm(x, weight=layer.weight, bias=layer.bias)


def best_seconds(device, n_images, size):
    """Of a step forward and backward."""
    model = files.on_device(ImageUNet(2, 1, UNetConfig()), device)
    images = torch.randn(n_images, 2, size, size, device=device)
    images = images.contiguous(memory_format=torch.channels_last)
    times = []
    for _ in range(REPEATS + 1):  # the first one warms up
        start = time.perf_counter()
        with mixed_precision(device):
            found = model(images)
        found.float().square().mean().backward()
        float(model.last.weight.grad[0, 0, 0, 0])  # reading a value waits for a GPU
        times.append(time.perf_counter() - start)
    return min(times[1:])


@pytest.mark.parametrize(("n_images", "size"), [(1, 192), (4, 192)])
def test_normalisation(n_images, size, monkeypatch):
    for found in (d for d in available() if d.name != "auto"):
        device = resolve(found.name)
        ours = best_seconds(device, n_images, size)
        with monkeypatch.context() as patch:
            patch.setattr(Normalisation, "forward", by_instance)
            theirs = best_seconds(device, n_images, size)
        print(
            f"\nU-Net, step on {n_images} x {size} px, {found.label}: {ours:.3f} s, "
            f"with torch's instance normalisation {theirs:.3f} s ({theirs / ours:.2f} times)"
        )
