"""Is this installation sound? Facts about it, and checks that can fail.

Nothing here names the user, the machine or a folder of theirs, so that the answer can be pasted
into a report. Torch is imported by the checks that need it.
"""

from core.doctor.check import Check, Finding, Look, Outcome, failed, note
from core.doctor.course import CHILDREN, Course
from core.doctor.examination import examination_job, examine, look_at
from core.doctor.hearing import events
from core.doctor.looks import LOOKS, QT
from core.doctor.text import is_sound, lines, page, verdict

__all__ = [
    "CHILDREN",
    "LOOKS",
    "QT",
    "Check",
    "Course",
    "Finding",
    "Look",
    "Outcome",
    "events",
    "examination_job",
    "examine",
    "failed",
    "is_sound",
    "lines",
    "look_at",
    "note",
    "page",
    "verdict",
]
