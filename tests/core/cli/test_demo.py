import dataclasses
import json

import pytest

from core import phantom
from core.checkpoints import read_info
from core.cli import demo
from core.cli.main import main
from core.types import image_key


@pytest.fixture
def small_brains(monkeypatch):
    """The demo's scan and the one to tune on, small enough for a test."""

    def scan(seed):
        return phantom.magnitude_scan(phantom.make_brain(seed, n_slices=12, size=64), seed=seed)

    # A hundred Poisson-disc masks take longer than all the rest of the test.
    quick = dataclasses.replace(demo.TUNING, pattern="random")
    monkeypatch.setattr(demo, "TUNING", quick)
    shown, local = scan(1), scan(2)
    monkeypatch.setattr(phantom, "demo_scan", lambda: shown)
    monkeypatch.setattr(phantom, "demo_local_scans", lambda n: (local,) * n)
    return shown, local


def test_demo_tunes_on_one_brain_and_compares_on_another(
    small_brains, checkpoint, tmp_path, capsys
):
    shown, local = small_brains
    out = tmp_path / "demo"
    assert main(["demo", "--source", str(checkpoint), "--steps", "6", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    document = json.loads((out / "metrics.json").read_text())
    tuned = out / "tuned.safetensors"
    methods = ["zf", "cs", f"net:{checkpoint.name}", f"net:{tuned.name}"]
    assert list(document["summary"]) == methods
    assert {row["slice"] for row in document["rows"]} == set(demo.middle_slices(shown))
    assert all(row["psnr_db"] is not None for row in document["rows"])
    for path in (out / "comparison.png", tuned):
        assert path.is_file()
        assert str(path) in printed
    seen = {key for key in read_info(tuned).tuned_on if ":" not in key}
    assert len(seen) == demo.TUNING.n_images + demo.TUNING.n_validation
    assert seen <= {image_key(local, i) for i in range(local.n_slices)}


def test_middle_slices(small_brains):
    chosen = demo.middle_slices(small_brains[0])
    assert chosen == (4, 5, 6)
