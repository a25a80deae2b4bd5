"""Children import torch from where their parent does; from source, since that is Python's part."""

import os
import subprocess
import sys
from pathlib import Path

from core.gpu_addon.folder import Record, folder, shipped_torch, this_python, write_record

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from core import gpu_addon
from core.gpu_addon import driver
from core.jobs import ChildJob, Succeeded

if __name__ == "__main__":
    driver.open_library = object
    driver.newest_cuda = lambda library: (13, 0)
    gpu_addon.use_if_it_fits()
    import in_the_addon
    job = ChildJob(in_the_addon.where, None)
    while not job.finished:
        event = job.next_event()
        if isinstance(event, Succeeded):
            print(in_the_addon.where(None, None), event.result, sep="\\n")
"""
MODULE = """
def where(context, argument):
    import torch
    return torch.__file__
"""


def test_parent_and_child_use_the_same_torch(tmp_path, user_folder):
    folder().mkdir(mode=0o755)
    (folder() / "torch").mkdir()
    (folder() / "torch" / "__init__.py").touch()
    (folder() / "in_the_addon.py").write_text(MODULE)
    write_record(folder(), Record(shipped_torch(), "13.0", this_python()))
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(folder() / "torch" / "__init__.py")] * 2
