"""A device that computes on the processor and refuses what a GPU would refuse.

It shows, on a machine without a GPU, that arithmetic stays on the device of its data: tensors of
the two may not meet (but for one number, as torch allows), and none is looked at by NumPy.
"""

from __future__ import annotations

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

DEVICE = torch.device("lazy", 0)
"""Its name, of a kind that nothing else here has."""


class OnDevice(torch.Tensor):
    """A tensor that lies there."""


def moved(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor as it lies on the device."""
    return tensor.as_subclass(OnDevice)


def _plain(value: object) -> object:
    return value.as_subclass(torch.Tensor) if isinstance(value, OnDevice) else value


def _there(value: object) -> object:
    return moved(value) if isinstance(value, torch.Tensor) else value


class PretendDevice(TorchFunctionMode):
    """While it is entered, the device exists."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)]
        has_moved = any(isinstance(t, OnDevice) for t in tensors)
        if func == torch.Tensor.device.__get__:
            return DEVICE if has_moved else torch.device("cpu")
        if func in (torch.Tensor.numpy, torch.Tensor.__array__) and has_moved:
            raise TypeError("can't convert a tensor of the device to NumPy")
        wished = [d for d in tree_leaves((args, kwargs)) if isinstance(d, torch.device)]
        if func is torch.Tensor.to and len(tensors) == 2:
            goes_there = isinstance(tensors[1], OnDevice)
        elif func is torch.Tensor.cpu or wished:
            goes_there = func is not torch.Tensor.cpu and wished[0] == DEVICE
        else:
            goes_there = has_moved
            strangers = [t for t in tensors if not isinstance(t, OnDevice)]
            if has_moved and any(_ndim(t) for t in strangers) and not _is_index(func):
                kinds = [(type(t).__name__, _ndim(t)) for t in tensors]
                raise RuntimeError(f"{func.__name__}: tensors of two devices: {kinds}")
        here = tree_map(_plain, (args, kwargs))
        args, kwargs = tree_map(lambda v: torch.device("cpu") if v == DEVICE else v, here)
        with torch._C.DisableTorchFunction():
            found = func(*args, **kwargs)
        if not goes_there:
            return found
        if hasattr(found, "n_fields"):  # named results, as of eigh, are leaves to torch's trees
            return type(found)(map(_there, found))
        return tree_map(_there, found)


def _ndim(tensor: torch.Tensor) -> int:
    with torch._C.DisableTorchFunction():
        return tensor.ndim


def _is_index(func: object) -> bool:
    """Indices may lie on the processor."""
    return func in (torch.Tensor.__getitem__,)
