import os
import subprocess
import sys

import pytest

from core.threads import WAIT_POLICY, share_the_processor

CODE = """
import os, sys
from core.cli.main import main
main(["--version"])
assert "torch" not in sys.modules
print(os.environ["OMP_WAIT_POLICY"])
"""


@pytest.mark.parametrize(("given", "expected"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_sleep_while_they_wait_unless_told_otherwise(given, expected):
    """Before torch is imported: its libraries read it once."""
    environment = {k: v for k, v in os.environ.items() if k != WAIT_POLICY}
    if given is not None:
        environment[WAIT_POLICY] = given
    words = [sys.executable, "-c", CODE]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == expected


def test_it_is_set_once(monkeypatch):
    monkeypatch.setenv(WAIT_POLICY, "")  # so that it is put back
    monkeypatch.delenv(WAIT_POLICY)
    share_the_processor()
    assert os.environ[WAIT_POLICY] == "PASSIVE"
