"""The model zoos: which networks there are, and the recipes that make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from core import checkpoints
from core.checkpoints import MULTI, SINGLE, CheckpointInfo
from core.networks.files import jsonable
from core.training.coil_settings import CoilSettings
from core.training.kinds import SINGLE_COIL, TrainingKind, multi_coil, single_coil
from core.training.settings import TRAIN_PRESETS, TrainSettings

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
    coils
        The coils it is for, as checkpoints say it.
    prefix
        What its file's name begins with, so that no other zoo has it.
    """

    domain: str
    acceleration: int
    neighbour: int | None = None
    n_images: int | None = None
    coils: str = SINGLE
    prefix: str = ""

    @property
    def _stem(self) -> str:
        if self.n_images is None:
            return f"{self.prefix}{self.domain}"
        return f"{checkpoints.TRAINING_SIZE}/{self.prefix}{self.domain}-{self.n_images}"

    @property
    def name(self) -> str:
        """What ``--only`` calls it, such as ``natural:4``."""
        return f"{self._stem}:{self.acceleration}"

    @property
    def file(self) -> Path:
        """Its checkpoint inside the zoo's folder."""
        coils = "-multi" if self.coils == MULTI else ""
        return Path(f"{self._stem}{coils}-r{self.acceleration}{checkpoints.SUFFIX}")


@dataclass(frozen=True)
class Recipe:
    """How the networks of a zoo are made.

    Attributes
    ----------
    scratch
        Settings of a network that starts from none of its zoo.
    branch
        Settings of one that starts from its neighbour in R; None starts no network from another of
        its zoo, so that none depends on another.
    kind
        What is trained.
    base
        Zoo whose shipped network of the same domain and R every network starts from that starts
        from none of its own zoo; None starts those from random weights.
    """

    label: str
    scratch: TrainSettings
    branch: TrainSettings | None = None
    kind: TrainingKind = SINGLE_COIL
    base: str | None = None

    def settings(self, member: Member, seed: int) -> TrainSettings:
        """Settings of one network."""
        starts = self.branch is not None and member.neighbour is not None
        chosen = self.branch if starts else self.scratch
        assert chosen is not None
        return replace(chosen, acceleration=float(member.acceleration), seed=seed)

    def parent(self, member: Member) -> Member | None:
        """The network of the same zoo that one starts from."""
        if self.branch is None or member.neighbour is None:
            return None
        return replace(
            member, acceleration=member.neighbour, neighbour=NEIGHBOURS.get(member.neighbour)
        )

    def shipped(self, member: Member) -> Path | None:
        """The file of the shipped network that one starts from."""
        if self.base is None:
            return None
        [found] = members(self.base, [member.name])
        return checkpoints.weights_folder() / found.file


@dataclass(frozen=True)
class Zoo:
    """A set of networks.

    Attributes
    ----------
    members
        Each after the one that it may start from.
    recipes
        Name to recipe; any makes them all.
    """

    members: tuple[Member, ...]
    recipes: Mapping[str, Recipe]


_FAST = TRAIN_PRESETS["fast"]

_PAPER = replace(TRAIN_PRESETS["paper"], crop=256, end_to_end_steps=400, end_to_end_rate=1e-4)
"""The paper's plain sub-networks (no skip connection) by the paper's schedule, on images of the
paper's size: 20 epochs of 4000 images, 50 a step. Where there are fewer images, each is seen more
often. The stage end to end, which the paper lacks, is what fine-tuning does too."""

_SINGLE_COIL_RECIPES = {
    "cpu": Recipe(
        "R=4 by the preset `fast`, each other R end to end from its neighbour; for two cores",
        scratch=_FAST,
        branch=replace(_FAST, steps_per_subnetwork=0, end_to_end_steps=300, end_to_end_rate=5e-4),
    ),
    "gpu": Recipe(
        "the paper's sequential training, then 400 steps end to end at its rate; for a GPU",
        scratch=_PAPER,
    ),
}

N_PAPER_SAMPLES = 2000
"""Multi-coil images that the paper simulated."""

_MULTI_COIL_RECIPES = {
    "cpu": Recipe(
        "both parts of every sub-network start from the single-coil network of the same domain "
        "and R, then all are trained end to end; for two cores",
        scratch=replace(
            _FAST, steps_per_subnetwork=0, end_to_end_steps=350, end_to_end_rate=5e-4, batch=4
        ),
        kind=multi_coil(CoilSettings(n_samples=400)),
        base="single-coil",
    ),
    "gpu": Recipe(
        "the paper's sequential training on as many simulated multi-coil images as it had, then "
        "400 steps end to end at its rate; for a GPU",
        scratch=replace(_PAPER, steps_per_subnetwork=20 * N_PAPER_SAMPLES // _PAPER.batch),
        kind=multi_coil(CoilSettings(n_samples=N_PAPER_SAMPLES)),
    ),
}


_UNET = TRAIN_PRESETS["unet"]

_UNET_RECIPES = {
    "cpu": Recipe("the preset `unet`; for two cores", scratch=_UNET, kind=single_coil("unet")),
    "gpu": Recipe(
        "the preset `unet` on whole images, ten times as many steps of four times as many; for a "
        "GPU",
        scratch=replace(
            _UNET, crop=256, batch=4 * _UNET.batch, end_to_end_steps=10 * _UNET.end_to_end_steps
        ),
        kind=single_coil("unet"),
    ),
}


def _grid(domains: Sequence[str], coils: str) -> tuple[Member, ...]:
    return tuple(
        Member(domain, r, NEIGHBOURS.get(r), coils=coils)
        for domain in domains
        for r in (TRUNK, *NEIGHBOURS)
    )


ZOOS: dict[str, Zoo] = {
    "single-coil": Zoo(
        (*_grid(("natural", "t1", "t2"), SINGLE), Member("natural", TRUNK, n_images=500)),
        _SINGLE_COIL_RECIPES,
    ),
    "multi-coil": Zoo(_grid(("natural", "t1"), MULTI), _MULTI_COIL_RECIPES),
    "unet": Zoo(
        tuple(Member(domain, TRUNK, prefix="unet-") for domain in ("natural", "t1")), _UNET_RECIPES
    ),
}


def zoo(name: str) -> Zoo:
    """The zoo called so.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in ZOOS:
        raise ValueError(f"--zoo must be one of {', '.join(ZOOS)}, got {name!r}")
    return ZOOS[name]


def recipe(zoo_name: str, name: str) -> Recipe:
    """The recipe of a zoo called so.

    Raises
    ------
    ValueError
        If there is none.
    """
    recipes = zoo(zoo_name).recipes
    if name not in recipes:
        raise ValueError(f"--recipe must be one of {', '.join(recipes)}, got {name!r}")
    return recipes[name]


def members(zoo_name: str, only: Sequence[str] = ()) -> tuple[Member, ...]:
    """The members of a zoo, or those that are named.

    Raises
    ------
    ValueError
        If the zoo or a member is unknown.
    """
    all_members = zoo(zoo_name).members
    known = {member.name: member for member in all_members}
    for name in only:
        if name not in known:
            raise ValueError(f"--only must name members, of {', '.join(known)}; got {name!r}")
    return tuple(m for m in all_members if not only or m.name in only)


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


@dataclass(frozen=True)
class Making:
    """How a checkpoint was made: zoo, recipe and member, by name."""

    zoo: str
    recipe: str
    member: str


def made_by(info: CheckpointInfo) -> Making | None:
    """How a checkpoint was made, as far as its provenance tells; None for by none of these."""
    made = info.config["provenance"]
    seed = made["recipe"].get("seed", 0)
    for zoo_name, found in ZOOS.items():
        for member in filter(partial(_is_for, info), found.members):
            for name, entry in found.recipes.items():
                settings = jsonable(asdict(entry.settings(member, seed)))
                if made["recipe"] == settings and _is_of_kind(info, entry.kind):
                    return Making(zoo_name, name, member.name)
    return None


def _is_for(info: CheckpointInfo, member: Member) -> bool:
    """Whether a checkpoint is for what a member is for."""
    n_images = info.config["provenance"].get("first_images")
    found = (info.domain, info.acceleration, n_images, info.coils)
    return found == (member.domain, float(member.acceleration), member.n_images, member.coils)


def _is_of_kind(info: CheckpointInfo, kind: TrainingKind) -> bool:
    coils = info.config["provenance"].get("coils")
    return (info.config["architecture"], coils) == (kind.architecture, kind.identity.get("coils"))
