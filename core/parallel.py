"""Pieces of work side by side on threads: results in order, and never many pieces at once.

Threads rather than processes, since all of them read one scan that lies in memory once, and torch
lets go of the interpreter's lock while it computes. They share the processor's cores evenly: more
threads than cores wait for one another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

import torch

from core.progress import Cancelled, Progress

T = TypeVar("T")
R = TypeVar("R")

MOST_BY_DEFAULT = 8
"""Pieces at once unless asked for: each needs memory, and more share the cores' caches."""

_SECONDS_BETWEEN_REPORTS = 0.1


def default_workers() -> int:
    """One piece of work for each thread that torch may use, up to :data:`MOST_BY_DEFAULT`."""
    return min(torch.get_num_threads(), MOST_BY_DEFAULT)


def workers_on(device: torch.device) -> int:
    """Slices to work on at once on a device: 1 on a GPU, whose memory they would share."""
    return default_workers() if device.type == "cpu" else 1


def in_order(
    work: Callable[[T, Progress], R], items: Sequence[T], workers: int, progress: Progress
) -> Iterator[R]:
    """Result of each item, in the order of the items, as they come.

    At most ``workers`` items are at work. Of the others at most as many wait, begun or done, for
    one that takes longer; no item is begun before there is room. What is left is given up when an
    item fails, the hook cancels or nobody asks for the next result.

    Parameters
    ----------
    work
        Function of an item and a progress hook of its own, which raises
        :class:`core.progress.Cancelled` once the item is given up.
    items
        What to work on.
    workers
        Threads; torch's own threads are shared out among them.
    progress
        Hook of the whole, called on the thread of the caller only, with the message of the item
        whose result is next; it may cancel.

    Raises
    ------
    ValueError
        If ``workers`` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    return _in_order(work, items, max(1, min(workers, len(items))), _Board(len(items), progress))


def _in_order(
    work: Callable[[T, Progress], R], items: Sequence[T], workers: int, board: _Board
) -> Iterator[R]:
    own = torch.get_num_threads()
    pool = ThreadPoolExecutor(
        workers, initializer=torch.set_num_threads, initargs=(max(1, own // workers),)
    )
    begun: deque[tuple[int, Future[R]]] = deque()
    try:
        for i, item in enumerate(items):
            if len(begun) == 2 * workers:
                yield board.result(*begun.popleft())
            begun.append((i, pool.submit(board.run, i, work, item)))
        while begun:
            yield board.result(*begun.popleft())
    finally:
        board.give_up()
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(own)  # the workers have set that of threads to come


class _Board:
    """How far each item is and what it says, written by the workers and read by their caller."""

    def __init__(self, n_items: int, progress: Progress) -> None:
        self._fractions = [0.0] * n_items
        self._messages = [""] * n_items
        self._progress = progress
        self._given_up = Event()

    def run(self, index: int, work: Callable[[T, Progress], R], item: T) -> R:
        """On a worker: work on an item."""

        def report(fraction: float, message: str = "") -> None:
            if self._given_up.is_set():
                raise Cancelled
            self._fractions[index] = fraction
            self._messages[index] = message

        result = work(item, report)
        self._fractions[index] = 1.0
        return result

    def result(self, index: int, future: Future[R]) -> R:
        """On the caller's thread: wait for an item's result, and say meanwhile what it does."""
        while True:
            is_done = bool(wait([future], _SECONDS_BETWEEN_REPORTS).done)
            fraction = sum(self._fractions) / len(self._fractions)
            self._progress(fraction, self._messages[index])
            if is_done:
                return future.result()

    def give_up(self) -> None:
        """Have every item at work cancelled at its next report."""
        self._given_up.set()
