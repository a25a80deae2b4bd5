from dataclasses import replace
from pathlib import Path

import pytest

from core.studies.spec import SUPERVISIONS, StudySpec
from core.studies.spec_file import read_spec, to_toml
from core.studies.target import TargetSpec
from core.training.settings import TUNE_PRESETS
from core.training.supervision import SUPERVISIONS as SUPERVISIONS_OF_TRAINING

STUDIES = Path(__file__).parents[3] / "docs" / "studies"

REFUSALS = [
    # what is changed, the line it stands in, and what the message must hold
    (('name = "tiny"', "name = 3"), 1, "name must be a text, got 3"),
    (("[grid]", "[grdi]"), 10, "grdi must be one of name, definition, target, grid"),
    (("slices_per_scan", "slices"), 8, "target.slices must be one of name"),
    (("slices_per_scan = 2", "slices_per_scan = -1"), 8, "target.slices_per_scan must be from 0"),
    (("size = 48", "size = 16"), 6, "target.size must be from 32 to 1024, got 16"),
    (("accelerations = [4]", "accelerations = [4, 40]"), 12, "must be from 1 to 20, got 40"),
    (("accelerations = [4]", "accelerations = 4"), 12, "must be a list in brackets, got 4"),
    (("accelerations = [4]", "accelerations = []"), 12, "must list at least 1, got none"),
    (("n_images = [0, 2]", "n_images = [0, 2.5]"), 13, "must be a whole number, got 2.5"),
    (("n_images = [0, 2]", "n_images = [2, 2]"), 13, "must list each value once, got 2, 2"),
    (("n_images = [0, 2]", "n_images = [true]"), 13, "must be a whole number, got True"),
    (
        ("n_images = [0, 2]", 'n_images = [0]\nsupervisions = ["x"]'),
        14,
        "must be one of full, self",
    ),
    (("n_images = [0, 2]", 'n_images = [0]\nbaselines = ["cg"]'), 14, "must be one of zf, "),
    (("n_images = [0, 2]", 'n_images = [0]\nnative = "t1"'), 14, "must be one of grid.sources"),
    (("length = 2", "lenght = 2"), 16, "tuning.lenght must be one of preset, "),
    (("length = 2", 'preset = "best"'), 16, "tuning.preset must be one of fast, thorough, paper"),
    (("length = 2", "length = 0"), 16, "tuning.length must be at least 1, got 0"),
    (("length = 2", "acceleration = 4.0"), 16, "tuning.acceleration must be one of preset"),
    (("[tuning]", '[sampling]\npattern = "spiral"\n[tuning]'), 16, "must be one of poisson"),
    (('test = ["phantom:7"]', 'domain = "t1"'), 3, "either domain or the lists"),
    (("size = 48", 'scored_domain = "t2"'), 6, "scored_domain must stand beside target.domain"),
    (('test = ["phantom:7"]', "test = []"), 5, "target.test must list at least 1 scan, got none"),
    (("size = 48", "field_t = 2"), 6, "target.field_t must be one of 0.5, 1.5, 3, 7, got 2"),
    (("size = 48", 'contrast = "pd"'), 6, "target.contrast must be one of t1, t2, flair, got 'pd'"),
    (("size = 48", "same_person = 1"), 6, "target.same_person must be true or false, got 1"),
    (("size = 48", "n_images = [2, 2]"), 6, "target.n_images must list each value once, got 2, 2"),
    (
        (
            'tune = ["phantom:5", "phantom:6"]\ntest = ["phantom:7"]',
            'tune = ["a.nii"]\ntest = ["b.nii"]\nfield_t = 7',
        ),
        6,
        "target.field_t must stand beside digital brains, got 7.0",
    ),
    (
        (
            'tune = ["phantom:5", "phantom:6"]\ntest = ["phantom:7"]',
            'domain = "t1"\nsame_person = true',
        ),
        5,
        "target.same_person must stand beside lists of scans, got true",
    ),
    (("n_images = [0, 2]", "n_images = [0]\nsource_acceleration = 40"), 14, "must be from 1 to 20"),
    (("n_images = [0, 2]", 'n_images = [0]\ntrainable = ["head"]'), 14, "must be one of all, "),
    (("n_images = [0, 2]", "n_images = [0]\ntrainable = []"), 14, "must list at least 1, got none"),
    (
        ("length = 2", 'trainable = "last block"'),
        16,
        "tuning.trainable must be stated as grid.trainable, a list, got 'last block'",
    ),
]

SECOND = """\
[[target]]
name = "other"
tune = ["phantom:8"]
test = ["phantom:9"]

[grid]"""

SEVERAL = (("[target]", '[[target]]\nname = "first"'), ("[grid]", SECOND))

REFUSALS_OF_SEVERAL = [
    (('name = "other"\n', ""), 11, "target 2.name must be stated where there are several"),
    (('"other"', '"First"'), 12, "target 2.name must differ from those of the other targets"),
    (('test = ["phantom:9"]', "size = 8"), 14, "target 2.size must be from 32 to 1024, got 8"),
    (("size = 48", "sise = 48"), 7, "target 1.sise must be one of name, domain"),
    (('test = ["phantom:9"]', ""), 11, "target 2.test must list at least 1 scan, got none"),
]


def test_reads_what_the_file_states(study_file):
    spec = read_spec(study_file)
    assert spec.name == "tiny"
    assert spec.targets[0].tune == ("phantom:5", "phantom:6")
    assert (spec.accelerations, spec.n_images, spec.seeds) == ((4.0,), (0, 2), (1,))
    assert spec.sources == (str(study_file.parent / "natural.safetensors"),)
    assert spec.tuning == replace(TUNE_PRESETS["fast"], length=2, validation_rounds=1)


@pytest.mark.parametrize(("change", "line", "message"), REFUSALS)
def test_refuses_in_one_line_that_names_the_place(edited, change, line, message):
    with pytest.raises(ValueError) as refused:
        read_spec(edited(change))
    text = str(refused.value)
    assert message in text
    assert "\n" not in text
    assert text.startswith(f"edited.toml, line {line}: ")


@pytest.mark.parametrize(("change", "line", "message"), REFUSALS_OF_SEVERAL)
def test_refusals_name_the_place_of_one_of_several_targets(edited, change, line, message):
    with pytest.raises(ValueError) as refused:
        read_spec(edited(*SEVERAL, change))
    assert str(refused.value).startswith(f"edited.toml, line {line}: {message}")


@pytest.mark.parametrize("key", ["name = ", "accelerations = ", "n_images = ", "sources = "])
def test_refuses_a_missing_key(edited, study_file, key):
    line = next(line for line in study_file.read_text().splitlines() if line.startswith(key))
    with pytest.raises(ValueError, match=rf"{key.split()[0]} must be stated, got nothing"):
        read_spec(edited((line, "")))


def test_refuses_what_is_no_toml_and_what_is_missing(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text("name = \n")
    with pytest.raises(ValueError, match=r"bad.toml: must be TOML, got: .*line 1"):
        read_spec(bad)
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"bad.toml: must be TOML"):
        read_spec(bad)
    with pytest.raises(ValueError, match="must be readable"):
        read_spec(tmp_path / "none.toml")


def test_what_is_written_reads_back(tmp_path):
    spec = StudySpec(
        name='a "quoted" näme\n',
        targets=(
            TargetSpec(
                tune=("/a b.nii#0:3",),
                test=("phantom:3",),
                name="one",
                slices_per_scan=4,
                field_t=0.5,
                contrast="flair",
                n_images=(0, 2),
            ),
            TargetSpec(
                tune=("data:a/b.h5#0:3",),
                test=("data:a/b.h5#3:6",),
                name="two",
                data="/data",
                same_person=True,
            ),
        ),
        source_acceleration=4.0,
        trainable=("all", "decoder"),
        sources=("natural", "scratch"),
        accelerations=(2.0, 2.5),
        n_images=(0, 1, 10),
        native="natural",
        seeds=(1, 7),
        supervisions=("full", "self"),
        baselines=("zf", "cs"),
        baseline_images=3,
        tuning=replace(TUNE_PRESETS["paper"], length=7, learning_rate=3e-5),
        pattern="gaussian",
        mask_seed=4,
    )
    path = tmp_path / "study.toml"
    path.write_text(to_toml(spec), encoding="utf-8")
    assert read_spec(path) == spec
    path.write_text(to_toml(replace(spec, targets=spec.targets[:1])), encoding="utf-8")
    assert len(read_spec(path).targets) == 1


def test_data_folder_of_the_command_line_wins(edited):
    text = 'tune = ["phantom:5", "phantom:6"]\ntest = ["phantom:7"]\n'
    path = edited((text, 'domain = "t1"\ndata = "here"\n'))
    assert read_spec(path).targets[0].data == str(path.parent / "here")
    assert read_spec(path, Path("/there")).targets[0].data == "/there"


def test_supervisions_are_those_of_training():
    assert SUPERVISIONS.names() == SUPERVISIONS_OF_TRAINING.names()


# Those of fingerprinting are of another form, with tests of their own.
TUNING_STUDIES = sorted(set(STUDIES.glob("*.toml")) - set(STUDIES.glob("fingerprinting*.toml")))


@pytest.mark.parametrize("path", TUNING_STUDIES, ids=lambda path: path.name)
def test_documented_studies_are_valid(path):
    assert read_spec(path).sources
