"""Combination of coil images. The coil axis is -3."""

from __future__ import annotations

import torch


def root_sum_of_squares(coil_images: torch.Tensor) -> torch.Tensor:
    r"""Magnitude image :math:`\sqrt{\sum_c |x_c|^2}`, with gradient 0 where it is 0.

    Squares are summed as they are: of single precision, values from 1e-19 to 1e18 keep theirs.

    Parameters
    ----------
    coil_images
        Shape `(*other, coil, y, x)`, real or complex.

    Returns
    -------
    torch.Tensor
        Real, shape `(*other, y, x)`.
    """
    # torch.linalg.vector_norm along this axis takes a hundred times as long.
    energy = torch.linalg.vecdot(coil_images, coil_images, dim=-3).real
    is_dark = energy == 0
    return energy.masked_fill(is_dark, 1).sqrt().masked_fill(is_dark, 0)


def combine(coil_images: torch.Tensor, sens_maps: torch.Tensor) -> torch.Tensor:
    r"""Sensitivity-weighted image :math:`\sum_c \bar s_c x_c`; adjoint of :func:`expand`.

    Where the maps have unit norm over the coils this is the least-squares image, the left inverse
    of :func:`expand`.

    Parameters
    ----------
    coil_images
        Complex, shape `(*other, coil, y, x)`.
    sens_maps
        Complex, shape `(coil, y, x)`, or with leading axes that broadcast.

    Returns
    -------
    torch.Tensor
        Complex, shape `(*other, y, x)`.

    Raises
    ------
    ValueError
        If the maps are not of the images' coils and size.
    """
    _check_same_coils(coil_images.shape, sens_maps.shape)
    return (sens_maps.conj() * coil_images).sum(dim=-3)


def expand(image: torch.Tensor, sens_maps: torch.Tensor) -> torch.Tensor:
    r"""Coil images :math:`s_c x` of an image; adjoint of :func:`combine`.

    Parameters
    ----------
    image
        Complex or real, shape `(*other, y, x)`.
    sens_maps
        Complex, shape `(coil, y, x)`, or with leading axes that broadcast.

    Returns
    -------
    torch.Tensor
        Complex, shape `(*other, coil, y, x)`.

    Raises
    ------
    ValueError
        If the maps are not of the image's size.
    """
    _check_same_coils((sens_maps.shape[-3], *image.shape[-2:]), sens_maps.shape)
    return sens_maps * image.unsqueeze(-3)


def mix(coil_data: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    r"""Linear combinations of coils, :math:`y_v = \sum_c A_{vc} x_c`: virtual or whitened coils.

    Parameters
    ----------
    coil_data
        Images or k-space, complex, shape `(*other, coil, y, x)`.
    matrix
        Complex, shape `(virtual, coil)`, or with leading axes that broadcast with ``other``.

    Returns
    -------
    torch.Tensor
        Shape `(*other, virtual, y, x)`.

    Raises
    ------
    ValueError
        If the matrix is for another number of coils.
    """
    if matrix.shape[-1] != coil_data.shape[-3]:
        raise ValueError(
            f"matrix must be for the {coil_data.shape[-3]} coils of the data, "
            f"got one for {matrix.shape[-1]}"
        )
    mixed = matrix @ coil_data.flatten(-2)
    return mixed.reshape(*mixed.shape[:-1], *coil_data.shape[-2:])


def _check_same_coils(images: tuple[int, ...], sens_maps: tuple[int, ...]) -> None:
    if tuple(images[-3:]) != tuple(sens_maps[-3:]):
        raise ValueError(
            f"sens_maps must have (coil, y, x) of the images, {tuple(images[-3:])}, "
            f"got {tuple(sens_maps[-3:])}"
        )
