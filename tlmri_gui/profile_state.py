"""What the session holds of the line profile: a frozen wish, without Qt or torch."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.line_profile import Line, LineChoice


@dataclass(frozen=True)
class ProfileWish:
    """Whether the line profile is shown, and along which line.

    Attributes
    ----------
    is_shown
        Whether it is.
    choice
        The line that was chosen, at first the middle row.
    shape
        Of the images `(y, x)` it was chosen in; in others the middle one is meant.
    """

    is_shown: bool = False
    choice: LineChoice = field(default_factory=LineChoice)
    shape: tuple[int, int] | None = None

    def choice_in(self, shape: tuple[int, int]) -> LineChoice:
        """What is meant in images of a shape."""
        return self.choice if shape == self.shape else LineChoice(self.choice.axis)

    def line_in(self, shape: tuple[int, int]) -> Line:
        """The line that is meant in images of a shape."""
        return self.choice_in(shape).of(shape)
