"""Scans that were acquired undersampled, on the command line."""

import json

import h5py
import numpy as np
import pytest

from core.acquisition import direct_image
from core.checkpoints import read_info
from core.cli.main import main
from core.io import load
from core.masks import make_mask

SHAPE = (64, 64)


@pytest.fixture
def acquired_file(tmp_path):
    """A file in the layout of fastMRI whose two coils were acquired with lines at R = 2."""
    y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    rng = np.random.default_rng(2)
    head = ((y / 0.8) ** 2 + (x / 0.6) ** 2 < 1) * (1 + 0.5 * np.cos(9 * y + 5 * x))
    coils = np.stack([np.exp(-((x - c) ** 2) + 1j * c) for c in (-1, 1)])
    images = np.stack([head * coils * level for level in (1, 2, 1.5, 1)])
    images = images + 0.01 * rng.normal(size=images.shape)
    axes = (-2, -1)
    kspace = np.fft.fft2(np.fft.ifftshift(images, axes), norm="ortho")
    mask = make_mask("random", SHAPE, 2.0, seed=1).samples[0]
    with h5py.File(tmp_path / "acquired.h5", "w") as file:
        file["kspace"] = (np.fft.fftshift(kspace, axes) * mask).astype(np.complex64)
        file["mask"] = mask
    return tmp_path / "acquired.h5"


def test_it_is_reconstructed_as_it_was_acquired_and_not_scored(acquired_file, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["recon", str(acquired_file), "--methods", "zf,cs", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "R = 2.00 (acquired), measured k-space, 2 coils, acquired undersampled" in printed
    assert "Not scored: Zero-filled, Compressed sensing (L1-wavelet): no fully sampled" in printed
    rows = json.loads((out / "metrics.json").read_text())["rows"]
    assert {(row["mask"], row["acceleration"], row["psnr_db"]) for row in rows} == {
        ("acquired", 2.0, None)
    }
    assert all("not scored: no fully sampled reference" in row["note"] for row in rows)
    assert (out / "comparison.png").read_bytes().startswith(b"\x89PNG")
    import nibabel

    found = nibabel.load(out / "zf.nii.gz").get_fdata()
    expected = direct_image(load(acquired_file), 1)
    found = np.sort(found[..., 1].ravel())
    assert np.corrcoef(found, np.sort(expected.ravel()))[0, 1] > 0.999
    assert 0.9 < found.sum() / expected.sum() <= 1, "coils combined by their sensitivities"


def test_its_own_mask_can_be_named(acquired_file, tmp_path):
    argv = ["recon", str(acquired_file), "--mask", "acquired", "--methods", "zf", "--slices", "0"]
    assert main([*argv, "--out", str(tmp_path / "out")]) == 0


@pytest.mark.parametrize(
    ("options", "got"),
    [
        (["--mask", "poisson"], "--mask poisson"),
        (["--acceleration", "4"], "--acceleration 4.0"),
        (["--set", "mask.growth=3"], "--set mask.growth=3"),
    ],
)
def test_another_mask_is_refused(acquired_file, tmp_path, capsys, options, got):
    argv = ["recon", str(acquired_file), "--methods", "zf", *options, "--out", str(tmp_path / "o")]
    assert main(argv) == 2
    line = "acquired was acquired undersampled and brings its own mask, got "
    assert capsys.readouterr().err.strip().endswith(line + got)
    assert not (tmp_path / "o").exists()


def test_a_fully_sampled_scan_has_no_mask_of_its_own(scan_file, tmp_path, capsys):
    argv = ["recon", str(scan_file), "--mask", "acquired", "--methods", "zf"]
    assert main([*argv, "--out", str(tmp_path / "out")]) == 2
    assert "head: must be acquired undersampled, got a fully" in capsys.readouterr().err


def finetune(scan, checkpoint, out, *options):
    argv = ["finetune", str(scan), "--source", str(checkpoint), "--images", "2", "--steps", "2"]
    return main([*argv, "--validation-images", "1", "--out", str(out), *options])


def test_a_network_is_tuned_on_it_by_self_supervision(acquired_file, checkpoint, tmp_path, capsys):
    out = tmp_path / "tuned.safetensors"
    assert finetune(acquired_file, checkpoint, out, "--supervision", "self") == 0
    task = read_info(out).config["task"]
    assert (task["acceleration"], task["pattern"]) == (2.0, "acquired")
    assert "trained for poisson masks, used with acquired" in capsys.readouterr().err
    argv = ["recon", str(acquired_file), "--methods", f"net:{out}", "--slices", "0"]
    assert main([*argv, "--out", str(tmp_path / "out")]) == 0
    assert "used with acquired" not in capsys.readouterr().err


def test_it_cannot_be_tuned_on_with_full_supervision(acquired_file, checkpoint, tmp_path, capsys):
    assert finetune(acquired_file, checkpoint, tmp_path / "tuned.safetensors") == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "acquired: no fully sampled reference: an undersampled scan can be tuned on" in error
    assert not (tmp_path / "tuned.safetensors").exists()
