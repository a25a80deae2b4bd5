"""Images that the tests of training share."""

import numpy as np


def blobs(n, size=64, seed=0):
    """Smooth random shapes: enough structure to learn from, nothing to wait for."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    images = []
    for _ in range(n):
        image = np.zeros((size, size))
        for cy, cx, r in random.uniform([0.3, 0.3, 0.1], [0.7, 0.7, 0.35], (6, 3)):
            image += random.uniform(20, 60) * ((y - cy) ** 2 + (x - cx) ** 2 < r**2)
        images.append(image)
    return np.asarray(images, np.float32)
