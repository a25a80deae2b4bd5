"""A named table of interchangeable things: masks, methods, formats, domains, definitions.

The command line and the window build their lists and forms from these tables, and the tests loop
over them, so a new entry is offered and tested by being registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One registered thing.

    Attributes
    ----------
    name
        Short name, used on the command line and in files.
    label
        The name a person reads.
    item
        The thing itself.
    params
        Frozen dataclass of its settings (see :mod:`core.params`), or None.
    """

    name: str
    label: str
    item: T
    params: type[Any] | None = None


class Registry(Generic[T]):
    """Ordered table of :class:`Entry`, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Entry[T]] = {}

    def register(self, name: str, label: str, params: type[Any] | None = None) -> Callable[[T], T]:
        """Decorator that adds the decorated thing under ``name``.

        Raises
        ------
        ValueError
            If the name is taken.
        """
        if name in self._entries:
            raise ValueError(f"{self.kind} {name!r} is registered twice")

        def add(item: T) -> T:
            self._entries[name] = Entry(name, label, item, params)
            return item

        return add

    def __getitem__(self, name: str) -> Entry[T]:
        """The entry called ``name``; a ValueError that lists the names if there is none."""
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self._entries)
            raise ValueError(f"unknown {self.kind} {name!r}: choose one of {known}") from None

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self._entries.values())

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def names(self) -> tuple[str, ...]:
        """All names, in the order of registration."""
        return tuple(self._entries)

    def labels(self) -> dict[str, str]:
        """Name to label of every entry."""
        return {entry.name: entry.label for entry in self}
