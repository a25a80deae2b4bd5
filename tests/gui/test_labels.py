"""What is simulated from magnitude says so wherever the window shows or writes scores."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest

from core import metrics, pipeline
from core.progress import no_progress
from core.types import SIMULATED, Scan
from tests.gui.window_fakes import CATALOGUE, TuneLike
from tlmri_gui import export
from tlmri_gui.session import Session
from tlmri_gui.state import Means, Outcome, Reference, ScanImages, TuningPlan
from tlmri_gui.widgets.compare_page import ComparePage


def blobs():
    y, x = np.mgrid[:64, :64] / 64 - 0.5
    return (100 * np.exp(-(x**2 + 2 * y**2) * 20)).astype(np.float32)[None]


SCANS = {
    "simulated": Scan("magnitude", magnitude=blobs()),
    "measured": Scan("kspace", kspace=blobs()[None].astype(np.complex64)),
}


@pytest.fixture(params=SCANS)
def kind(request):
    return request.param


@pytest.fixture
def page(kind, qtbot):
    """The page of a session that has compared one slice by one method."""
    scan, session = SCANS[kind], Session()
    page = ComparePage(session)
    qtbot.addWidget(page)
    session.set_catalogue(CATALOGUE)
    session.set_definition(metrics.DEFAULT)
    session.add_scan(scan)
    session.set_reference(Reference(scan, 0, blobs()[0], 100.0))
    mask = pipeline.make_mask("random", scan.slice_shape, 2.0, 1)
    session.set_mask(mask)
    [done] = pipeline.compare(scan, [0], mask, [pipeline.choose_method("zf")])
    session.add_outcome(mask, 0, "zf", Outcome(done))
    session.set_plan(TuningPlan("net:natural", TuneLike(), (ScanImages(scan, (0,)),)))
    return SimpleNamespace(page=page, session=session, comparisons=[done])


def stage(page, folder):
    return page.page.stage.state.provenance


def badge_of_the_scan(page, folder):
    return page.page.scan_panel.badge.text()


def table(page, folder):
    return page.page.table.label.text()


def copied_table(page, folder):
    return page.page.table.as_tsv().splitlines()[1]


def tuning(page, folder):
    return page.page.finetune_panel.sampling.text()


def exported_means(page, folder):
    means = Means((0,), metrics.DEFAULT, metrics.summarise(metrics.DEFAULT, page.comparisons))
    path = folder / "table.csv"
    export.write_table(path, page.comparisons, means, metrics.DEFAULT, "tlmri", no_progress)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [row["slice"] for row in rows] == ["0", "mean of 1"]
    return rows[-1]["provenance"]


VIEWS = (stage, badge_of_the_scan, table, copied_table, tuning, exported_means)


@pytest.mark.parametrize("view", VIEWS)
def test_simulated_says_so_and_measured_does_not(view, page, kind, tmp_path):
    assert (SIMULATED in view(page, tmp_path)) == (kind == "simulated")
