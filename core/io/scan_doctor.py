"""The scan doctor: concludes from an array without a header how it is to be read, and says why.

Every conclusion is a :class:`core.io.guess.Guess` with its evidence and how sure it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io import evidence
from core.io.arrays import RawArray, check_fits, middle_images, middle_kspace, n_volumes
from core.io.axes import UNKNOWN, Named, parsed, planes_along, upright, with_plane
from core.io.axis_roles import with_roles
from core.io.formats import ReadOptions, refusal
from core.io.guess import DOUBT, ODDS, Guess, confidence
from core.io.interpretation import Interpretation, words
from core.io.kspace import transformed
from core.io.sampling import has_holes, non_zero, region

_AIR_IN_THE_MIDDLE = 4.0
"""How many times more energy than in the middle lies at the edge where the image is split. A whole
head that fills the field of view stays below 1, by the skull and scalp at its sides."""

_EDGES = {
    (False, False): "centre",
    (True, True): "corner",
    (True, False): "y edge",
    (False, True): "x edge",
}
"""Origins by whether the image lies at the edges along y and along x."""

_SAID = {"image": "a complex image", "kspace": "k-space"}


@dataclass(frozen=True)
class Diagnosis:
    """The likeliest interpretation of an array, and what of it is guessed."""

    interpretation: Interpretation
    guesses: tuple[Guess, ...]

    @property
    def doubts(self) -> tuple[Guess, ...]:
        """The guesses about which a person must be asked."""
        return tuple(guess for guess in self.guesses if guess.in_doubt)

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines that say what was guessed, and by what; reading itself notes the sampling."""
        return tuple(_note(guess) for guess in self.guesses if guess.field != "sampling")


def diagnose(path: Path, raw: RawArray, options: ReadOptions) -> Diagnosis:
    """The likeliest interpretation of an array, where options and the file leave it open.

    Raises
    ------
    ScanFileError
        If no interpretation is possible: no two axes that a slice could have, or axes or content
        that cannot be what they are said to be.
    """
    values = raw.values
    said = options.axes or raw.stated.get("axes") or " ".join([UNKNOWN] * values.ndim)
    plane = with_plane(path, parsed(path, said, values.shape), values.shape, raw.plane)
    planes = _planes(values, plane)
    content, content_guess = _content(path, raw, options, planes)
    origin = _kspace_origin(planes, content)
    axes = with_roles(values, plane, content, origin.value if origin else "centre", raw.plane)
    try:
        found = Interpretation(
            axes=" ".join(axes.names),
            content=content,
            kspace_origin=origin.value if origin else "centre",
            volume=options.volume,
            variable=raw.variable,
        )
    except ValueError as error:
        raise refusal(path, "must be a scan's array", error) from None
    check_fits(path, values.shape, found)
    if content == "kspace" and not options.axes:
        axes = upright(axes, np.linalg.norm(middle_images(values, found), axis=0))
        found = replace(found, axes=" ".join(axes.names))
    guesses = [content_guess, axes.guess, origin, _volume(values, found)]
    if content == "kspace":
        image_origin = _image_origin(values, found)
        found = replace(found, image_origin=image_origin.value)
        guesses += [image_origin, _transform(), _sampling(values, found)]
    return Diagnosis(found, tuple(guess for guess in guesses if guess))


def _planes(values: NDArray[Any], axes: Named) -> NDArray[np.complex64]:
    """Some planes along each axis that is not the slice's own. Shape `(n, y, x)`."""
    others = [axis for axis, name in enumerate(axes.names) if name not in ("y", "x")]
    if not others:
        return planes_along(values[None], ("", *axes.names), 0)
    several = [axis for axis in others if values.shape[axis] > 1] or others[:1]
    planes = np.concatenate([planes_along(values, axes.names, axis) for axis in several])
    return np.asarray(planes / (np.abs(planes).max() or 1.0), np.complex64)


def _content(
    path: Path, raw: RawArray, options: ReadOptions, planes: NDArray[np.complex64]
) -> tuple[str, Guess | None]:
    """What the array holds: as said, or by where its energy gathers.

    Energy gathers at the origin of k-space and spreads in an image: whichever of the array and
    its transform is the more gathered is the k-space.
    """
    is_complex = raw.values.dtype.kind == "c"
    said = options.content if options.content != "auto" else raw.stated.get("content", "")
    if said == "kspace" and not is_complex:
        raise refusal(path, "k-space must be complex", f"type {raw.values.dtype}")
    if said == "magnitude" and is_complex:
        raise refusal(path, "a magnitude must be real", f"type {raw.values.dtype}")
    if not is_complex:
        return "magnitude", None
    if said:
        return said, None
    itself, transform = evidence.peak(planes).share, evidence.peak(transformed(planes)).share
    value = "kspace" if itself > transform else "image"
    low, high = sorted((itself, transform))
    odds = high / low if low else np.inf
    shown = f"{itself:.0%} of its energy in one place, {transform:.0%} of its transform's"
    return value, Guess("content", value, shown, confidence(odds))


def _kspace_origin(planes: NDArray[np.complex64], content: str) -> Guess | None:
    """Where the energy of k-space gathers; for images, only if not in the centre."""
    if content == "magnitude":
        return None
    found = evidence.peak(transformed(planes) if content == "image" else planes)
    shown = f"{found.share:.0%} of the energy there, {found.next_share:.0%} at the next likely"
    odds = found.share / found.next_share if found.next_share else np.inf
    guess = Guess("kspace_origin", found.origin, shown, confidence(odds))
    if content == "image" and (guess.in_doubt or found.origin == "centre"):
        return None
    return guess


def _image_origin(values: NDArray[Any], found: Interpretation) -> Guess:
    extents = evidence.extents(middle_images(values, found))
    ratios = [e.outer / e.middle if e.middle else np.inf for e in extents]
    is_split = [ratio > _AIR_IN_THE_MIDDLE for ratio in ratios]
    shown = ", ".join(
        f"{e.middle:.0%} of the energy in the middle of {axis} and {e.outer:.0%} at its edge"
        for axis, e in zip("yx", extents, strict=True)
    )
    clear = min(max(r / _AIR_IN_THE_MIDDLE, _AIR_IN_THE_MIDDLE / max(r, 1e-6)) for r in ratios)
    value = _EDGES[is_split[0], is_split[1]]
    return Guess("image_origin", value, shown, confidence(ODDS * clear))


def _transform() -> Guess:
    shown = "not to be told: if not, the image is turned by 180 degrees"
    return Guess("transform", "forward", shown, DOUBT, decisive=False)


def _sampling(values: NDArray[Any], found: Interpretation) -> Guess:
    pattern = non_zero(middle_kspace(values, found))
    inside = int(np.count_nonzero(region(pattern))) or 1
    missing = 1 - int(np.count_nonzero(pattern)) / inside
    kind = "undersampled" if has_holes(pattern) else "fully sampled"
    shown = f"{kind}: {missing:.0%} of the samples of the middle slice are 0 or missing inside"
    return Guess("sampling", "auto", shown, 1.0)


def _volume(values: NDArray[Any], found: Interpretation) -> Guess | None:
    count = n_volumes(values.shape, found)
    if count < 2:
        return None
    return Guess("volume", str(found.volume), f"one of {count}, counted from 0", 1.0)


def _note(guess: Guess) -> str:
    name = words(guess.field)
    if guess.field == "content":
        other = {"kspace": "image", "image": "kspace"}[guess.value]
        said = _SAID[guess.value]
        return f"taken for {said}: {guess.evidence}; if not, say content '{other}'"
    return f"{name} taken as '{guess.value}': {guess.evidence}"
