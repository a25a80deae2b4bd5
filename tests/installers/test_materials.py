import hashlib
import json
from importlib.util import find_spec

import pytest

from installers import materials
from installers.attribution import Environment
from installers.bill_of_materials import bill
from installers.components import Component, Text
from installers.licence_texts import write_texts
from installers.third_party_page import page
from tests.installers.made_up import ELF, distribution, frozen

needs_cyclonedx = pytest.mark.skipif(
    find_spec("cyclonedx") is None or find_spec("jsonschema") is None,
    reason="needs the extra 'installer', which only builders have",
)


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    """A frozen folder of one distribution, Python and tlmri, in an environment of its own."""
    site = tmp_path / "site"
    alpha = distribution(
        site,
        "alpha",
        "License-Expression: LGPL-3.0-only",
        ["alpha/fast.so", "alpha-1.0.dist-info/licenses/LICENSE"],
    )
    own = distribution(site, "tlmri-gui", files=["tlmri_gui-1.0.dist-info/licenses/LICENSE"])
    monkeypatch.setattr(materials, "Environment", lambda: Environment([alpha, own]))
    files = {"alpha/fast.so": ELF, "python3.11/lib-dynload/a.so": ELF, "resources/style.qss": b""}
    return frozen(tmp_path / "out", files)


def component(tmp_path, *names, **changes):
    texts = []
    for name in names:
        (tmp_path / name).write_text(f"text {name}")
        texts.append(Text(name, tmp_path / name))
    told = {"name": "Made up (1)", "version": "1", "licence": "MIT", "home": "", "kind": "library"}
    return Component(**(told | changes), texts=tuple(texts))


def test_texts_lie_in_the_folder_of_their_component(tmp_path):
    one = component(tmp_path, "LICENSE", "NOTICE")
    paths = write_texts(one, tmp_path / "out")
    assert paths == ["made-up-1/LICENSE", "made-up-1/NOTICE"]
    assert (tmp_path / "out" / paths[1]).read_text() == "text NOTICE"


def test_texts_that_others_point_at_are_beside_all(tmp_path):
    one = component(tmp_path, "copyright")
    pointer = "see `/usr/share/common-licenses/GPL-2', /usr/share/common-licenses/LGPL-2.1.\n"
    one.texts[0].source.write_text(pointer)
    paths = write_texts(one, tmp_path / "out")
    assert paths == ["made-up-1/copyright", "common/GPL-2.txt", "common/LGPL-2.1.txt"]
    assert "Version 2.1" in (tmp_path / "out" / paths[2]).read_text()


def test_a_text_that_points_at_nothing_is_refused(tmp_path):
    one = component(tmp_path, "copyright")
    one.texts[0].source.write_text("see /usr/share/common-licenses/Mystery-7")
    with pytest.raises(ValueError, match="licence Mystery-7: must be in packaging/licences"):
        write_texts(one, tmp_path / "out")


def test_a_component_without_a_text_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"Made up \(1\): must have a licence text, has none"):
        write_texts(component(tmp_path), tmp_path)


def test_two_texts_of_one_name_are_refused(tmp_path):
    (tmp_path / "other").write_text("else")
    texts = (*component(tmp_path, "LICENSE").texts, Text("LICENSE", tmp_path / "other"))
    with pytest.raises(ValueError, match="must not share the name made-up-1/LICENSE"):
        write_texts(Component("made up 1", "", "MIT", "", "data", texts), tmp_path / "out")


def test_licences_that_conflict_fail_all_at_once(tmp_path):
    good = component(tmp_path)
    bad = component(tmp_path, name="beta", licence="GPL-2.0-only")
    worse = component(tmp_path, name="gamma", licence="MIT AND SSPL-1.0")
    with pytest.raises(ValueError, match=r"GPL-3.0: beta \(GPL-2.0-only\); gamma \(SSPL-1.0\)$"):
        materials.refuse_conflicts({good: [], bad: [], worse: []})


def test_open_questions_are_told_and_let_the_build_go_on(tmp_path, capsys):
    name, licence = "Intel oneAPI Math Kernel Library (in torch)", "LicenseRef-Intel-Simplified"
    kernel = component(tmp_path, name=name, licence=licence)
    materials.refuse_conflicts({kernel: []})
    assert f"open question: {name} is inside under {licence}" in capsys.readouterr().err
    assert "## Not settled" in page({kernel: []}, {name: ["intel/LICENSE"]})


def test_the_folder_has_texts_table_and_page(made_up, monkeypatch):
    monkeypatch.setattr(materials, "bill", lambda *_: "{}")
    old = made_up / "_internal" / "licences" / "gone" / "LICENSE"
    old.parent.mkdir(parents=True)
    old.write_text("of an earlier build")
    materials.write_materials(made_up)
    folder = made_up / "_internal" / "licences"
    rows = json.loads((folder / "components.json").read_text())
    assert [row["name"] for row in rows] == ["alpha", "Python", "tlmri"]
    assert rows[0] == {
        "name": "alpha",
        "version": "1.0",
        "licence": "LGPL-3.0-only",
        "home": "",
        "kind": "python",
        "files": ["alpha/LICENSE"],
    }
    assert all((folder / file).is_file() for row in rows for file in row["files"])
    assert not old.exists()
    told = (folder / "THIRD-PARTY.md").read_text()
    assert "| alpha | 1.0 | LGPL-3.0-only | [alpha](alpha/) |" in told
    assert "- alpha: in `_internal/alpha`" in told
    assert "complete source" in told
    assert "## Not settled" not in told


def test_the_command_says_what_is_not_known(made_up, capsys):
    (made_up / "_internal" / "libmystery.so").write_bytes(ELF)
    assert materials.main([str(made_up)]) == 1
    assert capsys.readouterr().err == (
        "error: belong to no component whose licence is known: _internal/libmystery.so\n"
    )


def test_the_page_tells_the_terms_of_the_data_of_networks(tmp_path):
    card = component(tmp_path, "net.md", kind="data")
    card.texts[0].source.write_text("# A\n\nPhotographs. Terms: research only.\n")
    assert "- Photographs. Terms: research only. (1 networks)" in page(
        {card: []}, {card.name: ["a/net.md"]}
    )


@needs_cyclonedx
def test_the_bill_follows_the_schema_and_is_the_same_each_time(made_up, tmp_path, monkeypatch):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    beta = component(tmp_path, name="beta", kind="data")
    alpha = component(tmp_path, name="alpha", purl="pkg:pypi/alpha@1", home="https://alpha")
    inside = {alpha: ["_internal/alpha/fast.so", "_internal/resources/style.qss"], beta: []}
    told = bill(made_up, inside)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told) is None
    assert told == bill(made_up, inside)
    first, second = json.loads(told)["components"]
    assert (first["purl"], second["type"]) == ("pkg:pypi/alpha@1", "data")
    (native,) = first["components"]
    assert native["name"] == "_internal/alpha/fast.so"
    assert native["hashes"] == [
        {"alg": "SHA-256", "content": hashlib.sha256(ELF).hexdigest()},
    ]
    (made_up / "_internal" / "alpha" / "fast.so").write_bytes(ELF + b"changed")
    other = bill(made_up, inside)
    assert json.loads(other)["serialNumber"] != json.loads(told)["serialNumber"]


@needs_cyclonedx
def test_the_bill_has_a_time_only_where_one_is_given(made_up, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert "timestamp" not in json.loads(bill(made_up, {}))["metadata"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert json.loads(bill(made_up, {}))["metadata"]["timestamp"] == "1970-01-02T00:00:00+00:00"
