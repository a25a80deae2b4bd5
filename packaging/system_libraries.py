"""See to the system libraries that Qt needs: install them where we may, else say what to run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from core.system_libraries import missing_packages


def main() -> int:
    """Exit code 0 if nothing is missing (any more)."""
    missing = missing_packages()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing the system libraries that Qt needs: {' '.join(missing)}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        for command in (["apt-get", "update", "-qq"], install):
            subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
        missing = missing_packages()
    if not missing:
        return 0
    print(
        "Qt needs system libraries that are missing; on Debian and Ubuntu install them with\n"
        f"  sudo apt-get install {' '.join(missing)}",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
