"""The model zoo: which networks there are, and the recipes that make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core import checkpoints
from core.checkpoints import CheckpointInfo
from core.networks.files import jsonable
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
