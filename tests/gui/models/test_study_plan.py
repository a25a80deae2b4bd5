"""What a study's plan says: numbers, roles, reasons, what it will take."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import Scan
from tests.gui.study_fakes import OFFER, drawn_scan
from tests.gui.window_fakes import make_scan
from tlmri_gui.models import study_plan
from tlmri_gui.models.study_estimate import GPU_GAIN, SECONDS_A_STEP, estimate, n_workers
from tlmri_gui.study_state import Digest, Named, Role, SourceOffer, StudyPlan, StudyScan


def scan(name, n_slices=20):
    return make_scan(name, n_slices=n_slices, path=Path(f"/scans/{name}.nii"))


@pytest.fixture
def plan():
    scans = (StudyScan(scan("a"), Role.TUNE), StudyScan(scan("b"), Role.TEST))
    return StudyPlan(scans=scans, sources=("natural",), native="t1", preset="fast")


@settings(deadline=None)
@given(st.sets(st.integers(0, 100), min_size=1).filter(lambda numbers: max(numbers) > 0))
def test_numbers_are_read_back_in_order(numbers):
    assert study_plan.parse_counts(" , ".join(map(str, numbers))) == tuple(sorted(numbers))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a number is missing"),
        ("1,,2", "a number is missing"),
        ("1, two", "got 'two'"),
        ("1, -2", "got '-2'"),
        ("1.5", "got '1.5'"),
        ("٣", "got '٣'"),
        ("0, 101", "at most 100 images, got 101"),
        ("5, 5", "5 comes twice"),
        ("0", "at least one number above 0"),
    ],
)
def test_what_is_no_list_of_numbers_is_refused_in_one_line(text, said):
    problem = study_plan.counts_problem(text)
    assert said in problem
    assert "\n" not in problem


def test_a_source_of_several_coils_wants_them_of_every_scan(plan):
    joint = SourceOffer("scratch:joint", "Joint", is_untrained=True, min_coils=2)
    offer = replace(OFFER, sources=(*OFFER.sources, joint))
    said = "Joint needs scans of at least 2 receive coils"
    assert study_plan.too_few_coils(joint, plan) == said
    assert study_plan.problem(offer, plan) == ""
    assert study_plan.problem(offer, replace(plan, sources=("scratch:joint",))) == said
    assert study_plan.too_few_coils(joint, replace(plan, coils=8)) == "", "they are simulated"


def roles(entries):
    return [entry.role.value for entry in entries]


def test_as_few_scans_are_tuned_on_as_give_enough_slices():
    scans = [scan(name) for name in "abcd"]
    assert roles(study_plan.proposed_roles(scans, scans[0], 5)) == ["test", "tune", "test", "test"]
    assert roles(study_plan.proposed_roles(scans, scans[0], 15)) == ["test", "tune", "tune", "test"]
    many = study_plan.proposed_roles(scans, scans[0], 100)
    assert roles(many) == ["test", "tune", "tune", "tune"], "one is left to test on"


def test_a_single_scan_is_only_tested_on():
    [entry] = study_plan.proposed_roles([scan("a")], None, 1)
    assert entry.role is Role.TEST


def test_phantoms_are_unused_beside_real_scans():
    scans = [drawn_scan(1), scan("a"), scan("b")]
    assert roles(study_plan.proposed_roles(scans, scans[1], 1)) == ["unused", "test", "tune"]
    assert roles(study_plan.proposed_roles([drawn_scan(1), drawn_scan(2)], None, 1)) == [
        "tune",
        "test",
    ]


def test_an_r_without_weights_says_whose_are_missing(plan):
    assert study_plan.missing_weights(OFFER, plan, 4.0) == ""
    assert "R = 8 from T1-weighted brain" in study_plan.missing_weights(OFFER, plan, 8.0)
    assert study_plan.missing_weights(OFFER, replace(plan, native=""), 8.0) == ""
    nobody = replace(plan, native="", sources=())
    trained = replace(OFFER, sources=OFFER.sources[:2])
    assert study_plan.missing_weights(trained, nobody, 8.0) == ""
    assert "R = 10" in study_plan.missing_weights(trained, nobody, 10.0)


def test_an_untrained_network_suits_every_r(plan):
    untrained = replace(plan, native="", sources=("scratch",))
    assert study_plan.missing_weights(OFFER, untrained, 10.0) == ""
    both = replace(untrained, sources=("scratch", "t1"))
    assert "R = 10 from T1-weighted brain" in study_plan.missing_weights(OFFER, both, 10.0)


def test_networks_of_one_r_are_asked_for_at_every_r(plan):
    moved = replace(plan, source_acceleration=4.0, accelerations=(8.0,))
    assert study_plan.missing_weights(OFFER, moved, 8.0) == ""
    assert study_plan.problem(OFFER, moved) == ""
    assert "R = 8" in study_plan.missing_weights(
        OFFER, replace(moved, source_acceleration=8.0), 4.0
    )


@pytest.mark.parametrize(
    ("names", "native"),
    [
        (["p1_T1w", "p2_T1w"], "t1"),
        (["p1_T1w", "p2_T2w"], ""),
        (["port1", "best1"], ""),
        (["t10", "t12"], ""),
        ([], ""),
    ],
)
def test_the_scans_names_speak_of_their_contrast(names, native):
    scans = [make_scan(name) for name in names]
    assert study_plan.proposed_native(OFFER, scans) == native


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scans": ()}, "Open two scans"),
        ({"scans": (StudyScan(scan("a")), StudyScan(scan("b"), Role.TEST))}, "role tune"),
        ({"scans": (StudyScan(scan("a")), StudyScan(scan("b"), Role.TUNE))}, "role test"),
        ({"sources": ()}, "source domain"),
        ({"accelerations": ()}, "acceleration"),
        ({"accelerations": (2.0, 8.0)}, "R = 8"),
        ({"counts_text": "1;2"}, "Tuning images: whole numbers"),
        ({"counts_text": "0, 30"}, "30 + 2 slices"),
        ({"supervisions": ()}, "what to tune on"),
    ],
)
def test_a_study_that_cannot_start_says_why(plan, change, said):
    assert study_plan.problem(OFFER, plan) == ""
    assert said in study_plan.problem(OFFER, replace(plan, **change))


def test_one_test_scan_and_no_native_network_are_remarked(plan):
    assert len(study_plan.remarks(plan)) == 1
    assert len(study_plan.remarks(replace(plan, native=""))) == 2


def test_the_number_of_cells_is_that_of_the_grid(plan):
    plan = replace(
        plan,
        counts_text="0, 1, 5",
        accelerations=(2.0, 4.0),
        n_seeds=3,
        supervisions=("full", "self"),
        baselines=("zf", "cs"),
    )
    untuned, baselines, tuned = 2 * 2, 2 * 2, 2 * 2 * 2 * 3 * 2
    assert estimate(OFFER, plan, on_gpu=False).n_cells == untuned + baselines + tuned


def test_larger_studies_take_longer_and_gpus_less(plan):
    plan = replace(plan, baselines=("zf",))
    one = estimate(OFFER, plan, on_gpu=False).seconds
    assert estimate(OFFER, replace(plan, preset="paper"), on_gpu=False).seconds > 3 * one
    assert estimate(OFFER, replace(plan, baselines=("zf", "cs")), on_gpu=False).seconds > one
    on_gpu = estimate(OFFER, plan, on_gpu=True).seconds
    assert on_gpu == pytest.approx(one * n_workers(False) / GPU_GAIN)


def timed_study(seconds_a_step, preset):
    return Digest(tuning=OFFER.presets[preset], seconds_a_step=seconds_a_step)


def test_a_busy_machine_is_known_by_the_cells_that_were_timed(plan):
    idle = estimate(OFFER, plan, on_gpu=False)
    assert not idle.is_measured
    pixels = plan.scans[0].scan.slice_shape[0] ** 2
    usual = SECONDS_A_STEP * pixels / 256**2
    for preset in OFFER.presets:  # a step is a step, whatever recipe it was timed with
        busy = estimate(OFFER, plan, False, timed_study(3 * usual, preset))
        assert busy.is_measured
        assert busy.seconds == pytest.approx(3 * idle.seconds)
    untimed = estimate(OFFER, plan, False, Digest(tuning=OFFER.presets["fast"]))
    assert untimed == idle


def test_the_pace_of_a_gpu_is_its_own(plan):
    idle = estimate(OFFER, plan, on_gpu=True)
    pixels = plan.scans[0].scan.slice_shape[0] ** 2
    usual = SECONDS_A_STEP * pixels / 256**2 / GPU_GAIN
    busy = estimate(OFFER, plan, True, timed_study(2 * usual, "fast"))
    assert busy.seconds == pytest.approx(2 * idle.seconds)


def test_a_baseline_for_several_coils_needs_them_in_every_scan(plan):
    sense = Named("sense", "CG-SENSE", True, min_coils=2)
    offer = replace(OFFER, baselines=(*OFFER.baselines, sense))
    chosen = replace(plan, baselines=("sense",))
    assert study_plan.problem(offer, chosen) == "CG-SENSE needs scans of at least 2 receive coils"
    assert study_plan.problem(offer, plan) == ""
    coils = Scan("coils", kspace=np.ones((20, 2, 16, 16), np.complex64))
    one, two = (StudyScan(coils, role) for role in (Role.TUNE, Role.TEST))
    assert study_plan.unsuitable(sense, replace(plan, scans=(one, two))) == ""
    assert study_plan.unsuitable(sense, replace(plan, scans=(one, plan.scans[1])))
    left = StudyScan(plan.scans[1].scan, Role.UNUSED)
    assert study_plan.unsuitable(sense, replace(plan, scans=(one, two, left))) == ""


def test_a_baseline_of_real_images_needs_scans_of_magnitude(plan):
    real = Named("tv-real", "TV, tuned, real image", True, needs_real=True)
    offer = replace(OFFER, baselines=(*OFFER.baselines, real))
    chosen = replace(plan, baselines=("tv-real",))
    assert study_plan.problem(offer, chosen) == ""
    measured = StudyScan(Scan("raw", kspace=np.ones((20, 1, 16, 16), np.complex64)), Role.TEST)
    said = "TV, tuned, real image needs scans of magnitude images, which raw is not"
    assert study_plan.problem(offer, replace(chosen, scans=(*plan.scans, measured))) == said
    unused = replace(measured, role=Role.UNUSED)
    assert study_plan.problem(offer, replace(chosen, scans=(*plan.scans, unused))) == ""
