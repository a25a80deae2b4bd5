"""Signals of voxels as dictionaries and networks take them: real, of norm 1; and their noise."""

from __future__ import annotations

import torch

_NEAR = 1e-12
"""Norms between this and its inverse are left as they are."""


def phased(signals: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    r"""Real signals: each voxel's own constant phase taken off, its sign as the reference's.

    The phase :math:`\varphi = \frac12\arg\sum_t s_t^2` makes the real part's energy largest; what
    is left in the imaginary part is noise.

    Parameters
    ----------
    signals
        Complex, shape `(n, readout)`.
    reference
        What every signal resembles, real, shape `(readout,)`: a mean of simulated signals.

    Returns
    -------
    torch.Tensor
        Real, shape `(n, readout)`.
    """
    phase = (signals**2).sum(1, keepdim=True).angle() / 2
    real = (signals * torch.polar(torch.ones_like(phase), -phase)).real
    sign = torch.sign(real @ reference.to(real))[:, None]
    return torch.where(sign < 0, -real, real)


def with_room(signals: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Signals whose squares have room in single precision, and what they were divided by.

    The unit of a series is anybody's, even one that makes numbers of 1e30 or 1e-30. Such signals
    are divided by their largest real or imaginary part, all others by 1.

    Parameters
    ----------
    signals
        Real or complex, shape `(n, readout)`; zero stays zero.

    Returns
    -------
    signals, sizes
        Shape `(n, readout)` and `(n,)`, the latter real.
    """
    parts = torch.view_as_real(signals).flatten(1) if signals.is_complex() else signals
    norms = parts.norm(dim=1)  # 0 or infinite where squares have no room
    is_far = ~((norms > _NEAR) & (norms < 1 / _NEAR))
    sizes = torch.ones_like(norms)
    if not is_far.any():
        return signals, sizes
    sizes[is_far] = parts[is_far].abs().amax(1).clamp_min(torch.finfo(parts.dtype).tiny)
    return signals / sizes[:, None], sizes


def noise_sd(signals: torch.Tensor, snr_db: torch.Tensor | float) -> torch.Tensor:
    r"""Standard deviation of the noise that gives each signal an SNR.

    .. math:: \mathrm{SNR} = 20 \log_{10} \frac{\sqrt{\frac1T\sum_t s_t^2}}{\sigma}\ \mathrm{dB}

    with the noiseless signal :math:`s` of the voxel over the `T` read-outs and the standard
    deviation :math:`\sigma` of the noise of its real part (and of its imaginary part).

    Parameters
    ----------
    signals
        Noiseless, shape `(n, readout)`.
    snr_db
        In dB; a number or of shape `(n,)`.

    Returns
    -------
    torch.Tensor
        Shape `(n,)`.
    """
    rms = signals.abs().square().mean(1).sqrt()
    return rms * 10 ** (-torch.as_tensor(snr_db, dtype=rms.dtype, device=rms.device) / 20)


def with_noise(
    signals: torch.Tensor, snr_db: torch.Tensor | float, generator: torch.Generator
) -> torch.Tensor:
    """Signals with white Gaussian noise of :func:`noise_sd`; complex ones in both parts.

    Parameters
    ----------
    signals
        Noiseless, shape `(n, readout)`; their device is the generator's.
    snr_db
        In dB; a number or of shape `(n,)`.
    generator
        Of the noise.
    """
    parts = torch.view_as_real(signals) if signals.is_complex() else signals
    noise = torch.empty_like(parts).normal_(generator=generator)
    if signals.is_complex():
        noise = torch.view_as_complex(noise)
    return signals + noise * noise_sd(signals, snr_db)[:, None]


def normalised(signals: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Signals of norm 1 and their norms, shape `(n, readout)` and `(n,)`; zero stays zero."""
    norms = signals.norm(dim=1)
    return signals / norms.clamp_min(torch.finfo(norms.dtype).tiny)[:, None], norms
