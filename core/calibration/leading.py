"""The leading eigenvector of one hermitian matrix a pixel."""

from __future__ import annotations

import torch

_ITERATIONS = 30


def leading_eigenvectors(matrices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Leading eigenvector, of norm 1, and eigenvalue of hermitian positive matrices.

    Parameters
    ----------
    matrices
        Complex, shape `(coil, coil, y, x)`.

    Returns
    -------
    tuple[torch.Tensor, torch.Tensor]
        Vectors `(coil, y, x)` and eigenvalues `(y, x)`.
    """
    strongest = torch.diagonal(matrices).real.argmax(dim=-1)
    index = strongest.expand(len(matrices), 1, *strongest.shape)
    vectors = matrices.gather(1, index)[:, 0]
    vectors = vectors / torch.linalg.vector_norm(vectors, dim=0)
    for _ in range(_ITERATIONS):
        product = matrices[:, 0] * vectors[0]
        for coil in range(1, len(matrices)):
            product.addcmul_(matrices[:, coil], vectors[coil])
        eigenvalues = torch.linalg.vector_norm(product, dim=0)
        vectors = product / eigenvalues
    return vectors, eigenvalues
