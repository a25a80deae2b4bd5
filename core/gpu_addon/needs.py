"""What a CUDA build of torch needs of the driver and of the GPU, and how it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from core.gpu_addon.driver import Driver, Gpu


@dataclass(frozen=True)
class Need:
    """The oldest driver of one CUDA generation, and the range of compute capabilities it is for."""

    driver: str
    compute: tuple[int, int]
    newest: tuple[int, int]


NEEDS = {12: Need("525", (5, 0), (9, 0)), 13: Need("580", (7, 5), (12, 1))}
"""By CUDA generation: the drivers from NVIDIA's *CUDA Compatibility*, table of minor version
compatibility; the GPUs from the support matrix in PyTorch's RELEASE.md (CUDA 12.6 and 13.0)."""

ORDINARY = 13
"""Generation of the build that the package index holds for Linux, torch 2.13.0: CUDA 13.0."""

OLDEST = min(NEEDS)


def generation(cuda: str) -> int:
    """The generation of a CUDA version such as ``13.0``.

    Raises
    ------
    ValueError
        If this tlmri does not know it.
    """
    major = cuda.partition(".")[0]
    if not major.isdecimal() or int(major) not in NEEDS:
        known = ", ".join(f"{number}.x" for number in NEEDS)
        raise ValueError(f"the build of torch must be for CUDA {known}, got CUDA {cuda}")
    return int(major)


def refuse_driver(needed: int, cuda: tuple[int, int], version: str = "") -> None:
    """Refuse a driver that serves too old a CUDA for a generation.

    Raises
    ------
    ValueError
        With the driver that was found and the one that is needed.
    """
    if cuda[0] < needed:
        raise ValueError(
            f"the {f'NVIDIA driver {version}'.strip()} is too old: it serves CUDA "
            f"{cuda[0]}.{cuda[1]}, and CUDA {needed}.x needs driver {NEEDS[needed].driver} or newer"
        )


def refuse_machine(needed: int, driver: Driver) -> None:
    """Refuse a machine whose driver or GPUs do not suit a CUDA generation.

    Raises
    ------
    ValueError
        With what was found, and what to do.
    """
    if driver.problem:
        raise ValueError(
            f"{driver.problem}: install NVIDIA's driver {NEEDS[needed].driver} or newer; tlmri "
            "works without a GPU too"
        )
    try:
        refuse_driver(needed, driver.cuda, driver.version)
        _refuse_gpus(needed, driver.gpus)
    except ValueError as error:
        raise ValueError(f"{error}{_way_round(needed, driver)}") from None


def _refuse_gpus(needed: int, gpus: tuple[Gpu, ...]) -> None:
    best = max(gpus, key=lambda gpu: gpu.compute)
    least = NEEDS[needed].compute
    if best.compute < least:
        raise ValueError(
            f"the {best.name} is too old: its compute capability is {best.compute[0]}."
            f"{best.compute[1]}, and CUDA {needed}.x needs {least[0]}.{least[1]} or more"
        )


def _way_round(needed: int, driver: Driver) -> str:
    """The build for the older CUDA, where that one would do."""
    older = [number for number in NEEDS if number < needed]
    suits = [
        number
        for number in older
        if driver.cuda[0] >= number
        and any(NEEDS[number].compute <= gpu.compute <= NEEDS[number].newest for gpu in driver.gpus)
    ]
    if not suits:
        return ""
    return f"; the build for CUDA {max(suits)} would do: give its address by --index-url"
