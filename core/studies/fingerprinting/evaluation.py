"""A method of a noise study on all tissues at every SNR."""

from __future__ import annotations

import time

import numpy as np
import torch
from numpy.typing import NDArray

from core.fingerprinting.tissues import draw_tissues
from core.progress import Progress, no_progress, part
from core.studies.fingerprinting.moments import Moments, log_errors, moments_of
from core.studies.fingerprinting.monte_carlo import Method, brain_tissues, estimates
from core.studies.fingerprinting.result import BrainErrors, FingerprintResult, Learning
from core.studies.fingerprinting.spec import FingerprintStudy

EVALUATION_SEED = 1_000_001
"""Of the tissues and of their noise: above the seeds of all networks, which never learned them."""

BRAIN_SEED = 1_000_003
"""Of the noise of the brain's tissues."""


def evaluation_tissues(study: FingerprintStudy) -> torch.Tensor:
    """The quasi-random tissues that all methods are judged on. Shape `(tissue, 3)`."""
    return draw_tissues(study.evaluation.n_tissues, EVALUATION_SEED)


def evaluate(
    study: FingerprintStudy,
    method: Method,
    n_noise: int,
    seconds_preparing: float,
    learning: Learning,
    progress: Progress = no_progress,
) -> FingerprintResult:
    """What a method finds, as errors.

    Parameters
    ----------
    study
        Whose tissues and SNR.
    method
        What is tried.
    n_noise
        Realisations of each quasi-random tissue.
    seconds_preparing, learning
        What the result holds besides.
    progress
        Called after every block of signals.
    """
    start = time.perf_counter()
    moments = _moments(study, method, n_noise, part(progress, 0.0, 0.9))
    brain = _brain(study, method, part(progress, 0.9, 1.0))
    seconds = time.perf_counter() - start
    return FingerprintResult(moments, brain, seconds_preparing, seconds, learning)


def _moments(study: FingerprintStudy, method: Method, n_noise: int, progress: Progress) -> Moments:
    tissues = evaluation_tissues(study)
    found = estimates(
        method,
        study.sequence,
        tissues,
        study.evaluation.snr_db,
        n_noise,
        EVALUATION_SEED,
        progress,
    )
    return moments_of([log_errors(at_snr, tissues) for at_snr in found])


def _brain(study: FingerprintStudy, method: Method, progress: Progress) -> BrainErrors:
    _, tissues = brain_tissues()
    plan = study.evaluation
    found = estimates(
        method, study.sequence, tissues, plan.snr_db, plan.n_noise_brain, BRAIN_SEED, progress
    )
    truth: NDArray[np.float64] = tissues.double().numpy()
    bias, sd = [], []
    for at_snr in found:
        values = at_snr.double().numpy()
        bias.append(values.mean(axis=0) - truth)
        sd.append(values.std(axis=0, ddof=1))
    return BrainErrors(np.stack(bias), np.stack(sd))
