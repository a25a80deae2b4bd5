"""What the Study page asks of the core, on the real core: folders, digests, kept networks."""

import json
import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from core import checkpoints, paths
from core.progress import no_progress
from core.studies.spec_file import read_spec
from core.studies.store import PLAN_NAME, TIMES_NAME, locked
from core.studies.table import TABLE_NAME, write_rows
from core.training.part_names import PARTS
from tests.gui.study_fakes import drawn_scan
from tests.gui.study_folders import row, transfer_folder
from tests.gui.window_fakes import make_scan
from tlmri_gui import study_folder
from tlmri_gui.study_core import StudyAccess, scan_word, spec_of
from tlmri_gui.study_digest import digest
from tlmri_gui.study_folder import Note
from tlmri_gui.study_state import CurveKind, Role, StudyPlan, StudyScan

NOON = datetime(2026, 1, 2, 12, 0, 0)


@pytest.fixture
def core():
    return StudyAccess()


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "a scan with spaces.npy"
    np.save(path, np.ones((3, 8, 8), np.float32))
    return StudyPlan(
        scans=(
            StudyScan(make_scan("file", path=path), Role.TUNE),
            StudyScan(drawn_scan(7), Role.TEST),
            StudyScan(make_scan("unused"), Role.UNUSED),
        ),
        sources=("natural",),
        native="t1",
        accelerations=(4.0, 8.0),
        counts_text="0, 3, 1",
        n_seeds=2,
        slices_per_scan=5,
        preset="paper",
        baselines=("zf",),
    )


@pytest.fixture
def folder(core, plan):
    return core.create(plan, "cpu", NOON, no_progress)


def test_the_offer_names_what_there_is(core):
    offer = core.offer(no_progress)
    trained = [source for source in offer.sources if not source.is_untrained]
    assert [source.name for source in trained] == list(checkpoints.families())
    assert all(source.suits(4.0) for source in offer.sources)
    assert {2.0, 4.0, 6.0, 8.0, 10.0} <= set(offer.accelerations)
    assert "full" in [choice.name for choice in offer.supervisions]
    assert {"zf", "cs"} <= {choice.name for choice in offer.baselines}
    assert {b.name for b in offer.baselines if b.needs_real} == {"cs-real", "tv-real"}


def test_the_study_file_says_what_was_planned(folder, plan, tmp_path):
    spec = read_spec(folder / study_folder.SPEC_NAME)
    assert spec == spec_of(plan, spec.name)
    assert spec.targets[0].tune == (str(tmp_path / "a scan with spaces.npy"),)
    assert spec.targets[0].test == ("phantom:7",)
    assert (spec.sources, spec.native) == (("natural", "t1"), "t1")
    assert (spec.n_images, spec.seeds, spec.baseline_images) == ((0, 1, 3), (1, 2), 3)
    assert spec.name == "T1-weighted brain, R=4 to 8 – 2 Jan 12:00"
    assert folder.name == "2026-01-02_12_00_00_natural+t1_R4-8", "folders sort by time"
    assert folder.parent == paths.user_data() / "studies"


def test_a_scan_that_cannot_be_found_again_is_refused():
    with pytest.raises(ValueError, match="'loose' must come from a file"):
        scan_word(make_scan("loose"))


def test_a_study_is_offered_until_it_is_settled_or_while_nobody_runs_it(core, folder):
    assert core.cut_off(no_progress) == folder
    with locked(folder):
        assert core.cut_off(no_progress) is None
    core.settle(folder, no_progress)
    assert core.cut_off(no_progress) is None
    _, request = core.job(folder, no_progress)
    assert request.device == "cpu"
    assert core.cut_off(no_progress) == folder


def test_only_what_the_window_began_and_nothing_came_of_is_discarded(core, plan, tmp_path):
    begun = core.create(plan, "cpu", NOON, no_progress)
    core.discard(begun, no_progress)
    assert not begun.exists()
    made_elsewhere = transfer_folder(tmp_path / "elsewhere")
    (made_elsewhere / TABLE_NAME).unlink()
    with_a_table = transfer_folder(study_folder.studies() / "with a table")
    for folder in (made_elsewhere, with_a_table):
        core.discard(folder, no_progress)
        assert (folder / study_folder.SPEC_NAME).is_file()


def test_a_study_that_cannot_be_noted_leaves_no_folder(core, plan, monkeypatch):
    def refuse(folder, note):
        raise ValueError("window.json: must be writable, got a full disk")

    monkeypatch.setattr(study_folder, "write_note", refuse)
    with pytest.raises(ValueError, match="full disk"):
        core.create(plan, "cpu", NOON, no_progress)
    assert list(study_folder.studies().iterdir()) == []


def test_a_damaged_note_is_no_note(folder):
    (folder / study_folder.NOTE_NAME).write_text("{")
    assert study_folder.read_note(folder) == Note()


def test_untrained_networks_and_parts_are_offered(core):
    offer = core.offer(no_progress)
    untrained = {source.name: source.label for source in offer.sources if source.is_untrained}
    assert untrained["scratch"] == "Untrained network, Cascade with data consistency"
    assert untrained["scratch:unet"] == "Untrained network, U-Net"
    joint = {source.name for source in offer.sources if source.min_coils > 1}
    assert joint == {"scratch:multicoil"}, "the other networks take one coil too"
    assert {part.name for part in offer.parts} == set(PARTS.names())
    assert all(part.tip for part in offer.parts)
    parts = {source.name: set(source.parts) for source in offer.sources}
    cascade = {"all", "last block", "all but first block", "biases"}
    unet = {"all", "decoder", "last block", "normalisation"}
    assert parts["natural"] == parts["scratch"] == parts["scratch:multicoil"] == cascade
    assert parts["scratch:unet"] == unet
    assert parts["unet-t1"] == unet


def test_what_a_plan_says_of_the_networks_is_in_its_study(core, plan):
    axes = {"trainable": ("all", "last block"), "source_acceleration": 4.0}
    plan = replace(plan, sources=("natural", "scratch:unet"), native="", **axes)
    folder = core.create(plan, "cpu", NOON, no_progress)
    spec = read_spec(folder / study_folder.SPEC_NAME)
    assert spec.sources == ("natural", "scratch:unet")
    assert (spec.trainable, spec.source_acceleration) == (("all", "last block"), 4.0)
    assert "Untrained network, U-Net" in spec.name
    assert ":" not in folder.name
    found = core.plan_of(folder, StudyPlan(), no_progress)
    assert (found.trainable, found.source_acceleration) == (("all", "last block"), 4.0)


@pytest.fixture
def done(folder):
    """A folder with a table as a run of two people leaves it: 7 of 8 cells."""
    rows = []
    for person, shift in (("p", 0.0), ("q", 2.0)):
        rows += [
            row("zf", "zf", 0, person, 25.0 + shift, kind="baseline"),
            row("n0", "natural", 0, person, 35.0 + shift),
            row("n1", "natural", 1, person, 38.0 + shift, validation=30.0),
            row("n1b", "natural", 1, person, 39.0 + shift, seed=2, validation=31.0),
            row("n3", "natural", 3, person, 39.5 + shift, validation=33.0),
            row("t1", "t1", 1, person, 39.0 + shift, validation=33.0),
            row("t3", "t1", 3, person, 40.0 + shift, validation=34.0),
        ]
    write_rows(folder / TABLE_NAME, rows)
    cells = {name: name for name in ("zf", "n0", "n1", "n1b", "n3", "t1", "t3", "t0")}
    document = {"format": 1, "name": "mine", "native": "t1", "cells": cells, "versions": {}}
    (folder / PLAN_NAME).write_text(json.dumps(document))
    times = "cell,seconds_tuning,seconds_total\nn1,10.0,12.0\nn1b,20.0,22.0\nn0,0.0,1.0\n"
    (folder / TIMES_NAME).write_text(times)
    return folder


def test_the_digest_says_what_the_table_says(core, done):
    shown = core.digest(done, no_progress)
    assert (shown.n_done, shown.n_cells) == (7, 8)
    [found] = shown.targets
    assert (found.target, found.counts) == ("mine", (0, 1, 3))
    assert found.label == "simulated from magnitude"
    assert found.spread == "Bars: 95 % confidence interval of the mean over 2 people"
    assert "2 scored people" in found.answer
    points = {(p.series, p.n_images): p for p in shown.points}
    tuned = points["natural full", 1]
    assert tuned.psnr.mean == pytest.approx((38 + 39 + 40 + 41) / 4)
    # Student's t with one degree of freedom: 12.706 times the standard error of 1
    assert tuned.psnr.high - tuned.psnr.mean == pytest.approx(12.706, abs=1e-3)
    assert tuned.seconds == 15.0
    assert shown.name == "T1-weighted brain, R=4 to 8 – 2 Jan 12:00"
    assert shown.seconds_a_step == 15.0 / shown.tuning.n_steps(1)
    assert tuned.checkpoint == done / "checkpoints" / "n1b.safetensors", "validated best"
    assert points["natural full", 0].checkpoint is None
    assert math.isnan(points["natural full", 0].seconds)
    native = points["native", 3]
    assert (native.kind, native.psnr.mean) == (CurveKind.NATIVE, 41.0)
    assert points["zf", 0].kind is CurveKind.BASELINE


@pytest.fixture
def of_three_targets():
    return transfer_folder(study_folder.studies() / "transfer")


def test_a_study_of_several_targets_is_shown_target_by_target(core, of_three_targets):
    shown = core.digest(of_three_targets, no_progress)
    assert [found.target for found in shown.targets] == ["3 T", "7 T", "0.5 T"]
    assert [found.counts for found in shown.targets] == [(0, 1, 2), (0, 1), (0, 1, 2)]
    assert (shown.n_done, shown.n_cells) == (5, 7)
    first, second, third = shown.targets
    assert {p.psnr.mean for p in second.points} == {31.0, 34.0}
    assert "one scored person" in second.answer
    assert (third.points, third.answer) == ((), "")
    assert shown.points == (*first.points, *second.points)


def test_a_part_that_is_tuned_is_a_curve_from_the_raw_network(core, of_three_targets):
    first = core.digest(of_three_targets, no_progress).targets[0]
    points = {(p.series, p.n_images): p for p in first.points}
    raw = points["natural, last block full", 0]
    assert (raw.label, raw.psnr.mean) == ("Natural images", 35.0)
    tuned = points["natural, last block full", 1]
    assert (tuned.label, tuned.psnr.mean) == ("Natural images, last block", 37.0)
    assert tuned.checkpoint == of_three_targets / "checkpoints" / "part.safetensors"
    assert points["natural full", 1].rmse.mean == pytest.approx(100 * 10 ** (-38 / 20))


def test_a_table_from_before_rmse_was_kept_tells_it_too(core, of_three_targets):
    path = of_three_targets / TABLE_NAME
    lines = path.read_text().splitlines()
    head = lines[0].split(",")
    assert head[-2:] == ["rmse", "trainable"]
    path.write_text("\n".join(line.rsplit(",", 2)[0] for line in lines if "last" not in line))
    shown = core.digest(of_three_targets, no_progress)
    assert {p.psnr.mean for p in shown.points} == {31.0, 34.0, 35.0, 38.0}
    assert all(p.rmse.mean == pytest.approx(100 * 10 ** (-p.psnr.mean / 20)) for p in shown.points)


def test_of_several_targets_a_plan_takes_the_grid_alone(core, of_three_targets, plan):
    found = core.plan_of(of_three_targets, plan, no_progress)
    assert found.scans == plan.scans
    assert found.slices_per_scan == plan.slices_per_scan
    assert found.trainable == ("all", "last block")
    assert found.counts_text == "0, 1, 2"


def test_of_one_person_the_bars_are_the_deviation_over_slices(done):
    lines = (done / TABLE_NAME).read_text().splitlines()
    alone = [line for line in lines if ",q,q," not in line]
    second = [line.replace(",p,p,1,", ",p,p,2,").replace(",35.0,", ",37.0,") for line in alone[1:]]
    (done / TABLE_NAME).write_text("\n".join([*alone, *second]) + "\n")
    shown = digest(done, read_spec(done / study_folder.SPEC_NAME))
    [found] = shown.targets
    assert found.spread == "Bars: ± standard deviation over the 2 images of the one test person"
    raw = next(p for p in shown.points if (p.series, p.n_images) == ("natural full", 0))
    assert raw.psnr.high - raw.psnr.mean == pytest.approx(math.sqrt(2.0))


def test_a_study_says_what_it_was_made_of(core, folder, plan):
    scans = tuple(StudyScan(entry.scan) for entry in plan.scans)
    found = core.plan_of(folder, StudyPlan(scans=scans), no_progress)
    assert [entry.role for entry in found.scans] == [entry.role for entry in plan.scans]
    made_of = replace(plan, scans=found.scans, sources=("natural", "t1"), counts_text="0, 1, 3")
    assert found == made_of
    others = (StudyScan(make_scan("other"), Role.TUNE),)
    assert core.plan_of(folder, StudyPlan(scans=others), no_progress).scans == others


def test_a_study_without_a_table_shows_its_numbers_only(core, folder):
    shown = core.digest(folder, no_progress)
    assert shown.points == ()
    assert [found.counts for found in shown.targets] == [(0, 1, 3)]


def test_earlier_studies_are_listed_but_for_damaged_ones(core, done, plan):
    broken = study_folder.studies() / "broken"
    broken.mkdir()
    (broken / study_folder.SPEC_NAME).write_text("name = ")
    [found] = core.earlier(no_progress)
    assert (found.folder, found.n_done, found.n_cells) == (done, 7, 8)
    assert found.name == "mine"


def test_a_kept_network_is_a_copy_among_the_users(core, done):
    shipped = checkpoints.find("natural", 4.0).path
    saved = done / "checkpoints" / "n3.safetensors"
    saved.parent.mkdir()
    saved.write_bytes(shipped.read_bytes())
    shown = core.digest(done, no_progress)
    assert core.kept(done, shown, no_progress) == frozenset()
    name = core.keep(done, saved, no_progress)
    assert Path(name.removeprefix("net:")).parent == paths.checkpoints()
    assert saved.exists()
    assert core.kept(done, shown, no_progress) == {saved}


def test_a_network_that_is_gone_is_refused_by_name(core, done):
    with pytest.raises(ValueError, match=r"n3\.safetensors: must be readable"):
        core.keep(done, done / "checkpoints" / "n3.safetensors", no_progress)


def test_figures_tables_and_the_file_are_exported(core, done, tmp_path):
    place = core.export(done, tmp_path / "out", no_progress)
    names = {path.name for path in place.iterdir()}
    assert {"psnr.png", "psnr.pdf", "table.csv", "study.toml"} <= names
