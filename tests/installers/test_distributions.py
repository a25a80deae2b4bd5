import importlib.metadata

import pytest
from packaging.requirements import Requirement

from installers import distributions
from installers.compatibility import refused
from tests.installers.made_up import distribution

WHOLE = {
    "Apache-2.0": "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION",
    "MPL-2.0": "Exhibit B",
    "LGPL-3.0-only": "0. Additional Definitions",
    "GPL-3.0-only": "TERMS AND CONDITIONS",
}
"""Licences that must be shipped whole, and words that the notice alone has not."""


def test_a_distribution_says_its_licence_in_spdx(tmp_path):
    one = distribution(tmp_path, "made-up", "License-Expression: MIT AND (Zlib OR ISC)")
    assert distributions.licence(one) == "MIT AND (Zlib OR ISC)"
    older = distribution(tmp_path / "older", "made-up", "License: BSD-3-Clause")
    assert distributions.licence(older) == "BSD-3-Clause"


def test_a_licence_named_by_hand_goes_first(tmp_path):
    one = distribution(tmp_path, "Sortedcontainers", "License: Apache 2.0")
    assert distributions.licence(one) == "Apache-2.0"


@pytest.mark.parametrize(
    "metadata", ["License: BSD licence", "Classifier: License :: OSI Approved :: MIT License"]
)
def test_a_distribution_without_a_licence_in_spdx_is_refused(tmp_path, metadata):
    one = distribution(tmp_path, "made-up", metadata)
    with pytest.raises(ValueError, match=r"licence of made-up: must be named in packaging/.*"):
        distributions.licence(one)


def test_licences_notices_and_authors_are_its_texts_and_code_is_not(tmp_path):
    files = [
        "made_up-1.0.dist-info/licenses/LICENSE",
        "made_up-1.0.dist-info/licenses/third_party/fast/plain.txt",
        "made_up-1.0.dist-info/AUTHORS.rst",
        "made_up/fonts/LICENSE_FONT",
        "made_up/license.py",
        "made_up/table.txt",
    ]
    texts = distributions.texts(distribution(tmp_path, "made_up", files=files))
    assert [text.name for text in texts] == [
        "AUTHORS.rst",
        "LICENSE",
        "made_up/fonts/LICENSE_FONT",
        "third_party/fast/plain.txt",
    ]
    assert texts[1].source.read_text() == f"text of {files[0]}"


def test_a_component_has_the_home_of_its_links(tmp_path):
    links = "Project-URL: Changelog, https://one\nProject-URL: Homepage, https://two"
    one = distributions.component(
        distribution(tmp_path, "Made_Up", f"License-Expression: MIT\n{links}", version="2.0+cpu")
    )
    assert (one.home, one.purl) == ("https://two", "pkg:pypi/made-up@2.0")


def _needed(name, found):
    """A distribution and all that it needs here, extras left out."""
    if name in found:
        return found
    one = importlib.metadata.distribution(name)
    found[distributions.normalised(name)] = one
    for line in one.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            _needed(distributions.normalised(requirement.name), found)
    return found


def test_all_that_tlmri_needs_has_a_text_and_a_licence_that_goes_with_gpl_3():
    needed = _needed("tlmri-gui", {})
    assert {"torch", "pyqt6", "numpy", "sigpy"} <= needed.keys()
    for one in needed.values():
        component = distributions.component(one)
        assert component.texts, component.name
        assert refused(component) == [], component.name
        for licence, words in WHOLE.items():
            if licence in component.licence.split() and "OR" not in component.licence.split():
                texts = [text.source.read_text(errors="replace") for text in component.texts]
                assert any(words in text for text in texts), component.name
