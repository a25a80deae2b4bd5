from core import jobs
from core.doctor import CHILDREN, LOOKS, Check, Course, Outcome

FOUND = Check("tlmri", "1.0")


def test_answers_are_taken_off():
    course = Course(["tlmri", "Python"])
    assert course.hear(jobs.Started()) is None
    assert course.hear(jobs.Progressed(0.0, "tlmri")) is None
    assert course.hear(jobs.Published(FOUND)) == FOUND
    assert course.left == ["Python"]


def test_a_crash_is_the_finding_of_the_check_it_happened_in():
    course = Course(["tlmri", "adjoint operators", "memory"])
    course.hear(jobs.Started())
    course.hear(jobs.Published(FOUND))
    crash = course.hear(jobs.Failed("ended from outside (signal 11)\nin /mnt/anna/x"))
    assert crash.name == "adjoint operators"
    assert "signal 11" in crash.found
    assert "anna" not in crash.found
    assert crash.advice == LOOKS["adjoint operators"].advice
    assert not crash.passed
    assert course.left == ["memory"]
    assert not course.is_hopeless
    assert course.of_children() == Check(CHILDREN, "they start, answer and end")


def test_a_second_child_that_does_not_start_is_told():
    course = Course(["tlmri", "memory"])
    course.hear(jobs.Started())
    course.hear(jobs.Failed("signal 11"))
    assert course.hear(jobs.Failed("the process ended without a result (exit code 2)")) is None
    assert course.is_hopeless
    told = course.of_children()
    assert told.outcome is Outcome.FAILED
    assert "exit code 2" in told.found
    assert "install tlmri again" in told.advice
    assert course.left == ["memory"]


def test_a_child_that_does_not_end_well_is_told():
    course = Course(["tlmri"])
    course.hear(jobs.Started())
    course.hear(jobs.Published(FOUND))
    assert course.hear(jobs.Failed("signal 11")) is None
    assert not course.of_children().passed
