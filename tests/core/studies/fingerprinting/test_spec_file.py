import json
from pathlib import Path

import pytest

from core.fingerprinting.network import FingerprintNetwork, GruConfig
from core.fingerprinting.training import FingerprintTraining
from core.studies.fingerprinting.cells import cells_of, methods_of
from core.studies.fingerprinting.spec import PARTS, TrainingPlan, study_of
from core.studies.fingerprinting.spec_file import read_fingerprint_study

SHIPPED = Path(__file__).parents[4] / "docs" / "studies" / "fingerprinting.toml"

STUDY = """\
name = "tiny"
seeds = [0, 1]

[training]
steps_noisy = 3
frozen = ["head"]
variants = [[], ["recurrent", "head"]]

[evaluation]
snr_db = [10, 60]
n_noise = 5

[dictionary]
n_noise = 5
"""

REFUSALS = [
    # what is changed, the line it stands in, and what the message must hold
    (('name = "tiny"', "name = 3"), 1, "name must be a text, got 3"),
    (("seeds = [0, 1]", "seeds = []"), 2, "seeds must list at least 1, got none"),
    (("seeds = [0, 1]", "seeds = [1, 1]"), 2, "seeds must list each value once, got 1, 1"),
    (("seeds = [0, 1]", "seeds = [0, 1000001]"), 2, "seeds must be from 0 to 9999, got 1000001"),
    (("seeds = [0, 1]", 'seeds = [0]\nsequence = "x"'), 3, "sequence must be one that can be read"),
    (("steps_noisy = 3", "steps_noisy = 0"), 5, "training.steps_noisy must be from 1 to 1e+06"),
    (("steps_noisy = 3", "steps_noisy = 2.5"), 5, "must be a whole number, got 2.5"),
    (("steps_noisy = 3", "step = 3"), 5, "training.step must be one of steps_clean, "),
    (("steps_noisy = 3", "snr_high_db = 5"), 5, "must be at least training.snr_low_db (10), got 5"),
    (('["head"]', '["tail"]'), 6, "training.frozen must be one of recurrent, dense, head"),
    (('["head"]', '["head", "head"]'), 6, "training.frozen must list each value once"),
    (('["head"]', '["recurrent", "dense", "head"]'), 6, "must leave a part to train"),
    (('[[], ["recurrent", "head"]]', '[["head"]]'), 7, "training.variants must list each value"),
    (('[[], ["recurrent", "head"]]', '["head"]'), 7, "training.variants must be a list"),
    (("snr_db = [10, 60]", "snr_db = [10, 200]"), 10, "evaluation.snr_db must be from -20 to 100"),
    (("n_noise = 5\n\n", "n_noise = 1\n\n"), 11, "evaluation.n_noise must be from 2"),
    (
        ("n_noise = 5\n\n", "n_noise = 4\n\n"),
        14,
        "must be 0, or from 2 to evaluation.n_noise (4), got 5",
    ),
]


@pytest.fixture
def edited(tmp_path):
    def edit(*change: str) -> Path:
        path = tmp_path / "study.toml"
        path.write_text(STUDY.replace(*change, 1) if change else STUDY)
        return path

    return edit


def test_says_all_cells_with_parents_first(edited):
    study = read_fingerprint_study(edited())
    assert [cell.name for cell in cells_of(study)][:7] == [
        "dictionary",
        "clean-seed0",
        "noisy-seed0",
        "transferred-seed0",
        "noisy-total-seed0",
        "transferred-none-seed0",
        "transferred-recurrent-head-seed0",
    ]
    assert len(cells_of(study)) == 1 + 2 * 6
    assert list(methods_of(study))[:2] == ["dictionary", "clean"]
    by_name = {cell.name: cell for cell in cells_of(study)}
    assert by_name["transferred-seed1"].training.frozen_parts == ("head",)
    assert by_name["transferred-none-seed1"].training.frozen_parts == ()
    assert by_name["transferred-seed1"].parent == "clean"
    assert by_name["noisy-total-seed1"].training.steps == 6000 + 3
    seeds = {cell.training.seed for name, cell in by_name.items() if name.endswith("seed1")}
    assert seeds == {1}


@pytest.mark.parametrize(("change", "line", "message"), REFUSALS)
def test_refuses_with_file_line_and_key(edited, change, line, message):
    with pytest.raises(ValueError, match=r"^study\.toml, line \d+: ") as refusal:
        read_fingerprint_study(edited(*change))
    assert f"line {line}: " in str(refusal.value)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("key", ["name", "seeds"])
def test_refuses_a_file_that_lacks_what_must_be_stated(edited, key):
    line = next(line for line in STUDY.splitlines() if line.startswith(key))
    with pytest.raises(ValueError, match=rf"study.toml: {key} must be stated, got nothing"):
        read_fingerprint_study(edited(line, ""))


def test_refuses_a_file_that_is_none(tmp_path):
    with pytest.raises(ValueError, match="must be readable"):
        read_fingerprint_study(tmp_path / "none.toml")


def test_survives_its_settings(edited):
    study = read_fingerprint_study(edited())
    assert study_of(json.loads(json.dumps(study.settings()))) == study


def test_knows_the_parts_of_the_network():
    assert tuple(FingerprintNetwork(GruConfig()).parts()) == PARTS


@pytest.mark.parametrize("file", sorted(SHIPPED.parent.glob("fingerprinting*.toml")))
def test_the_shipped_studies_ask_what_the_paper_did(file):
    study = read_fingerprint_study(file)
    assert len(study.seeds) == 5
    assert study.evaluation.snr_db == (10, 20, 30, 40, 50, 60)
    assert study.training.frozen == ("head",)


def test_what_is_not_stated_is_trained_as_any_network_is():
    shipped, plan = FingerprintTraining(), TrainingPlan()
    assert plan.noisy(0, plan.steps_noisy) == shipped
    assert plan.clean(0).learning_rate == shipped.learning_rate
    assert plan.transferred(0, ("head",)).learning_rate == shipped.learning_rate
