"""A core that answers at once what the Study page asks, without torch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from core.jobs import JobContext
from tests.gui.fakes import Asked, make_scan
from tlmri_gui.study_core import StudyAccess
from tlmri_gui.study_state import (
    CurveKind,
    Digest,
    Findings,
    Named,
    SourceOffer,
    Spread,
    StudyOffer,
    StudyPoint,
)


@dataclass(frozen=True)
class PresetLike:
    length: int = 20
    crop: int = 0
    batch: int = 1

    def n_steps(self, n_images):
        return self.length


OFFER = StudyOffer(
    sources=(
        SourceOffer("natural", "Natural images", (2.0, 4.0, 8.0)),
        SourceOffer("t1", "T1-weighted brain", (2.0, 4.0)),
        SourceOffer("scratch", "Untrained network", is_untrained=True),
    ),
    accelerations=(2.0, 4.0, 8.0, 10.0),
    presets={"fast": PresetLike(), "paper": PresetLike(100)},
    supervisions=(Named("full", "Fully sampled"), Named("self", "Self-supervised")),
    parts=(Named("all", "All", "every weight"), Named("decoder", "Decoder", "what goes up again")),
    baselines=(Named("zf", "Zero-filled"), Named("cs", "CS, tuned", is_tuned=True)),
)


def point(
    series="natural full",
    n_images=1,
    mean=40.0,
    half=0.5,
    acceleration=4.0,
    kind=CurveKind.SOURCE,
    label="Natural images",
    checkpoint=None,
):
    return StudyPoint(
        series=series,
        label=label,
        kind=kind,
        acceleration=acceleration,
        n_images=n_images,
        psnr=Spread(mean, mean - half, mean + half),
        ssim=Spread(mean / 50),
        rmse=Spread(100 * 10 ** (-mean / 20)),
        std_psnr=1.25,
        n_people=2,
        n_slices=12,
        seconds=7.0,
        checkpoint=checkpoint,
    )


def some_points(folder=Path("/none"), shift=0.0):
    """A network raw and tuned, the native one, and a baseline."""
    tuned = folder / "checkpoints" / "natural-5.safetensors"
    return (
        point(n_images=0, mean=37.0 + shift),
        point(n_images=5, mean=40.2 + shift, checkpoint=tuned),
        point("native", 10, 40.5 + shift, kind=CurveKind.NATIVE, label="Native: T1 tuned on 10"),
        point("zf", 0, 25.0 + shift, kind=CurveKind.BASELINE, label="Zero-filled"),
    )


def findings(points=None, target="T1", folder=Path("/none"), **more):
    """What a study found on one target."""
    usual = {
        "answer": "At R=4, 5 images are enough; this rests on 2 people.",
        "spread": "Bars: 95 % confidence interval of the mean over 2 people",
        "label": "simulated from magnitude",
        "definition": "volume",
        "counts": (0, 5, 10),
    }
    shown = some_points(folder) if points is None else tuple(points)
    return Findings(target=target, points=shown, **(usual | more))


def a_digest(n_done=3, n_cells=6, folder=Path("/none"), targets=None):
    return Digest(
        targets=(findings(folder=folder),) if targets is None else targets,
        name="T1 brains",
        n_done=n_done,
        n_cells=n_cells,
        seconds_left=65.0,
    )


@dataclass
class FakeStudies(Asked, StudyAccess):
    """Remembers what was asked, and answers from the arguments alone."""

    offered: StudyOffer = OFFER
    shown: Digest = field(default_factory=a_digest)
    interrupted: Path | None = None
    made: tuple = ()

    def offer(self, progress):
        self._ask("offer")
        return self.offered

    def create(self, plan, device, now, progress):
        self._ask("create", plan, device)
        return self.folder / "a study"

    def job(self, folder, progress):
        self._ask("job", folder)
        return publish_digests, folder

    def settle(self, folder, progress):
        self._ask("settle", folder)

    def discard(self, folder, progress):
        self._ask("discard", folder)

    def earlier(self, progress):
        self._ask("earlier")
        return self.made

    def remember(self, folder, progress):
        self._ask("remember", folder)

    def cut_off(self, progress):
        self._ask("cut off")
        return self.interrupted

    def digest(self, folder, progress):
        self._ask("digest", folder)
        return self.shown

    def plan_of(self, folder, plan, progress):
        self._ask("plan", folder)
        return replace(plan, counts_text="0, 7")

    def keep(self, folder, checkpoint, progress):
        self._ask("keep", folder, checkpoint)
        return "net:kept"

    def kept(self, folder, shown, progress):
        self._ask("kept", folder)
        return frozenset()

    def export(self, folder, target, progress):
        self._ask("export", folder, target)
        return target / folder.name


def drawn_scan(seed):
    """A demo scan without the wait."""
    return replace(
        make_scan(f"Phantom subject {seed}, T1", n_slices=20, seed=seed),
        person=f"k-space of a digital phantom, subject {seed}",
    )


# run in a child process ------------------------------------------------------------------------


def publish_digests(context: JobContext, folder: Path) -> Digest:
    for n_done in (1, 2, 3):
        context.progress(n_done / 3, f"cell {n_done}")
        context.publish(a_digest(n_done, 3, folder))
    return a_digest(3, 3, folder)
