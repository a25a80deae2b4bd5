"""The page about installing says what was measured, between its markers."""

import json

import pytest

from installers import installing_page as page

TRIAL = {
    "package": "a.deb",
    "place": "a place",
    "outcomes": [
        {
            "title": "opens",
            "command": "tlmri gui",
            "code": 0,
            "seconds": 60.0,
            "output": "",
            "problems": [],
            "findings": {"visible_s": 4.5, "start": "cold"},
        },
        {
            "title": "opens again",
            "command": "tlmri gui",
            "code": 0,
            "seconds": 6.0,
            "output": "",
            "problems": [],
            "findings": {"visible_s": [0.5, 0.75, 0.6], "median_s": 0.6},
        },
    ],
}


def test_parts_go_between_their_markers_and_nothing_else_changes():
    before = f"a\n{page.BEGIN.format(name='sizes')}\nold\n{page.END}\nb\n"
    after = page.filled(before, {"sizes": "new"})
    assert after == before.replace("old", "\nnew\n")
    assert page.filled(after, {"sizes": "new"}) == after


def test_a_page_without_its_markers_is_refused():
    with pytest.raises(ValueError, match="sizes"):
        page.filled("nothing", {"sizes": "new"})


def test_the_windows_times_are_those_of_the_steps():
    assert page.window_times([TRIAL]).splitlines()[2:] == [
        "| `a.deb` | cold | visible after 4.50 s |",
        "| `a.deb` | warm, one after the other | visible after 0.50, 0.75, 0.60 s, median 0.60 s |",
    ]


def test_the_page_says_what_is_kept():
    if not page.KEPT.is_file():
        pytest.skip("nothing has been measured yet: docs/installing/linux.json")
    kept = json.loads(page.KEPT.read_text(encoding="utf-8"))
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.filled(text, page.parts(kept)) == text
