import csv
import json
import math

import nibabel
import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio

from core import checkpoints, metrics
from core.cli import results as module
from core.cli.main import main
from core.cli.recon import method_names, n_workers
from core.cli.results import file_names
from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig

SLICES = (2, 4, 6)


@pytest.fixture
def results(scan_file, checkpoint, tmp_path, capsys):
    """Folder of ``zf`` and a network on three slices, and what was printed."""
    out = tmp_path / "deep" / "results"
    methods = f"zf,net:{checkpoint}"
    argv = ["recon", str(scan_file), "--acceleration", "2", "--seed", "5", "--slices", "2:7:2"]
    assert main([*argv, "--methods", methods, "--out", str(out)]) == 0
    return out, capsys.readouterr()


def test_files(results):
    out, printed = results
    names = {
        "metrics.json",
        "metrics.csv",
        "comparison.png",
        "zf.nii.gz",
        "net-tiny.nii.gz",
    }
    assert {path.name for path in out.iterdir()} == names
    for name in names:
        assert str(out / name) in printed.out
    assert "simulated from magnitude" in printed.out
    assert metrics.label(metrics.DEFAULT) in printed.out
    assert printed.err == "tlmri: warning: Tiny network: trained for R=4, used at R=2\n"
    assert "Note: Tiny network: trained for R=4, used at R=2" in printed.out
    assert (out / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_the_scores_of_one_slice_are_no_means(scan_file, tmp_path, capsys):
    argv = ["recon", str(scan_file), "--methods", "zf", "--slices", "3"]
    assert main([*argv, "--out", str(tmp_path / "out")]) == 0
    said = f"Scores of the one slice scored by every method, under {metrics.label(metrics.DEFAULT)}"
    assert said in capsys.readouterr().out.splitlines()[1]


def test_metrics_json(results, checkpoint, volume):
    out, _ = results
    document = json.loads((out / "metrics.json").read_text())
    assert document["definition"] == "fastmri-volume"
    network = f"net:{checkpoint.name}"
    assert set(document["summary"]) == {"zf", network}
    rows = document["rows"]
    assert [(r["slice"], r["method"]) for r in rows] == [
        (i, m) for i in SLICES for m in ("zf", network)
    ]
    needed = {"scan", "slice", "method", "acceleration", "psnr_db", "ssim", "nmse", "rmse"}
    for row in rows:
        assert needed | {"seconds"} <= set(row)
        assert row["scan"] == "head"
        assert row["acceleration"] == 2
        assert row["provenance"] == "simulated from magnitude"
    with (out / "metrics.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [float(r["psnr_db"]) for r in table] == pytest.approx([r["psnr_db"] for r in rows])
    image = nibabel.load(out / "zf.nii.gz").get_fdata()
    for row in rows[::2]:
        i = row["slice"]
        expected = peak_signal_noise_ratio(
            volume[..., i].astype(float), image[..., i], data_range=float(volume.max())
        )
        assert row["psnr_db"] == pytest.approx(expected, abs=1e-3)


def test_nifti_lies_on_the_input_in_its_intensities(results, scan_file, volume):
    out, _ = results
    for name in ("zf.nii.gz", "net-tiny.nii.gz"):
        image = nibabel.load(out / name)
        assert image.shape == volume.shape
        np.testing.assert_allclose(image.affine, nibabel.load(scan_file).affine, atol=1e-5)
        assert b"simulated from magnitude" in image.header["descrip"].item()
        data = image.get_fdata()
        for i in SLICES:
            found, truth = data[..., i], volume[..., i].astype(float)
            gain = (found * truth).sum() / (truth * truth).sum()
            assert 0.8 < gain < 1.1, "intensities"
            flips = [truth[::-1], truth[:, ::-1], truth[::-1, ::-1]]
            here = np.abs(found - truth).sum()
            assert all(here < 0.7 * np.abs(found - flipped).sum() for flipped in flips)
        others = [i for i in range(volume.shape[-1]) if i not in SLICES]
        assert not data[..., others].any()


def test_fully_sampled_gives_the_input_back(scan_file, volume, tmp_path):
    argv = ["recon", str(scan_file), "--methods", "zf", "--acceleration", "1", "--out"]
    assert main([*argv, str(tmp_path / "out")]) == 0
    found = nibabel.load(tmp_path / "out" / "zf.nii.gz").get_fdata()
    np.testing.assert_allclose(found, np.abs(volume), atol=1e-3 * volume.max())


def test_the_same_command_gives_the_same_images(scan_file, tmp_path):
    argv = ["recon", str(scan_file), "--methods", "zf", "--slices", "4", "--seed", "3", "--out"]
    for name in ("a", "b"):
        assert main([*argv, str(tmp_path / name)]) == 0
    first, second = (nibabel.load(tmp_path / name / "zf.nii.gz").get_fdata() for name in ("a", "b"))
    np.testing.assert_array_equal(first, second)


def test_the_number_of_workers_changes_no_image_and_no_score(scan_file, tmp_path):
    argv = ["recon", str(scan_file), "--methods", "zf,cs", "--set", "cs.n_iterations=2"]
    for workers in ("1", "3"):
        out = tmp_path / workers
        assert main([*argv, "--workers", workers, "--slices", "1:5", "--out", str(out)]) == 0
    for name in ("zf.nii.gz", "cs.nii.gz"):
        one, three = (nibabel.load(tmp_path / n / name).get_fdata() for n in ("1", "3"))
        np.testing.assert_array_equal(one, three)
    rows = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(lines)]
        for lines in ((tmp_path / n / "metrics.csv").read_text().splitlines() for n in ("1", "3"))
    ]
    assert rows[0] == rows[1]
    assert [(row["slice"], row["method"]) for row in rows[0]] == [
        (str(i), m) for i in range(1, 5) for m in ("zf", "cs")
    ]


def test_no_workers_are_refused_in_one_line(scan_file, tmp_path, capsys):
    argv = ["recon", str(scan_file), "--workers", "0", "--out", str(tmp_path / "out")]
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert error == "tlmri recon: error: --workers must be at least 1, got 0\n"
    assert not (tmp_path / "out").exists()


def test_a_gpu_works_on_one_slice_at_a_time_unless_told(monkeypatch):
    monkeypatch.setattr("core.parallel.default_workers", lambda: 5)
    gpu, processor = torch.device("cuda"), torch.device("cpu")
    assert (n_workers(None, gpu), n_workers(None, processor)) == (1, 5)
    assert (n_workers(3, gpu), n_workers(3, processor)) == (3, 3)


def test_compressed_sensing_beats_zero_filling(scan_file, tmp_path):
    argv = ["recon", str(scan_file), "--methods", "zf,cs", "--slices", "4", "--definition"]
    assert main([*argv, "slice-max", "--out", str(tmp_path / "out")]) == 0
    document = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert document["definition"] == "slice-max"
    zf, cs = (row["psnr_db"] for row in document["rows"])
    assert cs > zf + 1


def test_a_network_used_away_from_its_task_says_so(scan_file, checkpoint, tmp_path, capsys):
    argv = ["recon", str(scan_file), "--methods", f"net:{checkpoint}", "--slices", "4"]
    assert main([*argv, "--acceleration", "3", "--out", str(tmp_path / "out")]) == 0
    assert "trained for R=4, used at R=3" in capsys.readouterr().out


def test_weights_that_do_not_fit_are_refused_before_any_slice(
    scan_file, checkpoint, tmp_path, capsys
):
    document = checkpoints.read_info(checkpoint).config
    files.save(checkpoint, Cascade(CascadeConfig(n_subnetworks=1, n_channels=4)), document)
    argv = ["recon", str(scan_file), "--methods", f"zf,net:{checkpoint}", "--acceleration", "2"]
    assert main([*argv, "--slices", "3:5", "--out", str(tmp_path / "out")]) == 2
    # no slice, and no warning of what is not going to be used
    assert capsys.readouterr().err == (
        "tlmri recon: error: Tiny network: tiny.safetensors: its weights must fit its description, "
        "got: no 'subnetworks.1.convolutions.0.weight', which Cascade has with the shape "
        "(4, 2, 3, 3)\n"
    )
    assert not (tmp_path / "out").exists()


def test_where_no_slice_is_scored_by_every_method_that_is_said(capsys):
    none = dict.fromkeys(metrics.FIGURES, math.nan)
    methods = [
        metrics.Summary(name, name, metrics.DEFAULT, 0, 1, none, none, None, ("used for tuning",))
        for name in ("one", "two")
    ]
    module._print_scores(methods, metrics.DEFAULT)
    first, _, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith("No mean scores, since no slice was scored by every method, under ")
    assert [row.split()[:4] for row in rows] == [["one", *"–––"], ["two", *"–––"]]


def test_method_names():
    assert method_names("zf, cs,net:natural") == ("zf", "cs", "net:natural")


def test_file_names_are_safe_and_distinct():
    methods = ["zf", "net:natural", "net:a/b c.safetensors", "net:d/b c.safetensors", "net:../x"]
    assert file_names(methods) == [
        "zf.nii.gz",
        "net-natural.nii.gz",
        "net-b-c.nii.gz",
        "net-b-c_2.nii.gz",
        "net-x.nii.gz",
    ]


def test_settings_of_mask_and_methods_are_taken(scan_file, tmp_path):
    base = ["recon", str(scan_file), "--acceleration", "3", "--methods", "cs", "--slices", "4"]
    scores = []
    for name, extra in {
        "few": ["--set", "cs.n_iterations=1"],
        "many": ["--set", "cs.n_iterations=30"],
        "uniform": ["--set", "cs.n_iterations=30", "--set", "mask.growth=1"],
    }.items():
        assert main([*base, *extra, "--out", str(tmp_path / name)]) == 0
        document = json.loads((tmp_path / name / "metrics.json").read_text())
        scores.append(document["rows"][0]["psnr_db"])
    assert scores[1] > scores[0]
    assert scores[2] != scores[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cs.n_iterations", "--set must read OWNER.NAME=VALUE"),
        ("net.device=cpu", "OWNER one of mask, cs; got"),
        ("cs.n_iterations=0", "n_iterations must be at least 1, got 0"),
        ("mask.colour=red", "mask has no setting 'colour'"),
    ],
)
def test_settings_that_will_not_do_are_refused_in_one_line(
    scan_file, tmp_path, capsys, text, message
):
    argv = ["recon", str(scan_file), "--methods", "cs", "--out", str(tmp_path / "o")]
    assert main([*argv, "--set", text]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_coils_are_simulated_for_magnitude_images_and_said_to_be(scan_file, tmp_path, capsys):
    out = tmp_path / "results"
    argv = ["recon", str(scan_file), "--acceleration", "2", "--slices", "4", "--out", str(out)]
    assert main([*argv, "--methods", "zf,sense", "--simulate-coils", "4"]) == 0
    rows = json.loads((out / "metrics.json").read_text())["rows"]
    assert {row["method"] for row in rows} == {"zf", "sense"}
    assert "simulated from magnitude, 4 coils" in capsys.readouterr().out
    described = nibabel.load(out / "sense.nii.gz").header["descrip"].tobytes()
    assert b"simulated from magnitude" in described


@pytest.mark.parametrize("n_coils", ["0", "33"])
def test_coils_out_of_range_are_refused_in_one_line(scan_file, tmp_path, capsys, n_coils):
    argv = ["recon", str(scan_file), "--acceleration", "2", "--out", str(tmp_path / "no")]
    assert main([*argv, "--simulate-coils", n_coils]) == 2
    assert f"--simulate-coils must be from 2 to 32, got {n_coils}" in capsys.readouterr().err
