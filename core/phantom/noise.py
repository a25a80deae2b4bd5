r"""Smooth random fields as sums of plane waves.

.. math:: f(p) = \sqrt{2/M} \sum_m \cos(k_m \cdot p + \varphi_m)

Unlike filtered noise on a grid, the field is known at any point of space, so that slices of any
number and place show the same subject, and its gradient is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_SINGLE_THREAD_PRODUCTS = 200_000
"""Multiplications in a matrix product below which OpenBLAS starts no threads."""


@dataclass(frozen=True, eq=False)
class WaveField:
    """Random field of unit variance.

    Attributes
    ----------
    wave_vectors
        In rad/mm. Shape `(3, wave)`.
    phases
        In rad. Shape `(wave,)`.
    """

    wave_vectors: Array
    phases: Array

    @classmethod
    def random(
        cls, rng: np.random.Generator, wavelength_mm: tuple[float, float], n_waves: int = 40
    ) -> WaveField:
        """Isotropic field whose wavelengths are spread evenly (in log) over a range in mm."""
        directions = rng.standard_normal((3, n_waves))
        directions /= np.linalg.norm(directions, axis=0)
        low, high = np.log(wavelength_mm)
        wavelengths = np.exp(rng.uniform(low, high, n_waves))
        phases = rng.uniform(0, 2 * np.pi, n_waves)
        vectors = 2 * np.pi * directions / wavelengths
        return cls(vectors.astype(np.float32), phases.astype(np.float32))

    def stretched(self, factors: tuple[float, float, float]) -> WaveField:
        """The same field with its wavelengths along the three axes multiplied by ``factors``."""
        return WaveField(self.wave_vectors / np.array(factors, np.float32)[:, None], self.phases)

    @property
    def _amplitude(self) -> np.float32:
        return np.float32(np.sqrt(2 / self.phases.size))

    def on_plane(self, lateral: Array, anterior: Array, superior: float) -> Array:
        """Values on an axial plane.

        Parameters
        ----------
        lateral, anterior, superior
            Coordinates in mm of the columns, the rows and the plane. Shapes `(x,)` and `(y,)`.

        Returns
        -------
        Array
            Shape `(y, x)`.
        """
        k_lateral, k_anterior, k_superior = self.wave_vectors
        down = np.outer(anterior, k_anterior) + self.phases + k_superior * np.float32(superior)
        across = np.outer(k_lateral, lateral)
        rows = np.concatenate([np.cos(down), -np.sin(down)], axis=1) * self._amplitude
        columns = np.concatenate([np.cos(across), np.sin(across)])
        return _product(rows, columns)

    def at(self, points: Array) -> Array:
        """Values at points in mm, shape `(point, 3)`. Shape `(point,)`."""
        angles = _product(points, self.wave_vectors) + self.phases
        return np.cos(angles).sum(axis=1) * self._amplitude

    def with_gradient(self, points: Array) -> tuple[Array, Array]:
        """Values, shape `(point,)`, and gradients per mm, shape `(point, 3)`."""
        angles = _product(points, self.wave_vectors) + self.phases
        values = np.cos(angles).sum(axis=1) * self._amplitude
        gradients = _product(np.sin(angles), self.wave_vectors.T) * -self._amplitude
        return values, gradients


def _product(a: Array, b: Array) -> Array:
    """Matrix product ``a @ b``, a few rows at a time.

    BLAS spreads larger products over threads, which gains nothing at this size and waits long on a
    busy machine.
    """
    n_rows = max(1, _SINGLE_THREAD_PRODUCTS // b.size)
    result = np.empty((len(a), b.shape[1]), np.result_type(a, b))
    for start in range(0, len(a), n_rows):
        np.matmul(a[start : start + n_rows], b, out=result[start : start + n_rows])
    return result
