import pytest

from core.cli.main import main
from core.fingerprinting.cards import read_card
from core.fingerprinting.sequence_file import find

QUICK = ["--steps", "2", "--batch", "16", "--tissues", "200", "--device", "cpu"]


def train(*words):
    return main(["mrf", "train", *map(str, words)])


def stages(path):
    return read_card(path).document["provenance"]["stages"]


@pytest.fixture
def clean(tmp_path, capsys):
    path = tmp_path / "clean.safetensors"
    assert train("--out", path, *QUICK) == 0
    said = capsys.readouterr().out
    assert f"map with it: --methods net:{path}" in said
    assert "Loss over the last 100 steps: " in said
    return path


def test_a_network_is_trained_on_clean_signals(clean):
    (done,) = stages(clean)
    assert (done["signals"], done["steps"], done["frozen"]) == ("clean", 2, "")
    assert read_card(clean).sequence_key == find().key


def test_help_tells_the_defaults_of_the_shipped_networks(capsys):
    from core.fingerprinting.recipes import CLEAN_TRAINING, NOISY_TRAINING, POOL_SIZE

    assert train("--help") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"default {CLEAN_TRAINING.steps}, of noisy signals {NOISY_TRAINING.steps}" in said
    assert f"signals a step; default {CLEAN_TRAINING.batch}" in said
    assert f"at its highest; default {CLEAN_TRAINING.learning_rate:g}" in said
    assert f"default {POOL_SIZE}" in said


def test_a_transfer_freezes_the_last_layer(clean, tmp_path):
    path = tmp_path / "transferred.safetensors"
    assert train("--from", clean, "--out", path, *QUICK) == 0
    first, then = stages(path)
    assert first["file"]["name"] == "clean"
    assert (then["signals"], then["frozen"]) == ("noisy", "head")


def test_what_is_frozen_can_be_said(clean, tmp_path):
    for words, frozen in ((["none"], ""), (["recurrent,head"], "recurrent,head")):
        path = tmp_path / "transferred.safetensors"
        assert train("--from", clean, "--frozen", *words, "--out", path, *QUICK) == 0
        assert stages(path)[1]["frozen"] == frozen


def test_the_same_command_gives_the_same_file(clean, tmp_path):
    again = tmp_path / "again" / "clean.safetensors"
    assert train("--out", again, *QUICK) == 0
    from safetensors.numpy import load_file

    for name, values in load_file(clean).items():
        assert (load_file(again)[name] == values).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "x.pt"], "--out must end in .safetensors, got 'x.pt'"),
        (["--out", "x.safetensors", "--from", "none"], "network must be one of clean"),
        (["--out", "x.safetensors", "--sequence", "none"], "sequence must be one of diffusion"),
        (["--out", "x.safetensors", "--frozen", "tail", *QUICK], "frozen must name parts among"),
        (["--out", "x.safetensors", "--steps", "0"], "--steps must be at least 1, got 0"),
        (["--out", "x.safetensors", "--snr-low", "200"], "--snr-low must be at most 100, got 200"),
        (["--out", "x", "--shipped", "--steps", "5"], "--steps cannot be given with --shipped"),
        (
            ["--out", "x", "--shipped", "--snr-low", "30"],
            "--snr-low cannot be given with --shipped",
        ),
        (["--out", "x.safetensors", "--tissues", "1"], "tissues must be at least 2, got 1"),
        (["--out", "x", "--shipped", "--from", "clean"], "--from cannot be given with --shipped"),
    ],
)
def test_bad_input_is_refused_in_one_line(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert train(*words) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error
    assert list(tmp_path.iterdir()) == []
