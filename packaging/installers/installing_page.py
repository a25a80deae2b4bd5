"""The parts of ``docs/installing.md`` that are measured: sizes, the window's times, the transcript.

``python -m installers.installing_page`` keeps what ``make installer`` and ``make installer-test``
found in ``docs/installing/linux.json`` and writes it between the page's markers. With
``--page-only`` it writes the page from what is kept.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from installers import sizes
from installers.project import ROOT
from installers.trial import transcript
from installers.trial.outcome import START, VISIBLE

PAGE = ROOT / "docs" / "installing.md"
KEPT = ROOT / "docs" / "installing" / "linux.json"
FOUND = ROOT / "out" / "installer-test" / "transcript.json"
SIZES = ROOT / "build" / "sizes.json"
BEGIN, END = "<!-- made by make installer-test: {name} -->", "<!-- end -->"
Json = Mapping[str, Any]


def parts(kept: Json) -> dict[str, str]:
    """Markdown by the name of its marker."""
    return {
        "sizes": sizes.markdown(kept["sizes"]),
        "window": window_times(kept["trials"]),
        "transcript": transcript_part(kept["trials"]),
    }


def window_times(trials: Sequence[Json]) -> str:
    """When the window was visible, by package."""
    lines = ["| Package | Start | Window |", "|---|---|---|"]
    for trial in trials:
        for outcome in trial["outcomes"]:
            if VISIBLE in (found := outcome["findings"]):
                start = found.get(START, "warm, one after the other")
                times = {name: value for name, value in found.items() if name != START}
                said = ", ".join(transcript.findings({"findings": times}))
                lines.append(f"| `{trial['package']}` | {start} | {said} |")
    return "\n".join(lines)


def transcript_part(trials: Sequence[Json]) -> str:
    """Each package: its steps in a table, and folded away what each printed last."""
    written = []
    for trial in trials:
        written.append(f"### `{trial['package']}`\n\nTried in {trial['place']}.")
        written.append(transcript.table(trial))
        said = "\n\n".join(transcript.step(outcome, "###") for outcome in trial["outcomes"])
        head = "<details>\n<summary>What each step printed last</summary>"
        written.append(f"{head}\n\n{said}\n\n</details>")
    return "\n\n".join(written)


def filled(page: str, written: Mapping[str, str]) -> str:
    """The page with every part between its markers.

    Raises
    ------
    ValueError
        If a marker is missing.
    """
    for name, text in written.items():
        start = BEGIN.format(name=name)
        before, found, after = page.partition(start)
        _, closed, rest = after.partition(END)
        if not found or not closed:
            raise ValueError(f"page must have the markers '{start}' and '{END}', one is missing")
        page = f"{before}{start}\n\n{text}\n\n{END}{rest}"
    return page


def main(arguments: Sequence[str] | None = None) -> int:
    """Keep what was found and write the page."""
    parser = argparse.ArgumentParser(
        prog="python -m installers.installing_page", description=main.__doc__
    )
    parser.add_argument("--trials", type=Path, default=FOUND, help="what the trial wrote")
    parser.add_argument("--sizes", type=Path, default=SIZES, help="what installers.sizes wrote")
    parser.add_argument("--page-only", action="store_true", help="from what is kept")
    args = parser.parse_args(arguments)
    if not args.page_only:
        found = {"sizes": _load(args.sizes), "trials": _load(args.trials)}
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), parts(_load(KEPT))), encoding="utf-8")
    return 0


def _load(path: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    raise SystemExit(main())
