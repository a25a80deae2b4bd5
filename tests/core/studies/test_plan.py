import json
from dataclasses import replace

import h5py
import numpy as np
import pytest

from core.networks.cascade import Cascade
from core.progress import Cancelled
from core.studies.kinds import run_cell
from core.studies.people import read_scan
from core.studies.plan import cells_of
from core.studies.spec_file import read_spec
from core.types import SIMULATED

GRID_LINE = "n_images = [0, 2]"
TEST_LINE = 'test = ["phantom:7"]'

REFUSALS = [
    (
        ('test = ["phantom:7"]', 'test = ["phantom:5"]'),
        3,
        "must not tune on a person who is scored",
    ),
    (('test = ["phantom:7"]', 'test = ["gone.nii"]'), 5, "must list scans that exist"),
    (('test = ["phantom:7"]', 'test = ["phantom:x"]'), 5, "must state a phantom as phantom:SEED"),
    (('"natural.safetensors"', '"nowhere"'), 11, "grid.sources must be known"),
    (('"natural.safetensors"', '"gone.safetensors"'), 11, "no such checkpoint file"),
    (
        ("accelerations = [4]", "accelerations = [4, 6]"),
        12,
        "'natural' has a network for, which are 4",
    ),
    ((GRID_LINE, "n_images = [0, 15]"), 13, "tuning needs 15 + 2 slices that show anatomy"),
    ((GRID_LINE, 'n_images = [1]\nbaselines = ["cs"]\nbaseline_images = 30'), 15, "needs 30 + 2"),
    (("size = 48", "size = 48\ncoils = 33"), 7, "target.coils must be from 0 to 32"),
    ((GRID_LINE, 'n_images = [0]\nbaselines = ["sense"]'), 14, "got 'sense', which needs 2"),
]


@pytest.mark.parametrize(("change", "line", "message"), REFUSALS)
def test_refuses_before_the_first_cell_and_names_the_place(edited, change, line, message):
    with pytest.raises(ValueError) as refused:
        cells_of(read_spec(edited(change)), "cpu")
    text = str(refused.value)
    assert message in text
    assert "\n" not in text
    assert text.count(", got ") <= 1
    assert text.startswith(f"edited.toml, line {line}: ")


@pytest.mark.parametrize("name", ["cs-real", "tv-real"])
def test_real_images_are_not_taken_for_granted_of_simulated_coils(edited, name):
    grid = (GRID_LINE, f'n_images = [0]\nbaselines = ["zf", "{name}"]')
    assert cells_of(read_spec(edited(grid)), "cpu")
    rule = "edited.toml, line 15: grid.baselines must not need a real image, as .* has none"
    with pytest.raises(ValueError, match=rule) as refused:
        cells_of(read_spec(edited(grid, ("size = 48", "size = 48\ncoils = 1"))), "cpu")
    said = f"({SIMULATED}, 1 coil), got {name!r}"
    assert str(refused.value).endswith(said)


def test_real_images_are_not_taken_for_granted_of_measured_scans(edited, raw):
    changes = (
        (TEST_LINE, f'test = ["{raw}"]'),
        (GRID_LINE, 'n_images = [0]\nbaselines = ["tv-real"]'),
    )
    with pytest.raises(ValueError, match=r"as raw has none \(measured k-space, 3 coils\), got"):
        cells_of(read_spec(edited(*changes)), "cpu")


def test_people_are_known_across_contrasts(edited, tmp_path):
    """The same person's other contrast is refused; another person with the same name is not."""
    import nibabel

    for name, seed in (("t1/l03_T1w", 1), ("t2/l03_T2w", 2), ("t2/l04_T2w", 3)):
        volume = np.random.default_rng(seed).random((48, 48, 6)).astype(np.float32)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), tmp_path / f"{name}.nii")
    tune = ('["phantom:5", "phantom:6"]', '["t1/l03_T1w.nii"]')
    cells = cells_of(read_spec(edited(tune, (TEST_LINE, 'test = ["t2/l04_T2w.nii"]'))), "cpu")
    assert cells[0].test[0].person != cells[0].tune[0].person
    with pytest.raises(ValueError, match="must not tune on a person who is scored"):
        cells_of(read_spec(edited(tune, (TEST_LINE, 'test = ["t2/l03_T2w.nii"]'))), "cpu")


def test_a_domain_without_its_data_is_refused(edited, tmp_path):
    text = f'tune = ["phantom:5", "phantom:6"]\n{TEST_LINE}\n'
    for lines, line, message in (
        ('domain = "t1"\n', 3, "must be the folder with splits.json"),
        ('domain = "t1"\ndata = "."\n', 4, "must hold splits.json, found none"),
    ):
        with pytest.raises(ValueError, match=f"line {line}: target.*{message}"):
            cells_of(read_spec(edited((text, lines))), "cpu")
    (tmp_path / "splits.json").write_text('{"t1": {"tune": []}}')
    with pytest.raises(ValueError, match="must be a list of at least one file"):
        cells_of(read_spec(edited((text, 'domain = "t1"\ndata = "."\n'))), "cpu")
    (tmp_path / "splits.json").write_text('{"t2": {}}')
    with pytest.raises(ValueError, match="must list 't1', found 't2'"):
        cells_of(read_spec(edited((text, 'domain = "t1"\ndata = "."\n'))), "cpu")


def test_what_needs_no_tuning_comes_first_and_once(edited):
    grid = f'{GRID_LINE}\nseeds = [1, 2]\nsupervisions = ["full", "self"]\nbaselines = ["zf", "tv"]'
    cells = cells_of(read_spec(edited((GRID_LINE, grid))), "cpu")
    titles = [cell.title for cell in cells]
    assert titles == [
        "zf, R=4, not tuned",
        "natural, R=4, not tuned",
        "tv, R=4, 10 images, seed 1",
        "natural, R=4, 2 images, seed 1",
        "natural, R=4, 2 images, seed 1, supervision self",
        "natural, R=4, 2 images, seed 2",
        "natural, R=4, 2 images, seed 2, supervision self",
    ]
    assert [cell.tuning.supervision for cell in cells[-2:]] == ["full", "self"]


@pytest.mark.parametrize("name", ["zf", "tv"])
def test_baselines_give_rows(edited, name):
    grid = f'n_images = [0]\nbaselines = ["{name}"]\nbaseline_images = 1'
    cells = cells_of(read_spec(edited((GRID_LINE, grid))), "cpu")
    (cell,) = (cell for cell in cells if cell.name == name)
    result = run_cell(cell)
    assert len(result.rows) == 2
    assert result.checkpoint is None
    assert bool(result.rows[0].settings) == (name == "tv")


def test_coils_are_simulated_and_said_to_be(edited):
    two = "n_images = [0]\nbaselines = ['spirit-paper', 'zf']"
    cells = cells_of(read_spec(edited(("size = 48", "size = 96\ncoils = 4"), (GRID_LINE, two))))
    assert {ref.coils for cell in cells for ref in (*cell.tune, *cell.test)} == {4}
    spirit, zero_filled = (run_cell(cell).rows for cell in cells if cell.kind == "baseline")
    assert {row.provenance for row in spirit} == {f"{SIMULATED}, 4 coils"}
    gains = [a.psnr_db - b.psnr_db for a, b in zip(spirit, zero_filled, strict=True)]
    assert min(gains) > 1, gains
    again = read_scan(replace(cells[0].test[0], name="called otherwise"))
    assert again is read_scan(cells[0].test[0])
    assert not np.allclose(again.kspace[0], read_scan(cells[0].tune[0]).kspace[0])


@pytest.fixture
def raw(tmp_path):
    """Name of a file of measured k-space of three coils, beside the study's file."""
    y, x = np.mgrid[-24:24, -24:24]
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 3, 48, 48))
    kspace = 100 * np.exp(-(y**2 + x**2) / 4) + noise
    np.savez(tmp_path / "raw.npz", kspace=kspace.astype(np.complex64))
    return "raw.npz"


def test_measured_kspace_keeps_its_own_coils(edited, raw):
    changes = (TEST_LINE, f'test = ["{raw}"]'), ("size = 48", "size = 48\ncoils = 4")
    (cell, *_) = cells_of(read_spec(edited(*changes)), "cpu")
    assert read_scan(cell.test[0]).provenance == "measured k-space, 3 coils"
    assert read_scan(cell.tune[0]).provenance == f"{SIMULATED}, 4 coils"


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_the_people_of_another_domain_can_be_scored(edited, raw, tmp_path, suffix):
    """Phantoms are tuned on with simulated coils, and the measured scan has its own three."""
    kspace = np.load(tmp_path / raw)["kspace"]
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        file["kspace"] = kspace
    splits = {"multicoil": {"test": [f"raw{suffix}"]}}
    (tmp_path / "splits.json").write_text(json.dumps(splits))
    text = f'tune = ["phantom:5", "phantom:6"]\n{TEST_LINE}\n'
    lines = 'domain = "phantom"\nscored_domain = "multicoil"\ndata = "."\ncoils = 4\n'
    (cell, *_) = cells_of(read_spec(edited((text, lines))), "cpu")
    assert [ref.phantom[0] for ref in cell.tune] == [2000, 2001]
    assert [read_scan(ref).provenance for ref in cell.test] == ["measured k-space, 3 coils"]
    assert cell.target == "multicoil"


def test_an_unknown_source_is_refused_before_any_scan_is_read(edited):
    changes = ('"natural.safetensors"', '"nowhere"'), ("size = 48", "size = 1024")
    said = []
    with pytest.raises(ValueError, match=r"grid\.sources must be known"):
        cells_of(read_spec(edited(*changes)), "cpu", lambda _, message: said.append(message))
    assert not said


def test_a_missing_domain_to_score_is_named(edited, tmp_path):
    (tmp_path / "splits.json").write_text("{}")
    text = f'tune = ["phantom:5", "phantom:6"]\n{TEST_LINE}\n'
    lines = 'domain = "phantom"\nscored_domain = "multicoil"\ndata = "."\n'
    with pytest.raises(ValueError, match=r"line 5: target\.scored_domain must be in the data"):
        cells_of(read_spec(edited((text, lines))), "cpu")


def test_an_untrained_network_is_tuned_from_its_seed(edited):
    grid = 'sources = ["scratch"]'
    spec = read_spec(edited(('sources = ["natural.safetensors"]', grid)))
    tuned = cells_of(spec, "cpu")[1]
    assert tuned.parent is None
    first, second = run_cell(tuned), run_cell(tuned)
    assert first.checkpoint == second.checkpoint
    assert [row.psnr_db for row in first.rows] == [row.psnr_db for row in second.rows]


def test_a_cell_refuses_a_person_who_is_tuned_and_scored(study_file):
    from dataclasses import replace

    cell = cells_of(read_spec(study_file), "cpu")[1]
    with pytest.raises(ValueError, match=r"cell natural, R=4, 2 images, seed 1: a person must be"):
        run_cell(replace(cell, test=cell.tune[:1]))


def test_a_cell_refuses_a_network_that_changed(study_file):
    from dataclasses import replace

    cell = cells_of(read_spec(study_file), "cpu")[0]
    changed = replace(cell, parent=replace(cell.parent, sha256="0" * 64))
    with pytest.raises(ValueError, match="must not change while a study runs"):
        run_cell(changed)


def test_each_scan_is_named_before_it_is_read_and_reading_can_be_cancelled(study_file):
    said = []

    def cancel_at_the_second(_, message):
        said.append(message)
        if len(said) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        cells_of(read_spec(study_file), "cpu", cancel_at_the_second)
    assert said == ["drawing phantom 5, scan 1 of 3", "drawing phantom 6, scan 2 of 3"]


@pytest.mark.data
def test_domains_are_read_from_the_data_folder(shared_data):
    from core.studies.people import people_of, read_scan
    from core.studies.target import TargetSpec

    tune, test = people_of(TargetSpec(domain="t1", data=str(shared_data)))
    assert len(tune) == len(test) == 2
    assert {len(ref.person) > 0 for ref in (*tune, *test)} == {True}
    stack = next(ref for ref in test if "studyforrest" in ref.name)
    assert read_scan(stack).is_simulated


def test_layers_that_a_network_lacks_are_refused_before_the_first_cell(edited, monkeypatch):
    spec = read_spec(edited((GRID_LINE, f'{GRID_LINE}\ntrainable = ["last block"]')))
    assert cells_of(spec, "cpu")
    monkeypatch.setattr(Cascade, "parts", {})
    with pytest.raises(ValueError, match=r"^edited.toml, line 14: grid.trainable must suit nat"):
        cells_of(spec, "cpu")


def test_a_network_that_has_seen_who_is_scored_is_refused_before_the_first_cell(
    edited, whole_study
):
    (tuned,) = (whole_study / "checkpoints").iterdir()
    tune, source = '["phantom:5", "phantom:6"]', '"natural.safetensors"'
    to_tuned = (source, f"'{tuned.as_posix()}'")
    assert cells_of(read_spec(edited(to_tuned)), "cpu")
    to_others = (tune, '["phantom:8", "phantom:9"]')
    path = edited(to_tuned, to_others, (TEST_LINE, 'test = ["phantom:5"]'))
    with pytest.raises(ValueError, match=r"line 11: grid.sources must not have seen who is scored"):
        cells_of(read_spec(path), "cpu")
