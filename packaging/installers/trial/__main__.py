"""Try built packages: ``python -m installers.trial --out DIR PACKAGE ...``.

Exit code 0 if every step of every package went as it should.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from installers.trial import host_tools, install, samples, steps, window
from installers.trial.checks import Scores, scores_from_source
from installers.trial.clean_root import NoCleanRootError
from installers.trial.clean_root import make as make_clean_root
from installers.trial.outcome import Outcome
from installers.trial.place import CleanSystem, EmptiedFolder, Place
from installers.trial.screen import TOOLS, virtual_screen
from installers.trial.transcript import Scrubber, Trial, write

CACHE = Path("build", "installer-test")


def main(arguments: Sequence[str] | None = None) -> int:
    """Try each package in a place of its own and write the transcript."""
    args = _parser().parse_args(arguments)
    for package in args.packages:
        if not package.is_file():
            print(f"no such package: {package}", file=sys.stderr)
            return 2
    args.out.mkdir(parents=True, exist_ok=True)
    if missing := host_tools.see_to_them():
        print(f"This machine lacks {', '.join(missing)}, so less can be tried.", file=sys.stderr)
    samples.write_all(args.out / "samples")
    expected = None if args.without_source else scores_from_source(args.out)
    trials = [_try(package, args, expected) for package in args.packages]
    stand_ins = {str(args.out.resolve()): "(out)", str(args.cache.resolve()): "(place)"}
    stand_ins |= dict.fromkeys(_homes(args.cache), "~")
    write(trials, args.out, Scrubber(stand_ins))
    for kind in ("deb", "tar"):
        if not args.keep:
            shutil.rmtree(_folder(args.cache, kind), ignore_errors=True)
    failed = [trial.package for trial in trials if not trial.passed]
    print(f"Written: {args.out / 'transcript.md'}")
    print(f"FAILED: {', '.join(failed)}" if failed else "All steps went as they should.")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m installers.trial", description=__doc__)
    parser.add_argument("packages", type=Path, nargs="+", metavar="PACKAGE", help=".deb, .tar.gz")
    parser.add_argument("--out", type=Path, required=True, help="where the transcript goes")
    parser.add_argument("--cache", type=Path, default=CACHE, help="for the clean system")
    parser.add_argument("--keep", action="store_true", help="leave the places for looking")
    parser.add_argument(
        "--without-source", action="store_true", help="do not compare the demo with this checkout"
    )
    return parser


def _try(package: Path, args: argparse.Namespace, expected: Scores | None) -> Trial:
    kind = "deb" if install.is_deb(package) else "tar"
    place = _make_place(args.cache, kind)
    shutil.copytree(args.out / "samples", place.home / steps.SAMPLES_FOLDER)
    (place.home / "study.toml").write_text(steps.STUDY, encoding="utf-8")
    _give_to_user(place.home)
    outcomes: list[Outcome] = []
    run = _deb if kind == "deb" else _tar
    for outcome in run(place, package, expected, args.out):
        outcomes.append(outcome)
        verdict = "; ".join(outcome.problems) or "ok"
        print(f"{kind}  {outcome.seconds:7.1f} s  {outcome.title}: {verdict}", flush=True)
    return Trial(kind, package.name, place.description, tuple(outcomes))


def _deb(place: Place, package: Path, expected: Scores | None, out: Path) -> Iterator[Outcome]:
    yield install.prove_clean(place, "has no Python before")
    installed, program = install.install_deb(place, package)
    yield from installed
    yield install.prove_clean(place, "has no Python after: no dependency brought one")
    yield from _use(place, program, expected, out, "deb")
    yield from install.remove_deb(place, package)


def _tar(place: Place, package: Path, expected: Scores | None, out: Path) -> Iterator[Outcome]:
    yield install.prove_clean(place, "has no Python before")
    unpacked, program = install.unpack_tar(place, package)
    yield from unpacked
    yield steps.try_step(place, program, steps.VERSION)
    if isinstance(place, CleanSystem):
        refusal = steps.try_step(place, program, steps.NO_LIBRARIES)
        yield refusal
        yield from install.install_libraries(place, refusal)
    yield from _use(place, program, expected, out, "tar")
    yield install.add_to_menu(place, program)
    moved, program = install.move_tar(place, program)
    yield from moved
    yield steps.try_step(place, program, steps.AFTER_MOVE)


def _use(
    place: Place, program: Sequence[str], expected: Scores | None, out: Path, kind: str
) -> Iterator[Outcome]:
    for step in (*steps.work(expected), *steps.refusals()):
        yield steps.try_step(place, program, step)
    if missing := sorted({*TOOLS} & {*host_tools.missing()}):
        reason = f"this machine lacks {', '.join(missing)}"
        yield Outcome("opens the window", "tlmri gui", None, 0.0, problems=(reason,))
        return
    with virtual_screen(out / "screen.log") as screen:
        yield from window.try_window(place, program, screen, out, kind)


def _make_place(cache: Path, kind: str) -> Place:
    folder = _folder(cache, kind)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        if os.geteuid() != 0:
            raise NoCleanRootError("a system of its own needs root")
        return CleanSystem(make_clean_root(cache.resolve(), folder))
    except NoCleanRootError as error:
        folder.mkdir(parents=True)
        return EmptiedFolder(folder, str(error))


def _folder(cache: Path, kind: str) -> Path:
    return cache.resolve() / f"place-{kind}"


def _homes(cache: Path) -> set[str]:
    """The homes of the places, seen from inside and from outside."""
    homes = set()
    for root in (_folder(cache, kind) for kind in ("deb", "tar")):
        if (root / "etc").is_dir():
            home = CleanSystem(root).home
            homes |= {str(home), f"/{home.relative_to(root)}"}
        else:
            homes.add(str(root))
    return homes


def _give_to_user(home: Path) -> None:
    """Let everything in the home belong to whom the home belongs to."""
    owner = home.stat()
    for path in home.rglob("*"):
        os.chown(path, owner.st_uid, owner.st_gid)


if __name__ == "__main__":
    sys.exit(main())
