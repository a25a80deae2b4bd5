import math

import numpy as np
import pytest
import torch

from core.training.augment import AUGMENTATIONS, padded, random_square, rotated
from tests.core.training.images import discs


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_changes_keep_kind_and_size_and_follow_the_generator(name):
    image = torch.from_numpy(discs([0.6])[0])
    for one in (image, image * (1 + 0.2j)):
        made = [AUGMENTATIONS[name](one, np.random.default_rng(4)) for _ in range(2)]
        assert torch.equal(*made)
        assert made[0].shape == one.shape
        assert made[0].is_complex() == one.is_complex()
        assert float(made[0].abs().sum()) == pytest.approx(float(one.abs().sum()), rel=0.25)


def test_rotation_is_scikit_images():
    from skimage.transform import SimilarityTransform, warp

    y, x = np.mgrid[:80, :64]
    image = np.exp(-((y - 30) ** 2 + (x - 40) ** 2) / 150).astype(np.float32)

    class Fixed:
        values = iter([math.radians(8), 1.06])

        def uniform(self, low, high):
            return next(self.values)

        def integers(self, n):
            return 1  # not mirrored

    ours = rotated(torch.from_numpy(image), Fixed()).numpy()
    centre = np.array([31.5, 39.5])
    about = SimilarityTransform(translation=-centre)
    turn = SimilarityTransform(rotation=math.radians(8), scale=1.06)
    theirs = warp(image, about + turn + about.inverse, order=3)
    assert np.abs(ours - theirs).max() < 5e-3


def test_squares_are_parts_of_an_image_that_is_padded_to_hold_them():
    image = torch.arange(20.0).reshape(4, 5)
    part = image[random_square(image.shape, 3, np.random.default_rng(0))]
    assert any(torch.equal(part, image[y : y + 3, x : x + 3]) for y in range(2) for x in range(3))
    whole = padded(image, 7)
    assert whole.shape == (7, 7)
    assert float(whole.sum()) == float(image.sum())


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_images_of_leading_axes_are_changed_alike(name):
    stack = torch.randn(2, 3, 12, 12, dtype=torch.complex64)
    together = AUGMENTATIONS[name](stack, np.random.default_rng(4))
    for i in range(2):
        for j in range(3):
            alone = AUGMENTATIONS[name](stack[i, j], np.random.default_rng(4))
            torch.testing.assert_close(together[i, j], alone)
