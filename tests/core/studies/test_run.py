import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from core.checkpoints import read_info
from core.progress import Cancelled
from core.studies.cells import Cell, ScanRef
from core.studies.executors import InProcess
from core.studies.plan import cells_of
from core.studies.run import cost, load_study, run_study
from core.studies.spec_file import read_spec
from core.studies.store import locked, read_times
from core.studies.table import read_rows, to_csv, write_rows
from core.training.settings import TUNE_PRESETS, TuneSettings
from core.types import SIMULATED

TABLE = "table.csv"


class Idle:
    """An executor that does nothing, so that only what is taken over gets done."""

    def prepare(self, cells):
        pass

    def run(self, cells, progress, stop_requested):
        return iter(())


STOPS_IN_THE_SECOND_CELL = """
import sys, time
from pathlib import Path
from core.studies.run import run_study
from core.studies.spec_file import read_spec

done = []

def progress(fraction, message):
    if done:
        print("in the middle", flush=True)
        time.sleep(600)

run_study(read_spec(Path(sys.argv[1])), Path(sys.argv[2]), progress, done.append, device="cpu")
"""


def test_study_tunes_scores_and_keeps_the_network(whole_study, study_file):
    name, native, table = load_study(whole_study)
    assert (name, native, table.is_complete, table.n_cells) == ("tiny", "", True, 2)
    raw, tuned = table.rows[:2], table.rows[2:]
    assert [row.n_images for row in table.rows] == [0, 0, 2, 2]
    assert {row.person for row in table.rows} == {raw[0].scan}
    assert {row.provenance for row in table.rows} == {SIMULATED}
    assert all(
        a.slice == b.slice and a.psnr_db != b.psnr_db for a, b in zip(raw, tuned, strict=True)
    )
    info = read_info(whole_study / "checkpoints" / tuned[0].checkpoint)
    assert info.tuned
    assert len(info.config["provenance"]["tuning_images"]) == 2
    assert read_times(whole_study)[tuned[0].cell][0] > 0
    assert read_spec(whole_study / "study.toml") == read_spec(study_file)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_study_resumes_to_the_identical_table(study_file, whole_study, tmp_path):
    out = tmp_path / "out"
    child = [sys.executable, "-c", STOPS_IN_THE_SECOND_CELL, str(study_file), str(out)]
    with subprocess.Popen(child, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "in the middle\n"
        with pytest.raises(ValueError, match="another process is running a study there"):
            run_study(read_spec(study_file), out, device="cpu")
        process.send_signal(signal.SIGKILL)
    assert load_study(out)[2].n_done == 1
    done = []
    table = run_study(read_spec(study_file), out, publish=done.append, device="cpu")
    assert [cell.cell.n_images for cell in done] == [2]
    assert table.is_complete
    assert (out / TABLE).read_bytes() == (whole_study / TABLE).read_bytes()
    checkpoint = table.rows[-1].checkpoint
    saved = [read_info(folder / "checkpoints" / checkpoint) for folder in (out, whole_study)]
    assert saved[0].config == saved[1].config


def test_threads_give_the_same_table(study_file, whole_study, tmp_path):
    run_study(read_spec(study_file), tmp_path, executor=InProcess(2), device="cpu")
    assert (tmp_path / TABLE).read_bytes() == (whole_study / TABLE).read_bytes()


def test_a_stopped_study_keeps_what_is_done(study_file, tmp_path):
    done = []
    table = run_study(
        read_spec(study_file),
        tmp_path,
        publish=done.append,
        stop_requested=lambda: bool(done),
        device="cpu",
    )
    assert (table.n_done, table.n_cells, len(done)) == (1, 2, 1)
    assert (tmp_path / TABLE).read_text() == to_csv(table.rows)


def test_cancelling_unwinds(study_file, tmp_path):
    def cancel(fraction, message):
        if "2 images" in message:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_study(read_spec(study_file), tmp_path, cancel, device="cpu")
    with locked(tmp_path):  # nothing holds the folder any more
        pass


def test_a_folder_of_another_study_is_refused(study_file, whole_study, edited):
    before = (whole_study / TABLE).read_bytes()
    spec = read_spec(study_file)
    for other, what in (
        (replace(spec, name="other"), r"\(name 'tiny', this one has 'other'\)"),
        (replace(spec, n_images=(0, 1)), "its grid, settings, scans or networks differ"),
        (replace(spec, mask_seed=5), "its grid, settings, scans or networks differ"),
    ):
        with pytest.raises(ValueError, match=f"holds another study.*{what}"):
            run_study(other, whole_study, device="cpu")
    assert (whole_study / TABLE).read_bytes() == before


def test_a_lost_network_is_made_again(study_file, whole_study, tmp_path):
    spec = read_spec(study_file)
    table = run_study(spec, tmp_path, device="cpu")
    (tmp_path / "checkpoints" / table.rows[-1].checkpoint).unlink()
    done = []
    run_study(spec, tmp_path, publish=done.append, device="cpu")
    assert [cell.cell.n_images for cell in done] == [2]
    assert (tmp_path / TABLE).read_bytes() == (whole_study / TABLE).read_bytes()


def test_cells_of_another_study_are_taken_over(study_file, whole_study, edited, tmp_path):
    spec, out = read_spec(edited(("n_images = [0, 2]", "n_images = [0, 1, 2]"))), tmp_path / "out"
    table = run_study(spec, out, executor=Idle(), device="cpu", reuse=[whole_study])
    assert (table.n_done, table.n_cells) == (2, 3)
    assert (out / TABLE).read_bytes() == (whole_study / TABLE).read_bytes()
    assert read_times(out) == read_times(whole_study)
    (weights,) = (whole_study / "checkpoints").iterdir()
    assert (out / "checkpoints" / weights.name).read_bytes() == weights.read_bytes()
    complete = run_study(spec, out, device="cpu")
    assert complete.is_complete


def test_cells_of_other_settings_or_versions_are_not_taken_over(
    study_file, whole_study, edited, tmp_path
):
    spec = read_spec(edited(("n_images = [0, 2]", "n_images = [0, 2]\nseeds = [7]")))
    table = run_study(spec, tmp_path / "out", executor=Idle(), device="cpu", reuse=[whole_study])
    assert [row.n_images for row in table.rows] == [0, 0]  # an untuned network has no seed
    older = tmp_path / "older"
    shutil.copytree(whole_study, older)
    plan = older / "study.json"
    plan.write_text(plan.read_text().replace('"torch": "', '"torch": "0.'))
    with pytest.raises(ValueError, match="study of the versions that run here"):
        run_study(read_spec(study_file), tmp_path / "third", executor=Idle(), reuse=[older])
    with pytest.raises(ValueError, match=r"found no study\.json"):
        run_study(read_spec(study_file), tmp_path / "fourth", executor=Idle(), reuse=[tmp_path])


def test_a_damaged_table_is_refused_by_its_line(study_file, whole_study, tmp_path):
    for path in whole_study.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / TABLE).read_text().replace(",4.0,", ",four,", 1)
    (tmp_path / TABLE).write_text(text)
    with pytest.raises(ValueError, match=r"table.csv, line 2: must be a study's row"):
        run_study(read_spec(study_file), tmp_path, device="cpu")
    (tmp_path / "study.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(ValueError, match=r"study.json: must be as tlmri wrote it"):
        load_study(tmp_path)
    with pytest.raises(ValueError, match=r"must be a study's folder, found no study.json"):
        load_study(tmp_path / "nothing")


def test_a_file_where_the_folder_should_be_is_refused(study_file, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="must be writable"):
        run_study(read_spec(study_file), tmp_path / "file", device="cpu")


def test_too_little_space_is_refused(study_file, tmp_path, monkeypatch):
    import shutil

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(ValueError, match=r"must have 1 MB free for the study, got 0"):
        run_study(read_spec(study_file), tmp_path, device="cpu")


def test_table_survives_any_name(tmp_path, whole_study):
    row = replace(load_study(whole_study)[2].rows[0], person='a, "b"\nc\u2028d', scan="ü\r\n")
    write_rows(tmp_path / TABLE, [row])
    (read,) = read_rows(tmp_path / TABLE)
    assert (read.person, read.scan, read.psnr_db) == (row.person, row.scan, row.psnr_db)


def test_keys_follow_values_and_not_paths(study_file, edited):
    here = cells_of(read_spec(study_file), "cpu")
    moved = cells_of(read_spec(edited()), "cpu")
    assert [c.key for c in here] == [c.key for c in moved]
    longer = cells_of(read_spec(edited(("length = 2", "length = 3"))), "cpu")
    assert here[1].key != longer[1].key
    assert len({cell.key for cell in here}) == len(here)


def test_the_cost_of_a_cell_follows_its_steps_not_the_grid(study_file):
    raw, tuned = cells_of(read_spec(study_file), "cpu")

    def of(n_images, **changes):
        return cost(replace(tuned, n_images=n_images, tuning=replace(tuned.tuning, **changes)))

    assert of(10, length=600) == of(1, length=600) > 10 * cost(raw)
    assert of(1, length=600, crop=0) > 3 * of(1, length=600, crop=128)
    paper = replace(tuned, tuning=TUNE_PRESETS["paper"])
    assert cost(replace(paper, n_images=100)) > 20 * cost(replace(paper, n_images=1))


def test_studies_from_before_coils_could_be_simulated_keep_their_keys():
    ref = ScanRef("phantom", "phantom 5", "phantom 5", None, (5, 48, 8))
    values = (4.0, "poisson", 1, 0, 0, "none", TuneSettings(), None)
    cell = Cell("baseline", "zf", "Zero-filled", *values, (ref,), (ref,), 2, "fastmri-volume", "t")
    assert cell.key == "9867276e8290876a"
    coils = replace(ref, coils=8)
    assert replace(cell, tune=(coils,), test=(coils,)).key != cell.key
