"""The trial of the built Linux packages, each in a place of its own that has no Python.

``python -m installers.trial PACKAGE ...`` installs each package, runs what users run, opens the
window on a virtual screen, and writes what happened.
"""
