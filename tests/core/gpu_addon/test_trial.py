"""The child process of the trial, with a torch that is written here: there may be no GPU."""

from pathlib import Path

import pytest

from core.gpu_addon.trial import Computed, compute


def write_torch(folder: Path, text: str) -> Path:
    (folder / "torch").mkdir()
    (folder / "torch" / "__init__.py").write_text(text)
    return folder


def test_a_build_without_cuda_is_told(tmp_path):
    build = "from types import SimpleNamespace\n__version__ = '2.13.0+cpu'\n"
    addon = write_torch(tmp_path, f"{build}version = SimpleNamespace(cuda=None)\n")
    assert compute(addon) == Computed("2.13.0")


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
