"""Refusals in the words of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def options_named(options: Mapping[str, str]) -> Iterator[None]:
    """Name options instead of settings in what is refused within.

    Parameters
    ----------
    options
        Name of a setting to its option as an attribute: ``n_atoms`` to ``atoms``.

    Raises
    ------
    ValueError
        What was refused within, with ``--atoms`` for ``n_atoms``.
    """
    try:
        yield
    except ValueError as error:
        settings = "|".join(map(re.escape, options))
        text = re.sub(rf"\b({settings})\b", lambda found: _option(options[found[0]]), str(error))
        raise ValueError(text) from None


def _option(attribute: str) -> str:
    return f"--{attribute.replace('_', '-')}"
