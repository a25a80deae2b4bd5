"""Fine-tuning: from which network, on which slices, how long; and how it goes."""

from __future__ import annotations

import math

from PyQt6.QtCore import pyqtBoundSignal, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QVBoxLayout,
    QWidget,
)

from core.people import same_person
from core.progress import duration
from core.training.part_names import PARTS
from tlmri_gui import theme
from tlmri_gui.models.layers import missing_layers
from tlmri_gui.models.panels import note, short_label
from tlmri_gui.models.study_text import tuning_problem
from tlmri_gui.models.trained_for import most_coils, source_badge
from tlmri_gui.session import Session
from tlmri_gui.state import TuningPhase, TuningRun
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.curves import CurvePoint, TrainingCurves
from tlmri_gui.widgets.elided import NameBox
from tlmri_gui.widgets.form import ParamsForm
from tlmri_gui.widgets.labels import say, wrapped
from tlmri_gui.widgets.roles import set_role
from tlmri_gui.widgets.tuning_images import TuningImages
from tlmri_gui.widgets.wheel import guard_wheel

FOLLOWS_SAMPLING = ("acceleration", "pattern")
FOLLOWS_PRESET = (
    "schedule",
    "crop",
    "batch",
    "augment",
    "intensity_jitter",
    "l2",
    "l2_source",
    "ema",
    "clip",
    "held_out",
    "validation_rounds",
    "patience",
)
CUSTOM = "custom"
INTERRUPTED = "First keep or discard the weights of the interrupted tuning"
CURVES_HEIGHT = 290
ADVICE = "tune on another person to get a score"


class FinetunePanel(QGroupBox):
    """Plan, start, watch and end a fine-tuning.

    Signals
    -------
    source_chosen, preset_chosen
        The user chose a network to start from, or a named recipe.
    settings_edited
        The user changed the recipe.
    start_requested, stop_requested, cancel_requested
        Start; stop and keep the best; cancel and discard.
    keep_requested, discard_requested
        What to do with the weights of an interrupted tuning.
    """

    source_chosen = pyqtSignal(str)
    preset_chosen = pyqtSignal(str)
    settings_edited = pyqtSignal(object)
    start_requested = pyqtSignal()
    stop_requested = pyqtSignal()
    cancel_requested = pyqtSignal()
    keep_requested = pyqtSignal()
    discard_requested = pyqtSignal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Fine-tune", parent)
        self._session = session
        self.source = NameBox()
        self.preset = QComboBox()
        for box in (self.source, self.preset):
            guard_wheel(box)
        self.form = ParamsForm(skip=(*FOLLOWS_SAMPLING, *FOLLOWS_PRESET))
        self.images = TuningImages(session)
        self.sampling = wrapped("muted")
        self.trained_for = wrapped("warning")
        self.unscored = wrapped("warning")
        self.start = push_button("play", "Start fine-tuning", role="primary")
        self.stop = push_button("stop", "Stop and keep the best")
        self.cancel = push_button("cancel", "Cancel and discard")
        self.keep = push_button("save", "Keep the saved weights", role="primary")
        self.discard = push_button("cancel", "Discard them")
        self.reason = wrapped("muted")
        self.state = wrapped("")
        self.curves = TrainingCurves()
        self.curves.setFixedHeight(CURVES_HEIGHT)
        self._lay_out()
        self._connect()
        self._show_plan()
        self._show_run()

    def _lay_out(self) -> None:
        self._rows = rows = QFormLayout()
        rows.addRow("Start from", self.source)
        rows.addRow("", self.trained_for)
        rows.addRow("Preset", self.preset)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(rows)
        layout.addWidget(self.form)
        layout.addWidget(self.images)
        layout.addWidget(self.sampling)
        layout.addWidget(self.unscored)
        layout.addWidget(self.start)
        layout.addWidget(self.reason)
        layout.addWidget(self.state)
        for button in (self.stop, self.cancel, self.keep, self.discard):
            layout.addWidget(button)
        layout.addWidget(self.curves)

    def _connect(self) -> None:
        session = self._session
        self.source.activated.connect(lambda row: self._emit(self.source_chosen, self.source, row))
        self.preset.activated.connect(lambda row: self._emit(self.preset_chosen, self.preset, row))
        self.form.edited.connect(self.settings_edited)
        for button, signal in (
            (self.start, self.start_requested),
            (self.stop, self.stop_requested),
            (self.cancel, self.cancel_requested),
            (self.keep, self.keep_requested),
            (self.discard, self.discard_requested),
        ):
            button.clicked.connect(lambda _, signal=signal: signal.emit())
        session.catalogue_changed.connect(self._show_plan)
        session.plan_changed.connect(self._show_plan)
        session.sampling_changed.connect(self._show_plan)
        session.scans_changed.connect(self._show_plan)
        session.run_changed.connect(self._show_run)
        session.study_changed.connect(self._show_what_can_be_done)

    def _emit(self, signal: pyqtBoundSignal, box: QComboBox, row: int) -> None:
        if name := box.itemData(row):
            signal.emit(name)

    def _show_plan(self) -> None:
        session, plan = self._session, self._session.plan
        self.source.clear()
        scan = most_coils(entry.scan for entry in plan.images)
        for offer in session.catalogue.networks:
            trained = source_badge(offer, session.sampling, scan)
            name, full = (
                note(", ", label, trained) for label in (short_label(offer.label), offer.label)
            )
            self.source.add(name, full, offer.name)
        self.source.setCurrentIndex(self.source.findData(plan.source))
        chosen = session.catalogue.method(plan.source)
        trained = source_badge(chosen, session.sampling, scan) if chosen else ""
        self._rows.setRowVisible(self.trained_for, bool(trained))
        self.trained_for.setText(trained)
        presets = session.catalogue.presets
        self.preset.clear()
        for name in presets:
            self.preset.addItem(name, name)
        row = next((i for i, p in enumerate(presets.values()) if p == plan.settings), -1)
        if row < 0 and presets:
            self.preset.addItem(CUSTOM, "")
            row = len(presets)
        self.preset.setCurrentIndex(row)
        self.form.set_value(plan.settings)
        if plan.settings is not None and chosen is not None:
            reasons = {part: missing_layers(chosen, part) for part in PARTS.names()}
            self.form.set_unavailable("trainable", reasons)
        sampling = session.sampling
        patterns = {choice.name: choice.label for choice in session.catalogue.patterns}
        label = patterns.get(sampling.pattern, sampling.pattern)
        text = f"Tuned for R = {sampling.acceleration:g}, {label}, as chosen above"
        self.sampling.setText(note("\n", text, _origins(session)))
        say(self.unscored, _unscored(session))
        self._show_what_can_be_done()

    def _show_run(self) -> None:
        run = self._session.run
        say(self.state, _state_text(run))
        set_role(self.state, "warning" if run.phase is TuningPhase.INTERRUPTED else "")
        if run.points:
            self.curves.set_measure(run.points[0].measure)
        self.curves.set_points(
            [
                CurvePoint(p.step, math.nan if p.loss is None else p.loss, p.validation_psnr_db)
                for p in run.points
            ]
        )
        self.curves.setVisible(bool(run.points) or run.phase.is_active)
        self._show_what_can_be_done()

    def _show_what_can_be_done(self) -> None:
        phase = self._session.run.phase
        problem = INTERRUPTED if phase is TuningPhase.INTERRUPTED else tuning_problem(self._session)
        for widget in (self.source, self.preset, self.form, self.images):
            widget.setEnabled(not phase.is_active)
        self.start.setVisible(not phase.is_active)
        self.start.setEnabled(not problem)
        self.start.setToolTip(problem)
        self.reason.setText(problem)
        self.reason.setVisible(bool(problem) and phase is TuningPhase.IDLE)
        for button in (self.stop, self.cancel):
            button.setVisible(phase.is_active)
        self.stop.setEnabled(phase is TuningPhase.RUNNING)
        self.cancel.setEnabled(phase.is_active and phase is not TuningPhase.CANCELLING)
        for button in (self.keep, self.discard):
            button.setVisible(phase is TuningPhase.INTERRUPTED)


def _origins(session: Session) -> str:
    """Where the k-space of the tuning images comes from."""
    found = sorted({entry.scan.provenance for entry in session.plan.images})
    return f"Tuning images: {', '.join(found)}" if found else ""


def _unscored(session: Session) -> str:
    """What tuning on the person on show means for the scores."""
    shown = session.scan
    if shown is None:
        return ""
    served = [entry.scan for entry in session.plan.images if entry.tuning or entry.validation]
    same = [scan for scan in served if same_person(scan, shown)]
    if not same:
        return ""
    why = "" if shown in same else f"{same[0].name} shows the same person, so "
    return f"{why}{shown.name} will not be scored by the tuned network: {ADVICE}"


def _state_text(run: TuningRun) -> str:
    if run.phase is TuningPhase.RUNNING:
        left = run.points[-1].seconds_left if run.points else math.nan
        return note(" · ", run.message, "" if math.isnan(left) else f"{duration(left)} left")
    if run.phase.is_active:
        return run.phase.value
    return run.message
