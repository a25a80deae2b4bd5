import numpy as np
import pytest

from core.cli.main import parser
from core.coil_forms import COIL_FORMS, N_COILS
from core.phantom import magnitude_scan, make_brain
from core.progress import Cancelled, no_progress
from core.types import Scan


def of_coils(n):
    random = np.random.default_rng(n)
    kspace = random.normal(size=(1, n, 16, 16)) + 1j * random.normal(size=(1, n, 16, 16))
    return Scan("raw", kspace=kspace.astype(np.complex64))


SCANS = {
    "simulated": (
        magnitude_scan(make_brain(3, 2, 48)),
        of_coils(1),
        "has coils of its own",
        "simulated from magnitude, 8 coils",
    ),
    "virtual": (
        of_coils(N_COILS + 1),
        of_coils(N_COILS),
        f"has {N_COILS} coils",
        "measured k-space of 9 coils compressed, 8 coils",
    ),
}
"""A scan that has the form; one that has not, and why; and where the form says it comes from."""


@pytest.mark.parametrize("entry", list(COIL_FORMS), ids=lambda entry: entry.name)
def test_forms_have_their_coils_and_others_are_told_why(entry):
    scan, other, why, provenance = SCANS[entry.name]
    assert entry.item.unavailable(scan) == ""
    assert why in entry.item.unavailable(other)
    found = entry.item.of(scan, no_progress)
    assert found.n_coils == N_COILS
    assert found.name == scan.name
    assert found.provenance == provenance


@pytest.mark.parametrize("entry", list(COIL_FORMS), ids=lambda entry: entry.name)
def test_the_work_says_where_it_is_and_can_be_given_up(entry):
    scan, told = SCANS[entry.name][0], []
    entry.item.of(scan, lambda fraction, message: told.append((fraction, message)))
    fractions = [fraction for fraction, _ in told]
    assert len(told) >= scan.n_slices
    assert fractions == sorted(fractions)
    assert (fractions[0], max(fractions) < 1) == (0.0, True)
    assert all(message for _, message in told)

    def stop(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        entry.item.of(scan, stop)


@pytest.mark.parametrize("entry", list(COIL_FORMS), ids=lambda entry: entry.name)
def test_the_command_line_takes_the_option(entry):
    parser().parse_args(["recon", "demo", "--out", "results", *entry.item.option])
