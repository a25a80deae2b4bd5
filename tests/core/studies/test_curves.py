import math
from dataclasses import replace

import pytest

from core.studies.answer import answer
from core.studies.convergence import converged_at, near_end_at, settled_at
from core.studies.curves import curves
from core.studies.differences import difference, over_rates
from core.studies.figures import convergence_figure, psnr_figure
from core.studies.table import Row, StudyTable
from core.studies.tables import sheets
from core.types import SIMULATED

NATURAL = {0: 35.0, 1: 38.0, 2: 39.0, 5: 39.5, 10: 39.51, 20: 39.52}
NATIVE = {0: 39.0, 20: 40.0}
PEOPLE = {"ann": (0.0, 2.0), "bob": (-1.0, 1.0)}
"""Person to the offset of each slice's PSNR."""


def rows(method: str, means: dict[int, float], r: float = 4.0, **values) -> list[Row]:
    kind = values.pop("kind", "network")
    return [
        Row(
            cell=f"{method}{r}{n}",
            target="t1",
            kind=kind,
            method=method,
            label=method.upper(),
            acceleration=r,
            n_images=n,
            seed=1 if n else 0,
            supervision="full" if n and kind == "network" else "none",
            person=person,
            scan=person,
            slice=i,
            definition="fastmri-volume",
            psnr_db=mean + offset,
            ssim=0.9,
            nmse=0.01,
            provenance=SIMULATED,
        )
        for n, mean in means.items()
        for person, offsets in PEOPLE.items()
        for i, offset in enumerate(offsets)
    ]


def table(*groups: list[Row]) -> StudyTable:
    found = tuple(row for group in groups for row in group)
    cells = {row.cell for row in found}
    return StudyTable(found, len(cells), len(cells))


@pytest.fixture
def study() -> StudyTable:
    zf = rows("zf", {0: 25.0}, kind="baseline")
    return table(zf, rows("natural", NATURAL), rows("t1", NATIVE))


def test_points_are_means_over_people_of_their_own_means(study):
    # bob has one slice less: a mean over slices would be drawn to ann
    fewer = tuple(r for r in study.rows if (r.person, r.slice) != ("bob", 1))
    point = curves(replace(study, rows=fewer)).network("natural", 4.0).end
    assert point.people_psnr_db == {"ann": 39.52 + 1, "bob": 39.52 - 1}
    assert point.psnr_db.mean == pytest.approx(39.52)
    assert point.sd_psnr_db == pytest.approx(
        math.sqrt(((1 / 3) ** 2 + (5 / 3) ** 2 + (4 / 3) ** 2) / 2)
    )
    assert (point.n_slices, point.n_seeds) == (3, 1)


def test_seeds_are_averaged_before_people(study):
    again = tuple(replace(r, seed=2, psnr_db=r.psnr_db + 1) for r in study.rows if r.n_images)
    found = curves(replace(study, rows=study.rows + again))
    assert found.network("natural", 4.0).end.psnr_db.mean == pytest.approx(39.52 + 0.5 + 0.5)
    assert found.network("natural", 4.0).end.n_slices == 4


def test_convergence_by_the_papers_rule(study):
    found = curves(study, "t1")
    curve, reference = found.network("natural", 4.0), found.reference(4.0)
    # 0.05 % of 40.5 dB is 0.02025 dB: 39.5 to 39.51 is the first change below it
    assert reference.psnr_db.mean == pytest.approx(40.5)
    assert converged_at(curve, reference) == 10
    assert near_end_at(curve) == 5
    assert near_end_at(curve, within_db=1.0) == 2
    rising = replace(curve, points=curve.points[:4])
    assert converged_at(rising, reference) is None


def test_a_fall_is_no_convergence(study):
    falling = table(rows("natural", {0: 35.0, 1: 39.0, 2: 36.0, 5: 39.5}))
    assert converged_at(curves(falling).networks[0], None) is None


def test_a_number_better_than_the_end_is_enough(study):
    """More images that help no more, or harm, are not needed."""
    drooping = curves(table(rows("natural", {0: 35.0, 1: 39.3, 2: 39.29, 5: 39.5, 10: 39.3})))
    assert near_end_at(drooping.networks[0]) == 1
    assert converged_at(drooping.networks[0], None) == 10  # from 2 to 5 it still gained


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ({0: 31.44, 2: 29.16}, 0),
        ({0: 31.44, 1: 31.4, 2: 31.41}, 0),  # gains 0.01 dB: 0.05 % are 0.016 dB
        ({2: 31.44, 5: 29.16}, 2),
        ({0: 31.44, 1: 29.0, 2: 29.16}, None),
        ({2: 31.44}, None),
    ],
)
def test_a_network_that_no_number_of_images_raises_needs_none(means, expected):
    found = curves(table(rows("natural", means)))
    assert converged_at(found.networks[0], None) == expected


def test_difference_is_paired_over_people(study):
    found = difference(study, ("t1", 20), ("natural", 20), 4.0)
    assert (found.better, found.worse) == ("T1, 20 images", "NATURAL, 20 images")
    # every slice has the same difference, however much people differ
    assert (found.psnr_db.low, found.psnr_db.high) == pytest.approx((0.48, 0.48))
    assert found.psnr_db.n_people == 2
    assert difference(study, ("t1", 20), ("t2", 20), 4.0) is None


def test_difference_over_rates_averages_each_person(study):
    other = table(rows("t1", {20: 36.0}, r=8.0), rows("natural", {20: 35.0}, r=8.0))
    both = StudyTable(study.rows + other.rows, 1, 1)
    each = [difference(both, ("t1", 20), ("natural", 20), r) for r in (4.0, 8.0)]
    assert over_rates(each).people_psnr_db == pytest.approx({"ann": 0.74, "bob": 0.74})
    assert over_rates(each[:1]) is None


def test_answer_says_how_many_and_how_sure(study):
    text = answer(curves(study, "t1"))
    assert text == (
        'At R=4, 5 local images, besides those for validation, bring the network "NATURAL" within '
        "0.1 dB of tuning on 20, 0.48 dB below the tuned network of the scans' own domain; this "
        "rests on 2 scored people, too few to be sure of others, and one draw of tuning images "
        "(person by person: 5 images)."
    )
    alone = tuple(r for r in study.rows if r.person == "ann")
    assert "one scored person" in answer(curves(replace(study, rows=alone), "t1"))


@pytest.mark.parametrize(
    ("means", "said", "each"),
    [
        ({0: 30.0, 1: 31.0}, "so more may help", "1 or more images"),
        ({0: 30.0, 1: 31.0, 5: 32.0}, "so more may help", "more than 1 image"),
        ({0: 30.0, 1: 30.01}, "is without any tuning within 0.1 dB", "no local image"),
        (
            {0: 30.0, 1: 31.0, 5: 31.0},
            "1 local image, besides those for validation, brings",
            "1 image",
        ),
    ],
)
def test_answer_reads_well_at_the_ends_of_the_grid(means, said, each):
    text = answer(curves(table(rows("natural", means))))
    assert said in text
    assert text.endswith(f"(person by person: {each}).")


def test_answer_says_how_far_people_and_rates_differ(study):
    quick = rows("natural", {0: 30.0, 1: 33.0, 20: 33.05}, r=8.0)
    text = answer(curves(table(list(study.rows), quick)))
    assert text.startswith("At R=4 and 8, 1 to 5 local images, besides")
    assert text.endswith("(each person at each R: 1 to 5 images).")
    slow = [replace(r, psnr_db=r.psnr_db + 1) if r.n_images == 20 else r for r in quick]
    mixed = [s if s.person == "bob" else q for q, s in zip(quick, slow, strict=True)]
    assert answer(curves(table(mixed))).endswith("(person by person: 1 or more images).")


def test_answer_says_that_tuning_did_harm():
    harmed = rows("natural", {0: 31.44, 2: 29.16})
    worse_for_bob = [
        replace(row, psnr_db=row.psnr_db - 1) if row.person == "bob" and row.n_images else row
        for row in harmed
    ]
    assert answer(curves(table(worse_for_bob))) == (
        'At R=4, tuning on 2 local images lowered the PSNR of the network "NATURAL" by 2.78 dB; '
        "this rests on 2 scored people, too few to be sure of others, and one draw of tuning "
        "images (person by person: -3.28 to -2.28 dB)."
    )
    # neither a dip on the way nor a rise from it hides that the end is below the start
    dipped = answer(curves(table(rows("natural", {0: 32.0, 1: 30.0, 5: 31.0}))))
    assert dipped.startswith("At R=4, tuning on 5 local images lowered")
    barely = answer(curves(table(rows("natural", {0: 30.05, 2: 30.0}))))
    assert "is without any tuning within 0.1 dB" in barely


def test_answer_says_at_which_r_tuning_did_harm():
    harmed = [rows("natural", {0: 30.0, 2: 29.5}, r=r) for r in (2.0, 8.0)]
    text = answer(curves(table(rows("natural", {0: 30.0, 1: 33.0, 2: 33.0}), *harmed)))
    assert text.startswith("At R=2 to 8, 0 to 1 local image, besides those for validation, bring")
    assert "(but at R=2, 8, tuning on 2 local images lowered its PSNR by 0.50 dB)" in text


def test_answer_says_of_how_many_sources_it_speaks_of_the_first(study):
    others = [rows(method, {0: 20.0, 20: 25.0}) for method in ("unet-t1", "scratch")]
    text = answer(curves(table(list(study.rows), *others), "t1"))
    assert 'bring the network "NATURAL", first of 2 sources, within 0.1 dB' in text
    untrained = [rows(method, {0: 20.0, 20: 25.0}) for method in ("scratch", "scratch:unet")]
    assert '"SCRATCH", first of 2 sources, ' in answer(curves(table(*untrained)))


def test_answer_speaks_of_what_else_there_is(study):
    raw = table(rows("natural", {0: 30.0}))
    assert "comes once a network has been tuned" in answer(curves(raw))
    untrained = rows("scratch", {0: 10.0, 20: 30.0})
    assert '"NATURAL"' in answer(curves(table(untrained, list(study.rows)), "t1"))
    assert '"SCRATCH"' in answer(curves(table(untrained)))
    assert '"T1"' in answer(curves(study, "natural")), "the other source comes first"
    own = answer(curves(table(rows("natural", NATURAL)), "natural"))
    assert '"NATURAL"' in own
    assert "own domain" not in own
    text = answer(curves(alone_with("self", study)))
    assert '"NATURAL", first of 2 sources, tuned on undersampled acquisitions alone, within' in text


def alone_with(supervision: str, study: StudyTable) -> StudyTable:
    """The same study, tuned with another supervision."""
    names = {"full": supervision, "none": "none"}
    changed = tuple(replace(r, supervision=names[r.supervision]) for r in study.rows)
    return replace(study, rows=changed)


def test_an_empty_or_mixed_table_is_refused(study):
    with pytest.raises(ValueError, match="at least one cell"):
        curves(StudyTable((), 0, 3))
    mixed = (*study.rows, replace(study.rows[0], definition="slice-max"))
    with pytest.raises(ValueError, match="must have one definition"):
        curves(replace(study, rows=mixed))


def test_remarks_reach_the_figures(study):
    noted = tuple(replace(r, remarks="assumes much") if r.method == "zf" else r for r in study.rows)
    figure = psnr_figure(curves(replace(study, rows=noted), "t1"))
    assert "ZF: assumes much" in [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("draw", [psnr_figure, convergence_figure])
def test_figures_say_where_kspace_comes_from(study, draw):
    figure = draw(curves(study, "t1"))
    text = " ".join(t.get_text() for t in figure.texts)
    assert SIMULATED in text
    assert "2 scored people" in text


def test_psnr_figure_has_a_panel_for_each_r_and_the_native_line(study):
    other = table(rows("natural", {0: 30.0, 5: 31.0}, r=8.0))
    figure = psnr_figure(curves(StudyTable(study.rows + other.rows, 1, 1), "t1"))
    panels = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title() for axes in panels] == ["R = 4", "R = 8"]
    levels = {line.get_label(): line.get_ydata()[0] for line in panels[0].lines}
    assert levels["native, tuned on 20"] == pytest.approx(40.5)
    assert [t.get_text() for t in panels[0].get_xticklabels()][:2] == ["raw", "1"]


def test_convergence_figure_marks_the_paper(study):
    axes = convergence_figure(curves(study, "t1")).axes[0]
    assert [line.get_ydata()[0] for line in axes.lines] == [44]
    assert [bar.get_height() for bar in axes.patches] == [10]


def test_tables_hold_the_papers_columns(study):
    scores, differences, convergence = sheets(curves(study, "t1"), study)
    lines = {(line[1], line[3]): line for line in scores.body}
    assert lines["NATURAL", "20"][4] == "40.02 ± 1.29"
    assert lines["NATURAL", "raw"][-2:] == ("36.00", "35.00")
    pairs = {(line[1], line[2]): line[3] for line in differences.body}
    assert pairs["T1, raw", "NATURAL, raw"] == "+4.00"
    assert pairs["T1, 20 images", "NATURAL, 20 images"] == "+0.48"
    assert pairs["NATURAL, 20 images", "ZF"] == "+14.52"
    assert convergence.body[0][3:5] == ("10", "5")


def test_a_curve_that_only_its_end_is_near_has_not_settled(study):
    rising = table(rows("natural", {0: 30.0, 1: 31.0, 5: 32.0}))
    found = curves(rising)
    assert settled_at(found.networks[0]) is None
    assert settled_at(curves(study).network("natural", 4.0)) == 5
    assert sheets(found, rising)[2].body[0][3:5] == ("more than 5", "more than 5")


def test_a_study_without_full_supervision_is_paired_with_its_own_native_network(study):
    selfish = alone_with("self", study)
    pairs = {line[1:3] for line in sheets(curves(selfish, "t1"), selfish)[1].body}
    assert ("T1, 20 images, self-supervised", "NATURAL, 20 images, self-supervised") in pairs


def test_raw_networks_stand_in_the_table_once_whatever_the_supervision(study):
    def raw_lines(of):
        scores = sheets(curves(of, "t1"), of)[0]
        return [line[1] for line in scores.body if line[3] == "raw"]

    selfish = alone_with("self", study)
    assert raw_lines(selfish) == raw_lines(study) == ["NATURAL", "T1"]
    extra = tuple(r for r in selfish.rows if r.n_images)
    assert raw_lines(replace(study, rows=study.rows + extra)) == ["NATURAL", "T1"]


def test_networks_of_one_name_are_told_apart():
    """Networks of one domain from training sets of two sizes call themselves the same."""
    few = [replace(row, label="NATURAL") for row in rows("size/natural-500", NATURAL)]
    both = table(rows("natural", NATURAL), few, rows("t1", NATIVE))
    found = curves(both, "t1")
    names = ["NATURAL (natural)", "NATURAL (size/natural-500)", "T1"]
    assert sorted(curve.label for curve in found.networks) == names
    scores, differences, convergence = sheets(found, both)
    assert {line[1] for line in scores.body} == {line[1] for line in convergence.body} == {*names}
    ends = {f"{name}, {end}" for name in names[:2] for end in ("raw", "20 images")}
    assert {line[2] for line in differences.body} == {*ends, "T1, raw"}
