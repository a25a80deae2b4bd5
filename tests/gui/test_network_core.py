"""Which parts of networks can be tuned alone, as the window learns it: against the weights."""

from dataclasses import replace

import pytest
import torch

from core import checkpoints
from core.networks import NETWORKS, files
from core.training.part_names import PARTS
from core.training.parts import parameters_of
from tlmri_gui.network_core import shared_parts, untrained_parts


@pytest.mark.parametrize("family", checkpoints.families())
def test_the_parts_of_a_family_are_those_that_its_weights_have(family):
    members = checkpoints.families()[family]
    model = files.load(members[0].path, torch.device("cpu"))
    parts = shared_parts(members)
    for name in PARTS.names():
        if name in parts:
            assert parameters_of(model, name)
        else:
            with pytest.raises(ValueError, match="trainable must be one of"):
                parameters_of(model, name)


def test_networks_of_several_architectures_share_what_all_have():
    infos = [checkpoints.find(name, 4.0) for name in ("natural", "unet-natural")]
    assert shared_parts(infos) == ("all", "last block")
    assert all(untrained_parts(name)[0] == "all" for name in NETWORKS.names())


def test_of_a_network_that_cannot_be_built_all_are_offered():
    info = checkpoints.find("natural", 4.0)
    unknown = replace(info, config={**info.config, "architecture": "none such"})
    assert shared_parts([unknown]) == PARTS.names()
