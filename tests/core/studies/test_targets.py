"""Several targets in one study, and what a target may be made of."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from core.people import person_key
from core.phantom import magnitude_scan, make_brain
from core.seen import why_unscored
from core.studies.cells import ScanRef
from core.studies.kinds import run_cell
from core.studies.people import read_scan
from core.studies.plan import cells_of
from core.studies.profiles import key_of
from core.studies.report import write_report
from core.studies.run import run_study
from core.studies.spec_file import read_spec
from core.studies.table import SAME_SCAN
from core.studies.target import TargetSpec

TARGETS = """\
[[target]]
name = "near"
tune = ["phantom:5", "phantom:6"]
test = ["phantom:7"]
size = 48
n_slices = 8
slices_per_scan = 1

[[target]]
name = "far off"
tune = ["phantom:5"]
test = ["phantom:8"]
size = 64
n_slices = 8
slices_per_scan = 2
"""

STUDY = f"""\
name = "tiny"

{TARGETS}
[grid]
sources = ["natural.safetensors"]
accelerations = [4]
n_images = [0, 2]
baselines = ["zf"]

[tuning]
length = 1
validation_rounds = 1
n_validation = 1
"""


def test_every_target_has_all_cells_under_its_name(edited):
    cells = cells_of(read_spec(edited(text=STUDY)), "cpu")
    assert [cell.title for cell in cells] == [
        "near, zf, R=4, not tuned",
        "near, natural, R=4, not tuned",
        "far off, zf, R=4, not tuned",
        "far off, natural, R=4, not tuned",
        "near, natural, R=4, 2 images, seed 1",
        "far off, natural, R=4, 2 images, seed 1",
    ]
    assert [cell.checkpoint_name for cell in cells[-2:]] == [
        f"{name}--natural-r4-n2-seed1-full.safetensors" for name in ("near", "far-off")
    ]
    assert [read_scan(cell.test[0]).slice_shape for cell in cells[-2:]] == [(48, 48), (64, 64)]
    assert len({cell.key for cell in cells}) == 6


def test_a_name_is_in_files_and_titles_only_where_it_is_stated(edited, study_file):
    named = read_spec(edited(("[target]", '[target]\nname = "near"')))
    cell, old = (cells_of(spec, "cpu")[1] for spec in (named, read_spec(study_file)))
    assert (cell.target, old.target) == ("near", "tiny")
    assert old.checkpoint_name == "natural-r4-n2-seed1-full.safetensors"
    assert cell.checkpoint_name == f"near--{old.checkpoint_name}"


def test_a_target_with_few_images_states_its_own_numbers(edited):
    few = 'name = "far off"\nn_images = [0, 1]'
    grid = 'baselines = ["cs"]\nbaseline_images = 3'
    changes = ('name = "far off"', few), ('baselines = ["zf"]', grid)
    cells = cells_of(read_spec(edited(*changes, text=STUDY)), "cpu")
    counts = {(cell.target, cell.kind, cell.n_images) for cell in cells if cell.n_images}
    assert counts == {
        ("near", "baseline", 3),
        ("near", "network", 2),
        ("far off", "baseline", 1),
        ("far off", "network", 1),
    }
    many = ('name = "far off"', 'name = "far off"\nn_images = [9]')
    with pytest.raises(ValueError, match=r"line 13: target 2.n_images must leave enough: tuning"):
        cells_of(read_spec(edited(many, text=STUDY)), "cpu")


def test_the_target_that_lacks_images_is_named(edited):
    with pytest.raises(
        ValueError, match=r"grid.n_images must leave enough in the target 'far off'"
    ):
        cells_of(read_spec(edited(("n_images = [0, 2]", "n_images = [9]"), text=STUDY)), "cpu")


def test_each_target_has_its_figures_and_tables(edited, tmp_path):
    out = tmp_path / "out"
    run_study(read_spec(edited(text=STUDY)), out, device="cpu")
    written = {path.name for path in write_report(out)}
    names = ("psnr{}.png", "psnr{}.pdf", "scores{}.csv", "differences{}.csv", "convergence{}.png")
    assert {name.format(place) for name in names for place in ("-near", "-far-off")} < written
    page = (out / "report.md").read_text(encoding="utf-8")
    heads = [line for line in page.splitlines() if line.startswith("## ")]
    assert heads == ["## All targets", "## near", "## far off"]
    assert page.count("| near | 4 | Natural images | fully sampled | 2 |") == 1
    assert page.count("| far off | 4 | Zero-filled |") == 1
    scores = (out / "scores-far-off.csv").read_text(encoding="utf-8")
    assert "far off" in scores
    assert "RMSE" in scores


def test_digital_brains_of_a_field_and_contrast(edited):
    kind = "size = 48\nfield_t = 1.5\ncontrast = 't2'"
    (cell, *_) = cells_of(read_spec(edited(("size = 48", kind))), "cpu")
    expected = magnitude_scan(make_brain(7, 8, 48, field_t=1.5), "t2", seed=7)
    assert np.array_equal(read_scan(cell.test[0]).magnitude, expected.magnitude)
    (usual, *_) = cells_of(read_spec(edited()), "cpu")
    assert cell.key != usual.key
    assert not np.array_equal(read_scan(usual.test[0]).magnitude, expected.magnitude)


@pytest.fixture
def stack(tmp_path):
    """A stack of twelve magnitude slices, all different, of unknown people."""
    brain = magnitude_scan(make_brain(3, 14, 48), "t1").magnitude[1:13]
    with h5py.File(tmp_path / "stack.h5", "w") as file:
        file["images"] = (1000 * brain).astype(np.uint16)
    return tmp_path / "stack.h5"


def of_stack(tune, test, *more):
    """Changes that make the study's target slices of the stack."""
    lines = "\n".join((f'test = ["data:stack.h5{test}"]', 'data = "."', *more))
    return (
        ('tune = ["phantom:5", "phantom:6"]', f'tune = ["data:stack.h5{tune}"]'),
        ('test = ["phantom:7"]', lines),
    )


def test_slices_of_a_stack_are_scored_with_others_where_that_is_stated(edited, stack):
    spec = read_spec(edited(*of_stack("#0:5", "#7:12", "same_person = true")))
    assert spec.targets[0].tune == ("data:stack.h5#0:5",)
    raw, tuned = cells_of(spec, "cpu")
    (tune_ref,), (test_ref,) = tuned.tune, tuned.test
    whole = read_scan(replace(tune_ref, slices=None))
    assert np.array_equal(read_scan(tune_ref).magnitude, whole.magnitude[:5])
    assert np.array_equal(read_scan(test_ref).magnitude, whole.magnitude[7:])
    assert test_ref.person == "stack, slices 7 to 11"
    assert person_key(read_scan(tune_ref)) == person_key(whole), "others must know the person"
    rows = run_cell(tuned).rows
    assert {row.remarks for row in rows} == {SAME_SCAN}
    assert all(np.isfinite(row.psnr_db) and np.isfinite(row.rmse) for row in rows)
    assert {row.remarks for row in run_cell(raw).rows} == {""}


def test_a_profile_bears_the_distinct_name_of_its_scan(edited):
    """As its row does, also where two scans are called the same."""
    test = ('test = ["phantom:7"]', 'test = ["phantom:7", "phantom:7"]')
    raw = cells_of(read_spec(edited(test)), "cpu")[0]
    refs = raw.test
    assert refs[1].name == f"{refs[0].name} (2)"
    result = run_cell(replace(raw, test=refs[1:]))
    assert result.profile is not None
    assert result.profile.scan == refs[1].name
    assert result.profile.key in {key_of(row) for row in result.rows}


def test_what_was_tuned_on_a_part_is_known_to_have_seen_the_person(edited, stack, tmp_path):
    spec = read_spec(edited(*of_stack("#0:5", "#7:12", "same_person = true")))
    tuned = cells_of(spec, "cpu")[1]
    path = tmp_path / "tuned.safetensors"
    path.write_bytes(run_cell(tuned).checkpoint)
    from core.checkpoints import read_info

    seen = read_info(path).tuned_on
    whole = read_scan(replace(tuned.tune[0], slices=None))
    assert why_unscored(whole, 11, seen)
    source = ('"natural.safetensors"', f"'{path.as_posix()}'")
    path = edited(source, *of_stack("#5:7", "#7:12", "same_person = true"))
    path.write_text(path.read_text().replace("n_images = [0, 2]", "n_images = [0]"))
    with pytest.raises(ValueError, match=r"grid\.sources must not have seen who is scored"):
        cells_of(read_spec(path), "cpu")


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (of_stack("#0:5", "#7:12"), 3, "unless it states same_person = true and both as ranges"),
        (of_stack("", "#7:12", "same_person = true"), 3, "must not tune on a person who is scored"),
        (
            of_stack("#0:8", "#7:12", "same_person = true"),
            5,
            "must not hold slices that are tuned on, got 0:8 and 7:12 of stack.h5",
        ),
        (of_stack('#0:5", "data:stack.h5', "#7:12", "same_person = true"), 3, "must not tune on a"),
        (of_stack("#0:5", "#7:13", "same_person = true"), 3, "B at most 12, got 7:13"),
        (of_stack("#0:5", "#7:7", "same_person = true"), 3, "A < B, and B at most 12, got 7:7"),
    ],
)
def test_slices_that_are_tuned_on_are_not_scored(edited, stack, change, line, message):
    with pytest.raises(ValueError) as refused:
        cells_of(read_spec(edited(*change)), "cpu")
    text = str(refused.value)
    assert message in text
    assert text.startswith(f"edited.toml, line {line}: target")
    assert text.count(", got ") == 1


def test_the_data_folder_must_be_known_where_a_scan_counts_from_it(edited, stack, tmp_path):
    changes = of_stack("#0:5", "#7:12", "same_person = true")
    path = edited(*changes, ('data = "."\n', ""))
    with pytest.raises(
        ValueError, match=r"target\.data must be the folder that 'data:stack.h5#0:5"
    ):
        cells_of(read_spec(path), "cpu")
    assert cells_of(read_spec(path, tmp_path), "cpu")


def test_two_contrasts_of_one_person_are_refused_even_where_parts_are_allowed(edited, tmp_path):
    import nibabel

    for seed, name in enumerate(("t1/l03_T1w", "t2/l03_T2w")):
        volume = np.random.default_rng(seed).random((48, 48, 6)).astype(np.float32)
        (tmp_path / name).parent.mkdir()
        nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), tmp_path / f"{name}.nii")
    test = 'test = ["t2/l03_T2w.nii#3:6"]\nsame_person = true'
    for tune in ('["t1/l03_T1w.nii#0:3"]', '["t2/l03_T2w.nii#0:3", "t1/l03_T1w.nii"]'):
        changes = ('["phantom:5", "phantom:6"]', tune), ('test = ["phantom:7"]', test)
        with pytest.raises(ValueError, match="must not tune on a person who is scored"):
            cells_of(read_spec(edited(*changes)), "cpu")


def test_what_came_later_leaves_keys_alone_at_its_default(study_file):
    cell = cells_of(read_spec(study_file), "cpu")[1]
    for changed in (
        replace(cell, is_named=True),
        *(
            replace(cell, test=(replace(cell.test[0], **change),))
            for change in (
                {"field_t": 7.0},
                {"contrast": "t2"},
                {"slices": (0, 2)},
                {"is_apart": True},
                {"coils": 2},
            )
        ),
    ):
        assert changed.key != cell.key
    moved = ScanRef("phantom", "x", "x", cell.parent, None)
    elsewhere = replace(moved, file=replace(cell.parent, path="/elsewhere"))
    assert replace(cell, test=(moved,)).key == replace(cell, test=(elsewhere,)).key


def test_targets_made_in_a_program_are_checked_too():
    with pytest.raises(
        ValueError, match=r"^target\.field_t must be one of 0\.5, 1\.5, 3, 7, got 2"
    ):
        TargetSpec(domain="phantom", field_t=2.0)
