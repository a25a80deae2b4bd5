"""Weights to and from checkpoint files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as serialise
from torch import nn

from core import __version__, devices
from core.atomic import write_bytes
from core.checkpoints import FORMAT, KEY, CheckpointInfo, read_info
from core.networks.network import Network
from core.networks.table import NETWORKS

M = TypeVar("M", bound=nn.Module)


def versions() -> dict[str, str]:
    """Versions that a checkpoint's provenance states."""
    return {"tlmri": __version__, "torch": torch.__version__}


def jsonable(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with infinity, which JSON lacks, as ``inf``."""
    return {k: "inf" if v == math.inf else v for k, v in settings.items()}


def describe(
    architecture: str,
    config: object,
    *,
    label: str,
    task: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    """The JSON document that a checkpoint carries."""
    plain = asdict(config)  # type: ignore[call-overload]  # every config is a dataclass
    return {
        "format": FORMAT,
        "label": label,
        "architecture": architecture,
        "network": jsonable(plain),
        "task": dict(task),
        "provenance": {
            **provenance,
            "versions": versions(),
        },
    }


def save(
    path: Path, model: nn.Module, document: Mapping[str, Any], dtype: torch.dtype = torch.float32
) -> None:
    """Write a checkpoint so that the file is either the old one or the whole new one."""
    weights = {k: v.detach().to("cpu", dtype).contiguous() for k, v in model.state_dict().items()}
    if not all(bool(v.isfinite().all()) for v in weights.values()):
        raise ValueError(f"{path.name}: weights must be finite in {dtype}, got NaN or infinity")
    metadata = {KEY: json.dumps(document, allow_nan=False)}
    write_bytes(path, serialise(weights, metadata=metadata))


def build(document: Mapping[str, Any]) -> Network:
    """The untrained network that a checkpoint's document describes.

    Raises
    ------
    ValueError
        If the architecture or its configuration is unknown.
    """
    entry = NETWORKS[document["architecture"]]
    assert entry.params is not None
    settings = {k: math.inf if v == "inf" else v for k, v in document["network"].items()}
    try:
        return entry.item(entry.params(**settings))
    except TypeError as error:
        raise ValueError(f"network {entry.name!r} cannot be configured so: {error}") from None


def on_device(model: M, device: torch.device) -> M:
    """Move a network to a device, its weights in `channels_last`, which convolutions there want."""
    return model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def load(path: Path, device: torch.device) -> Network:
    """The trained network of a checkpoint, in evaluation mode and `channels_last`.

    Raises
    ------
    ValueError
        If the file is damaged, or its weights do not fit the network it describes.
    """
    info = read_info(path)
    try:
        model = build(info.config)
    except (ValueError, KeyError, AttributeError) as error:
        raise _misfit(path, error) from None
    fill(model, path)
    return on_device(model, device).eval()


def fill(model: nn.Module, path: Path) -> None:
    """Read a checkpoint's weights into a network of its architecture, in float32.

    Raises
    ------
    ValueError
        If the file is damaged, its weights do not fit the network, or they are not finite.
    """
    try:
        weights = load_file(path)
        _check_fit(model, weights)
        model.load_state_dict({k: v.float() for k, v in weights.items()})
    except (ValueError, RuntimeError, SafetensorError, OSError) as error:
        raise _misfit(path, error) from None
    if not all(bool(v.isfinite().all()) for v in model.state_dict().values()):
        raise ValueError(f"{path.name}: weights must be finite, got NaN or infinity")


def _misfit(path: Path, error: Exception) -> ValueError:
    reason = str(error).splitlines()[0]
    return ValueError(f"{path.name}: its weights must fit its description, got: {reason}")


def _check_fit(model: nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Refuse weights of another architecture or shape, naming the first layer that tells."""
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    network = type(model).__name__
    for name, shape in wanted.items():
        if name not in found:
            raise ValueError(f"no {name!r}, which {network} has with the shape {shape}")
        if found[name] != shape:
            raise ValueError(f"{name!r} of the shape {found[name]}, which in {network} is {shape}")
    for name, shape in found.items():
        if name not in wanted:
            raise ValueError(f"{name!r} of the shape {shape}, which {network} has not")


@lru_cache(maxsize=16)
def _load_version(path: Path, device: str, version: tuple[int, int]) -> Network:
    del version  # it is there to tell a rewritten file from the one in the cache
    return load(path, torch.device(device))


def load_cached(info: CheckpointInfo, device_name: str) -> Network:
    """:func:`load`, remembered until the file changes. The network must not be modified."""
    device = devices.resolve(device_name)
    status = info.path.stat()
    return _load_version(info.path, str(device), (status.st_mtime_ns, status.st_size))
