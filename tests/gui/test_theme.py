"""The look: every icon draws, the style sheet is complete."""

import re
import shutil

import pytest
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication, QCheckBox

from core.paths import resources
from tlmri_gui import theme

ICONS = sorted(path.stem for path in (resources() / "icons").glob("*.svg"))
MAGENTA = """<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">
<rect width="20" height="20" fill="#ff00ff"/></svg>"""


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_draws_something(qapp, name):
    image = theme.icon(name).pixmap(32, 32).toImage()
    assert not image.isNull()
    alphas = {image.pixelColor(x, y).alpha() for x in range(32) for y in range(32)}
    assert max(alphas) > 200
    assert min(alphas) == 0


def test_an_unknown_icon_is_refused_by_name():
    with pytest.raises(ValueError, match="'nothing'"):
        theme.icon("nothing")


def test_the_style_sheet_names_no_unknown_colour_and_no_missing_icon():
    sheet = theme.style_sheet()
    assert "@" not in sheet
    urls = re.findall(r'url\("([^"]+)"\)', sheet)
    assert urls
    assert all(url.removeprefix("icons:").removesuffix(".svg") in ICONS for url in urls)


@pytest.mark.parametrize("name", ["plain", "a\\b", "a\\62 b", 'a "b"', "ab'c)", "100%"])
def test_icons_are_found_in_a_folder_of_any_name(qtbot, tmp_path, monkeypatch, name):
    folder = tmp_path / name
    try:
        (folder / "icons").mkdir(parents=True)
    except OSError:
        pytest.skip("this system has no such names")
    (folder / "icons" / "check.svg").write_text(MAGENTA)
    shutil.copyfile(resources() / "style.qss", folder / "style.qss")
    monkeypatch.setattr(theme, "_icon_folder", lambda: folder / "icons")
    box = QCheckBox()
    qtbot.addWidget(box)
    box.setStyleSheet(theme.style_sheet())
    box.setChecked(True)
    image = box.grab().toImage()
    monkeypatch.undo()
    theme.style_sheet()
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    assert "#ff00ff" in {image.pixelColor(*place).name() for place in places}


@pytest.mark.parametrize(
    "colour", [theme.TEXT, theme.MUTED, theme.BEST, theme.WARNING, theme.ERROR]
)
def test_text_reads_on_the_grounds_it_stands_on(colour):
    """Contrast of at least 4.5 to 1 (WCAG 2.1, level AA)."""
    for ground in (theme.BACKGROUND, theme.SURFACE):
        assert contrast(colour, ground) >= 4.5


def contrast(one, other):
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(name):
    def linear(part):
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    colour = QColor(name)
    return (
        0.2126 * linear(colour.redF())
        + 0.7152 * linear(colour.greenF())
        + 0.0722 * linear(colour.blueF())
    )


def test_apply_makes_the_application_dark(qapp):
    before = (qapp.styleSheet(), qapp.palette(), qapp.font())
    theme.apply(qapp)
    try:
        assert QApplication.palette().window().color().name() == theme.BACKGROUND
    finally:
        qapp.setStyleSheet(before[0])
        qapp.setPalette(before[1])
        qapp.setFont(before[2])
