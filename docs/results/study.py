"""One study as the sections of the results page read it, and the words that they share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core import metrics
from core.studies.curves import Curves, Point, by_target, curves
from core.studies.differences import Difference, difference, over_rates
from core.studies.run import load_study
from core.studies.table import TABLE_NAME, StudyTable

SOURCE = "natural"
NAMES = {
    "t1": "T1-weighted brains",
    "t2": "T2-weighted brains",
    "multicoil": "a measured T1-weighted brain",
}

Place = tuple[str, int]
"""Method and number of tuning images."""


@dataclass(frozen=True)
class Study:
    """One target of a study's folder, whole or not."""

    folder: Path
    found: Curves
    done: StudyTable

    @property
    def name(self) -> str:
        """Of its folder and of its file in ``docs/studies``."""
        return self.folder.name

    @property
    def title(self) -> str:
        """Whose images, and at which R."""
        return f"{NAMES.get(self.found.target, self.found.target)}, {rates(self.found)}"

    @property
    def most(self) -> int:
        """The largest number of tuning images so far."""
        return max((curve.end.n_images for curve in self.found.networks), default=0)

    @property
    def baselines(self) -> dict[str, str]:
        """Label of each baseline."""
        return {curve.method: curve.label for curve in self.found.baselines}

    def baseline(self, method: str, rate: float) -> Point | None:
        """A baseline's scores; None where they are not there (yet)."""
        found = (c for c in self.found.baselines if (c.method, c.acceleration) == (method, rate))
        return next((curve.end for curve in found), None)

    def point(
        self, method: str, n_images: int, rate: float, supervision: str = "full"
    ) -> Point | None:
        """A network's scores after tuning on some images; None where they are not there (yet)."""
        curve = self.found.network(method, rate, supervision)
        points = () if curve is None else curve.points
        return next((point for point in points if point.n_images == n_images), None)

    def by_rate(self, better: Place, worse: Place) -> list[Difference | None]:
        """Paired differences at each R; None where one of the two is not there (yet)."""
        rates = self.found.accelerations
        return [difference(self.done, better, worse, rate) for rate in rates]


def read_targets(folder: Path) -> tuple[Study, ...]:
    """The study of a folder target by target; none where nothing of it is done."""
    if not (folder / TABLE_NAME).exists():
        return ()
    _, native, done = load_study(folder)
    return tuple(Study(folder, curves(own, native), own) for own in by_target(done).values())


def read_study(folder: Path) -> Study | None:
    """The study of a folder that has one target; None where nothing of it is done."""
    return next(iter(read_targets(folder)), None)


def what(study: Study) -> str:
    """How a study was run, on whom, and how much of it is done."""
    found, done = study.found, study.done
    slices = max(c.end.n_slices for c in (*found.networks, *found.baselines))
    people = "people" if len(found.people) > 1 else "person"
    state = "" if done.is_complete else f" {done.n_done} of {done.n_cells} cells are done so far."
    command = f"tlmri study docs/studies/{study.name}.toml --data DIR"
    each = "slice" if slices == 1 else "slices"
    return (
        f"`{command} --out docs/results/studies/{study.name}`. {len(found.people)} `test` {people} "
        f"({', '.join(found.people)}), {slices} {each} in all, {', '.join(found.provenances)}; "
        f"{metrics.label(found.definition)}.{state}"
    )


def figure(study: Study, stem: str, text: str) -> str:
    """A figure that the study drew; nothing where it did not."""
    if not (study.folder / f"{stem}.png").exists():
        return ""
    return f"![{text}](results/studies/{study.name}/{stem}.png)"


def report_link(study: Study) -> str:
    """Where all figures stand; nothing where no report was written."""
    if not (study.folder / "report.md").exists():
        return ""
    link = f"[the study's report](results/studies/{study.name}/report.md)"
    return f"All scores, and the differences person by person: {link}."


def section(parts: Iterable[str]) -> str:
    """The parts that say something, as paragraphs."""
    return "\n\n".join(part for part in parts if part)


def over_those(differences: Sequence[Difference | None]) -> Difference | None:
    """The mean over those R that are there; None where none is, or their people differ."""
    known = [each for each in differences if each is not None]
    return known[0] if len(known) == 1 else over_rates(known)


def signed(db: float | None) -> str:
    """With its sign, but no minus before 0.00; a dash for what is not there."""
    return "–" if db is None else f"{round(db, 2) + 0.0:+.2f}"


def each_person(found: Difference) -> str:
    """A difference person by person."""
    return ", ".join(f"{person} {signed(db)}" for person, db in found.people_psnr_db.items())


def rates(found: Curves) -> str:
    """``R = 4``, ``R = 4 and 8`` or ``R = 2 to 10``."""
    values = found.accelerations
    if len(values) < 3:
        return "R = " + " and ".join(f"{value:g}" for value in values)
    return f"R = {values[0]:g} to {values[-1]:g}"


def count(number: int | None, most: int) -> str:
    """Images needed; None for more than there were."""
    return f"more than {most}" if number is None else f"{number}"


def images(number: int) -> str:
    """``raw``, ``1 image``, ``10 images``."""
    return "raw" if number == 0 else f"{number} image{'s' if number > 1 else ''}"


def mean(values: Sequence[float | None]) -> float | None:
    """Mean of numbers that are all known."""
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known and len(known) == len(values) else None


def holds(is_so: bool) -> str:
    """Of a claim of the paper."""
    return "holds" if is_so else "does **not** hold"


def reached(is_so: bool) -> str:
    """Of an aim beyond it."""
    return "is reached" if is_so else "is **not** reached"
