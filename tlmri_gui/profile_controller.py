"""The line profile: from intents to the line that is shown."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QObject

from core.line_profile import Axis, LineChoice, n_lines
from tlmri_gui.profile_state import ProfileWish
from tlmri_gui.session import Session


class ProfileController(QObject):
    """Shows and moves the line; it stays inside the image whatever is wished for."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def show(self, is_shown: bool) -> None:
        """Show the profile, or no longer."""
        self._session.set_profile(replace(self._session.profile, is_shown=is_shown))

    def choose_axis(self, axis: Axis) -> None:
        """Look along the middle row or column; the line stays if it runs so already."""
        if axis != self._session.profile.choice.axis:
            self._choose(LineChoice(axis))

    def centre(self) -> None:
        """Move the line to the middle of the image."""
        self._choose(LineChoice(self._session.profile.choice.axis))

    def move(self, index: int) -> None:
        """Move the line to a row or column, the nearest there is."""
        shape = self._shape()
        if shape is not None:
            axis = self._session.profile.choice.axis
            inside = min(max(index, 0), n_lines(shape, axis) - 1)
            self._choose(LineChoice(axis, inside))

    def step(self, step: int) -> None:
        """Move the line further on, downwards or to the right if positive."""
        shape = self._shape()
        if shape is not None:
            self.move(self._session.profile.line_in(shape).index + step)

    def _choose(self, choice: LineChoice) -> None:
        is_shown = self._session.profile.is_shown
        self._session.set_profile(ProfileWish(is_shown, choice, self._shape()))

    def _shape(self) -> tuple[int, int] | None:
        scan = self._session.scan
        return None if scan is None else scan.slice_shape
