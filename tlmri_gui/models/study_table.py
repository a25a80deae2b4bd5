"""The points of a study as a Qt model: one row a point, sortable."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from pathlib import Path

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt

from tlmri_gui.models.columns import SORT_ROLE, Column
from tlmri_gui.models.study_curves import over
from tlmri_gui.study_state import CurveKind, Findings, StudyPoint

Role = Qt.ItemDataRole
KEPT, CAN_KEEP = "kept", "not yet"

COLUMNS: tuple[Column[StudyPoint], ...] = (
    Column("Method", lambda point: point.label),
    Column("R", lambda point: point.acceleration, "g"),
    Column("Images", lambda point: float(point.n_images), "g", "Tuning images; 0: untuned"),
    Column("PSNR (dB)", lambda point: point.psnr.mean, ".2f", "Mean over people"),
    Column("SD (dB)", lambda point: point.std_psnr, ".2f", "Standard deviation over test slices"),
    Column("SSIM", lambda point: point.ssim.mean, ".4f", "Mean over people"),
    Column(
        "RMSE (% of peak)",
        lambda point: point.rmse.mean,
        ".3f",
        "Mean over people of the RMSE in % of the peak",
    ),
    Column("Tuning (s)", lambda point: point.seconds, ".0f", "Time of one tuning"),
)
_KEPT = Column[StudyPoint]("Kept?", str, tip="Whether the network is among yours")
"""The last column, whose cells depend on more than the point."""


Place = tuple[str, float, int]
"""What tells rows apart: method, R, number of images."""


def place(point: StudyPoint) -> Place:
    """The row that a point is in; a raw network begins several curves, and is in one row."""
    return point.label, point.acceleration, point.n_images


class StudyTableModel(QAbstractTableModel):
    """Points of a study that are no mere reference lines."""

    def __init__(self) -> None:
        super().__init__()
        self._points: tuple[StudyPoint, ...] = ()
        self._kept: frozenset[Path] = frozenset()

    @property
    def points(self) -> tuple[StudyPoint, ...]:
        """What is shown, in the order given."""
        return self._points

    def set_points(self, points: Sequence[StudyPoint], kept: Collection[Path]) -> bool:
        """Show these points; whether that changed anything."""
        rows: dict[Place, StudyPoint] = {}
        for point in points:
            if point.kind is not CurveKind.NATIVE:
                rows.setdefault(place(point), point)
        shown = tuple(rows.values())
        if (shown, frozenset(kept)) == (self._points, self._kept):
            return False
        self.beginResetModel()
        self._points, self._kept = shown, frozenset(kept)
        self.endResetModel()
        return True

    def row_of(self, point: StudyPoint) -> int | None:
        """Where a point is shown; None where it is not."""
        places = [place(shown) for shown in self._points]
        return places.index(place(point)) if place(point) in places else None

    def is_kept(self, point: StudyPoint) -> bool:
        """Whether its network was copied to the user's."""
        return point.checkpoint in self._kept

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of points."""
        return 0 if parent is not None and parent.isValid() else len(self._points)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> object:
        """Heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        return (*COLUMNS, _KEPT)[section].head(role)

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> object:
        """One cell."""
        point = self._points[index.row()]
        if role == Role.ToolTipRole:
            return over(point)
        if index.column() == len(COLUMNS):
            return self._kept_text(point) if role in (Role.DisplayRole, SORT_ROLE) else None
        return COLUMNS[index.column()].cell(point, role)

    def _kept_text(self, point: StudyPoint) -> str:
        if point.checkpoint is None:
            return ""
        return KEPT if self.is_kept(point) else CAN_KEEP


def as_tsv(points: Sequence[StudyPoint], findings: Findings) -> str:
    """Rows with headings, tab-separated, in full precision; what they share ends each row."""
    shared = (findings.target, findings.definition, findings.label)
    headings = (column.heading for column in COLUMNS)
    lines = ["\t".join([*headings, "Target", "Definition", "k-space"])]
    for point in points:
        values = [column.value(point) for column in COLUMNS]
        cells = [v if isinstance(v, str) else "" if math.isnan(v) else f"{v:g}" for v in values]
        lines.append("\t".join([*cells, *shared]))
    return "\n".join(lines)
