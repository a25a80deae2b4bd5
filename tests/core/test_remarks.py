from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.checkpoints import CheckpointInfo
from core.masks import PATTERNS, make_mask
from core.remarks import badge, network_remarks
from core.types import Scan

TASK = {"domain": "t1", "acceleration": 4.0, "pattern": "poisson", "tuned": False}
SIMULATED = Scan("simulated", magnitude=np.ones((1, 64, 64), np.float32))
Poisson = PATTERNS["poisson"].params


def network(**task):
    return CheckpointInfo(
        Path("t1.safetensors"), "t1", "T1", "t1", 4.0, "poisson", False, frozenset(),
        {"task": {**TASK, **task}},
    )  # fmt: skip


def measured(n_coils):
    return Scan("measured", kspace=np.ones((1, n_coils, 64, 64), np.complex64))


def mask(pattern="poisson", acceleration=4.0, **params):
    chosen = PATTERNS[pattern].params(**params)
    return make_mask(pattern, (64, 64), acceleration, params=chosen)


def test_used_as_trained_there_is_nothing_to_say():
    assert network_remarks(network(), mask(), SIMULATED) == ()
    assert network_remarks(network(), mask(acceleration=4.01), measured(1)) == ()
    assert network_remarks(network(), replace(mask(), params=None), SIMULATED) == ()


@pytest.mark.parametrize(
    ("info", "used", "scan", "remark"),
    [
        (network(), mask(acceleration=6), SIMULATED, "trained for R=4, used at R=6"),
        (network(), mask("gaussian"), SIMULATED, "trained for poisson masks, used with gaussian"),
        (
            network(),
            mask(growth=5),
            SIMULATED,
            "trained for masks with a growth of the distance of 10, used at 5",
        ),
        (
            network(mask_params={"growth": 5, "centre_share": 0.1}),
            mask(growth=5),
            SIMULATED,
            "trained for masks with a share of the fully sampled centre of 0.1, used at 0.05",
        ),
        (
            network(coils="single"),
            mask(),
            measured(4),
            "trained for images of one coil, used on 4",
        ),
        (
            network(coils="complex"),
            mask(),
            measured(4),
            "trained for complex images of one coil, used on 4",
        ),
        (
            network(coils="multi"),
            mask(),
            measured(1),
            "trained for images of many coils, used on one coil",
        ),
    ],
)
def test_each_difference_is_said(info, used, scan, remark):
    assert network_remarks(info, used, scan) == (remark,)


def test_what_is_stated_counts_as_trained():
    info = network(mask_params={"growth": 5.0}, coils="multi")
    assert network_remarks(info, mask(growth=5.0), measured(4)) == ()


def test_what_is_not_known_yet_is_not_remarked():
    info = network()
    assert network_remarks(info, None, None) == ()
    assert network_remarks(info, mask(acceleration=8), None) == ("trained for R=4, used at R=8",)
    assert len(network_remarks(info, None, measured(2))) == 1


def test_settings_of_another_pattern_are_not_compared():
    found = network_remarks(network(), mask("random", centre_share=0.5), SIMULATED)
    assert found == ("trained for poisson masks, used with random",)


def test_the_badge_says_it_in_a_few_words():
    info = network(coils="single")
    assert badge(info, mask(), SIMULATED) == ""
    assert badge(info, mask(acceleration=6, growth=5), measured(4)) == (
        "trained for R=4, a growth of the distance of 10, one coil"
    )
