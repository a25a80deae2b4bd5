import nibabel
import numpy as np
import pytest
import torch
from skimage.data import shepp_logan_phantom
from skimage.transform import resize

from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig

N_SLICES = 9
AFFINE = np.array([[-1.5, 0, 0, 40], [0, 1.2, 0.3, -50], [0, -0.2, 4.0, 7], [0, 0, 0, 1]])
"""Oblique, so that losing any part of it shows."""


@pytest.fixture(scope="session")
def volume():
    """A (x, y, slice) volume of an asymmetric head of changing size and brightness, int16."""
    head = resize(shepp_logan_phantom(), (72, 64), anti_aliasing=True)
    head[10:20, 40:50] += 0.5 * (head[10:20, 40:50] > 0)
    slices = [1000 * (1 + 0.1 * i) * np.roll(head, i, axis=0) for i in range(N_SLICES)]
    return np.stack([s.T[:, ::-1] for s in slices], axis=-1).round().astype(np.int16)


@pytest.fixture
def scan_file(tmp_path, volume):
    path = tmp_path / "head.nii.gz"
    nibabel.save(nibabel.Nifti1Image(volume, AFFINE), path)
    return path


@pytest.fixture
def checkpoint(tmp_path):
    """A network of two small sub-networks that has not learned anything."""
    torch.manual_seed(0)
    config = CascadeConfig(n_subnetworks=2, n_channels=4)
    document = files.describe(
        "cascade",
        config,
        label="Tiny network",
        task={"domain": "natural", "acceleration": 4.0, "pattern": "poisson", "tuned": False},
        provenance={},
    )
    path = tmp_path / "tiny.safetensors"
    files.save(path, Cascade(config), document)
    return path
