"""A label that says as much as its width allows."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QRect, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

_FLAGS = int(Qt.TextFlag.TextWordWrap)
_TALL = 10_000


class FittingLabel(QLabel):
    """Shows the first of its wordings that fits on one line.

    If none does, the last one takes up to ``lines`` lines and is cut off with an ellipsis if these
    are too few; the tooltip then has all of the first.

    Parameters
    ----------
    lines
        Most lines it takes.
    keeps_end
        Whether the ellipsis stands in the middle, where the end is what tells one from another.
    """

    def __init__(
        self, lines: int, parent: QWidget | None = None, *, keeps_end: bool = False
    ) -> None:
        super().__init__(parent)
        self._lines = lines
        self._keeps_end = keeps_end
        self._wordings: tuple[str, ...] = ("",)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_wordings(self, *wordings: str) -> None:
        """Say this, the longest wording first; hidden if that is empty."""
        self.setVisible(bool(wordings[0]))
        if wordings != self._wordings:
            self._wordings = wordings
            self._fit()
            self.updateGeometry()

    def heightForWidth(self, a0: int) -> int:
        """Height of what fits this width, pixels."""
        return self._extent(self._fitting(a0), a0).height()

    def sizeHint(self) -> QSize:
        """One line; the width follows the layout."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Height at the width it has."""
        return QSize(0, self.heightForWidth(max(self.width(), 1)))

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Choose the wording afresh."""
        super().resizeEvent(a0)
        self._fit()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Choose the wording afresh in another font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        said = self._fitting(self.width())
        if said != self.text():
            self.setText(said)
            self.setToolTip("" if said == self._wordings[0] else self._wordings[0])

    def _fitting(self, width: int) -> str:
        for wording in self._wordings:
            if self._fits(wording, width, 1):
                return wording
        last = self._wordings[-1]
        if self._fits(last, width, self._lines):
            return last
        shorter = (self._shortened(last, n) for n in range(len(last) - 1, 0, -1))
        return next((text for text in shorter if self._fits(text, width, self._lines)), "…")

    def _shortened(self, text: str, n_kept: int) -> str:
        """That many characters of a text, and an ellipsis for the others."""
        n_last = n_kept // 2 if self._keeps_end else 0
        first, last = text[: n_kept - n_last], text[len(text) - n_last :]
        return f"{first.rstrip()}…{last.lstrip()}"

    def _fits(self, text: str, width: int, lines: int) -> bool:
        extent = self._extent(text, width)
        taken = round(extent.height() / self.fontMetrics().lineSpacing())
        return extent.width() <= width and taken <= lines

    def _extent(self, text: str, width: int) -> QRect:
        return self.fontMetrics().boundingRect(QRect(0, 0, width, _TALL), _FLAGS, text)
