"""Which NVIDIA driver and GPUs this machine has, asked of the driver itself, without torch."""

from __future__ import annotations

import ctypes
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LINUX_VERSION_FILE = Path("/proc/driver/nvidia/version")
_MAJOR, _MINOR = 75, 76
"""CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR of the CUDA driver API."""


@dataclass(frozen=True)
class Gpu:
    """A GPU: ``compute`` is its compute capability, its memory is in GiB."""

    name: str
    compute: tuple[int, int]
    memory_gib: float


@dataclass(frozen=True)
class Driver:
    """What was found; ``problem`` is one line where no GPU can be used, and empty otherwise.

    ``cuda`` is the newest CUDA that the driver serves, ``version`` its own, empty if not told.
    """

    version: str = ""
    cuda: tuple[int, int] = (0, 0)
    gpus: tuple[Gpu, ...] = ()
    problem: str = ""


class _CallError(Exception):
    """A call of the driver answered with an error."""


def open_library() -> Any | None:  # noqa: ANN401 - ctypes makes its functions up as it goes
    """The driver's library, or None where there is no NVIDIA driver."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


def newest_cuda(library: Any) -> tuple[int, int]:  # noqa: ANN401
    """The newest CUDA that the driver serves; quick, since no GPU is woken.

    Raises
    ------
    ValueError
        If the driver does not answer.
    """
    try:
        return _newest_cuda(library)
    except _CallError as error:
        raise ValueError(f"the NVIDIA driver did not tell its version: {error}") from error


def look() -> Driver:
    """Ask the driver for everything; what goes wrong is the answer's ``problem``."""
    library = open_library()
    if library is None:
        return Driver(problem="no NVIDIA driver was found on this machine")
    version, cuda = _own_version(), (0, 0)
    try:
        cuda = _newest_cuda(library)
        _call(library, "cuInit", ctypes.c_uint(0))
        gpus = tuple(_gpu(library, number) for number in range(_count(library)))
    except _CallError as error:
        return Driver(version, cuda, problem=f"the NVIDIA driver finds no usable GPU: {error}")
    if not gpus:
        return Driver(version, cuda, problem="the NVIDIA driver finds no GPU")
    return Driver(version, cuda, gpus)


def _newest_cuda(library: Any) -> tuple[int, int]:  # noqa: ANN401
    number = ctypes.c_int()
    _call(library, "cuDriverGetVersion", ctypes.byref(number))
    return number.value // 1000, number.value % 1000 // 10


def _count(library: Any) -> int:  # noqa: ANN401
    number = ctypes.c_int()
    _call(library, "cuDeviceGetCount", ctypes.byref(number))
    return number.value


def _gpu(library: Any, number: int) -> Gpu:  # noqa: ANN401
    device, size = ctypes.c_int(), ctypes.c_size_t()
    name = ctypes.create_string_buffer(256)
    _call(library, "cuDeviceGet", ctypes.byref(device), ctypes.c_int(number))
    _call(library, "cuDeviceGetName", name, ctypes.c_int(len(name)), device)
    _call(library, "cuDeviceTotalMem_v2", ctypes.byref(size), device)
    compute = (_attribute(library, _MAJOR, device), _attribute(library, _MINOR, device))
    return Gpu(name.value.decode(errors="replace"), compute, size.value / 2**30)


def _attribute(library: Any, attribute: int, device: ctypes.c_int) -> int:  # noqa: ANN401
    value = ctypes.c_int()
    _call(library, "cuDeviceGetAttribute", ctypes.byref(value), ctypes.c_int(attribute), device)
    return value.value


def _call(library: Any, name: str, *arguments: object) -> None:  # noqa: ANN401
    try:
        code = getattr(library, name)(*arguments)
    except (AttributeError, OSError) as error:  # a library of another make, or a crash on Windows
        raise _CallError(f"{name} is missing or broken") from error
    if code != 0:
        raise _CallError(f"{name} answered {code}{_named(library, code)}")


def _named(library: Any, code: int) -> str:  # noqa: ANN401
    """The driver's own name of an error, such as ``CUDA_ERROR_NO_DEVICE``."""
    text = ctypes.c_char_p()
    try:
        library.cuGetErrorName(ctypes.c_int(code), ctypes.byref(text))
    except (AttributeError, OSError):
        return ""
    return f" ({text.value.decode(errors='replace')})" if text.value else ""


def _own_version() -> str:
    """The driver's version, such as 580.65.06: from Linux's kernel, else from NVML."""
    try:
        found = re.search(r"\b(\d{3,}\.\d+(\.\d+)?)\b", _LINUX_VERSION_FILE.read_text())
    except OSError:
        found = None
    return found[1] if found else _version_by_nvml()


def _version_by_nvml() -> str:
    name = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
    text = ctypes.create_string_buffer(80)
    try:
        library = ctypes.CDLL(name)
        if library.nvmlInit_v2() != 0:
            return ""
        answered = library.nvmlSystemGetDriverVersion(text, ctypes.c_uint(len(text))) == 0
        library.nvmlShutdown()
    except (AttributeError, OSError):
        return ""
    return text.value.decode(errors="replace") if answered else ""
