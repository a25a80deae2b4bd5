"""Entry point of ``tlmri``: arguments in, exit code out, every refusal in one line.

Exit codes: 0 done, 1 a check failed or the machine did not suffice, 2 bad input, 130 interrupted.
The sub-commands import what they need when they run, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from core import __version__
from core.cli import demo, doctor, finetune, gpu, gui, mrf, recon, study, train
from core.threads import share_the_processor

COMMANDS = (gui, demo, recon, finetune, train, study, mrf, doctor, gpu)
"""Modules with ``add(subparsers)``, which gives its parser a default ``run(args) -> int``."""

BAD_INPUT, INTERRUPTED, FAILED = 2, 130, 1


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: error: {message} (see '{self.prog} --help')\n")


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
    share_the_processor()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        args = parser().parse_args(arguments)
    except SystemExit as done:  # argparse's way to end after --help and on errors
        return done.code if isinstance(done.code, int) else 0
    args.command_line = shlex.join(["tlmri", *arguments])
    run: Callable[[argparse.Namespace], int] = args.run
    try:
        return run(args)
    except KeyboardInterrupt as interrupt:
        return _refuse(args.command, f"interrupted{interrupt}", INTERRUPTED)
    except (ValueError, OSError) as error:
        return _refuse(args.command, f"{_reason(error)}{_advice(error, args)}", BAD_INPUT)
    except MemoryError as error:
        return _refuse(args.command, f"out of memory: {_reason(error)}", FAILED)
    except RuntimeError as error:
        from core.devices import is_out_of_memory

        if not is_out_of_memory(error):
            raise
        advice = "if it was a GPU's, add --device cpu"
        return _refuse(args.command, f"out of memory ({advice}): {_reason(error)}", FAILED)


def _refuse(command: str, reason: str, code: int) -> int:
    print(f"tlmri {command}: error: {reason}", file=sys.stderr)
    return code


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
