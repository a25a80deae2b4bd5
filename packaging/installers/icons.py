"""The application's icon, in the sizes and containers that desktops ask for.

``python -m installers.icons OUT`` writes them all. Drawn by Qt from ``resources/icons``, which
needs no screen; the same drawing gives the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtSvg import QSvgRenderer

from installers.project import ROOT, project

DRAWING = ROOT / "resources" / "icons" / "tlmri.svg"
SMALL_DRAWING = DRAWING.with_name("tlmri-small.svg")
"""The same with less in it, for sizes up to :data:`SMALL` pixels."""

SMALL = 32
HICOLOR_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)

_ICNS_SHARE = 824 / 1024
"""How much of its square an icon takes up on macOS, by Apple's grid."""

_DRAWN_SHARE = 240 / 256
"""How much of its square the drawing takes up."""


def picture(size: int, share: float = 1.0) -> Image.Image:
    """The icon as a square picture.

    Parameters
    ----------
    size
        Its side, pixels.
    share
        How much of the side the drawing takes up; what is left is clear, all around.
    """
    drawing = QSvgRenderer(str(SMALL_DRAWING if size <= SMALL else DRAWING))
    if not drawing.isValid():
        raise ValueError(f"icon must be a drawing that Qt can read, got {DRAWING.parent}")
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    side = size * share
    at = (size - side) / 2
    painter = QPainter(image)
    drawing.render(painter, QRectF(at, at, side, side))
    painter.end()
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    bits = plain.constBits()
    assert bits is not None
    return Image.frombytes("RGBA", (size, size), bits.asstring(plain.sizeInBytes()))


def write_hicolor(folder: Path) -> None:
    """Write the icon theme ``hicolor`` into a folder such as ``share/icons/hicolor``."""
    name = project().name
    for size in HICOLOR_SIZES:
        place = folder / f"{size}x{size}" / "apps"
        place.mkdir(parents=True, exist_ok=True)
        picture(size).save(place / f"{name}.png", optimize=True)
    place = folder / "scalable" / "apps"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}.svg").write_bytes(DRAWING.read_bytes())


def write_ico(path: Path) -> None:
    """Write the icon of Windows, of all its sizes."""
    *smaller, largest = (picture(size) for size in ICO_SIZES)
    sizes = [(size, size) for size in ICO_SIZES]
    largest.save(path, "ICO", sizes=sizes, append_images=smaller)


def write_icns(path: Path) -> None:
    """Write the icon of macOS, of all its sizes and with the margin that is usual there."""
    share = _ICNS_SHARE / _DRAWN_SHARE
    *smaller, largest = (picture(size, share) for size in ICNS_SIZES)
    largest.save(path, "ICNS", append_images=smaller)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write all icons into a folder."""
    parser = argparse.ArgumentParser(prog="installers.icons", description=main.__doc__)
    parser.add_argument("out", type=Path, metavar="OUT")
    out: Path = parser.parse_args(arguments).out
    name = project().name
    write_hicolor(out / "hicolor")
    write_ico(out / f"{name}.ico")
    write_icns(out / f"{name}.icns")
    print(f"icons: {out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
