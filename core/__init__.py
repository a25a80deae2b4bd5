"""Accelerated MRI reconstruction by transfer learning: everything but the window."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("tlmri-gui")
except PackageNotFoundError:  # a source tree that was never installed, as on a training machine
    __version__ = "0+source"
