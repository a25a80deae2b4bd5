"""Where the installers' application begins: in the program itself and in each of its children."""

import multiprocessing
import sys

from core.threads import share_the_processor

if __name__ == "__main__":
    share_the_processor()  # before a child, whose task imports torch, begins
    multiprocessing.freeze_support()  # in a child: does its task, and does not return
    from core.cli.main import main

    sys.exit(main())
