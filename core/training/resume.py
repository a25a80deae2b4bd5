"""The state of an unfinished training in one file, from which it goes on bit for bit.

The file is safetensors: weights and Adam's two moments in float32. Its metadata holds one JSON
document: whose training it is, where it stands, and the state of its random generator.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import nn

from core.atomic import write_bytes

KEY = "tlmri-training"
SUFFIX = ".training"
"""What the name of an unfinished training's file ends in."""

SECONDS_BETWEEN_SAVES = 60.0

_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Where a training stands after a step.

    Attributes
    ----------
    stage, step
        Index of the stage, and its steps done.
    learning_rate
        Of the next step.
    random
        State of the sampler's generator.
    seconds
        Time spent so far.
    weights, moments
        Of the whole network by parameter name; Adam's of the stage's parameters by
        ``<moment>.<index>``.
    """

    stage: int
    step: int
    learning_rate: float
    random: Mapping[str, Any]
    seconds: float
    weights: Mapping[str, torch.Tensor] = field(repr=False)
    moments: Mapping[str, torch.Tensor] = field(repr=False)


def moments_of(optimiser: torch.optim.Adam) -> dict[str, torch.Tensor]:
    """Adam's moments, by ``<moment>.<index of the parameter>``."""
    states = optimiser.state_dict()["state"]
    return {f"{name}.{i}": state[name] for i, state in states.items() for name in _MOMENTS}


def restore_moments(
    optimiser: torch.optim.Adam, moments: Mapping[str, torch.Tensor], n_steps: int
) -> None:
    """Put moments back as they were after ``n_steps``, in the parameters' own memory layout."""
    document = optimiser.state_dict()
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    for i, parameter in enumerate(parameters):
        state: dict[str, torch.Tensor] = {"step": torch.tensor(float(n_steps))}
        for name in _MOMENTS:
            state[name] = torch.empty_like(parameter).detach().copy_(moments[f"{name}.{i}"])
        document["state"][i] = state
    optimiser.load_state_dict(document)


def write_state(path: Path, identity: Mapping[str, Any], state: TrainingState) -> None:
    """Write the file, whole or not at all; ``identity`` says whose training it is."""
    tensors = {f"weights.{k}": v for k, v in state.weights.items()}
    tensors |= {f"moments.{k}": v for k, v in state.moments.items()}
    plain = {k: v.detach().to("cpu", torch.float32).contiguous() for k, v in tensors.items()}
    document = {
        "identity": identity,
        "stage": state.stage,
        "step": state.step,
        "learning_rate": state.learning_rate,
        "random": state.random,
        "seconds": state.seconds,
    }
    write_bytes(path, serialise(plain, metadata={KEY: json.dumps(document)}))


def read_state(path: Path, identity: Mapping[str, Any]) -> TrainingState | None:
    """The state in a file, or None if there is no such file.

    Raises
    ------
    ValueError
        If the file is damaged, or the state is that of a training with another identity.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            document = json.loads((file.metadata() or {})[KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        found = document["identity"]
        state = TrainingState(
            int(document["stage"]),
            int(document["step"]),
            float(document["learning_rate"]),
            document["random"],
            float(document["seconds"]),
            {k.removeprefix("weights."): v for k, v in tensors.items() if k.startswith("weights.")},
            {k.removeprefix("moments."): v for k, v in tensors.items() if k.startswith("moments.")},
        )
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        raise ValueError(
            f"{path}: must hold the state of an unfinished training, got none; delete it to train "
            "anew"
        ) from None
    _refuse_another(path, found, identity)
    return state


def _refuse_another(path: Path, found: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    for name in sorted({*found, *asked}):
        if found.get(name) != asked.get(name):
            raise ValueError(
                f"{path}: the unfinished training there has {name} {found.get(name)}, asked for is "
                f"{asked.get(name)}; delete it to train anew"
            )


def load_weights(model: nn.Module, state: TrainingState) -> None:
    """Put the weights back into the network, keeping its device and memory layout."""
    model.load_state_dict(dict(state.weights))
