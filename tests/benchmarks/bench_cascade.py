"""How fast the cascade runs and tunes, against the same network written plainly.

Run with ``make bench`` or ``pytest -m benchmark -s tests/benchmarks``. Prints, asserts nothing
about time.
"""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.checkpoints import find, weights_folder
from core.devices import available, mixed_precision, resolve
from core.fourier import fft2c, ifft2c, to_corner
from core.masks import make_mask
from core.networks import files
from core.phantom import demo_local_scans, demo_scan
from core.progress import no_progress
from core.training.finetune import choose_images, finetune, tuning_request
from core.training.memory import keep_freed_memory
from core.training.settings import TUNE_PRESETS

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("all_cores")]

FLOPS = 5 * 2 * 9 * (2 * 64 + 3 * 64 * 64 + 64) * 256 * 256
"""Operations of one forward pass on a 256 x 256 slice: a multiplication and an addition a tap."""

N_EPOCHS = 3


def best_seconds(function, repeats=7):
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


class PlainCascade(torch.nn.Module):
    """The same network as a reader would write it: float32, NCHW, shifts around every transform."""

    def __init__(self, model):
        super().__init__()
        self.networks = torch.nn.ModuleList(
            torch.nn.ModuleList(
                torch.nn.Conv2d(layer.in_channels, layer.out_channels, 3, padding=1)
                for layer in network.convolutions
            )
            for network in model.subnetworks
        )
        mine = [p for n in self.networks for layer in n for p in (layer.weight, layer.bias)]
        theirs = [
            p
            for n in model.subnetworks
            for layer in n.convolutions
            for p in (layer.weight, layer.bias)
        ]
        with torch.no_grad():
            for a, b in zip(mine, theirs, strict=True):
                a.copy_(b.contiguous(memory_format=torch.contiguous_format))

    def forward(self, kspace, mask):
        image = ifft2c(kspace)
        for layers in self.networks:
            x = torch.stack([image.real, image.imag], 1)
            for layer in layers[:-1]:
                x = torch.relu(layer(x))
            x = layers[-1](x)[:, 0] + image.real
            image = ifft2c(torch.where(mask, kspace, fft2c(x)))
        return image.abs()


def slice_problem():
    scan = demo_scan()
    image = torch.from_numpy(np.ascontiguousarray(scan.magnitude[scan.n_slices // 2]))[None]
    mask = make_mask("poisson", tuple(image.shape[1:]), 4.0, seed=1)
    image = image / image.max()
    samples = torch.from_numpy(mask.samples)
    return image, fft2c(image) * samples, samples


def psnr(image, reference):
    return -10 * float(torch.log10((image - reference).square().mean()))


def matrix_peak(device, dtype, n=4096):
    a = torch.randn(n, n, device=device).to(dtype)

    def multiply():
        a @ a
        if device.type == "cuda":
            torch.cuda.synchronize()

    return 2 * n**3 / best_seconds(multiply, 3)


def test_forward_against_plain():
    device = resolve("cpu")
    model = files.load(find("natural", 4.0).path, device)
    plain = PlainCascade(model)
    reference, kspace, samples = slice_problem()
    zero_filled, corner = ifft2c(kspace), to_corner(samples)[None]

    def ours():
        with torch.no_grad(), mixed_precision(device):
            return model(zero_filled, corner).abs()

    def theirs():
        with torch.no_grad():
            return plain(kspace, samples)

    difference = psnr(ours(), reference) - psnr(theirs(), reference)
    slow, fast = best_seconds(theirs), best_seconds(ours)
    peaks = {d: matrix_peak(device, d, 2048) for d in (torch.float32, torch.bfloat16)}
    print(f"\nforward, five sub-networks, 256 x 256, {torch.get_num_threads()} threads")
    print(f"  plain {slow * 1e3:.0f} ms, ours {fast * 1e3:.0f} ms: {slow / fast:.1f} times faster")
    print(f"  PSNR differs by {difference:+.4f} dB")
    for dtype, peak in peaks.items():
        print(f"  matrix product peak {peak / 1e12:.2f} TFLOP/s in {dtype}")
    share = FLOPS / fast / peaks[torch.bfloat16]
    print(f"  ours: {FLOPS / fast / 1e12:.2f} TFLOP/s, {share:.0%} of the bfloat16 product's")


def test_finetuning(tmp_path):
    """The default preset on ten slices, and a part of the paper's 100 epochs."""
    keep_freed_memory()  # as the child process that tunes does
    fast, paper = TUNE_PRESETS["fast"], TUNE_PRESETS["paper"]
    some = replace(paper, length=N_EPOCHS, validation_rounds=N_EPOCHS)
    for device in available():
        if device.name != "auto":
            print(f"\nfine-tuning, ten slices of 256 x 256, {device.label}")
            print_tuning("default preset", fast, 1, device.name, tmp_path)
            share = paper.length / N_EPOCHS
            print_tuning(f"paper's (from {N_EPOCHS} epochs)", some, share, device.name, tmp_path)


def print_tuning(name, settings, share, device, folder):
    """How long a preset takes, if it is ``share`` times as long as what is run here."""
    refs = choose_images(
        demo_local_scans(2), settings.n_images, settings.n_validation, settings.seed
    )
    parent = find("natural", settings.acceleration).path
    request = tuning_request(parent, *refs, settings, folder / "tuned.safetensors", device)
    result = finetune(request, no_progress)
    peak = matrix_peak(resolve(device), torch.bfloat16, 2048)
    pixels = result.steps * settings.batch * (settings.crop**2 or 256**2)
    rate = 3 * FLOPS * pixels / 256**2 / result.seconds  # a backward pass is two forward ones
    print(f"  {name}: {result.seconds * share:.1f} s, validation included")
    print(
        f"    {result.steps * settings.batch / result.seconds:.2f} images or crops/s, "
        f"{rate / 1e12:.2f} TFLOP/s, {rate / peak:.0%} of the bfloat16 product's"
    )


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_forward_on_a_gpu():
    device = resolve("cuda:0")
    model = files.load(weights_folder() / "natural-r4.safetensors", device)
    _, kspace, samples = slice_problem()
    n = 64
    zero_filled = ifft2c(kspace).to(device).expand(n, -1, -1).contiguous()
    corner = to_corner(samples)[None].to(device)

    def ours():
        with torch.no_grad(), mixed_precision(device):
            model(zero_filled, corner)
        torch.cuda.synchronize()

    seconds = best_seconds(ours) / n
    peak = matrix_peak(device, torch.bfloat16, 8192)
    print(f"\nGPU forward {seconds * 1e3:.3f} ms a slice, {FLOPS / seconds / peak:.0%} of the peak")
