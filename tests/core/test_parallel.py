import threading
import time

import pytest
import torch

from core.parallel import MOST_BY_DEFAULT, default_workers, in_order
from core.progress import Cancelled, no_progress


class Counting:
    """Work that counts how many items are at work, and how many were begun."""

    def __init__(self, seconds=lambda item: 0.002):
        self.seconds, self.lock = seconds, threading.Lock()
        self.now = self.most = 0
        self.begun, self.threads = [], set()

    def __call__(self, item, progress):
        with self.lock:
            self.begun.append(item)
            self.now += 1
            self.most = max(self.most, self.now)
            self.threads.add((threading.get_ident(), torch.get_num_threads()))
        try:
            for i in range(4):
                time.sleep(self.seconds(item) / 4)
                progress(i / 4, f"item {item}")
        finally:
            with self.lock:
                self.now -= 1
        return item * item


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_are_in_the_order_of_the_items_whatever_takes_longest(workers):
    work = Counting(lambda item: 0.02 if item % 3 == 0 else 0.0)
    assert list(in_order(work, range(20), workers, no_progress)) == [i * i for i in range(20)]
    assert work.most <= workers
    assert len(work.threads) <= workers


def test_several_are_at_work_at_once():
    both = threading.Barrier(2, timeout=60)
    assert len(list(in_order(lambda item, progress: both.wait(), [0, 1], 2, no_progress))) == 2


def test_no_more_are_begun_than_there_is_room_for():
    work = Counting()
    results = in_order(work, range(100), 2, no_progress)
    for taken in range(1, 30):
        next(results)
        assert len(work.begun) <= taken + 2 * 2
    time.sleep(0.05)
    assert len(work.begun) <= 29 + 2 * 2, "while nobody asks for more"
    results.close()
    assert work.now == 0


def test_torchs_threads_are_shared_out_and_given_back():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        for workers, each in ((1, 4), (2, 2), (3, 1), (7, 1)):
            work = Counting()
            list(in_order(work, range(8), workers, no_progress))
            assert {n for _, n in work.threads} == {each}
            assert torch.get_num_threads() == 4
        assert default_workers() == 4
        torch.set_num_threads(MOST_BY_DEFAULT + 1)
        assert default_workers() == MOST_BY_DEFAULT
    finally:
        torch.set_num_threads(before)


def test_progress_is_told_on_the_callers_thread_and_runs_from_0_to_1():
    told = []

    def hook(fraction, message):
        told.append((fraction, message, threading.get_ident()))

    list(in_order(Counting(), range(9), 2, hook))
    fractions = [fraction for fraction, _, _ in told]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < 1
    assert fractions[-1] == 1
    assert {thread for *_, thread in told} == {threading.get_ident()}
    assert any(message.startswith("item ") for _, message, _ in told)


@pytest.mark.parametrize("stop", [Cancelled, KeyboardInterrupt])
def test_a_hook_that_cancels_ends_what_is_at_work(stop):
    given_up = []

    def endless(item, progress):
        try:
            while True:
                progress(0.5, "for ever")
                time.sleep(0.001)
        except Cancelled:
            given_up.append(item)
            raise

    def hook(fraction, message):
        if message == "for ever":
            raise stop

    with pytest.raises(stop):
        list(in_order(endless, range(50), 3, hook))
    assert 1 <= len(given_up) <= 3


def test_an_item_that_fails_ends_the_others():
    work = Counting()

    def fails(item, progress):
        if item == 3:
            raise ValueError("item 3 is bad")
        return work(item, progress)

    results = in_order(fails, range(1000), 2, no_progress)
    with pytest.raises(ValueError, match="item 3 is bad"):
        list(results)
    assert work.now == 0
    assert len(work.begun) < 12


def test_work_may_raise_what_waiting_raises():
    def slow(item, progress):
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        list(in_order(slow, [1], 1, no_progress))


def test_nothing_to_do_and_nobody_to_do_it():
    assert list(in_order(Counting(), [], 2, no_progress)) == []
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        in_order(Counting(), [1], 0, no_progress)
