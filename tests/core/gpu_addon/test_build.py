import pytest

from core.gpu_addon.build import Build, of_folder, of_version

WRITTEN = """from typing import Optional

__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip']
__version__ = '2.13.0+cu130'
debug = False
cuda: Optional[str] = '13.0'
git_version = 'cf30153c4c131c8164ee7798e5022d810682e2cb'
hip: Optional[str] = None
"""
"""As torch 2.13.0 writes it."""


@pytest.mark.parametrize(
    ("version", "build"),
    [
        ("2.13.0+cu130", Build("2.13.0", "13.0")),
        ("2.1.0+cu118", Build("2.1.0", "11.8")),
        ("2.6.0+cu126.full", Build("2.6.0", "12.6")),
        ("2.13.0+cpu", Build("2.13.0", "")),
        ("2.13.0+rocm7.0", Build("2.13.0", "")),
        ("2.13.0", None),  # the usual index names none
        ("2.13.0+git1234", None),
        ("2.13.0+cuda", None),
    ],
)
def test_what_a_version_names(version, build):
    assert of_version(version) == build


def test_what_a_folder_holds(tmp_path):
    (tmp_path / "torch").mkdir()
    file = tmp_path / "torch" / "version.py"
    file.write_text(WRITTEN)
    assert of_folder(tmp_path) == Build("2.13.0", "13.0")
    file.write_text("__version__ = '2.13.0+cpu'\ncuda = None\n")
    assert of_folder(tmp_path) == Build("2.13.0", "")


def test_the_torch_that_is_here_says_it_too():
    from pathlib import Path

    import torch

    found = of_folder(Path(torch.__file__).parents[1])
    assert found == Build(torch.__version__.partition("+")[0], torch.version.cuda or "")


@pytest.mark.parametrize(
    "text", [None, "", "__version__ = '2.13.0'\n", "cuda = '13.0'\n", "cuda = ("]
)
def test_a_folder_that_does_not_say_it_is_refused(tmp_path, text):
    (tmp_path / "torch").mkdir()
    if text is not None:
        (tmp_path / "torch" / "version.py").write_text(text)
    with pytest.raises(ValueError, match="torch found there does not say for which CUDA"):
        of_folder(tmp_path)
