"""Training curves: loss above, validation PSNR below, the best step marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.widgets.labels import wrapped

_LABEL_STYLE = {"font-size": "8pt"}
_AXIS_WIDTH = 56
_LINE_HEIGHT = 13
_MOST_TICKS = 5
_FACTORS = ((1.0,), (1.0, 2.0, 5.0), tuple(range(1, 10)), tuple(n / 10 for n in range(10, 100)))
"""What multiplies the powers of ten at the ticks, the roundest first."""


@dataclass(frozen=True)
class CurvePoint:
    """State after some steps; ``validation_psnr`` in dB, None where none was computed."""

    step: int
    loss: float
    validation_psnr: float | None = None


class TrainingCurves(QWidget):
    """Two small plots over the steps: training loss (logarithmic) and validation PSNR.

    Attributes
    ----------
    loss_curve, psnr_curve, best_mark
        What is drawn; the loss as its decimal logarithm.

    Both plots run from step 0, where the untuned network's PSNR stands, to the last one.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = wrapped("muted")
        self._canvas = pg.GraphicsLayoutWidget()
        self._canvas.setBackground(theme.SURFACE)
        self._canvas.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas.ci.setContentsMargins(2, 6, 10, 2)
        self._canvas.ci.layout.setSpacing(4)
        self._loss_axis = _LogAxis("left")
        loss_box = _plot(self._canvas, 0, self._loss_axis, "loss")
        self._psnr_axis = pg.AxisItem("left")
        psnr_box = _plot(self._canvas, 1, self._psnr_axis, "PSNR (dB)")
        psnr_box.setXLink(loss_box)
        self._steps_box = loss_box
        _add_steps(self._canvas, psnr_box)
        self.loss_curve = pg.PlotCurveItem(pen=pg.mkPen(theme.ACCENT, width=1.6), antialias=True)
        self.psnr_curve = pg.PlotDataItem(
            pen=pg.mkPen(theme.WARNING, width=1.6),
            symbol="o",
            symbolSize=4,
            symbolBrush=theme.WARNING,
            symbolPen=None,
            antialias=True,
        )
        self.best_mark = pg.ScatterPlotItem(
            size=10, brush=None, pen=pg.mkPen(theme.BEST, width=1.5), antialias=True
        )
        loss_box.addItem(self.loss_curve)
        psnr_box.addItem(self.psnr_curve)
        psnr_box.addItem(self.best_mark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self._canvas, 1)
        layout.addWidget(self._summary)
        self.clear()

    def sizeHint(self) -> QSize:
        """Large enough to read both plots in a side panel."""
        return QSize(300, 230)

    @property
    def summary(self) -> str:
        """The line under the plots."""
        return self._summary.text()

    def clear(self) -> None:
        """Show empty plots."""
        self.set_points(())

    def set_measure(self, name: str) -> None:
        """Call the validation's figure, which is in dB, by this name."""
        lines = _in_lines(name)
        for axis in (self._loss_axis, self._psnr_axis):
            axis.setWidth(_AXIS_WIDTH + (len(lines) - 1) * _LINE_HEIGHT)
        self._psnr_axis.setLabel("<br>".join(lines), color=theme.MUTED, **_LABEL_STYLE)

    def set_points(self, points: Sequence[CurvePoint]) -> None:
        """Show the whole course of a training, one point a validation."""
        last = max((p.step for p in points), default=0)
        self._steps_box.setXRange(0.0, max(last, 1))
        drawn = [p for p in points if math.isfinite(p.loss) and p.loss > 0]
        self.loss_curve.setData(*_xy([(p.step, math.log10(p.loss)) for p in drawn]))
        scored = [
            (p.step, p.validation_psnr)
            for p in points
            if p.validation_psnr is not None and math.isfinite(p.validation_psnr)
        ]
        self.psnr_curve.setData(*_xy(scored))
        best = max(scored, key=lambda pair: pair[1], default=None)
        self.best_mark.setData(*_xy([] if best is None else [best]))
        self._summary.setText(_summary(points, best))


class _LogAxis(pg.AxisItem):  # type: ignore[misc]
    """Logarithmic axis with two to five ticks at the roundest numbers in its range."""

    def tickValues(
        self,
        minVal: float,  # noqa: N803 - pyqtgraph's names
        maxVal: float,  # noqa: N803
        size: float,  # noqa: ARG002
    ) -> list[tuple[float, list[float]]]:
        """Places of the ticks, as powers of ten."""
        decades = range(math.floor(minVal), math.ceil(maxVal) + 1)
        for factors in _FACTORS:
            marks = (decade + math.log10(factor) for decade in decades for factor in factors)
            places = [place for place in marks if minVal <= place <= maxVal]
            if len(places) > 1:
                return [(1.0, places[:: math.ceil(len(places) / _MOST_TICKS)])]
        third = (maxVal - minVal) / 3
        return [(1.0, [minVal + third, maxVal - third])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002
        """Ticks as plain numbers."""
        return [f"{10**value:.4g}" for value in values]


def _xy(pairs: Sequence[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(pairs, dtype=float).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _in_lines(measure: str) -> list[str]:
    """A measure in dB in lines that are no longer than the axis: ``PSNR (dB) of``, and of what."""
    name, of, what = measure.partition(" of ")
    return [f"{name} (dB){of.rstrip()}", what] if of else [f"{name} (dB)"]


def _summary(points: Sequence[CurvePoint], best: tuple[float, float] | None) -> str:
    if not points:
        return "No training yet"
    last = f"step {points[-1].step}"
    if math.isfinite(points[-1].loss):
        last += f"  ·  loss {points[-1].loss:.3g}"
    return last if best is None else f"{last}  ·  best {best[1]:.2f} dB at step {best[0]:g}"


def _plot(canvas: pg.GraphicsLayoutWidget, row: int, left: pg.AxisItem, label: str) -> pg.ViewBox:
    """A field with an axis beside it.

    Not a PlotItem, which keeps menus of its own that no parent ever deletes.
    """
    box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0.06)
    canvas.ci.addItem(left, row, 0)
    canvas.ci.addItem(box, row, 1)
    _quieten(left)
    left.setWidth(_AXIS_WIDTH)
    left.setLabel(label, color=theme.MUTED, **_LABEL_STYLE)
    left.linkToView(box)
    return box


def _add_steps(canvas: pg.GraphicsLayoutWidget, box: pg.ViewBox) -> None:
    """The axis of steps under the lower field."""
    steps = pg.AxisItem("bottom")
    canvas.ci.addItem(steps, 2, 1)
    _quieten(steps)
    steps.setLabel("step", color=theme.MUTED, **_LABEL_STYLE)
    steps.linkToView(box)


def _quieten(axis: pg.AxisItem) -> None:
    """Thin lines, small print, a faint grid."""
    font = QFont()
    font.setPointSizeF(7.5)
    axis.setPen(theme.OUTLINE)
    axis.setTextPen(theme.MUTED)
    axis.setStyle(tickFont=font, tickLength=-3)
    axis.enableAutoSIPrefix(False)
    axis.setGrid(40)
