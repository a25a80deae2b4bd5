"""Stand-ins for two packages that are imported and never used.

sigpy decorates functions by numba when it is imported; tlmri calls none of them. torch's optimisers
ask its compiler not to compile them, which loads the compiler, sympy with it. Leaving numba and the
compiler out saves a third of a gigabyte, and the first fine-tuning its longest wait.

The finder comes after all others, so where the real thing is on the path, as in the add-on for
GPUs, that one is taken.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Function = Callable[..., Any]


def install() -> None:
    """Have them found where nothing else finds them."""
    sys.meta_path.append(_LastResort())


def _numba(module: ModuleType) -> None:
    def refused(*_: Any, **__: Any) -> Any:  # noqa: ANN401 - stands for any function
        raise NotImplementedError("compiled by numba, which is not in the installers")

    def decorator(*arguments: Any, **_: Any) -> Any:  # noqa: ANN401 - as is, or with options
        if len(arguments) == 1 and callable(arguments[0]):
            return refused
        return lambda _: refused

    module.jit = module.vectorize = decorator  # type: ignore[attr-defined]
    module.prange = range  # type: ignore[attr-defined]


def _compiler(module: ModuleType) -> None:
    def disable(function: Function, recursive: bool = True, wrapping: bool = True) -> Function:
        del recursive, wrapping
        return function

    module.disable = disable  # type: ignore[attr-defined]
    module.graph_break = lambda: None  # type: ignore[attr-defined]


STAND_INS: dict[str, Callable[[ModuleType], None]] = {"numba": _numba, "torch._dynamo": _compiler}
"""Name to what fills the module."""


def spec(name: str) -> ModuleSpec:
    """What Python's import asks for, for one of :data:`STAND_INS`."""
    return ModuleSpec(name, _Filler())


class _Filler(Loader):
    def exec_module(self, module: ModuleType) -> None:
        STAND_INS[module.__name__](module)


class _LastResort(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        return spec(fullname) if fullname in STAND_INS else None
