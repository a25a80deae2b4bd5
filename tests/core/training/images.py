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


def discs(sizes, shape=(64, 64)):
    """Bright discs of these radii in the middle, each on a square from -1 to 1."""
    y, x = (np.linspace(-1, 1, n) for n in shape)
    radius = np.hypot(y[:, None], x[None])
    return np.stack([50.0 * (radius < size) for size in sizes]).astype(np.float32)
