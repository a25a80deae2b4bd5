from dataclasses import dataclass

import pytest

from core.params import changed, check, from_text, setting, settings_of


@dataclass(frozen=True)
class Example:
    weight: float = setting(0.5, "Weight", low=0.0, high=1.0)
    count: int = setting(3, "Count", low=1)
    kind: str = setting("a", "Kind", choices=("a", "b"))
    hidden: int = 7

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class Named:
    kind: str = setting("a", "Kind", choices=("a", "b"), choice_labels={"b": "the other"})


def test_described_fields_are_the_settings():
    assert list(settings_of(Example)) == ["weight", "count", "kind"]
    assert settings_of(Example())["weight"].high == 1.0


def test_a_choice_is_called_by_its_name_unless_it_has_a_label():
    rule = settings_of(Named)["kind"]
    assert [rule.label_of(choice) for choice in rule.choices] == ["a", "the other"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"weight": -0.1}, "weight must be at least 0, got -0.1"),
        ({"weight": 1.5}, "weight must be at most 1, got 1.5"),
        ({"weight": float("nan")}, "weight must be at least 0, got nan"),
        ({"kind": "c"}, "kind must be one of a, b, got 'c'"),
    ],
)
def test_values_out_of_range_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Example(**values)


def test_text_becomes_values_of_the_fields_types():
    found = from_text(Example(), {"weight": "2.5e-1", "count": "4", "kind": "b"}, "mask")
    assert found == Example(0.25, 4, "b")
    assert isinstance(found.count, int)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": "1.5"}, "mask.count must be of type int, got '1.5'"),
        ({"size": "1"}, "mask has no setting 'size': choose one of weight, count, kind"),
        ({"hidden": "1"}, "mask has no setting 'hidden'"),
        ({"count": "0"}, "count must be at least 1, got 0"),
    ],
)
def test_text_that_will_not_do_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        from_text(Example(), values, "mask")


def test_changed_names_what_differs_from_the_defaults():
    assert changed(Example()) == {}
    assert changed(Example(count=9, hidden=1)) == {"count": 9}
