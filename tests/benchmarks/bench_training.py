"""How fast source-domain training runs, by each recipe of the zoo.

Run with ``pytest -m benchmark -s tests/benchmarks/bench_training.py``. Prints, asserts nothing
about time.
"""

import dataclasses

import pytest

from core.devices import available, resolve
from core.progress import no_progress
from core.training.kinds import multi_coil
from core.training.throughput import measure
from core.training.zoo import ZOOS

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("all_cores")]


@pytest.mark.parametrize(
    ("zoo", "name"), [(zoo, name) for zoo, found in ZOOS.items() for name in found.recipes]
)
def test_training(zoo, name):
    for device in (d for d in available() if d.name != "auto"):
        recipe = ZOOS[zoo].recipes[name]
        coils = recipe.kind.coil_settings
        kind = recipe.kind if coils is None else multi_coil(dataclasses.replace(coils, n_samples=9))
        settings = recipe.scratch
        if device.name == "cpu":  # whole batches of the GPU's recipe take minutes a step there
            settings = dataclasses.replace(settings, batch=min(settings.batch, 8))
        print(
            f"\ntraining, {zoo}, recipe {name}, {settings.batch} x {settings.crop} px, "
            f"{device.label}"
        )
        for found in measure(settings, resolve(device.name), no_progress, kind=kind):
            print(
                f"  {found.stage}: {found.images_per_second:.1f} images/s, "
                f"{found.flops / 1e12:.2f} TFLOP/s, {found.share:.0%} of the matrix product's "
                f"{found.peak_flops / 1e12:.2f}"
            )
