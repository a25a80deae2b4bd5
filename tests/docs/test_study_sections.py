"""What the results page says of studies, from tables whose numbers are known."""

import dataclasses
import importlib
import json
from pathlib import Path

import pytest

from core.checkpoints import read_info
from core.studies.store import FORMAT
from core.studies.table import Row, write_rows
from core.types import SIMULATED

SCRIPTS = Path(__file__).parents[2] / "docs" / "results"
PEOPLE = {"ann": 1.0, "bob": -1.0}
"""Person to the offset of PSNR."""


@pytest.fixture
def sections(monkeypatch):
    """The scripts' module; they find each other by their own folder."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("studies")


def rows(method, means, rate=4.0, kind="network", supervision="full", **people):
    """Two slices of each person; ``people`` are offsets of this method alone."""
    return [
        Row(
            cell=f"{method}-{rate}-{n}-{supervision if n else 'none'}",
            target="t1",
            kind=kind,
            method=method,
            label=method.upper(),
            acceleration=rate,
            n_images=n,
            seed=1 if n else 0,
            supervision=supervision if n and kind == "network" else "none",
            person=person,
            scan=person,
            slice=index,
            definition="fastmri-volume",
            psnr_db=mean + offset + people.get(person, 0.0),
            ssim=0.9,
            nmse=0.01,
            provenance=SIMULATED,
        )
        for n, mean in means.items()
        for person, offset in PEOPLE.items()
        for index in (3, 7)
    ]


def write_study(folder, *groups, native="t1", n_missing=0, seconds=()):
    folder.mkdir(parents=True)
    found = [row for group in groups for row in group]
    write_rows(folder / "table.csv", found)
    titles = {row.cell: row.cell for row in found} | {f"gone{i}": "" for i in range(n_missing)}
    plan = {"format": FORMAT, "name": "x", "native": native, "versions": {}, "cells": titles}
    (folder / "study.json").write_text(json.dumps(plan))
    lines = ["cell,seconds_tuning,seconds_total", *(f"{c},{s},0" for c, s in seconds)]
    (folder / "times.csv").write_text("\n".join(lines) + "\n")


def headline(folder, natural=(39.95, 39.97), cs_paper=35.0, **changes):
    """A study at two R: the natural network raw, and tuned on 10 and 20 images."""
    groups = []
    for rate in (2.0, 4.0):
        groups += [
            rows("cs-paper-t1", {0: cs_paper}, rate, "baseline"),
            rows("cs", {10: 38.5}, rate, "baseline"),
            rows("natural", {0: 37.0, 10: natural[0], 20: natural[1]}, rate, **changes),
            rows("t1", {0: 39.0, 10: 40.0, 20: 40.0}, rate),
        ]
    write_study(folder / "t1", *groups, seconds=[("natural-4.0-10-full", 71.0)])


def claim(text, number):
    (line,) = (line for line in text.splitlines() if line.startswith(f"{number}. "))
    return line


def line_of(text, start):
    """The cells of the table's line that starts so."""
    (line,) = (line for line in text.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_without_studies_there_is_no_section(sections, tmp_path):
    (tmp_path / "t1").mkdir()
    assert sections.studies_section(tmp_path) == ""


def test_claims_that_hold_are_said_to(sections, tmp_path):
    headline(tmp_path)
    text = sections.studies_section(tmp_path)
    assert "leads by 2.00 dB, averaged over R, and it wins for every person" in claim(text, 1)
    assert "0.05 dB below the native one" in claim(text, 2)
    assert "the paper's 0.18 dB holds, the aim of 0.1 dB is reached" in claim(text, 2)
    assert "+4.95 dB against CS-PAPER-T1, averaged over R, where the paper's 4.0 dB holds" in claim(
        text, 3
    )
    assert "The strongest is CS (ann +1.45, bob +1.45)" in claim(text, 3)
    assert "needs 20.0 images, averaged over R (the paper: 72 with 500, 57 with 1000" in claim(
        text, 4
    )
    assert "paper's 44 is reached, the aim of 5 is **not** reached" in claim(text, 4)
    assert "what 20 images give, it needs 10.0 images" in claim(text, 4)
    assert "10 images at R=4 took 71 s" in claim(text, 5)
    assert "**not**" not in claim(text, 1) + claim(text, 2) + claim(text, 3)
    assert "By mean SSIM it is behind CS-PAPER-T1 at R = 2, 4; CS at R = 2, 4." in claim(text, 3)
    assert "does not raise" not in claim(text, 2)


def test_claims_that_do_not_hold_are_said_not_to(sections, tmp_path):
    headline(tmp_path, natural=(39.0, 39.5), cs_paper=36.0, ann=2.5)
    text = sections.studies_section(tmp_path)
    assert "does **not** hold for ann at R=2 (-0.50 dB), ann at R=4 (-0.50 dB)" in claim(text, 1)
    assert "10 images, the natural-image network is 0.25 dB above the native" in claim(text, 2)
    assert "ann +1.50, bob -1.00" in claim(text, 2)
    assert "needs more than 20 images at R = 2, 4" in claim(text, 4)
    assert "The paper's 44 cannot be judged, the aim of 5 is **not** reached" in claim(text, 4)


def test_behind_the_native_network_and_little_over_compressed_sensing(sections, tmp_path):
    headline(tmp_path, natural=(39.0, 39.5), cs_paper=36.0)
    text = sections.studies_section(tmp_path)
    for said in ("1.00 dB below", "0.50 dB below", "the paper's 0.18 dB does **not** hold"):
        assert said in claim(text, 2)
    assert "where the paper's 4.0 dB does **not** hold" in claim(text, 3)


def test_every_person_has_a_column(sections, tmp_path):
    headline(tmp_path, bob=-0.5)
    text = sections.studies_section(tmp_path)
    assert "| mean over R | ann | bob | paper |" in text
    assert line_of(text, "native − natural, both raw") == [
        *["+2.25"] * 3,
        "+2.00",
        "+2.50",
        "+1.97",
    ]


def test_a_study_that_is_not_whole_says_what_is_not_known(sections, tmp_path):
    raw = [rows("natural", {0: 37.0}, r) + rows("t1", {0: 39.0}, r) for r in (2.0, 4.0)]
    write_study(tmp_path / "t1", *raw, rows("natural", {1: 38.0}, 2.0), n_missing=5)
    text = sections.studies_section(tmp_path)
    assert "5 of 10 cells are done so far" in text
    assert claim(text, 2) == "2. After tuning: not known yet."
    assert line_of(text, "natural, within 0.1 dB of its end") == ["more than 1", "–", "–"]
    assert "psnr.png" not in text  # nothing was drawn


def test_sources_stand_beside_the_paper_with_their_training_sets(sections, tmp_path):
    few = "training-size/natural-500"
    write_study(
        tmp_path / "sources",
        rows("natural", {0: 37.0, 1: 39.0, 10: 39.01}),
        rows(few, {0: 36.0, 1: 38.0, 10: 38.8}, bob=-0.2),
        rows("t1", {0: 39.0, 1: 40.0, 10: 40.0}),
        rows("scratch", {1: 20.0, 10: 30.0}),
    )
    text = sections.studies_section(tmp_path)
    sizes = {"natural": "1000", few: "500", "scratch": "0"}
    for source, size in sizes.items():
        assert f"| {source} | {size} | 4 | mean |" in text
    assert "|  |  |  | bob | 34.80 | 36.80 | 37.60 |" in text
    assert "| natural | 1000 | 4 | 10 | 1 |" in text
    assert f"| {few} | 500 | 4 | more than 10 | more than 10 |" in text
    assert "| paper, natural images | 500 | mean of 2 to 10 | 72 |" in text
    assert "network of 500 natural images against that of 1000: -1.10 dB raw" in text
    assert "more than 10 tuning images against 10: that a smaller training set needs" in text
    assert "needs more holds here" in text
    assert line_of(text, "natural, 10 images") == ["-0.99", "-0.99", "-0.99", "-0.18"]
    assert "At R=4 the best tuned source is `t1`" in text
    assert "tuning on 10 images, having been trained before is worth +9.01 dB" in text


def test_the_training_set_is_read_from_the_network(sections, tmp_path):
    sources = importlib.import_module("study_sources")
    info = read_info(SCRIPTS.parents[1] / "resources" / "weights" / "t1-r4.safetensors")
    assert sources.training_images("t1", 4.0) == sum(info.config["provenance"]["images"].values())


def test_supervised_and_self_supervised_stand_side_by_side(sections, tmp_path):
    write_study(
        tmp_path / "self-supervised",
        rows("zf", {0: 30.0}, kind="baseline"),
        rows("natural", {0: 37.0, 10: 39.0}),
        rows("natural", {10: 38.0}, supervision="self", bob=-1.5),
        native="natural",
    )
    text = sections.studies_section(tmp_path)
    assert "| R | Person | raw | full, 10 images | self, 10 images | full − raw |" in text
    ann, bob, mean = (line.split("|")[2:] for line in text.splitlines() if line.startswith("| 4 |"))
    assert [c.strip() for c in ann[:-1]] == [
        *("ann", "38.00", "40.00", "39.00", "+2.00", "+1.00", "-1.00", "31.00")
    ]
    assert [c.strip() for c in bob[4:7]] == ["+2.00", "-0.50", "-2.50"]
    assert mean[0].strip() == "mean"
    assert "alone by +0.25 dB, 12% of it; **not** for bob." in text
    assert "stays ahead" not in text


def test_baselines_that_stay_ahead_of_self_supervision_are_named(sections, tmp_path):
    write_study(
        tmp_path / "self-supervised",
        rows("cs", {0: 38.5}, kind="baseline", ann=-1.0),
        rows("natural", {0: 37.0, 10: 39.0}),
        rows("natural", {10: 38.0}, supervision="self"),
        native="natural",
    )
    text = sections.studies_section(tmp_path)
    assert "and helps every person; CS stays ahead on bob." in text


def test_a_native_network_that_tuning_lowers_is_compared_as_it_came(sections, tmp_path):
    groups = [
        rows("natural", {0: 37.0, 10: 39.0}, rate) + rows("t1", {0: 40.0, 10: 39.5}, rate)
        for rate in (2.0, 4.0)
    ]
    write_study(tmp_path / "t1", *groups)
    said = claim(sections.studies_section(tmp_path), 2)
    assert "Tuning does not raise the native network here (-0.50 dB): to that network" in said
    assert "as it came, -1.00 dB, averaged over R." in said


def test_longer_tuning_stands_beside_the_default(sections, tmp_path):
    headline(tmp_path, natural=(39.0, 39.5))
    groups = [
        rows(method, {0: 37.0, 10: psnr}, rate)
        for rate in (2.0, 4.0)
        for method, psnr in (("natural", 40.4), ("t1", 40.5))
    ]
    write_study(tmp_path / "t1-thorough", *groups)
    text = sections.studies_section(tmp_path)
    assert "What tuning for longer makes of this has a section" in claim(text, 2)
    text = text.partition("## Does it pay")[2]
    assert "takes 4 times the steps" in text
    assert line_of(text, "4") == ["39.00", "40.40", "40.00", "40.50", "-1.00", "-0.10"]
    assert line_of(text, "mean") == ["39.00", "40.40", "40.00", "40.50", "-1.00", "-0.10"]
    assert "natural-image network by +1.40 dB and the native one by +0.50 dB" in text
    assert "0.10 dB below the native one (ann -0.10, bob -0.10): the paper's 0.18 dB holds" in text
    assert "the aim of 0.1 dB is" in text


def test_longer_tuning_that_is_not_done_has_no_verdict(sections, tmp_path):
    headline(tmp_path)
    write_study(tmp_path / "t1-thorough", rows("natural", {0: 37.0, 10: 40.4}), n_missing=3)
    text = sections.studies_section(tmp_path).partition("## Does it pay")[2]
    assert line_of(text, "4") == ["39.95", "40.40", "40.00", "–", "-0.05", "–"]
    assert "Not known yet." in text
    assert "does **not** hold" not in text


def test_several_coils_stand_beside_table_2(sections, tmp_path):
    groups = []
    for rate in (4.0, 10.0):
        groups += [
            rows("spirit-paper", {0: 38.0}, rate, "baseline"),
            rows("l1-espirit", {10: 39.5}, rate, "baseline"),
            rows("natural", {0: 37.0, 10: 39.0}, rate, bob=-0.2),
            rows("t1", {0: 39.0, 10: 39.5}, rate),
        ]
    write_study(tmp_path / "multi-coil", *groups)
    text = sections.studies_section(tmp_path)
    # (44.76 - 44.60) and (35.68 - 34.23) of the paper, their mean, ours, and each person's
    assert line_of(text, "natural, 10 images − SPIRIT-PAPER") == [
        *("+0.90 (+0.16)", "+0.90 (+1.45)", "+0.90 (+0.80)", "+1.00", "+0.80")
    ]
    assert line_of(text, "natural, 10 images − L1-ESPIRIT")[2] == "-0.60"
    assert "strongest method without a network is L1-ESPIRIT" in text
    assert "stands at -0.60 dB (ann -0.50, bob -0.70)" in text


# --- transfer of U-Nets


def moved(groups, target, **changes):
    """The rows as those of another target."""
    return [
        dataclasses.replace(row, target=target, cell=f"{target}-{row.cell}", **changes)
        for row in groups
    ]


def transfer(folder, tuned=41.0, untrained=38.0, name="transfer-field", **shared):
    groups = []
    for target in ("0.5 T", "7 T"):
        groups += [
            moved(rows("zf", {0: 30.0}, kind="baseline"), target),
            moved(rows("cs", {10: 36.0}, kind="baseline"), target),
            moved(rows("unet-t1", {0: 40.0, 10: tuned if target == "7 T" else 41.5}), target),
            moved(rows("scratch:unet", {0: 30.0, 10: untrained}), target),
            moved(rows("t1", {0: 41.0, 10: 42.0}), target),
        ]
    times = {"unet-t1": 50.0, "t1": 140.0, "scratch:unet": 60.0}
    seconds = [
        (f"{target}-{method}-4.0-10-full", s)
        for target in ("0.5 T", "7 T")
        for method, s in times.items()
    ]
    write_study(folder / name, *groups, native="", seconds=seconds)


def test_transfer_is_told_target_by_target(sections, tmp_path):
    transfer(tmp_path)
    text = sections.studies_section(tmp_path)
    assert "## Transfer to another field strength (digital brains)" in text
    assert "| Method | 0.5 T | 7 T |" in text
    assert line_of(text, "UNET-T1, raw") == ["40.00, 0.900, 1.01 %"] * 2
    # RMSE is the mean over people of 10^(-PSNR/20): one dB above and one below
    rmse = (10 ** (-42 / 20) + 10 ** (-40 / 20)) / 2
    assert line_of(text, "UNET-T1, tuned")[1] == f"41.00, 0.900, {100 * rmse:.2f} %"
    assert "SCRATCH:UNET, raw" not in text
    assert line_of(text, "unet-t1 tuned − raw") == ["+1.50", "+1.00"]
    assert line_of(text, "unet-t1 tuned − scratch:unet tuned") == ["+3.50", "+3.00"]
    assert line_of(text, "unet-t1 tuned − CS") == ["+5.50", "+5.00"]
    assert line_of(text, "unet-t1 tuned − t1 tuned") == ["-0.50", "-1.00"]
    assert "unet-natural" not in text
    assert (
        "`unet-t1`, tuned, is ahead of its raw form for every person in every column (4 scores"
        in text
    )
    assert "took 50 s for a U-Net and 140 s for a cascade" in text
    assert "2.8 times as long" in text


def test_transfer_that_does_not_gain_is_said_not_to(sections, tmp_path):
    transfer(tmp_path, tuned=40.0, untrained=41.2)
    text = sections.studies_section(tmp_path)
    assert (
        "ahead of its raw form but **not** everywhere (7 T: ann +0.00 dB, 7 T: bob +0.00 dB;"
        in text
    )
    assert "tuned on the same images but **not** everywhere (7 T: ann -1.20 dB" in text


def test_the_profiles_of_a_study_are_shown_where_it_drew_them(sections, tmp_path):
    transfer(tmp_path)
    (tmp_path / "transfer-field" / "profile-7-T.png").touch()
    text = sections.studies_section(tmp_path)
    assert text.count("![Central line profile") == 1
    assert "(results/studies/transfer-field/profile-7-T.png)" in text


def test_the_layers_that_are_tuned_stand_beside_each_other(sections, tmp_path):
    whole = rows("unet-natural", {0: 40.0, 10: 41.0})
    part = rows("unet-natural, normalisation", {10: 40.6})
    part = [dataclasses.replace(row, trainable="normalisation") for row in part]
    write_study(tmp_path / "layers", whole, part, native="")
    text = sections.studies_section(tmp_path)
    assert "## Which layers must be tuned? U-Net, T1-weighted brains, R = 4" in text
    assert line_of(text, "none (raw)")[:2] == ["0", "40.00"]
    assert line_of(text, "all") == ["7,763,233", "41.00", "0.9000", "+1.00", "+0.00"]
    assert line_of(text, "normalisation") == ["6,848", "40.60", "0.9000", "+0.60", "-0.40"]


def test_unet_and_cascade_are_compared_at_equal_time(sections, tmp_path):
    headline(tmp_path)
    found = rows("unet-natural", {0: 38.0, 10: 39.0})
    write_study(
        tmp_path / "equal-time", found, native="", seconds=[("unet-natural-4.0-10-full", 70.0)]
    )
    text = sections.studies_section(tmp_path)
    assert line_of(text, "unet-natural") == ["38.00", "39.00", "0.9000", "70"]
    assert line_of(text, "natural") == ["37.00", "39.95", "0.9000", "71"]
    assert line_of(text, "unet-natural tuned − natural tuned") == ["-0.95"]
    assert line_of(text, "unet-t1 tuned − t1 tuned") == ["–"]
