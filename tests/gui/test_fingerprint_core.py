"""What the Fingerprinting page asks of the core: commands, and the fits of a voxel."""

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import parser
from core.fingerprinting.sequence_file import find
from core.fingerprinting.series import Maps, Series
from core.progress import no_progress
from tests.gui.fingerprint_fakes import (
    CLEAN,
    TRANSFERRED,
    a_plan,
    make_mapped,
    make_outcome,
    make_series,
    mapped_run,
)
from tlmri_gui.fingerprint_core import FingerprintAccess, command_line
from tlmri_gui.fingerprint_state import DICTIONARY, FingerprintRun

VOXEL = (0, 5, 4)


def parsed(command):
    return [parser().parse_args(shlex.split(one)[1:]) for one in command.split(" && ")]


def an_opened(**outcomes):
    series = make_series(path=Path("brain.npy"), has_truth=False)
    found = {name: make_outcome(series, name, *more) for name, more in outcomes.items()}
    return FingerprintRun(series, outcomes=found)


def test_the_command_is_of_the_maps_on_show_not_of_what_is_planned_next():
    plan = replace(a_plan(DICTIONARY, CLEAN, TRANSFERRED), n_atoms=500)
    _, mapping = parsed(command_line(mapped_run(methods=(DICTIONARY, CLEAN)), plan, "cpu"))
    assert mapping.methods == f"{DICTIONARY},{CLEAN}"
    assert (mapping.atoms, mapping.device) == (1000, "auto")


def test_without_maps_the_command_is_of_the_plan():
    [mapping] = parsed(command_line(an_opened(), a_plan(), "cpu"))
    assert mapping.methods == f"{DICTIONARY},{TRANSFERRED}"
    assert (mapping.atoms, mapping.device, str(mapping.series)) == (1000, "cpu", "brain.npy")


def test_maps_found_on_several_devices_take_a_command_and_a_folder_each():
    run = an_opened(**{DICTIONARY: (700, None, "cuda:0"), TRANSFERRED: (0, None, "cpu")})
    first, second = parsed(command_line(run, a_plan(), "auto"))
    assert (first.methods, first.atoms, first.device) == (DICTIONARY, 700, "cuda:0")
    assert (second.methods, second.device) == (TRANSFERRED, "cpu")
    assert (str(first.out), str(second.out)) == ("maps-cuda-0", "maps-cpu")


def test_there_is_no_command_without_methods():
    with pytest.raises(ValueError, match="no method is chosen"):
        command_line(an_opened(), replace(a_plan(), checked=frozenset()), "auto")


def a_series_of_the_default_sequence():
    small, sequence = make_series(), find()
    shape = (1, sequence.n_readouts, *small.shape[1:])
    signals = np.ones(shape, np.complex64)
    return Series("brain", signals, sequence, small.mask, truth=small.truth)


def without_a_value(mapped):
    holed = mapped.maps.t1_ms.copy()
    holed[VOXEL] = np.nan
    maps = Maps(holed, mapped.maps.t2_ms, mapped.maps.adc_um2_per_ms, mapped.maps.pd)
    return replace(mapped, maps=maps)


def test_a_method_without_a_value_costs_no_other_its_fit():
    series = a_series_of_the_default_sequence()
    holed = without_a_value(make_mapped(series, DICTIONARY))
    found = FingerprintAccess().fits([holed, make_mapped(series, CLEAN)], VOXEL, no_progress)
    assert set(found) == {CLEAN}


def test_a_voxel_without_any_value_says_so():
    holed = without_a_value(make_mapped(a_series_of_the_default_sequence(), DICTIONARY))
    with pytest.raises(ValueError, match="must be one that was mapped"):
        FingerprintAccess().fits([holed], VOXEL, no_progress)
