"""The conversation with a child process: what is heard, what is asked, and when it is over."""

import pytest

from core import jobs as core_jobs
from tlmri_gui.conversation import Conversation, Replies
from tlmri_gui.jobs import Failure, Job, Status


@pytest.fixture
def heard():
    return []


@pytest.fixture
def talk(runner, children, heard):
    def listen(name):
        return lambda *arguments: heard.append((name, *arguments))

    names = ("succeeded", "was_cancelled", "failed", "started", "progressed", "published")
    return Conversation(runner, Status("Talk"), Replies(**{name: listen(name) for name in names}))


def work(context, argument):
    raise AssertionError("no process is started")


def test_events_reach_their_replies_unwrapped(talk, children, heard):
    talk.start(work, 7)
    [child] = children
    child.say(core_jobs.Started())
    child.say(core_jobs.Progressed(0.5, "half"))
    child.say(core_jobs.Published("a point"))
    child.say(core_jobs.Acknowledged("stop"))
    assert talk.is_open
    child.say(core_jobs.Succeeded("a result"))
    assert not talk.is_open
    assert heard == [
        ("started",),
        ("progressed", 0.5, "half"),
        ("published", "a point"),
        ("succeeded", "a result"),
    ]
    assert child.status == Status("Talk")


@pytest.mark.parametrize(
    ("event", "reply"),
    [
        (core_jobs.WasCancelled(), ("was_cancelled",)),
        (core_jobs.Failed("why", "where"), ("failed", Failure("why", "where"))),
    ],
)
def test_every_last_word_ends_it(talk, children, heard, event, reply):
    talk.start(work, 7)
    children[0].say(event)
    assert heard == [reply]
    assert not talk.is_open


def test_what_is_left_out_is_not_listened_to(runner, children):
    talk = Conversation(runner, Status(), Replies())
    for last in (core_jobs.Succeeded(1), core_jobs.WasCancelled(), core_jobs.Failed("why")):
        talk.start(work, 7)
        for event in (core_jobs.Started(), core_jobs.Progressed(0, ""), core_jobs.Published(1)):
            children[-1].say(event)
        children[-1].say(last)
        assert not talk.is_open


def test_a_child_is_started_with_what_was_prepared(talk, children, settle):
    talk.prepare(Job("prepare", lambda _: (work, 7)))
    assert not talk.is_open
    settle()
    assert talk.is_open
    assert (children[0].function, children[0].argument) == (work, 7)


def test_what_is_called_off_while_it_is_prepared_is_never_started(talk, children, heard, settle):
    talk.prepare(Job("prepare", lambda _: (work, 7)))
    talk.cancel()
    settle()
    assert heard == [("was_cancelled",)]
    assert children == []
    talk.prepare(Job("prepare", lambda _: (work, 7)))  # the next one is
    settle()
    assert len(children) == 1


def test_a_preparation_that_fails_says_so(talk, children, heard, settle):
    def refuse(_):
        raise ValueError("no")

    told = []
    talk.prepare(Job("prepare", refuse, on_error=told.append))
    settle()
    assert [failure.message for failure in told] == ["no"]
    assert heard == []
    assert children == []


def test_requests_reach_the_child_that_is_there(talk, children):
    talk.stop()
    talk.cancel()
    talk.cancel_at_once()
    talk.start(work, 7)
    talk.stop()
    talk.cancel()
    talk.cancel_at_once()
    assert children[0].asked == ["stop", "cancel", "cancel", "kill"]
    children[0].say(core_jobs.WasCancelled())
    talk.stop()
    assert len(children[0].asked) == 4


def test_a_reply_may_start_the_next_child(runner, children):
    talk = Conversation(runner, Status(), Replies(failed=lambda _: talk.start(work, 8)))
    talk.start(work, 7)
    children[0].say(core_jobs.Failed("out of memory"))
    assert talk.is_open
    assert [child.argument for child in children] == [7, 8]
