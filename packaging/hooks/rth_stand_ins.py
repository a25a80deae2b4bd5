"""Run before the program: makes the stand-ins known."""

from installers import stand_ins

stand_ins.install()
