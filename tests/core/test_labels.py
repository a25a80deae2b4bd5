"""What is simulated from magnitude says so in every table and figure that leaves the program."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from core import metrics, pipeline
from core.cli.results import print_results, write_results
from core.figure import comparison_figure
from core.report import CSV_NAME, JSON_NAME, write_report
from core.studies.curves import curves
from core.studies.figures import convergence_figure, psnr_figure
from core.studies.report import _csv as study_csv
from core.studies.report import _page as study_page
from core.studies.report import _Part as Part
from core.studies.table import Row, StudyTable, to_csv
from core.studies.tables import sheets
from core.types import SIMULATED, Scan


def blobs():
    y, x = np.mgrid[:64, :64] / 64 - 0.5
    image = 100 * np.exp(-(x**2 + 2 * y**2) * 20)
    return np.stack([image, image.T]).astype(np.float32)


@pytest.fixture(scope="module")
def simulated():
    return compared(Scan("magnitude", magnitude=blobs()))


@pytest.fixture(scope="module")
def measured():
    return compared(Scan("kspace", kspace=blobs()[:, None].astype(np.complex64)))


def compared(scan):
    mask = pipeline.make_mask("random", scan.slice_shape, 2.0, 1)
    methods = [pipeline.choose_method("zf")]
    return list(pipeline.compare(scan, [0, 1], mask, methods))


def of_figure(figure):
    axes = [text for a in figure.axes for text in (a.title, *a.texts)]
    return [" ".join(t.get_text() for t in (*figure.texts, *axes)).replace("\n", " ")]


def study_of(comparisons):
    rows = tuple(
        Row(
            cell=name, target="phantom", kind="network", method=name, label=name, acceleration=2.0,
            n_images=n, seed=0, supervision="full", person="p", scan="s",
            slice=c.recon.source.slice_index, definition=metrics.DEFAULT, psnr_db=30.0 + n,
            ssim=0.9, nmse=0.1, provenance=c.recon.source.scan.provenance,
        )
        for name in ("natural", "t1")
        for n in (0, 2, 5)
        for c in comparisons
    )  # fmt: skip
    table = StudyTable(rows, 6, 6)
    return table, curves(table, "t1")


def rows_of_csv(text):
    return [",".join(row) for row in csv.reader(io.StringIO(text))][1:]


def comparison(items, folder, capsys):
    return of_figure(comparison_figure(items[:1]))


def rows_of_metrics_json(items, folder, capsys):
    write_report(folder, items, metrics.DEFAULT, {})
    return [json.dumps(row) for row in json.loads((folder / JSON_NAME).read_text())["rows"]]


def means_of_metrics_json(items, folder, capsys):
    write_report(folder, items, metrics.DEFAULT, {})
    return [json.dumps(json.loads((folder / JSON_NAME).read_text())["k_space"])]


def rows_of_metrics_csv(items, folder, capsys):
    write_report(folder, items, metrics.DEFAULT, {})
    return rows_of_csv((folder / CSV_NAME).read_text())


def terminal(items, folder, capsys):
    print_results(items, metrics.DEFAULT, [])
    return [capsys.readouterr().out]


def nifti(items, folder, capsys):
    written = write_results(folder, items, metrics.DEFAULT, "tlmri")
    images = [path for path in written if path.name.endswith(".nii.gz")]
    return [nibabel.load(path).header["descrip"].item().decode() for path in images]


def study_table(items, folder, capsys):
    return rows_of_csv(to_csv(study_of(items)[0].rows))


def study_psnr_figure(items, folder, capsys):
    return of_figure(psnr_figure(study_of(items)[1]))


def study_convergence_figure(items, folder, capsys):
    return of_figure(convergence_figure(study_of(items)[1]))


def study_sheets(items, folder, capsys):
    table, found = study_of(items)
    return [row for sheet in sheets(found, table) for row in rows_of_csv(study_csv(sheet, found))]


def study_report(items, folder, capsys):
    table, found = study_of(items)
    one, two = Part(table, found, ()), Part(table, replace(found, target="other"), ())
    pages = [study_page("phantom", table, {one: ""})]
    overview = study_page("phantom", table, {one: "-phantom", two: "-other"})
    return [*pages, *(line for line in overview.splitlines() if line.startswith("| phantom"))]


OUTPUTS = (
    comparison,
    rows_of_metrics_json,
    means_of_metrics_json,
    rows_of_metrics_csv,
    terminal,
    nifti,
    study_table,
    study_psnr_figure,
    study_convergence_figure,
    study_sheets,
    study_report,
)


@pytest.mark.parametrize("output", OUTPUTS)
def test_simulated_says_so_and_measured_does_not(output, simulated, measured, tmp_path, capsys):
    texts = output(simulated, Path(tmp_path), capsys)
    assert texts
    assert all(SIMULATED in text for text in texts)
    texts = output(measured, Path(tmp_path), capsys)
    assert texts
    assert not any(SIMULATED in text for text in texts)
