"""The table of results of a study: pairing, families, refusals and pooled effects."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.decisions.decision import Outcome
from auxjepa.evidence.decisions.registration import Hypothesis, Registration, run_name_of
from auxjepa.evidence.decisions.verdicts import Verdict
from auxjepa.evidence.statistics.intervals import wilson
from auxjepa.evidence.study_folder.folder import Registered, load
from auxjepa.rows import RowStore
from written_study import register


@pytest.fixture(scope="session")
def results(study: Path) -> Results:
    return collect_results(load(study))


@pytest.fixture
def copy(study: Path, tmp_path: Path) -> Path:
    return shutil.copytree(study, tmp_path / "copy")


def test_lines_and_columns_come_in_the_order_of_the_study(results):
    assert [line.name for line in results.lines] == [
        *("baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"),
        *("random-init encoder", "raw pixels", "majority class", "chance"),
    ]
    assert [c.title for c in results.columns] == ["Appearance", "Direction", "Fine motion", "Temporal order"]
    assert results.capabilities == ["appearance", "motion", "order"] and results.notes == []
    assert results.reference is results.lines[0]


def test_cells_equal_the_rows(study, results):
    rows = [r for r in RowStore(study) if (r.variant, r.benchmark) == ("ld", "world_order")]
    base = [r for r in RowStore(study) if (r.variant, r.benchmark) == ("baseline", "world_order")]
    cell = results.lines[1].cells[3]
    assert cell.mean == pytest.approx(np.mean([r.score for r in rows]))
    assert cell.sd == pytest.approx(np.std([r.score for r in rows], ddof=1))
    low, high = stats.ttest_rel([r.score for r in rows], [r.score for r in base]).confidence_interval()
    assert cell.effect.interval == pytest.approx((low, high))
    assert len(cell.effect.sample_tests) == 3 and max(t.p for t in cell.effect.sample_tests) < 1e-6
    assert cell.test_interval[0] < cell.mean < cell.test_interval[1]
    assert (cell.label, cell.direction, cell.is_not_above_random) == ("screen: up", "up", False)


def test_the_family_of_holm_is_the_variants_without_the_control(results):
    assert [line.cells[0].effect.comparisons for line in results.lines[1:6]] == [4, 4, 4, 4, 1]
    assert results.lines[0].cells[0].effect is None and results.lines[6].cells[0].effect is None
    assert (results.lines[0].cells[0].label, results.lines[0].cells[0].direction) == ("", "unclear")


def test_planted_effects_are_estimated(results):
    truth = {"ld": 23.4, "ld_only": 29.0, "fwm": 0.0, "fwm_hw_ld": 12.9}
    for name, value in truth.items():
        effect = results.pooled[name, "order"]
        assert effect.mean == pytest.approx(value, abs=1.5)
        assert effect.direction == ("unclear" if name == "fwm" else "up")
    motion = results.pooled["ld", "motion"]
    both = [results.lines[1].cells[i].effect.mean for i in (1, 2)]
    assert motion.mean == pytest.approx(np.mean(both))
    assert results.pooled_over_random["baseline", "order"].direction == "down"


def test_numbers_for_the_limitations(results):
    assert len(results.table_effects) == 16 and results.expected_by_chance == pytest.approx(0.8)
    intervals = [c.test_interval for line in results.lines for c in line.cells if c.test_interval]
    assert results.widest_test_interval == pytest.approx(max(high - low for low, high in intervals) / 2)


def test_axes_compare_appearance_with_every_other_capability(results):
    assert results.axes == [("appearance", "motion"), ("appearance", "order")]


def test_only_registered_hypotheses_are_decided(tmp_path, write_study):
    folder = write_study(tmp_path, seeds=10, steps=4)
    register(folder)
    results = collect_results(load(folder))
    ld, fwm = results.lines[1], results.lines[3]
    # Its reference is below random init, so the test decides nothing.
    assert not ld.cells[3].decided and ld.cells[3].label == "flagged" and ld.cells[3].direction == "unclear"
    assert fwm.cells[2].registered and fwm.cells[2].label == "inconclusive" and fwm.cells[2].direction == "unclear"
    # The first is not registered, although it is clear. The second has another reference than the table.
    assert not ld.cells[1].decided and ld.cells[1].verdict.word == "not testable"
    assert not fwm.cells[3].decided and not fwm.cells[2].decided


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"variant": "baseline", "reference": "ld", "claim": "below"},
        {"reference_regime": "world"},
        {"regime": "world"},
        {"variant": "random_init", "claim": "below"},
    ],
)
def test_a_registered_comparison_is_no_screen_however_it_is_written(tmp_path, write_study, change):
    study = load(write_study(tmp_path, seeds=10, steps=4, phase="confirm"))
    usual = {"id": "h", "variant": "ld", "claim": "above", "reference": "baseline", "benchmark": "world_order"}
    hypothesis = Hypothesis.model_validate(usual | change)
    registration = Registration(
        name="s",
        hypotheses=(hypothesis,),
        seeds=(),
        measures={},
        runs={run_name_of(row): row.run for row in study.rows},
        design={},
        created="",
    )
    study.registered = Registered(registration, "", [])
    study.outcomes = [Outcome(hypothesis, None, Verdict("flagged", "the test passes"))]
    results = collect_results(study)
    name = "random-init encoder" if hypothesis.variant == "random_init" else "ld"
    cell = next(line for line in results.lines if line.name == name).cells[3]
    assert cell.registered and cell.label == "flagged"
    assert sum(c.registered for line in results.lines for c in line.cells) == 1
    study.registered = Registered(registration, "", [], "it was edited")
    assert not any(c.registered for line in collect_results(study).lines for c in line.cells)


def test_scores_under_an_older_protocol_are_left_out_and_counted(copy):
    row = next(r for r in RowStore(copy) if r.variant == "ld")
    RowStore(copy).append(row.model_copy(update={"protocol_hash": "old", "score": 99.0}))
    results = collect_results(load(copy))
    assert results.lines[1].cells[0].mean < 90
    (note,) = results.notes
    assert "1 score of ld on world_appearance has the protocol hash old and not the present p-linear" in note


def test_mixed_protocols_are_refused_where_none_is_current(copy):
    (copy / "protocols.json").unlink()
    changed = []
    for line in (copy / "rows.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["variant"] == "ld" and row["benchmark"] == "world_order":
            row["protocol_hash"] = "p-else"
        changed.append(json.dumps(row))
    (copy / "rows.jsonl").write_text("\n".join(changed) + "\n")
    results = collect_results(load(copy))
    cell = results.lines[1].cells[3]
    assert cell.effect is None and "different protocol cannot be compared" in cell.refusal
    assert "p-else" in cell.refusal and "p-attentive" in cell.refusal
    assert cell.refusal in results.notes
    assert ("ld", "order") not in results.pooled and ("fwm", "order") in results.pooled


def test_without_a_seed_the_shared_seeds_are_compared(copy):
    rows = [r for r in RowStore(copy) if not (r.variant == "ld" and r.seed == 1)]
    (copy / "rows.jsonl").write_text("".join(r.model_dump_json() + "\n" for r in rows))
    results = collect_results(load(copy))
    effect = results.lines[1].cells[0].effect
    assert effect is not None and effect.seeds == (0, 2) and effect.unpaired == (1,)
    assert results.pooled["ld", "order"].n == 2


def test_a_second_score_of_a_seed_is_noted(copy):
    row = next(r for r in RowStore(copy) if r.variant == "ld")
    RowStore(copy).append(row.model_copy(update={"run": "again", "score": 34.5}))
    results = collect_results(load(copy))
    assert results.lines[1].cells[0].scores[0] == 34.5
    assert any("ld was scored more than once on world_appearance" in n for n in results.notes)


def test_two_regimes_are_two_columns(copy):
    for row in list(RowStore(copy)):
        if row.control is None and row.benchmark == "world_order":
            RowStore(copy).append(
                row.model_copy(update={"regime": "mixed", "run": f"m{row.run}", "score": row.score + 1})
            )
    results = collect_results(load(copy))
    assert [c.title for c in results.columns][3:] == ["Temporal order · mixed", "Temporal order · world"]
    assert results.lines[5].cells[3].scores == results.lines[5].cells[4].scores  # a control belongs to every regime


def test_a_regime_with_other_clips_has_its_scores_and_controls(copy):
    for row in list(RowStore(copy)):
        if row.benchmark == "world_order" and row.control in (None, "random_init"):
            update = {"regime": "mixed", "run": f"m{row.run}", "benchmark_hash": "larger", "score": row.score + 1}
            RowStore(copy).append(row.model_copy(update=update))
    results = collect_results(load(copy))
    assert results.notes == []
    mixed, world = results.lines[5].cells[3], results.lines[5].cells[4]
    assert mixed.mean == pytest.approx(world.mean + 1) and mixed.effect.n == 3


def test_the_crossed_interval_is_wider_than_that_over_seeds_and_needs_the_marks(study, results, tmp_path):
    cell = next(line for line in results.variants if line.name == "ld").cells[3]
    assert cell.crossed and cell.effect and cell.effect.interval
    assert cell.crossed[0] < cell.effect.mean < cell.crossed[1]
    assert cell.crossed[1] - cell.crossed[0] >= cell.effect.interval[1] - cell.effect.interval[0] - 1e-9
    bare = shutil.copytree(study, tmp_path / "bare")
    shutil.rmtree(bare / "correct")
    assert all(cell.crossed is None for line in collect_results(load(bare)).variants for cell in line.cells)


@pytest.mark.parametrize("record", [{"suite": "fewshot"}, {"n_test": 7}, {"suite": "", "marks_each_clip": False}])
def test_marks_that_count_clips_several_times_are_no_sample_of_clips(copy, record: dict):
    benchmarks = json.loads((copy / "benchmarks.json").read_text())
    benchmarks["world_order"] |= record
    (copy / "benchmarks.json").write_text(json.dumps(benchmarks))
    ld = next(line for line in collect_results(load(copy)).variants if line.name == "ld")
    several, single = ld.cells[3], ld.cells[2]
    assert several.effect is not None and single.effect is not None and several.effect.interval
    assert several.test_interval is None and several.crossed is None and not several.effect.sample_tests
    assert single.test_interval and single.crossed and single.effect.sample_tests


def test_a_suite_that_marks_each_clip_has_every_test(copy):
    benchmarks = json.loads((copy / "benchmarks.json").read_text())
    benchmarks["world_order"] |= {"suite": "a plug-in", "marks_each_clip": True}
    (copy / "benchmarks.json").write_text(json.dumps(benchmarks))
    ld = next(line for line in collect_results(load(copy)).variants if line.name == "ld")
    assert ld.cells[3].test_interval and ld.cells[3].crossed


def test_a_score_that_is_no_share_of_clips_has_no_binomial_interval(copy):
    lines = [json.loads(line) for line in (copy / "rows.jsonl").read_text().splitlines()]
    for line in lines:
        line["metric"] = "points"
    (copy / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    cells = [cell for line in collect_results(load(copy)).lines for cell in line.cells]
    assert any(cell.mean is not None for cell in cells) and all(cell.test_interval is None for cell in cells)


def test_examples_of_few_videos_have_a_wider_interval(copy, results):
    rows = [json.loads(line) for line in (copy / "rows.jsonl").read_text().splitlines()]
    for row in rows:
        if row["benchmark"] == "world_order":
            row["parts"] = {"effective": 20.5}
    (copy / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cell, before = collect_results(load(copy)).lines[1].cells[3], results.lines[1].cells[3]
    assert cell.mean == before.mean
    low, high = wilson(cell.mean / 100, 20.5)
    assert cell.test_interval == pytest.approx((100 * low, 100 * high))
    assert cell.test_interval[0] < before.test_interval[0] and cell.test_interval[1] > before.test_interval[1]


@pytest.mark.parametrize("size", [0.0, 0.5, -3.0])
def test_an_impossible_number_of_independent_examples_gives_no_interval(copy, size: float):
    lines = (copy / "rows.jsonl").read_text().splitlines()
    rows = [json.loads(line) | {"parts": {"effective": size}} for line in lines]
    (copy / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cell = collect_results(load(copy)).lines[1].cells[3]
    assert cell.mean is not None and cell.test_interval is None
