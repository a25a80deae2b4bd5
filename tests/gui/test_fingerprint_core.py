"""What the Fingerprinting page asks of the core: commands, and the fits of a voxel."""

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import parser
from core.fingerprinting.sequence_file import find, to_toml
from core.fingerprinting.series import Maps, Series
from core.progress import no_progress
from tests.gui.fingerprint_fakes import (
    CLEAN,
    SEQUENCE,
    TRANSFERRED,
    a_plan,
    make_mapped,
    make_outcome,
    make_series,
    mapped_run,
)
from tlmri_gui.fingerprint_core import FingerprintAccess, command_line
from tlmri_gui.fingerprint_state import DICTIONARY, FingerprintRun, MapOutcome

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


def test_a_method_that_failed_is_not_in_the_command():
    run = mapped_run(methods=(DICTIONARY,))
    outcomes = {**run.outcomes, TRANSFERRED: MapOutcome(error="no memory")}
    _, mapping = parsed(command_line(replace(run, outcomes=outcomes), a_plan(), "cpu"))
    assert mapping.methods == DICTIONARY


def an_array(folder, name="mine.npy"):
    rng = np.random.default_rng(0)
    shape = (SEQUENCE.n_readouts, 8, 8)
    np.save(folder / name, rng.normal(size=shape) + 1j * rng.normal(size=shape))
    return folder / name


def test_a_series_of_ones_own_sequence_is_read_by_the_sequence_beside_it(tmp_path):
    path, beside = an_array(tmp_path), tmp_path / "mine.toml"
    with pytest.raises(
        ValueError, match=r"read-outs of .*put its sequence beside it as mine\.toml"
    ):
        FingerprintAccess().open(path, no_progress)
    beside.write_text(to_toml(SEQUENCE))
    series = FingerprintAccess().open(path, no_progress)
    assert series.sequence.key == SEQUENCE.key
    assert series.notes[0] == "its sequence was read from mine.toml"
    [mapping] = parsed(command_line(FingerprintRun(series), a_plan(), "cpu"))
    assert mapping.sequence == str(beside)


def test_other_refusals_say_nothing_of_sequences(tmp_path):
    np.save(tmp_path / "flat.npy", np.ones((4, 4), np.complex64))
    with pytest.raises(ValueError, match="axes") as refused:
        FingerprintAccess().open(tmp_path / "flat.npy", no_progress)
    assert "beside" not in str(refused.value)


def test_a_sequence_opened_as_a_series_says_where_it_belongs(tmp_path):
    (tmp_path / "sequence.toml").write_text(to_toml(SEQUENCE))
    with pytest.raises(ValueError, match="a sequence is no series: put it beside its series"):
        FingerprintAccess().open(tmp_path / "sequence.toml", no_progress)


def test_networks_know_the_sequence_that_they_map():
    plan = FingerprintAccess().plan(no_progress)
    assert plan.methods[0].sequence_key == ""
    assert {m.sequence_key for m in plan.methods if m.is_network} == {find().key}


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
