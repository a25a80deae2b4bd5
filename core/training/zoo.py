"""The model zoo: which networks there are, and the recipes that make them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from core import checkpoints
from core.checkpoints import CheckpointInfo
from core.networks.files import jsonable
from core.progress import Progress, part
from core.training import resume
from core.training.pretrain import Origin, identity_of, pretrain
from core.training.settings import TRAIN_PRESETS, TrainSettings

DOMAIN_NAMES = ("natural", "t1", "t2")
TRUNK = 4
NEIGHBOURS = {6: 4, 8: 6, 10: 8, 2: 4}
"""For each R but the trunk's, the R whose network it may start from."""


@dataclass(frozen=True)
class Member:
    """One network of a zoo.

    Attributes
    ----------
    domain, acceleration
        What it is trained on and for.
    neighbour
        The R of the same domain whose network it starts from, in recipes that have it so.
    n_images
        How many images it is trained on, the first ones; None for all.
    """

    domain: str
    acceleration: int
    neighbour: int | None = None
    n_images: int | None = None

    @property
    def _stem(self) -> str:
        if self.n_images is None:
            return self.domain
        return f"training-size/{self.domain}-{self.n_images}"

    @property
    def name(self) -> str:
        """What ``--only`` calls it, such as ``natural:4``."""
        return f"{self._stem}:{self.acceleration}"

    @property
    def file(self) -> Path:
        """Its checkpoint inside the zoo's folder."""
        return Path(f"{self._stem}-r{self.acceleration}{checkpoints.SUFFIX}")


@dataclass(frozen=True)
class Recipe:
    """How the networks of a zoo are made.

    Attributes
    ----------
    scratch
        Settings of a network that starts from random weights.
    branch
        Settings of one that starts from its neighbour in R; None trains every network from
        random weights, so that none depends on another.
    """

    label: str
    scratch: TrainSettings
    branch: TrainSettings | None = None

    def settings(self, member: Member, seed: int) -> TrainSettings:
        """Settings of one network."""
        starts = self.branch is not None and member.neighbour is not None
        chosen = self.branch if starts else self.scratch
        assert chosen is not None
        return replace(chosen, acceleration=float(member.acceleration), seed=seed)

    def parent(self, member: Member) -> Member | None:
        """The network that one starts from."""
        if self.branch is None or member.neighbour is None:
            return None
        return Member(member.domain, member.neighbour, NEIGHBOURS.get(member.neighbour))


RECIPES: dict[str, Recipe] = {
    "cpu": Recipe(
        "R=4 by the preset `fast`, each other R end to end from its neighbour; for two cores",
        scratch=TRAIN_PRESETS["fast"],
        branch=replace(
            TRAIN_PRESETS["fast"],
            steps_per_subnetwork=0,
            end_to_end_steps=300,
            end_to_end_rate=5e-4,
        ),
    ),
    "gpu": Recipe(
        "the paper's sequential training, then 400 steps end to end at its rate; for a GPU",
        scratch=replace(
            TRAIN_PRESETS["paper"], crop=256, end_to_end_steps=400, end_to_end_rate=1e-4
        ),
    ),
}
"""``gpu`` trains the paper's plain sub-networks (no skip connection) by the paper's schedule, on
images of the paper's size: 20 epochs of 4000 images, 50 a step. Where there are fewer images, each
is seen more often. The stage end to end, which the paper lacks, is what fine-tuning does too."""


def _single_coil() -> tuple[Member, ...]:
    grid = [
        Member(domain, r, NEIGHBOURS.get(r))
        for domain in DOMAIN_NAMES
        for r in (TRUNK, *NEIGHBOURS)
    ]
    return (*grid, Member("natural", TRUNK, n_images=500))


ZOOS: dict[str, tuple[Member, ...]] = {"single-coil": _single_coil()}
"""Zoo to members, each after the one that it may start from."""


def recipe(name: str) -> Recipe:
    """The recipe called so.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in RECIPES:
        raise ValueError(f"--recipe must be one of {', '.join(RECIPES)}, got {name!r}")
    return RECIPES[name]


def members(zoo: str, only: Sequence[str] = ()) -> tuple[Member, ...]:
    """The members of a zoo, or those that are named.

    Raises
    ------
    ValueError
        If the zoo or a member is unknown.
    """
    if zoo not in ZOOS:
        raise ValueError(f"--zoo must be one of {', '.join(ZOOS)}, got {zoo!r}")
    known = {member.name: member for member in ZOOS[zoo]}
    for name in only:
        if name not in known:
            raise ValueError(f"--only must name members, of {', '.join(known)}; got {name!r}")
    return tuple(m for m in ZOOS[zoo] if not only or m.name in only)


def with_parents(chosen: Sequence[Member], recipe: Recipe) -> tuple[Member, ...]:
    """Those members and all that they start from, each after its parent."""
    ordered: list[Member] = []

    def add(member: Member) -> None:
        parent = recipe.parent(member)
        if parent is not None:
            add(parent)
        if member not in ordered:
            ordered.append(member)

    for member in chosen:
        add(member)
    return tuple(ordered)


def made_by(info: CheckpointInfo) -> str | None:
    """The recipe that made a checkpoint, as far as its provenance tells; None for none of these."""
    made = info.config["provenance"]
    for zoo in ZOOS.values():
        for member in zoo:
            is_it = (member.domain, member.acceleration, member.n_images) == (
                info.domain,
                info.acceleration,
                made.get("first_images"),
            )
            for name, entry in RECIPES.items():
                seed = made["recipe"].get("seed", 0)
                if is_it and made["recipe"] == jsonable(asdict(entry.settings(member, seed))):
                    return name
    return None


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
        )
        finished(output)
        done += costs[i]
    return tuple(request.folder / member.file for member in wanted)


def _origin(request: ZooRequest, member: Member) -> Origin:
    parent = request.recipe.parent(member)
    path = None if parent is None else request.folder / parent.file
    return Origin(path, member.n_images)


def _is_done(request: ZooRequest, member: Member) -> bool:
    """Whether the file is there; a ValueError if it was made in another way."""
    path = request.folder / member.file
    if not path.exists():
        return False
    settings = request.recipe.settings(member, request.seed)
    made = checkpoints.read_info(path).config["provenance"]
    found, asked = made.get("recipe", {}), jsonable(asdict(settings))
    for name, value in asked.items():
        if found.get(name) != value:
            raise _other(path, name, found.get(name), value)
    origin = _origin(request, member)
    if origin.parent is not None and not origin.parent.exists():
        raise _other(path, "its parent's file", origin.parent.name, "absent")
    wanted = identity_of(member.domain, settings, origin)
    for name in ("started_from", "first_images"):
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
        return f", {left / 60:.0f} min left" if left >= 60 else ", under a minute left"
