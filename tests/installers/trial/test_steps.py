"""Steps are real commands, and what comes of them is judged."""

import pytest

from core.cli.main import main, parser
from core.studies.spec_file import read_spec
from installers.trial import steps
from installers.trial.checks import demo_scores, read_scores
from installers.trial.outcome import Finished
from installers.trial.steps import Step, judge

EVERY = [
    step
    for step in (*steps.work(None), *steps.refusals(), steps.NO_LIBRARIES, steps.AFTER_MOVE)
    if step is not steps.VERSION
]


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.title)
def test_every_step_is_a_command_that_there_is(step):
    assert parser().parse_args(step.words).run is not None


def test_the_version_asked_for_is_what_this_version_says(capsys, tmp_path):
    code = main(steps.VERSION.words)
    assert judge(steps.VERSION, Finished(code, 0.1, capsys.readouterr().out), tmp_path) == ()


def test_the_study_of_the_trial_is_one(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(steps.STUDY)
    spec = read_spec(path)
    assert spec.name == "Two cells"


def test_a_refusal_is_judged_by_code_words_and_lines(tmp_path):
    step = Step("refuses", ("gui",), 10, 2, says="no screen", one_line=True)
    assert judge(step, Finished(2, 0.1, "tlmri gui: error: no screen\n"), tmp_path) == ()
    assert judge(step, Finished(0, 0.1, "a\nb\n"), tmp_path) == (
        "exit code 0, not 2",
        "its output does not say 'no screen'",
        "2 lines of output, not one",
    )


def test_files_are_asked_for_and_looked_into_only_if_all_went_well(tmp_path):
    step = Step("x", (), 10, files=("a/b",), check=lambda home: (f"looked into {home.name}",))
    assert judge(step, Finished(0, 0.1, ""), tmp_path) == ("a/b is missing",)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").touch()
    assert judge(step, Finished(0, 0.1, ""), tmp_path) == (f"looked into {tmp_path.name}",)


def test_scores_are_compared_slice_by_slice(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("slice,method,psnr_db\n8,zf,28.114\n8,net:tuned,36.05\n9,cs,30.0\n")
    same = {("8", "zf"): 28.11, ("8", "net:tuned"): 36.0, ("9", "cs"): 30.0}
    assert read_scores(path)[("8", "zf")] == 28.114
    assert demo_scores(path, same) == ()
    assert demo_scores(path, None) == ()
    assert demo_scores(path, {**same, ("8", "zf"): 28.2, ("10", "zf"): 1.0}) == (
        "slice 10, zf: scored in one of both only",
        "slice 8, zf: 28.11 dB, from source 28.20",
    )
