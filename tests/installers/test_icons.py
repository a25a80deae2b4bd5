"""The icons of all systems."""

import os
import struct
import subprocess
import sys

import pytest
from PIL import Image

from installers import icons


def test_the_theme_has_all_sizes(tmp_path):
    icons.write_hicolor(tmp_path)
    for size in (16, 22, 24, 32, 48, 64, 128, 256, 512):
        path = tmp_path / f"{size}x{size}" / "apps" / "tlmri.png"
        with Image.open(path) as image:
            assert (image.size, image.mode) == ((size, size), "RGBA")
    drawing = (tmp_path / "scalable" / "apps" / "tlmri.svg").read_text()
    assert drawing.startswith("<svg ")
    assert len(list(tmp_path.rglob("tlmri.*"))) == 10


@pytest.mark.parametrize("size", icons.HICOLOR_SIZES)
def test_it_is_seen_on_light_and_dark_grounds(size):
    """Round corners let the ground through; the icon stands out from white and from black."""
    image = icons.picture(size)
    assert image.getpixel((0, 0))[3] < 128
    edge = image.getpixel((size // 2, size // 8))
    assert edge[3] == 255
    assert 40 < sum(edge[:3]) / 3 < 200
    white = sum(all(value > 230 for value in pixel) for pixel in image.get_flattened_data())
    assert 0.1 < white / size**2 < 0.4


def test_the_same_drawing_gives_the_same_bytes(tmp_path):
    for one in ("a", "b"):
        assert icons.main([str(tmp_path / one)]) == 0
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.*"))
    assert len(files) == 12
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_windows_finds_all_sizes(tmp_path):
    path = tmp_path / "tlmri.ico"
    icons.write_ico(path)
    data = path.read_bytes()
    reserved, kind, count = struct.unpack_from("<HHH", data)
    assert (reserved, kind) == (0, 1)
    sizes = [data[6 + 16 * i] or 256 for i in range(count)]
    assert sizes == list(icons.ICO_SIZES)
    with Image.open(path) as image:
        image.size = (16, 16)
        small = image.convert("RGBA")
    assert small.tobytes() == icons.picture(16).tobytes()


def test_macos_finds_all_sizes_with_the_usual_margin(tmp_path):
    path = tmp_path / "tlmri.icns"
    icons.write_icns(path)
    with Image.open(path) as image:
        sides = {width * scale for width, _, scale in image.info["sizes"]}
        assert {32, 64, 128, 256, 512, 1024} <= sides
        image.load()
        left, _, right, _ = image.getchannel("A").getbbox()
    assert (right - left) / image.width == pytest.approx(824 / 1024, abs=0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows always has a screen")
def test_it_needs_no_screen(tmp_path):
    place = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": ""}
    command = [sys.executable, "-m", "installers.icons", str(tmp_path)]
    subprocess.run(command, env=place, check=True, timeout=60, capture_output=True)
    assert (tmp_path / "tlmri.icns").is_file()


@pytest.mark.no_qt_log
def test_a_damaged_drawing_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(icons, "DRAWING", tmp_path / "none.svg")
    with pytest.raises(ValueError, match="must be a drawing"):
        icons.picture(64)
