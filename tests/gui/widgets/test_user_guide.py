"""The guides in a window: pages, sections, images, links, search."""

import pytest
from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QColor, QDesktopServices, QImage
from PyQt6.QtTest import QTest

from core.paths import documents
from tlmri_gui import theme
from tlmri_gui.widgets.user_guide import UserGuide, anchor

LINES = "\n\n".join(f"Line {i}" for i in range(80))
FIRST = f"""# Guide

Read [more](more.md#second-part), [a study](study.toml), [the source](../README.md),
[a page](https://example.org/x) or [below](#far-below).

![a picture](pictures/wide.png)

| name | what it is |
|---|---|
| `one` | the first |

{LINES}

## Far below

The needle.
"""


@pytest.fixture
def guide(qtbot, tmp_path):
    folder = tmp_path / "the docs"
    (folder / "pictures").mkdir(parents=True)
    (folder / "user-guide.md").write_text(FIRST, encoding="utf-8")
    (folder / "more.md").write_text(f"# More\n\n{LINES}\n\n## Second part\n\nµ\n\n{LINES}\n")
    (folder / "study.toml").touch()
    picture = QImage(3000, 1000, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff00ff"))
    picture.save(str(folder / "pictures" / "wide.png"))
    guide = UserGuide(folder)
    qtbot.addWidget(guide)
    guide.show()
    guide.activateWindow()
    QTest.qWait(100)
    return guide


@pytest.fixture
def opened(monkeypatch):
    """What the desktop was asked to open."""
    addresses = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: addresses.append(url.toString()))
    return addresses


def place(guide):
    """The first line in sight."""
    return guide.browser.cursorForPosition(guide.browser.viewport().rect().topLeft()).block().text()


def click(guide, link):
    guide.browser.anchorClicked.emit(QUrl(link))


def test_it_begins_with_the_first_page(guide):
    assert guide.browser.toPlainText().startswith("Guide")
    assert not guide.back.isEnabled()
    assert guide.browser.verticalScrollBar().value() == 0


def magenta_width(guide):
    image = guide.browser.viewport().grab().toImage()
    at = [
        x
        for x in range(image.width())
        for y in range(0, image.height(), 10)
        if image.pixelColor(x, y).name() == "#ff00ff"
    ]
    return max(at) - min(at) + 1


def test_images_are_as_wide_as_the_window(guide, qtbot):
    for width in (900, 600, 1000):
        guide.resize(width, 700)
        port = guide.browser.viewport()
        qtbot.waitUntil(lambda port=port: magenta_width(guide) == port.width() - 32)
        assert guide.browser.horizontalScrollBar().maximum() == 0


def test_a_link_leads_to_another_guide_and_back_to_the_place(guide):
    click(guide, "#far-below")
    before = guide.browser.verticalScrollBar().value()
    assert before > 0
    click(guide, "more.md#second-part")
    assert place(guide) == "Second part"
    assert "µ" in guide.browser.toPlainText()
    QTest.mouseClick(guide.back, Qt.MouseButton.LeftButton)
    assert guide.browser.toPlainText().startswith("Guide")
    assert guide.browser.verticalScrollBar().value() == before
    QTest.keyClick(guide, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert not guide.back.isEnabled()


def test_tables_have_the_rules_of_the_theme_on_every_way_to_them(guide):
    for link in ("#far-below", "#guide", "more.md", "user-guide.md", "#far-below"):
        click(guide, link)
        frames = guide.browser.document().rootFrame().childFrames()
        rules = [frame.frameFormat().borderBrush().color().name() for frame in frames]
        assert rules == ([] if link == "more.md" else [theme.OUTLINE])


def test_home_leads_to_the_first_page(guide):
    click(guide, "more.md")
    QTest.mouseClick(guide.home, Qt.MouseButton.LeftButton)
    assert guide.browser.toPlainText().startswith("Guide")


def test_what_is_no_guide_is_for_the_desktop(guide, opened):
    click(guide, "https://example.org/x")
    click(guide, "study.toml")
    assert opened[0] == "https://example.org/x"
    assert opened[1].endswith("study.toml")
    assert guide.browser.toPlainText().startswith("Guide")


def test_what_does_not_come_along_is_said_so(guide, opened):
    click(guide, "../README.md")
    assert guide.remark.isVisible()
    assert guide.remark.text().startswith("README.md does not come with the application")
    assert opened == []
    click(guide, "more.md")
    assert not guide.remark.isVisible()


def test_searching_by_keys(guide):
    QTest.keyClick(guide, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert guide.search.hasFocus()
    QTest.keyClicks(guide.search, "LINE 7")
    cursor = guide.browser.textCursor
    assert cursor().block().text() == "Line 7"
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert cursor().block().text() == "Line 70"
    QTest.keyClick(guide.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(guide.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert cursor().block().text() == "Line 79"  # from the other end
    guide.search.clear()
    QTest.keyClicks(guide.search, "nowhere")
    assert guide.remark.text() == "Not on this page: nowhere"
    assert guide.isVisible()


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Several coils", "several-coils"),
        ("What can't be *seen*, and why?", "what-cant-be-seen-and-why"),
        ("T1, T2 - and ADC", "t1-t2---and-adc"),
    ],
)
def test_headings_are_named_as_the_guides_name_them(heading, name):
    assert anchor(heading) == name


@pytest.mark.parametrize("name", sorted(path.name for path in documents().glob("*.md")))
def test_no_guide_has_a_section_or_picture_that_is_not_found(qtbot, name, monkeypatch):
    guide = UserGuide(documents())
    qtbot.addWidget(guide)
    shown = []
    monkeypatch.setattr(guide.browser, "_scroll_to", shown.append)
    click(guide, name)
    assert guide.browser.source().fileName() == name
    sections = [link for link in links(guide) if link.hasFragment() and not link.scheme()]
    for link in sections:
        click(guide, link.toString())
        click(guide, name)
    assert len(shown) == len(sections)
    assert all(not image.isNull() for image in guide.browser._images.values())


def links(guide):
    found = set()
    for block in guide.browser._blocks():
        piece = block.begin()
        while not piece.atEnd():
            found.add(piece.fragment().charFormat().anchorHref())
            piece += 1
    return [QUrl(name) for name in sorted(found) if name]
