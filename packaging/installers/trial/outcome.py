"""What came of a command, and of a step of the trial."""

from __future__ import annotations

from dataclasses import dataclass, field

LINES_KEPT = 40

VISIBLE, MEDIAN, START = "visible_s", "median_s", "start"
"""Findings: seconds until the window was visible, of one start or several; what start it was."""


@dataclass(frozen=True)
class Finished:
    """A command that has ended.

    Attributes
    ----------
    code
        Its exit code; None if it ran out of time and was killed.
    seconds
        Wall time.
    output
        What it wrote to both streams.
    left
        Names of processes that were still there when it had ended.
    """

    code: int | None
    seconds: float
    output: str
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A step of the trial and what came of it; one with problems has failed.

    Attributes
    ----------
    title, command
        What was tried, and the command line as a user would type it.
    code, seconds
        As in :class:`Finished`.
    output
        The last lines of it.
    problems
        What is not as it should be, one line each.
    findings
        What was measured, by name.
    """

    title: str
    command: str
    code: int | None
    seconds: float
    output: str = ""
    problems: tuple[str, ...] = ()
    findings: dict[str, float | str | list[float]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether there is no problem."""
        return not self.problems


def last_lines(output: str, n_lines: int = LINES_KEPT) -> str:
    """The end of an output as a terminal would show it: progress bars leave their last state."""
    lines = [line.rsplit("\r", 1)[-1].rstrip() for line in output.replace("\r\n", "\n").split("\n")]
    return "\n".join([line for line in lines if line][-n_lines:])


def general_problems(finished: Finished, expected_code: int = 0) -> tuple[str, ...]:
    """What no step may do: another exit code, an exception's traceback, processes left behind."""
    problems = []
    if finished.code is None:
        problems.append(f"not done after {finished.seconds:.0f} s")
    elif finished.code != expected_code:
        problems.append(f"exit code {finished.code}, not {expected_code}")
    if "Traceback (most recent call last)" in finished.output:
        problems.append("a traceback in its output")
    if finished.left:
        problems.append(f"left processes behind: {', '.join(finished.left)}")
    return tuple(problems)
