"""The guides that come with the application, to be read and searched beside the window."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from PyQt6.QtCore import QPoint, Qt, QTimer, QUrl
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QDesktopServices,
    QImage,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core import paths
from tlmri_gui import identity, theme
from tlmri_gui.widgets.labels import say, wrapped

TITLE = "User guide"
FIRST_PAGE = paths.GUIDE

_RESOURCE = QTextDocument.ResourceType
_LINE_GAP = 3.0
_MARGIN = 2 * theme.SPACE
_SETTLE_MS = 50
"""How long a width lasts before images are drawn for it."""


class GuideBrowser(QTextBrowser):
    """Shows a page of Markdown with its images no wider than itself, and finds its sections."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: dict[str, QImage] = {}
        self._is_new = False
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLE_MS)
        self._settling.timeout.connect(self._refit)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        # A bar that came with the text would take width from the images.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._document().setDocumentMargin(_MARGIN)
        self.sourceChanged.connect(lambda _: self._dress())

    def show_page(self, address: QUrl) -> None:
        """Show a page, from the section that the address names."""
        self.setSource(address)
        if address.hasFragment():
            self.show_section(address.fragment())

    def show_section(self, name: str) -> None:
        """Scroll to the heading of which this is the anchor, as in ``several-coils``."""
        for block in self._blocks():
            if block.blockFormat().headingLevel() and anchor(block.text()) == name:
                self._scroll_to(block)
                return

    def find_next(self, text: str, is_backward: bool = False) -> bool:
        """Select where the text comes next, from the other end once there is none."""
        flag = QTextDocument.FindFlag.FindBackward if is_backward else QTextDocument.FindFlag(0)
        if self.find(text, flag):
            return True
        before, move = self.textCursor(), QTextCursor.MoveOperation
        self.moveCursor(move.End if is_backward else move.Start)
        if self.find(text, flag):
            return True
        self.setTextCursor(before)
        return False

    def loadResource(self, type: int, name: QUrl) -> Any:  # noqa: ANN401 - Qt's own
        """An image of this width; all else is as Qt has it."""
        if type != _RESOURCE.ImageResource.value:
            self._images, self._is_new = {}, True
            return super().loadResource(type, name)
        address = self._address(name)
        image = self._images[address] = QImage(QUrl(address).toLocalFile())
        return self._fitted(image)

    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Fit the images once the width stays."""
        super().resizeEvent(e)
        self._settling.start()

    def _refit(self) -> None:
        """Draw the images for this width, and stay at what is read."""
        document, read = self._document(), self.cursorForPosition(QPoint(0, 0)).block()
        for cursor, look in self._shown_images():
            address = self._address(QUrl(look.name()))
            fitted = self._fitted(self._images[address])
            document.addResource(_RESOURCE.ImageResource.value, QUrl(address), fitted)
            look.setWidth(fitted.width() / fitted.devicePixelRatio())
            look.setHeight(fitted.height() / fitted.devicePixelRatio())
            cursor.setCharFormat(look)
        if read.blockNumber():
            self._scroll_to(read)

    def _shown_images(self) -> list[tuple[QTextCursor, QTextImageFormat]]:
        """Each image of the text, selected."""
        found = []
        for block in self._blocks():
            piece = block.begin()
            while not piece.atEnd():
                fragment = piece.fragment()
                piece += 1
                look = fragment.charFormat().toImageFormat()
                if look.isValid() and self._address(QUrl(look.name())) in self._images:
                    cursor = QTextCursor(self._document())
                    cursor.setPosition(fragment.position())
                    cursor.movePosition(cursor.MoveOperation.Right, cursor.MoveMode.KeepAnchor)
                    found.append((cursor, look))
        return found

    def _address(self, name: QUrl) -> str:
        """Of an image, which a page names from where it lies itself."""
        return self.source().resolved(name).toString()

    def _fitted(self, image: QImage) -> QImage:
        port = self.viewport()
        assert port is not None
        ratio = self.devicePixelRatioF()
        width = max(round((port.width() - 2 * _MARGIN) * ratio), 1)
        if image.width() > width:
            image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        return image

    def _dress(self) -> None:
        """Give a new page's lines room, and its tables fine rules and the whole width."""
        if not self._is_new:
            return
        self._is_new = False
        cursor = QTextCursor(self._document())
        cursor.beginEditBlock()
        spaced = QTextBlockFormat()
        gap = cast("int", QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        spaced.setLineHeight(_LINE_GAP, gap)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spaced)
        root = self._document().rootFrame()
        for frame in root.childFrames() if root is not None else []:
            if isinstance(frame, QTextTable):
                frame.setFormat(_ruled(frame.format().toTableFormat()))
        cursor.endEditBlock()

    def _scroll_to(self, block: QTextBlock) -> None:
        layout, bar = self._document().documentLayout(), self.verticalScrollBar()
        assert layout is not None
        assert bar is not None
        layout.documentSize()  # so that all of it is laid out, and the bar goes as far
        bar.setValue(round(layout.blockBoundingRect(block).top()) - theme.SPACE)

    def _blocks(self) -> list[QTextBlock]:
        document = self._document()
        return [document.findBlockByNumber(i) for i in range(document.blockCount())]

    def _document(self) -> QTextDocument:
        document = self.document()
        assert document is not None
        return document


class UserGuide(QDialog):
    """The guides of a folder, beginning with :data:`FIRST_PAGE`; the window stays in use."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(identity.titled(TITLE))
        self._first = QUrl.fromLocalFile(str(folder / FIRST_PAGE))
        self.browser = GuideBrowser()
        self.back = _button("Back", "The page before this one (Alt+Left)")
        self.home = _button(TITLE, "The first page")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search this page (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(280)
        self.remark = wrapped("warning")
        self._lay_out()
        self._join()
        self.browser.show_page(self._first)
        self.resize(920, 760)
        self.browser.setFocus()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        head.addWidget(self.back)
        head.addWidget(self.home)
        head.addStretch(1)
        head.addWidget(self.search, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(head)
        layout.addWidget(self.remark)
        layout.addWidget(self.browser, 1)
        self.remark.hide()
        self.back.setEnabled(False)

    def _join(self) -> None:
        self.back.clicked.connect(self.browser.backward)
        self.home.clicked.connect(lambda: self._show(self._first))
        self.browser.backwardAvailable.connect(self.back.setEnabled)
        self.browser.anchorClicked.connect(self.follow)
        self.browser.sourceChanged.connect(lambda _: self._say(""))
        self.search.textEdited.connect(self._search_anew)
        self.search.returnPressed.connect(self._search)
        for keys, slot in (("Ctrl+F", self._begin_search), ("Shift+Return", self._search_back)):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        QShortcut(QKeySequence("Alt+Left"), self).activated.connect(self.browser.backward)

    def follow(self, link: QUrl) -> None:
        """Show a guide; open anything else with the desktop's own programs."""
        address = self.browser.source().resolved(link)
        path = Path(address.toLocalFile())
        if not address.isLocalFile():
            QDesktopServices.openUrl(address)
        elif not path.exists():
            self._say(f"{path.name} does not come with the application; it is in the source")
        elif path.suffix == ".md":
            self._show(address)
        else:
            QDesktopServices.openUrl(address)

    def _show(self, address: QUrl) -> None:
        self._say("")
        self.browser.show_page(address)

    def _say(self, text: str) -> None:
        say(self.remark, text)

    def _begin_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _search_anew(self) -> None:
        """Search from where the last text was found, which the new one may begin with."""
        cursor = self.browser.textCursor()
        cursor.setPosition(cursor.selectionStart())
        self.browser.setTextCursor(cursor)
        self._search()

    def _search(self) -> None:
        self._find(is_backward=False)

    def _search_back(self) -> None:
        self._find(is_backward=True)

    def _find(self, is_backward: bool) -> None:
        text = self.search.text()
        is_there = not text or self.browser.find_next(text, is_backward)
        self._say("" if is_there else f"Not on this page: {text}")


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    return button


def _ruled(look: QTextTableFormat) -> QTextTableFormat:
    look.setBorder(1)
    look.setBorderCollapse(True)
    look.setBorderBrush(QBrush(QColor(theme.OUTLINE)))
    look.setCellPadding(theme.SPACE // 2)
    look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    return look


def anchor(heading: str) -> str:
    """What links to a heading name it by: lower case, hyphens for spaces, other signs left out."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
