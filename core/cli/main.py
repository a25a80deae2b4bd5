"""Entry point of ``tlmri``: arguments in, exit code out, every refusal in one line.

Exit codes: 0 done, 1 a check failed or the machine did not suffice (no screen, too old), 2 bad
input, 130 interrupted; the launcher of Linux keeps to them.
The sub-commands import what they need when they run, so that ``--help`` answers at once.
Without a command, as an icon or a double click on a file starts it, the window opens.
"""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from core import __version__, screen, streams, system_needs
from core.cli import (
    demo,
    doctor,
    finetune,
    gpu,
    gui,
    mrf,
    recon,
    start_message,
    study,
    train,
)
from core.threads import share_the_processor

COMMANDS = (gui, demo, recon, finetune, train, study, mrf, doctor, gpu)
"""Modules with ``add(subparsers)``, which gives its parser a default ``run(args) -> int``."""

WINDOW = "gui"
DONE, BAD_INPUT, INTERRUPTED, FAILED = 0, 2, 130, 1

_NOT_OPENED, _HAS_FAILED = "tlmri could not open its window.", "tlmri has failed."


class _BadArguments(SystemExit):
    """argparse's way to end on an error, with what was wrong."""

    def __init__(self, reason: str) -> None:
        super().__init__(BAD_INPUT)
        self.reason = reason


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: error: {message} (see '{self.prog} --help')", file=sys.stderr)
        raise _BadArguments(message)


def parser() -> argparse.ArgumentParser:
    """The parser with all sub-commands."""
    top = _Parser(
        prog="tlmri",
        description="Accelerated MRI reconstruction by transfer learning.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"tlmri {__version__}")
    subparsers = top.add_subparsers(metavar="COMMAND", required=True, dest="command")
    for command in COMMANDS:
        command.add(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    streams.ensure()
    code = _run(argv)
    try:
        sys.stdout.flush()
    except OSError as error:
        _give_up_output()
        if code == DONE:
            print(f"tlmri: error: {_reason(error)}", file=sys.stderr)
            return BAD_INPUT
    return code


def _give_up_output() -> None:
    """Let nobody write what is left, which Python would try once more, and complain, at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _run(argv: Sequence[str] | None) -> int:
    share_the_processor()
    # Where the home is read-only it advises to set a variable, to those who never heard of it.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = _with_command(arguments)
        args = parser().parse_args(arguments)
    except _BadArguments as bad:
        if _is_for_window(arguments):
            _show(_NOT_OPENED, bad.reason)
        return BAD_INPUT
    except SystemExit as done:  # argparse's way to end after --help
        return done.code if isinstance(done.code, int) else 0
    too_old = system_needs.refusal()
    if too_old:
        return _refuse(args, too_old, FAILED)
    if not _is_somewhere():
        reason = "the current folder no longer exists: change to another one"
        return _refuse(args, reason, BAD_INPUT)
    args.command_line = shlex.join(["tlmri", *arguments])
    run: Callable[[argparse.Namespace], int] = args.run
    try:
        return run(args)
    except KeyboardInterrupt as interrupt:
        return _refuse(args, f"interrupted{interrupt}", INTERRUPTED)
    except gui.CannotOpenError as error:
        return _refuse(args, _reason(error), FAILED)
    except (ValueError, OSError) as error:
        return _refuse(args, f"{_reason(error)}{_advice(error, args)}", BAD_INPUT)
    except MemoryError as error:
        return _refuse(args, f"out of memory: {_reason(error)}", FAILED)
    except Exception as error:
        from core.devices import is_out_of_memory

        if is_out_of_memory(error):
            remedy = "add --device cpu" if hasattr(args, "device") else "choose the processor"
            advice = f"if it was a GPU's, {remedy}"
            return _refuse(args, f"out of memory ({advice}): {_reason(error)}", FAILED)
        if args.command == WINDOW:
            _show(_headline(args), f"{type(error).__name__}: {_reason(error)}")
        raise


def _is_somewhere() -> bool:
    """Whether the current folder exists; without one, torch's libraries end the process."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _with_command(arguments: list[str]) -> list[str]:
    """The arguments, with the command for the window where they name none.

    Raises
    ------
    SystemExit
        If the first of them looks like a file and there is none.
    """
    if not arguments:
        return [WINDOW] if screen.is_named() else ["--help"]
    first = arguments[0]
    if first.startswith("-") or first in {_name(module) for module in COMMANDS}:
        return arguments
    if Path(first).exists():
        return [WINDOW, *arguments]
    if _is_path(first):
        parser().error(f"{first}: no such file")
    return arguments


def _name(command: ModuleType) -> str:
    return command.__name__.rpartition(".")[2]


def _is_path(word: str) -> bool:
    """Whether a word looks like a file, be it there or not, rather than a command."""
    path = Path(word)
    return not word.startswith("-") and bool(path.name != word or path.suffix)


def _is_for_window(arguments: Sequence[str]) -> bool:
    return bool(arguments) and (arguments[0] == WINDOW or _is_path(arguments[0]))


def _refuse(args: argparse.Namespace, reason: str, code: int) -> int:
    print(f"tlmri {args.command}: error: {reason}", file=sys.stderr)
    if args.command == WINDOW and code != INTERRUPTED:
        _show(_headline(args), reason)
    return code


def _headline(args: argparse.Namespace) -> str:
    return _HAS_FAILED if getattr(args, "is_opened", False) else _NOT_OPENED


def _show(headline: str, reason: str) -> None:
    """Tell those who clicked on an icon."""
    start_message.show(f"{headline}\n\n{reason}")


def _reason(error: BaseException) -> str:
    """The error on one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def _advice(error: BaseException, args: argparse.Namespace) -> str:
    """Where to say what a scan's file leaves open; empty for other errors."""
    from core.io import ScanInDoubtError

    if not isinstance(error, ScanInDoubtError):
        return ""
    option = f"by option --{error.field}, or " if hasattr(args, error.field) else ""
    return f" (say it {option}once in the window, 'tlmri gui FILE', which remembers it)"


if __name__ == "__main__":
    sys.exit(main())
