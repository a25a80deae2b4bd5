import os

import pytest
import torch


@pytest.fixture
def all_cores():
    """Tests run on one thread; a benchmark takes what the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    yield
    torch.set_num_threads(before)
