"""Images that a curve needs: by the paper's rule, and to come near its end."""

from __future__ import annotations

from itertools import pairwise

from core.studies.curves import Curve, Point

CONVERGENCE = 0.0005
"""The paper's rule: 0.05 %."""

NEAR_DB = 0.1
"""At most so many dB below a curve's end it counts as there."""


def converged_at(curve: Curve, reference: Point | None) -> int | None:
    """Images needed for convergence by the rule of the paper (its Figure 5).

    "Convergence was taken as the number of fine-tuning samples where the percentage change in PSNR
    by incrementing Ntune fell below 0.05% of the average PSNR for the T1-trained network."

    The change is the gain from one number of the study's grid to the next. So that neither noise
    nor a dip counts as convergence, every later gain must be below the threshold too; where more
    images harm, they are not needed. Of the two numbers of the first such step the larger is
    returned, but the first of the grid where no step gains so much, that from the raw network
    included: nothing is interpolated, so the answer is a number of the grid and depends on it.

    Parameters
    ----------
    curve
        PSNR against number of images.
    reference
        The natively trained network, tuned; without one, the curve's own end takes its place.

    Returns
    -------
    int or None
        None where PSNR still gains more at the end of the grid, or the grid has no step.
    """
    threshold = CONVERGENCE * (reference or curve.end).psnr_db.mean
    steps = tuple(pairwise(curve.points))
    converged = None
    for before, after in reversed(steps):
        if after.psnr_db.mean - before.psnr_db.mean >= threshold:
            return converged
        converged = after.n_images
    return curve.points[0].n_images if steps else None


def near_end_at(curve: Curve, within_db: float = NEAR_DB, of: str | None = None) -> int:
    """Smallest number of images from which on PSNR is at most ``within_db`` below the end's.

    A number that does better than the end is no farther from it. Of the mean over people, or
    ``of`` one person.
    """

    def psnr(point: Point) -> float:
        return point.psnr_db.mean if of is None else point.people_psnr_db[of]

    near = curve.end.n_images
    for point in reversed(curve.points):
        if psnr(curve.end) - psnr(point) > within_db:
            break
        near = point.n_images
    return near


def settled_at(curve: Curve, within_db: float = NEAR_DB) -> int | None:
    """:func:`near_end_at`; None where only the end is that high, which may not be a plateau."""
    count = near_end_at(curve, within_db)
    return None if count == curve.end.n_images else count
