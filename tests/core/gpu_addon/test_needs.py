import re

import pytest

from core.gpu_addon.driver import Driver, Gpu
from core.gpu_addon.needs import generation, refuse_driver, refuse_machine


def machine(cuda, compute, version="550.54.14"):
    return Driver(version, cuda, (Gpu("Titan", compute, 12.0),))


@pytest.mark.parametrize(
    ("needed", "cuda", "compute"),
    [(13, (13, 0), (7, 5)), (13, (14, 1), (12, 0)), (12, (12, 0), (5, 0)), (12, (13, 0), (9, 0))],
)
def test_what_suits_passes(needed, cuda, compute):
    refuse_machine(needed, machine(cuda, compute))


def test_one_gpu_that_suits_is_enough():
    gpus = (Gpu("old", (6, 1), 8.0), Gpu("new", (8, 9), 24.0))
    refuse_machine(13, Driver("580.65.06", (13, 0), gpus))


@pytest.mark.parametrize(
    ("needed", "driver", "message"),
    [
        (
            13,
            machine((12, 4), (8, 6)),
            "the NVIDIA driver 550.54.14 is too old: it serves CUDA 12.4, and CUDA 13.x needs "
            "driver 580 or newer; the build for CUDA 12 would do: give its address by --index-url",
        ),
        (
            13,
            machine((11, 4), (8, 6), ""),
            "the NVIDIA driver is too old: it serves CUDA 11.4, and CUDA 13.x needs driver 580 or "
            "newer",
        ),
        (
            13,
            machine((12, 8), (12, 0)),
            "the NVIDIA driver 550.54.14 is too old: it serves CUDA 12.8, and CUDA 13.x needs "
            "driver 580 or newer",
        ),
        (
            13,
            machine((13, 0), (7, 0)),
            "the Titan is too old: its compute capability is 7.0, and CUDA 13.x needs 7.5 or more; "
            "the build for CUDA 12 would do: give its address by --index-url",
        ),
        (
            13,
            machine((13, 0), (3, 5)),
            "the Titan is too old: its compute capability is 3.5, and CUDA 13.x needs 7.5 or more",
        ),
        (
            12,
            Driver(problem="no NVIDIA driver was found on this machine"),
            "no NVIDIA driver was found on this machine: install NVIDIA's driver 525 or newer; "
            "tlmri works without a GPU too",
        ),
    ],
)
def test_what_does_not_suit_is_refused_with_what_to_do(needed, driver, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        refuse_machine(needed, driver)


def test_generations():
    assert generation("13.0") == 13
    assert generation("12.6") == 12
    for unknown in ("14.0", "11.8", "rocm"):
        with pytest.raises(ValueError, match=f"must be for CUDA 12.x, 13.x, got CUDA {unknown}"):
            generation(unknown)
    with pytest.raises(ValueError, match="NVIDIA driver is too old: it serves CUDA 12"):
        refuse_driver(13, (12, 9))
