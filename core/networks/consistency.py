r"""Data consistency (Eqs. 6 to 9 of Dar et al.).

.. math:: f_{DC}(x) = F^{-1} \Lambda F x + \frac{\lambda}{1+\lambda} F^{-1} y_u,\qquad
   \Lambda_{kk} = \begin{cases} 1/(1+\lambda) & k \in \Omega \\ 1 & \text{otherwise}\end{cases}

Written with the zero-filled image :math:`x_u = F^{-1} y_u` and :math:`w = \lambda/(1+\lambda)`,

.. math:: f_{DC}(x) = x + w\,(x_u - F^{-1} M F x),

which needs two transforms and no shift. Its derivative with respect to x is
:math:`F^{-1} \Lambda F` (Eq. 16), which autograd finds by itself; the tests compare the two.
"""

from __future__ import annotations

import math

import torch

from core.fourier import keep_sampled


def consistency_weight(reg_weight: float) -> float:
    """:math:`w = λ / (1 + λ)`; 1 for an infinite λ.

    Raises
    ------
    ValueError
        If λ is negative or not a number.
    """
    if not reg_weight >= 0:
        raise ValueError(f"reg_weight (lambda) must be at least 0, got {reg_weight}")
    return 1.0 if math.isinf(reg_weight) else reg_weight / (1.0 + reg_weight)


def data_consistency(
    image: torch.Tensor,
    zero_filled: torch.Tensor,
    corner_mask: torch.Tensor,
    weight: float = 1.0,
) -> torch.Tensor:
    """Replace (or draw towards) the measured samples of an image, Eq. 8.

    Parameters
    ----------
    image
        A network's output, real or complex, shape `(*other, y, x)`.
    zero_filled
        Zero-filled image of the measured samples, complex, same shape.
    corner_mask
        Sampling mask with its origin at index 0, broadcastable to ``image``.
    weight
        :func:`consistency_weight` of λ; 1 enforces the samples exactly.

    Returns
    -------
    torch.Tensor
        Complex, shape `(*other, y, x)`.
    """
    return image + weight * (zero_filled - keep_sampled(image, corner_mask))
