"""Make the networks of a zoo, one after the other, going on where an earlier attempt ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from core import checkpoints
from core.networks.files import jsonable
from core.progress import Progress, duration, part
from core.training import resume
from core.training.pretrain import Origin, identity_of, pretrain
from core.training.settings import TrainSettings
from core.training.zoo import Member, Recipe, with_parents


@dataclass(frozen=True)
class ZooRequest:
    """What to make, how, from what and where."""

    members: tuple[Member, ...]
    recipe: Recipe
    data_folder: Path
    folder: Path
    device: torch.device
    seed: int = 1


def train_zoo(
    request: ZooRequest,
    progress: Progress,
    finished: Callable[[Path], None] = lambda _: None,
) -> tuple[Path, ...]:
    """Make the networks that the folder lacks; returns the files of all.

    A network whose file is there and was made by the same recipe is left as it is. The state of
    the one in training is kept in the folder about every minute and when ``progress`` raises, and
    gone on from the next time.

    Parameters
    ----------
    finished
        Called with each file as it is written.

    Raises
    ------
    ValueError
        As :func:`core.training.pretrain.pretrain`, or if a file there was made by another recipe.
    """
    wanted = with_parents(request.members, request.recipe)
    missing = [member for member in wanted if not _is_done(request, member)]
    costs = [_cost(request.recipe.settings(member, request.seed)) for member in missing]
    clock = _Clock(progress)
    done = 0.0
    for i, member in enumerate(missing):
        title = f"{member.name} ({i + 1} of {len(missing)})"
        start, stop = done / sum(costs), (done + costs[i]) / sum(costs)
        hook = part(clock.titled(title), start, stop)
        output = request.folder / member.file
        pretrain(
            member.domain,
            request.data_folder,
            request.recipe.settings(member, request.seed),
            output,
            request.device,
            hook,
            _origin(request, member),
            output.with_suffix(resume.SUFFIX),
            request.recipe.kind,
        )
        finished(output)
        done += costs[i]
    return tuple(request.folder / member.file for member in wanted)


def _origin(request: ZooRequest, member: Member) -> Origin:
    parent = request.recipe.parent(member)
    path = request.recipe.shipped(member) if parent is None else request.folder / parent.file
    return Origin(path, member.n_images)


def _is_done(request: ZooRequest, member: Member) -> bool:
    """Whether the file is there; a ValueError if it was made in another way."""
    path = request.folder / member.file
    if not path.exists():
        return False
    settings = request.recipe.settings(member, request.seed)
    config = checkpoints.read_info(path).config
    made = {**config["provenance"], "architecture": config["architecture"]}
    found, asked = made.get("recipe", {}), jsonable(asdict(settings))
    for name, value in asked.items():
        if found.get(name) != value:
            raise _other(path, name, found.get(name), value)
    origin = _origin(request, member)
    if origin.parent is not None and not origin.parent.exists():
        raise _other(path, "its parent's file", origin.parent.name, "absent")
    wanted = identity_of(member.domain, settings, origin, request.recipe.kind)
    for name in sorted(wanted.keys() - {"domain", "recipe"}):
        if made.get(name) != wanted[name]:
            raise _other(path, name, made.get(name), wanted[name])
    return True


def _other(path: Path, name: str, found: object, asked: object) -> ValueError:
    return ValueError(
        f"{path}: was made with {name} {found}, asked for is {asked}; choose another folder or "
        "delete the file"
    )


def _cost(settings: TrainSettings) -> float:
    """Rough cost of a training, in units of one sub-network's step on one pixel."""
    side = settings.crop or 256
    steps = 8 * settings.steps_per_subnetwork + 5 * settings.end_to_end_steps
    return float(steps * settings.batch * side**2)


class _Clock:
    """Adds the time left to a progress line."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._start = time.monotonic()
        self._first: float | None = None

    def titled(self, title: str) -> Progress:
        """Hook whose lines begin with a title."""

        def report(fraction: float, message: str = "") -> None:
            self._progress(fraction, f"{title}, {message}{self._left(fraction)}")

        return report

    def _left(self, fraction: float) -> str:
        # A resumed training begins late in its bar: what was done before took no time now.
        if self._first is None or fraction <= self._first:
            self._first, self._start = fraction, time.monotonic()
            return ""
        spent = time.monotonic() - self._start
        left = spent * (1 - fraction) / (fraction - self._first)
        return f", {duration(left)} left"
