import dataclasses

import pytest

from installers.compatibility import open_question, refused
from installers.components import Component
from installers.known_licences import FOLDER, supplied, table


def component(licence, kind="library", name="made-up"):
    return Component(name, "1", licence, "", kind, ())


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "MIT AND Apache-2.0",
        "MIT OR LicenseRef-Secret",
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "(LicenseRef-Secret OR MIT) AND Zlib",
        "LicenseRef-Secret AND Zlib OR MIT",
    ],
)
def test_licences_that_go_with_gpl_3(licence):
    assert refused(component(licence)) == []


@pytest.mark.parametrize(
    ("licence", "parts"),
    [
        ("LicenseRef-Secret", ["LicenseRef-Secret"]),
        ("GPL-2.0-only", ["GPL-2.0-only"]),
        ("MIT AND BSD-4-Clause", ["BSD-4-Clause"]),
        ("MIT AND (GPL-2.0-only OR CDDL-1.0)", ["GPL-2.0-only", "CDDL-1.0"]),
        ("MIT WITH LicenseRef-no-war", ["MIT WITH LicenseRef-no-war"]),
        ("mit", ["mit"]),
    ],
)
def test_what_does_not_go_with_gpl_3_is_named(licence, parts):
    assert refused(component(licence)) == parts


def test_fonts_may_be_read_but_not_linked():
    assert refused(component("OFL-1.1", kind="data")) == []
    assert refused(component("OFL-1.1")) == ["OFL-1.1"]


@pytest.mark.parametrize("licence", ["", "MIT AND", "(MIT", "MIT)", "MIT Zlib", "OR MIT", "WITH"])
def test_what_is_no_expression_is_refused(licence):
    with pytest.raises(ValueError, match=r"made-up: must be an SPDX expression"):
        refused(component(licence))


def test_an_open_question_stands_for_one_licence_of_one_component():
    name, entry = next(iter(table("conflicts").items()))
    known = component(entry["licence"], name=name)
    assert refused(known)
    assert "Ways out" in open_question(known)
    assert open_question(dataclasses.replace(known, licence="LicenseRef-Other")) is None
    assert open_question(dataclasses.replace(known, name="another")) is None


@pytest.mark.parametrize("key", table("inside"))
def test_each_entry_of_what_wheels_bring_has_a_known_licence_and_texts(key):
    entry = table("inside")[key]
    one = component(entry["licence"], entry.get("kind", "library"), entry["name"])
    assert refused(one) == [] or open_question(one)
    assert supplied(entry.get("texts", [])) or entry.get("texts_of")
    assert entry["files"] or entry["marks"]


@pytest.mark.parametrize("name", ["debian", "distributions"])
def test_the_licences_of_the_other_tables_go_with_gpl_3(name):
    for key, entry in table(name).items():
        licence = entry if isinstance(entry, str) else entry["licence"]
        assert refused(component(licence, name=key)) == []


def test_each_text_that_is_kept_is_used():
    entries = [*table("inside").values(), *table("distributions").values()]
    used = {"python"} | {
        text for one in entries if isinstance(one, dict) for text in one.get("texts", ())
    }
    for path in FOLDER.rglob("*.txt"):
        name = path.relative_to(FOLDER).as_posix()
        assert name.startswith("common/") or {name, name.partition("/")[0]} & used, name


def test_the_table_gives_a_reason_for_each_licence():
    for part in ("code", "data"):
        assert all(len(reason) > 10 for reason in table("compatible")[part].values())
