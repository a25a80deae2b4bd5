"""The leading eigenvector of one hermitian matrix a pixel, by power iteration."""

from __future__ import annotations

import torch

_ROUNDS = 10
_STEPS = 3
"""Products between two normalisations; in all as many as BART takes."""

_FLOOR = 1e-5
"""Added to every eigenvalue, so that a pixel without signal keeps a vector of norm 1."""


def leading_eigenvectors(matrices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Leading eigenvector, of norm 1 and any phase, and eigenvalue of each pixel's matrix.

    Parameters
    ----------
    matrices
        Hermitian without negative eigenvalues, none far above 1; complex, shape
        `(coil, coil, y, x)`. A small multiple of the unit matrix is added to them.

    Returns
    -------
    tuple[torch.Tensor, torch.Tensor]
        Vectors, shape `(coil, y, x)`, and eigenvalues to within 1e-5, shape `(y, x)`.
    """
    matrices.diagonal().add_(_FLOOR)
    columns = matrices.unbind(1)
    vectors = _strongest_column(matrices)
    for _ in range(_ROUNDS):
        vectors *= _energy(vectors).rsqrt()
        for _ in range(_STEPS):
            vectors = _product(columns, vectors)
    vectors *= _energy(vectors).rsqrt()
    return vectors, _energy(_product(columns, vectors)).sqrt()


def _strongest_column(matrices: torch.Tensor) -> torch.Tensor:
    """The column of the largest diagonal element: never orthogonal to the leading vector."""
    strongest = matrices.diagonal().real.argmax(dim=-1)
    return matrices.gather(1, strongest.expand(len(matrices), 1, *strongest.shape))[:, 0]


def _product(columns: tuple[torch.Tensor, ...], vectors: torch.Tensor) -> torch.Tensor:
    result = columns[0] * vectors[0]
    for column, element in zip(columns[1:], vectors[1:], strict=True):
        result.addcmul_(column, element)
    return result


def _energy(vectors: torch.Tensor) -> torch.Tensor:
    return torch.view_as_real(vectors).square().sum(0).sum(-1)
