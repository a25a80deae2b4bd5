r"""Signal evolutions by extended phase graphs, many tissues at once.

All pulses turn about the same axis (y, so that the signal lies along x), hence every configuration
state is real: :math:`F_k` of the transverse magnetisation dephased by :math:`k` spoilers,
:math:`F_{-k}` of that on its way back, :math:`Z_k` of the longitudinal. Weigel, JMRI 41:266 (2015);
with diffusion Weigel et al., J Magn Reson 205:276 (2010).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch

from core.fingerprinting.parameters import ADC, PARAMETERS, T1, T2
from core.fingerprinting.sequence import INVERSION, FingerprintSequence, Preparation, Segment
from core.progress import Progress, no_progress

N_STATES = 40
"""Fewest configuration states of either sign that are followed (:func:`states_needed`)."""

TOLERANCE = 1e-4
"""Of the largest signal: what the states that are not followed may change."""

BLOCK = 4096
"""Tissues at once: what a core's cache holds."""


class States(NamedTuple):
    """Configuration states of `n` tissues, each of shape `(state, n)`.

    ``plus[k]`` is :math:`F_k`, ``minus[k]`` the conjugate of :math:`F_{-k}`, ``z[k]`` :math:`Z_k`.
    """

    plus: torch.Tensor
    minus: torch.Tensor
    z: torch.Tensor


def simulate(
    sequence: FingerprintSequence,
    tissues: torch.Tensor,
    b1: torch.Tensor | None = None,
    n_states: int | None = None,
    progress: Progress = no_progress,
) -> torch.Tensor:
    """Signal of every tissue at every echo, for a proton density of 1.

    Differentiable in ``tissues`` and ``b1``; runs on their device and in their precision.

    Parameters
    ----------
    sequence
        What is played.
    tissues
        T1 and T2 in ms and ADC in µm²/ms, all above 0. Shape `(n, 3)`.
    b1
        Actual over nominal flip angle of the read-outs. Shape `(n,)`; default 1.
    n_states
        Configuration states that are followed, at least 2; a state that would leave them is lost.
        Default: as many as the sequence needs.
    progress
        Called after every block.

    Returns
    -------
    torch.Tensor
        Transverse magnetisation along x, real. Shape `(n, readout)`.

    Raises
    ------
    ValueError
        If an argument has another shape or is out of range.
    """
    if n_states is None:
        n_states = states_needed(sequence)
    _check(tissues, b1, n_states)
    blocks = torch.split(tissues, BLOCK)
    fields = (None,) * len(blocks) if b1 is None else torch.split(b1, BLOCK)
    signals = []
    for i, (block, field) in enumerate(zip(blocks, fields, strict=True)):
        signals.append(_Player(sequence, block, field, n_states).play())
        progress((i + 1) / len(blocks), "simulating signals")
    return torch.cat(signals)


@lru_cache(maxsize=16)
def states_needed(sequence: FingerprintSequence) -> int:
    """Configuration states after which twice as many change no signal by :data:`TOLERANCE`.

    Judged by the tissue whose states live longest: of the longest T1 and T2 and the lowest ADC.

    Parameters
    ----------
    sequence
        What is played.
    """
    slowest = torch.tensor([[T1.high, T2.high, ADC.low]], dtype=torch.float64)
    all_states = sequence.n_readouts + 1
    n_states = N_STATES
    with torch.no_grad():
        signal = _Player(sequence, slowest, None, min(n_states, all_states)).play()
        while n_states < all_states:
            better = _Player(sequence, slowest, None, min(2 * n_states, all_states)).play()
            if (better - signal).abs().max() <= TOLERANCE * better.abs().max():
                return n_states
            n_states, signal = 2 * n_states, better
    return max(2, all_states)


def _check(tissues: torch.Tensor, b1: torch.Tensor | None, n_states: int) -> None:
    if tissues.ndim != 2 or tissues.shape[1] != len(PARAMETERS) or not len(tissues):
        raise ValueError(f"tissues must have shape (n, 3), got {tuple(tissues.shape)}")
    if not tissues.is_floating_point():
        raise ValueError(f"tissues must be floating-point numbers, got {tissues.dtype}")
    if not bool((tissues > 0).all()):
        raise ValueError(f"tissues must be above 0, got {float(tissues.min()):g}")
    if b1 is not None and b1.shape != tissues.shape[:1]:
        raise ValueError(f"b1 must have shape ({len(tissues)},), got {tuple(b1.shape)}")
    if n_states < 2:
        raise ValueError(f"n_states must be at least 2, got {n_states}")


class _Decay(NamedTuple):
    """What a time does to each state, shape `(state, n)`, and the recovery of Z_0, `(n,)`."""

    plus: torch.Tensor
    minus: torch.Tensor
    z: torch.Tensor
    recovery: torch.Tensor


class _Player:
    """Plays a sequence on one block of tissues."""

    def __init__(
        self,
        sequence: FingerprintSequence,
        tissues: torch.Tensor,
        b1: torch.Tensor | None,
        n_states: int,
    ) -> None:
        self._sequence = sequence
        self._t1, self._t2, self._adc = tissues.unbind(1)
        self._b1 = tissues.new_ones(()) if b1 is None else b1
        self._k = torch.arange(n_states, dtype=tissues.dtype, device=tissues.device)[:, None]
        # rad²/mm² times ms times µm²/ms is 1e-6
        self._weighting = 1e-6 * sequence.spoiler_rad_per_mm**2
        self._to_echo = (-sequence.te_ms / self._t2).exp()
        self._decays: dict[float, _Decay] = {}

    def play(self) -> torch.Tensor:
        nothing = self._k * torch.zeros_like(self._t1)
        states = States(nothing, nothing, _with_recovery(nothing, torch.ones_like(self._t1)))
        echoes: list[torch.Tensor] = []
        for segment in self._sequence.segments:
            states = self._prepare(states, segment.preparation)
            states = self._read(states, segment, echoes)
            states = self._pause(states, segment.recovery_ms)
        return torch.stack(echoes, dim=1)

    def _prepare(self, states: States, preparation: Preparation) -> States:
        """Crush what is transverse, weight what is longitudinal, wait."""
        weighting = 1e-3 * preparation.b_s_per_mm2 * self._adc
        spread = self._weighting * preparation.te_ms * self._adc * self._k**2
        factor = (-preparation.te_ms / self._t2 - weighting - spread).exp()
        if preparation.kind == INVERSION:
            factor = -factor
        nothing = torch.zeros_like(states.plus)
        return self._pause(States(nothing, nothing, states.z * factor), preparation.wait_ms)

    def _read(self, states: States, segment: Segment, echoes: list[torch.Tensor]) -> States:
        angles = torch.tensor(segment.flip_deg, dtype=self._t1.dtype, device=self._t1.device)
        for angle, tr_ms in zip(torch.deg2rad(angles), segment.tr_ms, strict=True):
            states = _turn(states, angle * self._b1)
            echoes.append(states.plus[0] * self._to_echo)
            states = _twist(_decayed(states, self._decay(tr_ms)))
        return states

    def _pause(self, states: States, time_ms: float) -> States:
        """Time without a gradient; only Z outlives it, since a crusher follows."""
        if time_ms == 0:
            return states
        decay = (-time_ms / self._t1).exp()
        spread = (-self._weighting * time_ms * self._k**2 * self._adc).exp()
        z = _with_recovery(states.z * decay * spread, 1 - decay)
        return States(torch.zeros_like(z), torch.zeros_like(z), z)

    def _decay(self, time_ms: float) -> _Decay:
        """What a repetition does, remembered."""
        if time_ms not in self._decays:
            self._decays[time_ms] = self._new_decay(time_ms)
        return self._decays[time_ms]

    def _new_decay(self, time_ms: float) -> _Decay:
        """Relaxation and diffusion; the spoiler lasts from the echo to the next pulse.

        In it the twist grows from `k` to `k + 1`, the mean of whose square is `k² + k + 1/3`.
        """
        transverse, longitudinal = time_ms / self._t2, time_ms / self._t1
        still = self._weighting * self._adc * time_ms * self._k**2
        spoiler = self._weighting * self._adc * (time_ms - self._sequence.te_ms)
        return _Decay(
            plus=(-transverse - still - spoiler * (1 / 3 + self._k)).exp(),
            minus=(-transverse - still - spoiler * (1 / 3 - self._k)).exp(),
            z=(-longitudinal - still).exp(),
            recovery=-torch.expm1(-longitudinal),
        )


def _turn(states: States, angle: torch.Tensor) -> States:
    """A pulse about y by an angle in rad, a number or of shape `(n,)`."""
    cosine, sine = angle.cos(), angle.sin()
    both, difference = states.plus + states.minus, states.plus - states.minus
    along = cosine / 2 * both + sine * states.z
    return States(
        along + difference / 2, along - difference / 2, cosine * states.z - sine / 2 * both
    )


def _decayed(states: States, decay: _Decay) -> States:
    return States(
        states.plus * decay.plus,
        states.minus * decay.minus,
        _with_recovery(states.z * decay.z, decay.recovery),
    )


def _with_recovery(z: torch.Tensor, recovery: torch.Tensor) -> torch.Tensor:
    return torch.cat([(z[0] + recovery)[None], z[1:]])


def _twist(states: States) -> States:
    """A spoiler: every state moves up by one; F_{-1} becomes F_0."""
    return States(
        torch.cat([states.minus[1:2], states.plus[:-1]]),
        torch.cat([states.minus[1:], torch.zeros_like(states.minus[:1])]),
        states.z,
    )
