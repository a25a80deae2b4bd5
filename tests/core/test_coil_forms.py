import numpy as np
import pytest

from core.cli.main import parser
from core.coil_forms import COIL_FORMS, N_COILS
from core.phantom import magnitude_scan, make_brain
from core.types import Scan


def of_coils(n):
    random = np.random.default_rng(n)
    kspace = random.normal(size=(1, n, 16, 16)) + 1j * random.normal(size=(1, n, 16, 16))
    return Scan("raw", kspace=kspace.astype(np.complex64))


SCANS = {
    "simulated": (magnitude_scan(make_brain(3, 2, 48)), of_coils(1), "has coils of its own"),
    "virtual": (of_coils(N_COILS + 1), of_coils(N_COILS), f"has {N_COILS} coils"),
}
"""A scan that has the form, and one that has not, and why."""


@pytest.mark.parametrize("entry", list(COIL_FORMS), ids=lambda entry: entry.name)
def test_forms_have_their_coils_and_others_are_told_why(entry):
    scan, other, why = SCANS[entry.name]
    assert entry.item.unavailable(scan) == ""
    assert why in entry.item.unavailable(other)
    found = entry.item.of(scan)
    assert found.n_coils == N_COILS
    assert found.name == scan.name
    assert "simulated from magnitude" in found.provenance or "compressed" in found.provenance


@pytest.mark.parametrize("entry", list(COIL_FORMS), ids=lambda entry: entry.name)
def test_the_command_line_takes_the_option(entry):
    parser().parse_args(["recon", "demo", "--out", "results", *entry.item.option])
