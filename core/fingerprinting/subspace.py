r"""Undersampled fingerprint series, reconstructed in the subspace that signal evolutions span.

A read-out :math:`t` measures some lines of the k-space of its image, :math:`y_t = M_t F x_t`. The
images are sought as :math:`x_t = \sum_c \Phi_{tc}\, a_c` with the first singular vectors
:math:`\Phi` of simulated signals (Zhao et al., MRM 79:933, 2018; Assländer et al., MRM 79:83, 2018;
for spin echo trains Tamir et al., MRM 77:180, 2017). With one coil the problem

.. math:: \min_a \sum_t \|M_t (F \Phi a)_t - y_t\|^2 + \lambda \|a\|^2

falls into one small system a line of k-space, which is solved directly.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.fingerprinting.dictionary import singular_vectors
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.tissues import draw_tissues
from core.fourier import fft2c, ifft2c

N_TISSUES = 8192
"""Tissues whose signals the subspace is made of."""

REGULARISATION = 1e-3
"""Of the mean eigenvalue of all systems: it holds back coefficients that few samples tell."""

BLOCK = 16
"""Read-outs that are transformed at once."""


def temporal_basis(sequence: FingerprintSequence, rank: int, seed: int = 0) -> torch.Tensor:
    """First right singular vectors of simulated signals of norm 1, orthonormal.

    Parameters
    ----------
    sequence
        What is played.
    rank
        How many, from 1 to the number of read-outs.
    seed
        Of the tissues.

    Returns
    -------
    torch.Tensor
        float32, shape `(readout, rank)`.

    Raises
    ------
    ValueError
        If ``rank`` is out of range.
    """
    if not 1 <= rank <= sequence.n_readouts:
        raise ValueError(
            f"rank must be from 1 to the {sequence.n_readouts} read-outs of the sequence, "
            f"got {rank}"
        )
    return singular_vectors(sequence, draw_tissues(N_TISSUES, seed), rank)[0]


def deal_lines(
    n_readouts: int, n_lines: int, acceleration: float, generator: torch.Generator
) -> torch.Tensor:
    """Which lines each read-out measures: dealt from a shuffled pack of all, again and again.

    So no line is measured a second time before all others, and each is seen in every part of the
    sequence.

    Parameters
    ----------
    n_readouts, n_lines
        Shape of the result.
    acceleration
        Lines of k-space over lines that a read-out measures, from 1 to ``n_lines``.
    generator
        Of the shuffling, on the CPU.

    Returns
    -------
    torch.Tensor
        bool, shape `(readout, line)`.

    Raises
    ------
    ValueError
        If ``acceleration`` is out of range.
    """
    if not 1 <= acceleration <= n_lines:
        raise ValueError(f"acceleration must be from 1 to {n_lines}, got {acceleration:g}")
    n_measured = max(1, round(n_lines / acceleration))
    lines = torch.zeros(n_readouts, n_lines, dtype=torch.bool)
    pack = torch.empty(0, dtype=torch.int64)
    for measured in lines:
        missing = n_measured - len(pack)
        hand = pack[:n_measured]
        pack = pack[n_measured:]
        if missing > 0:
            shuffled = torch.randperm(n_lines, generator=generator)
            # What is already in this hand goes to the end of the new pack.
            held = torch.isin(shuffled, hand)
            shuffled = torch.cat([shuffled[~held], shuffled[held]])
            hand, pack = torch.cat([hand, shuffled[:missing]]), shuffled[missing:]
        measured[hand] = True
    return lines


def measure_(images: torch.Tensor, lines: torch.Tensor) -> torch.Tensor:
    """Replace images by their measured k-space, 0 elsewhere; nothing is allocated for it.

    Parameters
    ----------
    images
        Complex, shape `(readout, y, x)`; overwritten.
    lines
        bool, shape `(readout, x)`.
    """
    for block, measured in zip(torch.split(images, BLOCK), torch.split(lines, BLOCK), strict=True):
        block.copy_(fft2c(block) * measured[:, None, :])
    return images


@dataclass(frozen=True, eq=False)
class Subspace:
    """Images of all read-outs as few coefficient images, and the lines that are measured.

    Attributes
    ----------
    basis
        Orthonormal columns, shape `(readout, rank)`.
    lines
        bool, shape `(readout, x)`.
    """

    basis: torch.Tensor
    lines: torch.Tensor

    def images(self, coefficients: torch.Tensor, readouts: slice = slice(None)) -> torch.Tensor:
        """Images of some read-outs: `(rank, y, x)` to `(readout, y, x)`."""
        basis = self.basis[readouts].to(coefficients)
        return torch.einsum("tc,cyx->tyx", basis, coefficients)

    def forward(self, coefficients: torch.Tensor) -> torch.Tensor:
        """Measured k-space, 0 elsewhere: `(rank, y, x)` to `(readout, y, x)`."""
        return self.images(fft2c(coefficients)) * self.lines[:, None, :]

    def adjoint(self, kspace: torch.Tensor) -> torch.Tensor:
        """`(readout, y, x)` to `(rank, y, x)`."""
        return ifft2c(self._gathered(kspace))

    def solve(self, kspace: torch.Tensor, regularisation: float = REGULARISATION) -> torch.Tensor:
        r"""Coefficient images of the least squares problem of this module.

        Parameters
        ----------
        kspace
            Complex, shape `(readout, y, x)`, 0 where not measured.
        regularisation
            :math:`\lambda` over the mean eigenvalue of all systems.

        Returns
        -------
        torch.Tensor
            Shape `(rank, y, x)`.
        """
        systems = self._systems()
        rank = systems.shape[-1]
        mean = systems.diagonal(dim1=1, dim2=2).mean()
        systems += regularisation * mean * torch.eye(rank, dtype=systems.dtype)
        sides = self._gathered(kspace).permute(2, 0, 1).to(torch.complex128)
        real = torch.view_as_real(sides).flatten(2)
        solved = torch.linalg.solve(systems, real).unflatten(2, (-1, 2)).contiguous()
        return ifft2c(torch.view_as_complex(solved).permute(1, 2, 0).to(kspace.dtype))

    def _systems(self) -> torch.Tensor:
        """One matrix a line, float64, shape `(x, rank, rank)`."""
        basis = self.basis.double()
        return torch.stack([basis[seen].T @ basis[seen] for seen in self.lines.T])

    def _gathered(self, kspace: torch.Tensor) -> torch.Tensor:
        """What the samples say of each coefficient's k-space, shape `(rank, y, x)`."""
        total = kspace.new_zeros(self.basis.shape[1], *kspace.shape[1:])
        parts = [torch.split(whole, BLOCK) for whole in (self.basis, self.lines, kspace)]
        for basis, measured, block in zip(*parts, strict=True):
            seen = block * measured[:, None, :]
            total += torch.einsum("tc,tyx->cyx", basis.to(kspace.dtype), seen)
        return total
