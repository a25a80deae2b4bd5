"""Forms built from params dataclasses."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from core import masks
from core.params import setting
from core.recon import METHODS
from core.recon.wavelet import PRESETS
from core.training.settings import TUNE_PRESETS
from tlmri_gui.widgets.form import LogSpinBox, ParamsForm


@dataclass(frozen=True)
class Everything:
    count: int = setting(3, "Count", low=1, high=10, unit="px")
    ratio: float = setting(0.5, "Ratio", low=0.0, high=1.0)
    weight: float = setting(1e-3, "Weight", low=1e-9, high=1.0, logarithmic=True)
    kind: str = setting(
        "a", "Kind", choices=("a", "b"), choice_labels={"b": "the other"}, help="which one"
    )
    flag: bool = setting(False, "Flag")
    name: str = setting("x", "Name")
    hidden: frozenset[str] = frozenset({"kept"})


@pytest.fixture
def form(qtbot):
    form = ParamsForm()
    qtbot.addWidget(form)
    return form


@pytest.fixture
def edits(form):
    edits = []
    form.edited.connect(edits.append)
    return edits


def test_choices_that_only_the_value_knows_are_offered(form, edits):
    form.set_value(Everything(name="y"), {"name": ("x", "y")})
    box = form.editors["name"].widget
    assert [box.itemText(i) for i in range(box.count())] == ["x", "y"]
    assert box.currentText() == "y"
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert edits == [Everything(name="x")]
    form.set_value(Everything(name="z"), {"name": ("z",)})
    assert form.editors["name"].read() == "z"
    form.set_value(Everything(name="z"))
    QTest.keyClicks(form.editors["name"].widget, "z")
    QTest.keyClick(form.editors["name"].widget, Qt.Key.Key_Return)
    assert edits[-1] == Everything(name="zz")


REGISTERED = [
    *(e.params() for e in METHODS if e.params is not None and e.name != "net"),
    *PRESETS.values(),
    *(e.params() for e in masks.PATTERNS if e.params is not None),
    *TUNE_PRESETS.values(),
]


@pytest.mark.parametrize("params", REGISTERED, ids=repr)
def test_every_registered_dataclass_goes_through_unchanged(form, edits, params):
    form.set_value(params)
    assert form.value() == params
    for editor in form.editors.values():
        editor.changed.emit(*([editor.read()] if editor.read() is not None else []))
    assert form.value() == params
    assert edits == []


def test_showing_emits_nothing(form, edits):
    form.set_value(Everything())
    form.set_value(Everything(count=5, kind="b", flag=True))
    assert edits == []
    assert form.editors["count"].read() == 5


def test_each_edit_emits_the_whole_and_keeps_what_has_no_row(form, edits):
    form.set_value(Everything())
    for name, value in (
        ("count", 7),
        ("ratio", 0.25),
        ("weight", 0.02),
        ("kind", "b"),
        ("flag", True),
    ):
        form.editors[name].write(value)
    assert edits[-1] == Everything(count=7, ratio=0.25, weight=0.02, kind="b", flag=True)
    assert len(edits) == 5


def test_ranges_units_and_help_are_the_fields(form):
    form.set_value(Everything())
    box = form.editors["count"].widget
    assert (box.minimum(), box.maximum(), box.suffix()) == (1, 10, " px")
    assert form.editors["kind"].widget.toolTip() == "which one"


def test_choices_are_offered_in_words_and_taken_by_name(form, edits):
    form.set_value(Everything())
    box = form.editors["kind"].widget
    assert [box.itemText(i) for i in range(box.count())] == ["a", "the other"]
    box.setCurrentText("the other")
    assert edits[-1].kind == "b"


def test_skipped_fields_have_no_row_and_keep_their_value(qtbot):
    form = ParamsForm(skip=("count",))
    qtbot.addWidget(form)
    form.set_value(Everything(count=9))
    form.editors["flag"].write(True)
    assert "count" not in form.editors
    assert form.value() == replace(Everything(), count=9, flag=True)


def test_nothing_to_set_is_an_empty_form(form):
    form.set_value(Everything())
    form.set_value(None)
    assert form.editors == {}


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.floats(1e-9, 1.0))
def test_a_small_number_is_not_changed_by_being_shown(form, value):
    form.set_value(Everything(weight=value))
    form.editors["flag"].write(not form.value().flag)
    assert form.value().weight == value


def test_a_logarithmic_box_reads_and_steps_as_a_person_expects(qtbot):
    box = LogSpinBox()
    qtbot.addWidget(box)
    box.setRange(1e-7, 1.0)
    box.setValue(3e-4)
    assert box.text() == "0.0003"
    box.selectAll()
    QTest.keyClicks(box, "2.5e-5")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == pytest.approx(2.5e-5)
    box.stepBy(10)
    assert box.value() == pytest.approx(2.5e-4)
    box.selectAll()
    QTest.keyClicks(box, "nonsense")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == pytest.approx(2.5e-4)


@dataclass(frozen=True)
class Ordered:
    low: int = setting(1, "Low")
    high: int = setting(2, "High")

    def __post_init__(self):
        if self.low > self.high:
            raise ValueError(f"low must be at most high, got {self.low} and {self.high}")


def test_values_that_do_not_go_together_are_said_and_taken_once_they_do(form, edits):
    refused = []
    form.refused.connect(refused.append)
    form.set_value(Ordered())
    form.editors["low"].widget.setValue(5)
    assert refused == ["low must be at most high, got 5 and 2"]
    assert edits == []
    assert form.value() == Ordered()
    form.editors["high"].widget.setValue(7)
    assert edits == [Ordered(5, 7)]
