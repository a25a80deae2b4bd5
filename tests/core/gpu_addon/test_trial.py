"""The child process of the trial, with a torch that is written here: there may be no GPU."""

from pathlib import Path

import pytest

from core.gpu_addon.trial import Computed, compute


def write_torch(folder: Path, text: str) -> Path:
    (folder / "torch").mkdir()
    (folder / "torch" / "__init__.py").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise ImportError('libcudart.so.13: cannot open')", "libcudart.so.13: cannot open"),
        ("import os\nos._exit(3)", "ended without a result"),
        ("__file__ = '/elsewhere/torch.py'", "found elsewhere than in the add-on"),
    ],
)
def test_a_build_that_fails_or_dies_is_one_line(tmp_path, text, message):
    addon = write_torch(tmp_path, text)
    with pytest.raises(ValueError, match=f"does not compute with this build: .*{message}"):
        compute(addon)


PRETENDED = """
from types import SimpleNamespace

class Number:
    def __init__(self, value, on_gpu=False):
        self.value, self.on_gpu = value, on_gpu
    def cuda(self):
        {reason}
        return Number(self.value, on_gpu=True)
    def cpu(self):
        return Number(self.value)
    def __sub__(self, other):
        assert not self.on_gpu and not other.on_gpu
        return Number(self.value - other.value)
    def norm(self):
        return abs(self.value)

class Generator:
    def manual_seed(self, seed):
        return self

def randn(*shape, generator):
    return Number(3.0)

def conv2d(images, weights):
    assert images.on_gpu == weights.on_gpu
    return Number(images.value * weights.value * (1.25 if images.on_gpu else 1), images.on_gpu)

cuda = SimpleNamespace(get_device_name=lambda: "Pretended GPU")
nn = SimpleNamespace(functional=SimpleNamespace(conv2d=conv2d))
"""


def test_the_gpus_convolution_is_held_against_the_processors(tmp_path):
    addon = write_torch(tmp_path, PRETENDED.format(reason="pass"))
    assert compute(addon) == Computed("Pretended GPU", 0.25)


def test_the_reason_of_a_gpu_that_refuses_is_told(tmp_path):
    reason = "raise RuntimeError('no kernel image is available')"
    addon = write_torch(tmp_path, PRETENDED.format(reason=reason))
    with pytest.raises(ValueError, match=r"with this build: no kernel image is available$"):
        compute(addon)
