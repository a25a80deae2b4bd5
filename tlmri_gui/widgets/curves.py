"""Training curves: loss above, validation PSNR below, the best epoch marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tlmri_gui import theme

_LABEL_STYLE = {"font-size": "8pt"}


@dataclass(frozen=True)
class CurvePoint:
    """State after one epoch; ``validation_psnr`` in dB, None where none was computed."""

    epoch: float
    loss: float
    validation_psnr: float | None = None


class TrainingCurves(QWidget):
    """Two small plots over the epochs: training loss (logarithmic) and validation PSNR."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self._summary.setWordWrap(True)
        self._canvas = pg.GraphicsLayoutWidget()
        self._canvas.setBackground(theme.SURFACE)
        self._canvas.ci.setContentsMargins(2, 6, 10, 2)
        self._canvas.ci.layout.setSpacing(4)
        self._loss_plot = _plot(self._canvas, 0, "loss", _LogAxis("left"))
        self._loss_plot.setLogMode(x=False, y=True)
        self._loss_plot.getAxis("bottom").setStyle(showValues=False)
        self._psnr_plot = _plot(self._canvas, 1, "PSNR (dB)", pg.AxisItem("left"))
        self._psnr_plot.setXLink(self._loss_plot)
        self._psnr_plot.setLabel("bottom", "epoch", color=theme.MUTED, **_LABEL_STYLE)
        self._loss = self._loss_plot.plot(pen=pg.mkPen(theme.ACCENT, width=1.6))
        self._psnr = self._psnr_plot.plot(
            pen=pg.mkPen(theme.WARNING, width=1.6),
            symbol="o",
            symbolSize=4,
            symbolBrush=theme.WARNING,
            symbolPen=None,
        )
        self._best = self._psnr_plot.plot(
            pen=None, symbol="o", symbolSize=10, symbolBrush=None, symbolPen=pg.mkPen(theme.BEST)
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self._canvas, 1)
        layout.addWidget(self._summary)
        self.clear()

    def sizeHint(self) -> QSize:
        """Large enough to read both plots in a side panel."""
        return QSize(300, 230)

    def clear(self) -> None:
        """Show empty plots."""
        self.set_points(())

    def set_points(self, points: Sequence[CurvePoint]) -> None:
        """Show the whole course of a training, one point an epoch."""
        drawn = [p for p in points if math.isfinite(p.loss) and p.loss > 0]
        self._loss.setData(*_xy([(p.epoch, p.loss) for p in drawn]))
        scored = [
            (p.epoch, p.validation_psnr)
            for p in points
            if p.validation_psnr is not None and math.isfinite(p.validation_psnr)
        ]
        self._psnr.setData(*_xy(scored))
        best = max(scored, key=lambda pair: pair[1], default=None)
        self._best.setData(*_xy([] if best is None else [best]))
        self._summary.setText(_summary(points, best))


class _LogAxis(pg.AxisItem):  # type: ignore[misc]
    """Logarithmic axis with ticks at 1, 2 and 5 times the powers of ten, or 1 alone if wide."""

    def tickValues(
        self,
        minVal: float,  # noqa: N803 - pyqtgraph's names
        maxVal: float,  # noqa: N803
        size: float,  # noqa: ARG002
    ) -> list[tuple[float, list[float]]]:
        """Places of the ticks, as powers of ten."""
        factors = (1, 2, 5) if maxVal - minVal < 3 else (1,)
        decades = range(math.floor(minVal), math.ceil(maxVal) + 1)
        places = [decade + math.log10(factor) for decade in decades for factor in factors]
        return [(1.0, [place for place in places if minVal <= place <= maxVal])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002
        """Ticks as plain numbers."""
        return [f"{10**value:.3g}" for value in values]


def _xy(pairs: Sequence[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(pairs, dtype=float).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _summary(points: Sequence[CurvePoint], best: tuple[float, float] | None) -> str:
    if not points:
        return "No training yet"
    last = f"epoch {points[-1].epoch:g}  ·  loss {points[-1].loss:.3g}"
    return last if best is None else f"{last}  ·  best {best[1]:.2f} dB at epoch {best[0]:g}"


def _plot(canvas: pg.GraphicsLayoutWidget, row: int, label: str, left: pg.AxisItem) -> pg.PlotItem:
    """A plot without menus or buttons, with quiet axes."""
    plot = canvas.addPlot(row=row, col=0, axisItems={"left": left})
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    plot.showGrid(x=True, y=True, alpha=0.12)
    font = QFont()
    font.setPointSizeF(7.5)
    for name in ("left", "bottom"):
        axis = plot.getAxis(name)
        axis.setPen(theme.OUTLINE)
        axis.setTextPen(theme.MUTED)
        axis.setStyle(tickFont=font, tickLength=-3)
        axis.enableAutoSIPrefix(False)
    left.setWidth(56)
    plot.setLabel("left", label, color=theme.MUTED, **_LABEL_STYLE)
    return plot
