"""Where the installers' application begins: in the program itself and in each of its children."""

import multiprocessing
import os
import sys

from core import paths, streams
from core.threads import share_the_processor

if __name__ == "__main__":
    streams.ensure()  # before the first warning
    share_the_processor()  # before a child, whose task imports torch, begins
    multiprocessing.freeze_support()  # in a child: does its task, and does not return
    # Of its own: another matplotlib's settings and list of fonts need not fit. Children inherit it.
    os.environ.setdefault("MPLCONFIGDIR", str(paths.caches() / "matplotlib"))
    from core.gpu_addon import use_if_it_fits

    use_if_it_fits()
    from core.cli.main import main

    sys.exit(main())
