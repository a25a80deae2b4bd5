"""Run a command of tlmri where the installers' application would not find a module.

``python tests/installers/blocked.py ARGUMENTS OF TLMRI``: what stays out of the installers cannot
be imported, but for the stand-ins. Child processes are under the same rule.
"""

import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "packaging")]

from installers import stand_ins  # noqa: E402 - needs the path
from installers.contents import is_never_imported  # noqa: E402 - needs the path


class Blocker(MetaPathFinder):
    """Refuses what is left out, before any other finder is asked."""

    def find_spec(self, fullname, path, target=None):
        if fullname in stand_ins.STAND_INS:
            return stand_ins.spec(fullname)
        if is_never_imported(fullname):
            raise ModuleNotFoundError(f"left out of the installers: {fullname}", name=fullname)
        return None


sys.meta_path.insert(0, Blocker())

if __name__ == "__main__":
    from core.cli.main import main

    sys.exit(main())
