"""The grid of a study: sources, R, numbers of images, repetitions, recipe, layers, baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.study_plan import (
    counts_problem,
    has_further,
    missing_part,
    missing_weights,
    toggled,
    too_few_coils,
    unsuitable,
)
from tlmri_gui.session import Session
from tlmri_gui.study_state import Named, SourceOffer, StudyOffer, StudyPlan
from tlmri_gui.widgets.fold import FoldButton
from tlmri_gui.widgets.labels import say, wrapped
from tlmri_gui.widgets.wheel import guard_wheel
from tlmri_gui.widgets.wrapping_box import WrappingCheckBox

NO_NATIVE = "none"
OWN_RATE = "each R itself"
ONE_RATE = "R = {rate:g}, used at every R"
MOST_SEEDS = 10
MOST_SLICES = 200


class StudyGrid(QGroupBox):
    """Edits a :class:`StudyPlan` but for its scans.

    Signals
    -------
    plan_edited
        The user changed something; carries the whole new plan.
    """

    plan_edited = pyqtSignal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("What to compare", parent)
        self._session = session
        self._offer = StudyOffer()
        self.sources: dict[str, QCheckBox] = {}
        self.accelerations: dict[float, QCheckBox] = {}
        self.supervisions: dict[str, QCheckBox] = {}
        self.baselines: dict[str, QCheckBox] = {}
        self.parts: dict[str, QCheckBox] = {}
        names = ("source", "rate", "supervision", "base", "part")
        self._areas = {name: QGridLayout() for name in names}
        self.native = QComboBox()
        self.source_rate = QComboBox()
        self.preset = QComboBox()
        self.counts = QLineEdit()
        self.counts_reason = wrapped("error")
        self.seeds = _spin(1, MOST_SEEDS)
        self.slices = _spin(0, MOST_SLICES)
        self.slices.setSpecialValueText("all")
        self._further = QWidget()
        self.fold = FoldButton(self._further, self)
        for box in (self.native, self.source_rate, self.preset):
            guard_wheel(box)
        self._describe()
        self._lay_out()
        self._connect()
        self._show_plan()

    def _describe(self) -> None:
        for widget, text in (
            (self.native, "The source trained on the contrast of your scans: the line to reach"),
            (self.counts, "How many local images to tune on, such as 0, 1, 2, 5, 10"),
            (self.seeds, "Repeat every point with other tuning images; the means are shown"),
            (self.slices, "How many slices of each test scan are scored, spread evenly"),
            (self.source_rate, "Networks of one R show how far they hold at another"),
            (self.preset, "How each network is tuned: steps, learning rate, augmentation"),
        ):
            widget.setToolTip(text)

    def _lay_out(self) -> None:
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.addRow("Networks from", self._areas["source"])
        rows.addRow("Your contrast", self.native)
        rows.addRow("Acceleration R", self._areas["rate"])
        rows.addRow("Tuning images", self.counts)
        rows.addRow(self.counts_reason)
        rows.addRow("Tune on", self._areas["supervision"])
        rows.addRow("Baselines", self._areas["base"])
        rows.addRow("Repeats", self.seeds)
        rows.addRow("Test slices", self.slices)
        rows.addRow("Preset", self.preset)
        rows.addRow("Further settings", self.fold)
        further = QFormLayout(self._further)
        further.setContentsMargins(0, 0, 0, 0)
        further.addRow("Layers that change", self._areas["part"])
        further.addRow("Networks trained for", self.source_rate)
        for area in self._areas.values():
            area.setSpacing(theme.SPACE // 2)
        layout = QVBoxLayout(self)
        layout.addLayout(rows)
        layout.addWidget(self._further)

    def _connect(self) -> None:
        for signal, change in (
            (self.native.activated, lambda p, row: replace(p, native=self.native.itemData(row))),
            (self.preset.activated, lambda p, row: replace(p, preset=self.preset.itemData(row))),
            (self.source_rate.activated, self._with_source_rate),
            (self.counts.textEdited, lambda p, text: replace(p, counts_text=text)),
            (self.seeds.valueChanged, lambda p, value: replace(p, n_seeds=value)),
            (self.slices.valueChanged, lambda p, value: replace(p, slices_per_scan=value)),
        ):
            signal.connect(lambda value, change=change: self._edit(change(self._plan, value)))
        self._session.study_plan_changed.connect(self._show_plan)
        self._session.study_changed.connect(self._show_whether_editable)

    @property
    def _plan(self) -> StudyPlan:
        return self._session.study_plan

    def _edit(self, plan: StudyPlan) -> None:
        self.plan_edited.emit(plan)

    # what is offered ---------------------------------------------------------------------------

    def _show_plan(self) -> None:
        session = self._session
        if session.study_offer != self._offer:
            self._offer = session.study_offer
            self._build(self._offer)
        plan = session.study_plan
        for source in self._offer.sources:
            reason = too_few_coils(source, plan)
            _offer(self.sources[source.name], source.name in plan.sources, reason)
        for rate, box in self.accelerations.items():
            reason = missing_weights(self._offer, plan, rate)
            _offer(box, rate in plan.accelerations, reason)
        for name, box in self.supervisions.items():
            _set(box, name in plan.supervisions)
        for part in self._offer.parts:
            reason = missing_part(self._offer, plan, part)
            _offer(self.parts[part.name], part.name in plan.trainable, reason, part.tip)
        for baseline in self._offer.baselines:
            reason = unsuitable(baseline, plan)
            _offer(self.baselines[baseline.name], baseline.name in plan.baselines, reason)
        self._show_values(plan)
        self._show_whether_editable()

    def _show_values(self, plan: StudyPlan) -> None:
        self.native.setCurrentIndex(self.native.findData(plan.native))
        self.preset.setCurrentIndex(self.preset.findData(plan.preset))
        self.source_rate.setCurrentIndex(self.source_rate.findData(plan.source_acceleration))
        if has_further(plan):
            self.fold.setChecked(True)  # nothing that differs from the usual is folded away
        if self.counts.text() != plan.counts_text:
            self.counts.setText(plan.counts_text)
        problem = counts_problem(plan.counts_text)
        say(self.counts_reason, problem)
        for box, value in ((self.seeds, plan.n_seeds), (self.slices, plan.slices_per_scan)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)

    def _build(self, offer: StudyOffer) -> None:
        self.sources = self._boxes("source", offer.sources, self._toggle_source)
        self.supervisions = self._boxes("supervision", offer.supervisions, self._toggle_supervision)
        self.baselines = self._boxes("base", offer.baselines, self._toggle_baseline)
        self.parts = self._boxes("part", offer.parts, self._toggle_part)
        self.accelerations = {}
        _clear(self._areas["rate"])
        for i, rate in enumerate(offer.accelerations):
            box = QCheckBox(f"{rate:g}")
            box.clicked.connect(lambda wanted, rate=rate: self._choose_rate(rate, wanted))
            self._areas["rate"].addWidget(box, 0, i)
            self.accelerations[rate] = box
        self.native.clear()
        self.native.addItem(NO_NATIVE, "")
        trained = [source for source in offer.sources if not source.is_untrained]
        for source in trained:
            self.native.addItem(source.label, source.name)
        self.source_rate.clear()
        self.source_rate.addItem(OWN_RATE, 0.0)
        for rate in sorted({rate for source in trained for rate in source.accelerations}):
            self.source_rate.addItem(ONE_RATE.format(rate=rate), rate)
        self.preset.clear()
        for name in offer.presets:
            self.preset.addItem(name, name)

    def _boxes(
        self,
        area: str,
        choices: Sequence[Named | SourceOffer],
        toggle: Callable[[str, bool], None],
    ) -> dict[str, QCheckBox]:
        _clear(self._areas[area])
        found: dict[str, QCheckBox] = {}
        for i, choice in enumerate(choices):
            box = WrappingCheckBox(choice.label)
            box.clicked.connect(lambda wanted, name=choice.name: toggle(name, wanted))
            self._areas[area].addWidget(box, i, 0)
            found[choice.name] = box
        return found

    def _toggle_source(self, name: str, wanted: bool) -> None:
        self._edit(replace(self._plan, sources=toggled(self._plan.sources, name, wanted)))

    def _toggle_supervision(self, name: str, wanted: bool) -> None:
        chosen = toggled(self._plan.supervisions, name, wanted)
        self._edit(replace(self._plan, supervisions=chosen))

    def _toggle_baseline(self, name: str, wanted: bool) -> None:
        self._edit(replace(self._plan, baselines=toggled(self._plan.baselines, name, wanted)))

    def _toggle_part(self, name: str, wanted: bool) -> None:
        self._edit(replace(self._plan, trainable=toggled(self._plan.trainable, name, wanted)))

    def _with_source_rate(self, plan: StudyPlan, row: int) -> StudyPlan:
        return replace(plan, source_acceleration=self.source_rate.itemData(row))

    def _choose_rate(self, rate: float, wanted: bool) -> None:
        rates = {*self._plan.accelerations, rate}
        chosen = tuple(sorted(rates if wanted else rates - {rate}))
        self._edit(replace(self._plan, accelerations=chosen))

    def _show_whether_editable(self) -> None:
        self.setEnabled(not self._session.study.phase.is_active)


def _set(box: QCheckBox, is_checked: bool) -> None:
    box.setChecked(is_checked)  # ``clicked`` stays silent


def _offer(box: QCheckBox, is_checked: bool, reason: str, tip: str = "") -> None:
    """Show a choice, grey with the reason where it does not suit; it can always be undone."""
    _set(box, is_checked)
    box.setEnabled(not reason or is_checked)
    box.setToolTip(reason or tip)


def _spin(low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setKeyboardTracking(False)
    guard_wheel(box)
    return box


def _clear(area: QGridLayout) -> None:
    while (item := area.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.setParent(None)
            widget.deleteLater()
