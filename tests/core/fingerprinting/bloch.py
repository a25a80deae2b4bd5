"""Signals by the Bloch-Torrey equations: vectors at many positions, in float64, without states.

Written apart from the code that it checks: three-dimensional vectors at positions over one period
of the spoiler's twist (or over several), turned by rotation matrices, relaxing one by one, and
diffusing along the axis by Fourier transform in small steps. Preparations are played as pulses.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.fingerprinting.sequence import FingerprintSequence, Preparation

X, Y, Z = np.eye(3)


def signals(
    sequence: FingerprintSequence,
    tissues: NDArray[np.float64],
    b1: NDArray[np.float64] | float = 1.0,
    n_steps: int = 0,
) -> NDArray[np.float64]:
    """Transverse magnetisation along x and y at every echo, shape `(2, n, readout)`.

    Parameters
    ----------
    sequence
        What is played; its spoiler's strength counts only where ``n_steps`` is above 0.
    tissues
        T1, T2 in ms, ADC in µm²/ms. Shape `(n, 3)`.
    b1
        Of the read-outs' pulses; preparations are ideal. Shape `(n,)`.
    n_steps
        Steps of diffusion in a repetition time; 0 leaves the spins in their places.
    """
    spins = Spins(tissues, sequence, n_steps)
    echoes = []
    for segment in sequence.segments:
        spins.prepare(segment.preparation)
        for degrees, tr in zip(segment.flip_deg, segment.tr_ms, strict=True):
            spins.turn(Y, np.radians(degrees) * b1)
            spins.free(sequence.te_ms)
            echoes.append(spins.vectors[:2].mean(axis=-1))
            spins.free(tr - sequence.te_ms, turns=1)
        spins.crush()
        spins.free(segment.recovery_ms)
    return np.stack(echoes, axis=-1)


class Spins:
    """Magnetisation of shape `(3, n, position)`, in equilibrium at first."""

    def __init__(
        self, tissues: NDArray[np.float64], sequence: FingerprintSequence, n_steps: int
    ) -> None:
        self._t1, self._t2, self._adc = tissues.T[..., None]
        self._n_steps = n_steps
        # Fractions of a turn fit into this many periods; twists do not alias below this many points
        n_periods = max(1, n_steps)
        n = n_periods * 2 * (sequence.n_readouts + 2)
        self._phase = 2 * np.pi * n_periods * np.arange(n) / n
        wave_per_mm = sequence.spoiler_rad_per_mm * np.fft.rfftfreq(n, 1 / n) / n_periods
        self._rate = 1e-6 * wave_per_mm**2 * self._adc
        self.vectors = np.zeros((3, len(tissues), n))
        self.vectors[2] = 1

    def turn(self, axis: NDArray[np.float64], angle: NDArray[np.float64] | float) -> None:
        """Rodrigues' rotation of every vector; one angle for all, or one for each tissue."""
        angle = np.reshape(angle, (-1, 1))
        along = np.tensordot(axis, self.vectors, axes=1) * axis[:, None, None]
        across = np.cross(axis, self.vectors, axisb=0, axisc=0)
        self.vectors = along + np.cos(angle) * (self.vectors - along) + np.sin(angle) * across

    def free(self, time_ms: float, turns: float = 0.0) -> None:
        """Relax, be twisted by a gradient and diffuse, for a time."""
        n_steps = max(1, self._n_steps)
        for _ in range(n_steps):
            self._diffuse(time_ms / n_steps / 2)
            self._relax(time_ms / n_steps)
            self._twist(turns / n_steps)
            self._diffuse(time_ms / n_steps / 2)

    def crush(self) -> None:
        """An ideal crusher: dephased within every position, never to come back."""
        self.vectors[:2] = 0

    def prepare(self, preparation: Preparation) -> None:
        """Pulses of a preparation, of no duration and ideal, with a crusher before and after.

        Diffusion gradients lie across the axis: they attenuate and meet no twist.
        """
        self.crush()
        if preparation.kind == "inversion":
            self.turn(Y, np.pi)
        elif preparation.kind in ("t2", "diffusion"):
            half_loss = np.exp(-1e-3 * preparation.b_s_per_mm2 * self._adc / 2)
            self.turn(Y, np.pi / 2)
            self.free(preparation.te_ms / 2)
            self.vectors[:2] *= half_loss
            self.turn(X, np.pi)
            self.free(preparation.te_ms / 2)
            self.vectors[:2] *= half_loss
            self.turn(Y, -np.pi / 2)
        self.crush()
        self.free(preparation.wait_ms)

    def _relax(self, time_ms: float) -> None:
        self.vectors[:2] *= np.exp(-time_ms / self._t2)
        self.vectors[2] = 1 + (self.vectors[2] - 1) * np.exp(-time_ms / self._t1)

    def _twist(self, turns: float) -> None:
        x, y = self.vectors[:2]
        cosine, sine = np.cos(turns * self._phase), np.sin(turns * self._phase)
        self.vectors[:2] = cosine * x - sine * y, sine * x + cosine * y

    def _diffuse(self, time_ms: float) -> None:
        if self._n_steps and time_ms:
            waves = np.fft.rfft(self.vectors) * np.exp(-self._rate * time_ms)
            self.vectors = np.fft.irfft(waves, self.vectors.shape[-1])
