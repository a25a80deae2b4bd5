"""What tests of the views share: a small scan of several coils and pictures of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.types import Scan
from core.views import VIEWS, Picture
from tests.gui.window_fakes import FakeCore
from tlmri_gui.state import Reference

N_COILS = 5
SHAPE = (16, 12)


def coil_scan(name="coils", n_coils=N_COILS) -> Scan:
    random = np.random.default_rng(3)
    parts = random.normal(size=(2, 4, n_coils, *SHAPE)).astype(np.float32)
    return Scan(name, kspace=(parts[0] + 1j * parts[1]).astype(np.complex64))


def picture(view: str, of_coils=0) -> Picture:
    shape = (of_coils, *SHAPE) if of_coils else SHAPE
    values = np.linspace(-3, 3, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    if VIEWS[view].item.magnitude_name:
        return Picture(values, (-np.pi, np.pi), np.full(shape, 0.25, np.float32), 1.0)
    return Picture(values, (-80.0, 0.0), caption=("at samples 1 %",) if view == "residual" else ())


@dataclass
class ViewCore(FakeCore):
    """Offers the registered views, and gives every method coil images of its own."""

    def catalogue(self, progress):
        return replace(super().catalogue(progress), views=tuple(VIEWS))

    def load_scan(self, path, progress):
        return coil_scan(path.stem) if "coils" in path.stem else super().load_scan(path, progress)

    def reference(self, scan, slice_index, progress):
        self._ask("reference", scan, slice_index)
        image = np.full(scan.slice_shape, 50.0, np.float32)
        return Reference(scan, slice_index, image, 100.0)

    def reconstruct(self, scan, slice_index, mask, method, params, definition, device, progress):
        image = np.full((1, *scan.slice_shape), 40.0, np.float32)
        stand_in = Scan(scan.name, magnitude=np.repeat(image, scan.n_slices, axis=0))
        given = super().reconstruct(
            stand_in, slice_index, mask, method, params, definition, device, progress
        )
        coils = np.ones((scan.n_coils, *scan.slice_shape), np.complex64)
        return replace(given, outcome=replace(given.outcome, coil_images=coils))

    def picture(self, view, scan, slice_index, mask, coil_images, progress):
        self._ask("picture", view, slice_index, coil_images is not None)
        of_coils = scan.n_coils if VIEWS[view].item.of_method is None else 0
        return picture(view, of_coils)
