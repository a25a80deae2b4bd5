"""Run by PyInstaller's bootloader before tlmri on Windows: show installers that tlmri runs.

Setup and Uninstall look for the mutex of this name (``AppMutex`` in ``tlmri.iss``). Windows takes
it away with the last process that holds it, so nothing needs to let go of it.
"""

import sys

if sys.platform == "win32":
    import ctypes

    ctypes.windll.kernel32.CreateMutexW(None, False, "tlmri.tlmri")
