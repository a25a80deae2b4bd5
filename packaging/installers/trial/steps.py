"""What is run in each place without a screen: every kind of work that the application does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from installers.project import project
from installers.trial import place as places
from installers.trial.checks import demo_scores
from installers.trial.outcome import Finished, Outcome, general_problems, last_lines
from installers.trial.place import Place
from installers.trial.samples import BRAIN, SAMPLES

SAMPLES_FOLDER = "samples"
STUDY = """name = "Two cells"
[target]
domain = "phantom"
slices_per_scan = 1
size = 96
n_slices = 6
[grid]
sources = ["natural"]
native = "natural"
accelerations = [4]
n_images = [0, 1]
baselines = ["zf"]
baseline_images = 1
[tuning]
length = 2
"""


@dataclass(frozen=True)
class Step:
    """A call of the application and what must come of it.

    Attributes
    ----------
    title
        What it is for.
    words
        What follows the application's name on the command line.
    limit_s
        After which it is killed.
    code
        Exit code that it must have.
    files
        What it must write, below the user's home.
    says
        Regular expression that its output must match somewhere.
    one_line
        Whether it must say no more than one line.
    environment
        Variables besides the place's own.
    check
        Looks at the user's home when it is done; one line a problem.
    """

    title: str
    words: tuple[str, ...]
    limit_s: float
    code: int = 0
    files: tuple[str, ...] = ()
    says: str = ""
    one_line: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Path], tuple[str, ...]] | None = None


VERSION = Step("says its version", ("--version",), 60, says=rf"^tlmri {project().version}$")


NO_LIBRARIES = Step(
    "names the libraries that are missing, and how to get them",
    ("gui",),
    60,
    1,
    says="apt-get install",
    one_line=True,
    environment={"DISPLAY": ":0"},
)
"""In a system without X libraries."""


def work(expected: Mapping[tuple[str, str], float] | None) -> tuple[Step, ...]:
    """Everything but the window; ``expected`` are the demo's scores when run from source."""
    reading = (
        Step(
            f"reads {sample.format}",
            _recon(f"{SAMPLES_FOLDER}/{sample.path}", "zf", f"read-{n}", *sample.options),
            120,
            files=(f"read-{n}/metrics.csv", f"read-{n}/comparison.png"),
        )
        for n, sample in enumerate(SAMPLES)
    )
    return (
        VERSION,
        Step("is sound", ("doctor",), 300),
        Step(
            "compares methods on the demo scan",
            ("demo", "--out", "demo"),
            900,
            files=("demo/metrics.csv", "demo/comparison.png"),
            check=lambda home: demo_scores(home / "demo" / "metrics.csv", expected),
        ),
        *reading,
        Step(
            "uses a network and the baselines on a file, slices side by side",
            _recon(
                f"{SAMPLES_FOLDER}/{BRAIN.path}", "zf,cs,tv,net:natural", "side", all_slices=True
            ),
            300,
            files=("side/net-natural.nii.gz",),
        ),
        Step(
            "reconstructs several coils",
            _recon(f"{SAMPLES_FOLDER}/ismrmrd.h5", "sense,spirit,l1-espirit,net:natural", "coils"),
            300,
            files=("coils/metrics.csv",),
        ),
        Step(
            "tunes a network for two epochs",
            (
                "finetune",
                f"{SAMPLES_FOLDER}/{BRAIN.path}",
                "--images",
                "2",
                "--validation-images",
                "1",
                "--epochs",
                "2",
                "--out",
                "tuned.safetensors",
            ),
            600,
            files=("tuned.safetensors",),
        ),
        Step(
            "uses the tuned network",
            _recon(f"{SAMPLES_FOLDER}/{BRAIN.path}", "zf,net:tuned.safetensors", "with-tuned"),
            120,
            says="tuned on 2",
        ),
        Step(
            "studies two tunings in worker processes (Dask)",
            ("study", "study.toml", "--out", "study", "--workers", "2"),
            600,
            files=("study/table.csv", "study/report.md"),
        ),
        Step(
            "simulates a fingerprint series",
            ("mrf", "simulate", "--out", "series", "--size", "32"),
            120,
            files=("series/series.h5",),
        ),
        Step(
            "maps it by dictionary and by a shipped network",
            ("mrf", "map", "series", "--out", "maps", "--atoms", "2000"),
            300,
            files=("maps/dictionary/t1.nii.gz", "maps/net-transferred/t1.nii.gz", "maps/maps.png"),
        ),
    )


def refusals() -> tuple[Step, ...]:
    """Bad input and bad surroundings: one line each, or it works all the same."""
    return (
        Step("refuses a window without a screen", ("gui",), 60, 1, says="no screen", one_line=True),
        Step(
            "refuses a file that is not there",
            ("recon", "nothing.nii", "--out", "nothing"),
            60,
            2,
            says=r"nothing\.nii",
            one_line=True,
        ),
        Step(
            "refuses to write where it may not",
            ("mrf", "simulate", "--out", "/sys/series", "--size", "32"),
            120,
            2,
            says="/sys/series",
            one_line=True,
        ),
        Step(
            "works for a user whose home cannot be written to",
            _recon(f"{SAMPLES_FOLDER}/{BRAIN.path}", "zf,cs,net:natural", "without-home"),
            300,
            files=("without-home/metrics.csv",),
            environment={
                "XDG_DATA_HOME": "/sys",
                "XDG_CACHE_HOME": "/sys",
                "XDG_CONFIG_HOME": "/sys",
            },
        ),
        Step(
            "finds that the user's folder cannot be written to",
            ("doctor",),
            300,
            1,
            says="FAILED.*user folder",
            environment={"XDG_DATA_HOME": "/sys"},
        ),
    )


AFTER_MOVE = Step(
    "works from another folder",
    ("recon", f"{SAMPLES_FOLDER}/{BRAIN.path}", "--methods", "cs,net:natural", "--out", "moved"),
    300,
    files=("moved/metrics.csv",),
)


def try_step(place: Place, program: Sequence[str], step: Step) -> Outcome:
    """Run a step and judge it."""
    finished = places.run(place, [*program, *step.words], step.limit_s, step.environment)
    return Outcome(
        step.title,
        _typed(step),
        finished.code,
        finished.seconds,
        last_lines(finished.output),
        judge(step, finished, place.home),
    )


def judge(step: Step, finished: Finished, home: Path) -> tuple[str, ...]:
    """What is wrong with what came of a step."""
    problems = list(general_problems(finished, step.code))
    problems += [f"{name} is missing" for name in step.files if not (home / name).is_file()]
    if step.says and not re.search(step.says, finished.output, re.MULTILINE):
        problems.append(f"its output does not say '{step.says}'")
    n_lines = len(finished.output.strip().splitlines())
    if step.one_line and n_lines != 1:
        problems.append(f"{n_lines} lines of output, not one")
    if step.check and not problems:
        problems += step.check(home)
    return tuple(problems)


def _recon(
    scan: str, methods: str, out: str, *options: str, all_slices: bool = False
) -> tuple[str, ...]:
    one = () if all_slices else ("--slices", "1")
    return ("recon", scan, "--methods", methods, *one, *options, "--out", out)


def _typed(step: Step) -> str:
    """The command line with the variables set for it, as a user would type both."""
    variables = [f"{name}={value}" for name, value in step.environment.items()]
    return " ".join([*variables, places.shown(["tlmri", *step.words])])
