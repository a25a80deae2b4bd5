"""Interpretations: what they may say, and how they are kept beside a scan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.io import ScanFileError
from core.io.answers import beside, forget, remember, remembered
from core.io.interpretation import Interpretation

SAID = Interpretation(axes="y x other coil", content="kspace", flip="x", volume=2, variable="kData")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"axes": "y x z"}, "axes must be of slice, kz, coil, y, x, other, got 'z'"),
        ({"axes": "y"}, "must name y and x once, coil at most once, got 'y'"),
        ({"axes": "y x x"}, "must name y and x once"),
        ({"axes": "coil coil y x", "content": "image"}, "coil at most once"),
        ({"axes": "slice kz y x", "content": "kspace"}, "must name one of slice and kz"),
        (
            {"axes": "kz y x", "content": "image"},
            "may name kz in k-space only, got content 'image'",
        ),
        ({"axes": "coil y x"}, "axes of a magnitude must not name coil"),
        ({"content": "raw"}, "content must be one of magnitude, image, kspace, got 'raw'"),
        ({"kspace_origin": "left"}, "kspace_origin must be one of centre, corner"),
        ({"volume": -1}, "volume must be at least 0, got -1"),
    ],
)
def test_impossible_ones_are_refused(fields, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Interpretation(**fields)


def test_it_comes_back_from_beside_the_scan(tmp_path):
    scan = tmp_path / "scan.mat"
    assert remembered(scan, Interpretation) is None
    assert remember(scan, SAID) == tmp_path / "scan.mat.tlmri.json" == beside(scan)
    assert remembered(scan, Interpretation) == SAID
    assert [path.name for path in tmp_path.iterdir()] == ["scan.mat.tlmri.json"]
    forget(scan)
    forget(scan)
    assert remembered(scan, Interpretation) is None


def test_a_hand_written_one_needs_little(tmp_path):
    text = '{"kind": "tlmri interpretation", "version": 1, "axes": "coil y x", "content": "kspace"}'
    beside(tmp_path / "scan.npy").write_text(text)
    assert remembered(tmp_path / "scan.npy", Interpretation) == Interpretation("coil y x", "kspace")


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path, monkeypatch):
    def forbidden(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", forbidden)
    with pytest.raises(ScanFileError) as caught:
        remember(tmp_path / "scan.npy", SAID)
    assert str(caught.value) == (
        "scan.npy: its folder must be writable for the interpretation to be remembered, got "
        "Permission denied"
    )
    assert list(tmp_path.iterdir()) == []


def _changed(**changes):
    values = {"kind": "tlmri interpretation", "version": 1, "axes": "y x", "content": "magnitude"}
    return json.dumps({**values, **changes})


DAMAGED = {
    "nothing": ("", "Expecting value"),
    "no JSON": ("axes = y x", "Expecting value"),
    "a list": ("[1]", "no kind 'tlmri interpretation'"),
    "another kind": (_changed(kind="other"), "no kind 'tlmri interpretation'"),
    "a later version": (_changed(version=2), "version 2"),
    "unknown entry": (_changed(shape=[1]), "unknown entry 'shape': choose of axes, content"),
    "a number for text": (_changed(axes=3), "axes of type int"),
    "a truth value for a number": (_changed(volume=True), "volume of type bool"),
    "impossible": (_changed(axes="y y"), "must name y and x once"),
    "incomplete": ('{"kind": "tlmri interpretation", "version": 1, "axes": "y x"}', "no content"),
    "binary": ("{\udcff\udcfe", "utf-8"),
    "huge": (" " * 70000, "more than 65536 bytes"),
    "deep": ("[" * 60000, "recursion"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_ones_are_refused_by_name(tmp_path, case):
    text, message = DAMAGED[case]
    beside(tmp_path / "scan.npy").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ScanFileError) as caught:
        remembered(tmp_path / "scan.npy", Interpretation)
    line = str(caught.value)
    assert line.startswith(
        "scan.npy.tlmri.json: must hold the interpretation as tlmri writes it, got"
    )
    assert message in line
    assert "\n" not in line
