"""``tlmri recon --views``: the middle slice seen otherwise than as magnitude."""

import h5py
import numpy as np
import pytest
from PIL import Image

from core import pipeline, view_figure
from core.cli import recon
from core.cli.main import main
from core.cli.views import NAMES, parse_views
from core.views import VIEWS
from tests.core.calibration.scans import known_scan

SHAPE = (64, 56)


@pytest.fixture(scope="module")
def coil_file(tmp_path_factory):
    """A file in the layout of fastMRI with three coils, whose first of four slices is empty."""
    path = tmp_path_factory.mktemp("coils") / "coils.h5"
    kspace = known_scan(SHAPE, 3, 0.001).kspace.numpy()
    with h5py.File(path, "w") as file:
        file["kspace"] = np.stack([factor * kspace for factor in (0, 1, 2, 3)])
    return path


@pytest.fixture
def run_again(monkeypatch):
    """Slices and methods whose coil images were asked for."""
    asked = []
    real = pipeline.reconstruct_coils

    def spy(undersampled, method, progress):
        asked.append((undersampled.slice_index, method.name))
        return real(undersampled, method, progress)

    monkeypatch.setattr(pipeline, "reconstruct_coils", spy)
    return asked


@pytest.fixture
def titles(monkeypatch):
    """What stands above the pictures of each view's figure."""
    found = {}
    real = view_figure.view_figure

    def spy(view, shown, *rest):
        found[view.name] = [item.title for item in shown]
        return real(view, shown, *rest)

    monkeypatch.setattr(view_figure, "view_figure", spy)
    return found


def recon_argv(scan, out, views, methods="zf"):
    argv = ["recon", str(scan), "--acceleration", "2", "--methods", methods]
    return [*argv, "--views", views, "--out", str(out)]


def refusal(capsys, out, argv):
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert not out.exists()
    return error


def test_the_help_names_all_views():
    assert VIEWS.names() == NAMES
    assert parse_views(None) == ()
    assert [view.name for view in parse_views("residual, phase")] == ["residual", "phase"]


def test_every_view_of_the_middle_slice_is_written(coil_file, tmp_path, capsys, run_again, titles):
    out = tmp_path / "out"
    argv = recon_argv(coil_file, out, ",".join(NAMES), "zf,sense")
    assert main([*argv, "--slices", "1:4"]) == 0
    printed = capsys.readouterr().out
    for name in NAMES:
        path = out / f"view-{name}.png"
        assert str(path) in printed
        with Image.open(path) as picture:
            assert picture.text["Title"] == f"{VIEWS[name].label}: coils, slice 2"
            assert f"--views {','.join(NAMES)}" in picture.text["command"]
            assert picture.text["view"] == VIEWS[name].label
    assert run_again == [(2, "zf"), (2, "sense")], "of no other slice, and once for all views"
    methods, coils = ["Zero-filled", "CG-SENSE"], ["coil 1", "coil 2", "coil 3"]
    assert titles == {
        "phase": ["Reference", *methods],
        "coil-images": coils,
        "coil-maps": coils,
        "kspace": ["Reference", *methods],
        "residual": ["Data", *methods],
    }


def test_views_of_coils_run_no_method_again(coil_file, tmp_path, run_again):
    argv = recon_argv(coil_file, tmp_path / "out", "coil-images,coil-maps")
    assert main([*argv, "--slices", "2"]) == 0
    assert run_again == []
    names = {path.name for path in (tmp_path / "out").glob("view-*")}
    assert names == {"view-coil-images.png", "view-coil-maps.png"}


@pytest.mark.parametrize("text", ["phase,colour", "phase,phase", "phase,", "", "magnitude"])
def test_other_names_are_refused_in_one_line_before_anything_is_read(
    tmp_path, capsys, monkeypatch, text
):
    monkeypatch.setattr(recon, "open_scan", lambda *_: pytest.fail("was opened"))
    error = refusal(capsys, tmp_path / "out", recon_argv("none.h5", tmp_path / "out", text))
    assert (
        "--views must be different names of phase, coil-images, coil-maps, kspace, resid" in error
    )
    assert f"got {text!r}" in error


@pytest.mark.parametrize("name", ["phase", "coil-images", "coil-maps"])
def test_what_a_scan_cannot_be_seen_in_is_refused_before_the_work(
    scan_file, tmp_path, capsys, monkeypatch, name
):
    monkeypatch.setattr(pipeline, "compare", lambda *_: pytest.fail("has begun"))
    error = refusal(capsys, tmp_path / "out", recon_argv(scan_file, tmp_path / "out", name))
    assert f"--views {name} cannot be made of head: this scan is magnitude images" in error


def test_a_slice_that_cannot_be_seen_so_is_refused_before_the_work(
    coil_file, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(pipeline, "compare", lambda *_: pytest.fail("has begun"))
    argv = recon_argv(coil_file, tmp_path / "out", "kspace,coil-maps")
    error = refusal(capsys, tmp_path / "out", [*argv, "--slices", "0"])
    assert "--views coil-maps: coils of coils cannot be told apart in slice 0" in error


def test_magnitude_images_have_k_space(scan_file, tmp_path):
    argv = recon_argv(scan_file, tmp_path / "out", "kspace,residual")
    assert main([*argv, "--slices", "3,4"]) == 0
    with Image.open(tmp_path / "out" / "view-residual.png") as picture:
        assert picture.text["Title"].endswith("head, slice 4")
