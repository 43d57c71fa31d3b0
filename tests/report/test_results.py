from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.folder import load
from auxjepa.evidence.intervals import wilson
from auxjepa.report.results import collect
from auxjepa.rows import RowStore


@pytest.fixture(scope="module")
def results(study):
    return collect(load(study))


def test_lines_and_columns_come_in_the_order_of_the_study(results):
    assert [line.name for line in results.lines] == [
        *("baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"),
        *("random-init encoder", "raw pixels", "majority class", "chance"),
    ]
    assert [c.title for c in results.columns] == ["Appearance", "Direction", "Fine motion", "Temporal order"]
    assert results.capabilities == ["appearance", "motion", "order"] and results.notes == []


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


def test_the_family_of_holm_is_the_variants_without_the_control(results):
    assert [line.cells[0].effect.comparisons for line in results.lines[1:6]] == [4, 4, 4, 4, 1]
    assert results.lines[0].cells[0].effect is None and results.lines[6].cells[0].effect is None


def test_planted_effects_are_found(results):
    truth = {"ld": 23.4, "ld_only": 29.0, "fwm": 0.0, "fwm_hw_ld": 12.9}
    for name, value in truth.items():
        effect = results.pooled[name, "order"]
        assert effect.mean == pytest.approx(value, abs=1.5)
        assert effect.leaning == ("unclear" if name == "fwm" else "up")
    motion = results.pooled["ld", "motion"]
    both = [results.lines[1].cells[i].effect.mean for i in (1, 2)]
    assert motion.mean == pytest.approx(np.mean(both))
    assert results.pooled_over_random["baseline", "order"].leaning == "down"


def test_scores_under_an_older_protocol_are_left_out_and_counted(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    row = next(r for r in RowStore(folder) if r.variant == "ld")
    RowStore(folder).append(row.model_copy(update={"protocol_hash": "old", "score": 99.0}))
    got = collect(load(folder))
    assert got.lines[1].cells[0].mean < 90
    assert any("1 scores under an older protocol" in n for n in got.notes)


def test_mixed_protocols_are_refused_where_none_is_current(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    (folder / "protocols.json").unlink()
    text = (folder / "rows.jsonl").read_text().splitlines()
    changed = []
    for line in text:
        row = json.loads(line)
        if row["variant"] == "ld" and row["benchmark"] == "world_order":
            row["protocol_hash"] = "p-else"
        changed.append(json.dumps(row))
    (folder / "rows.jsonl").write_text("\n".join(changed) + "\n")
    got = collect(load(folder))
    cell = got.lines[1].cells[3]
    assert cell.effect is None and "different protocol cannot be compared" in cell.refusal
    assert "p-else" in cell.refusal and "p-attentive" in cell.refusal
    assert cell.refusal in got.notes
    assert ("ld", "order") not in got.pooled and ("fwm", "order") in got.pooled


def test_missing_seeds_leave_the_shared_ones(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    rows = [r for r in RowStore(folder) if not (r.variant == "ld" and r.seed == 1)]
    (folder / "rows.jsonl").write_text("".join(r.model_dump_json() + "\n" for r in rows))
    got = collect(load(folder))
    effect = got.lines[1].cells[0].effect
    assert effect is not None and effect.seeds == (0, 2) and effect.unpaired == (1,)
    assert got.pooled["ld", "order"].n == 2


def test_a_second_score_of_a_seed_is_noted(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    row = next(r for r in RowStore(folder) if r.variant == "ld")
    RowStore(folder).append(row.model_copy(update={"run": "again", "score": 34.5}))
    got = collect(load(folder))
    assert got.lines[1].cells[0].scores[0] == 34.5
    assert any("ld was scored more than once on world_appearance" in n for n in got.notes)


def test_two_regimes_are_two_columns(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    for row in list(RowStore(folder)):
        if row.control is None and row.benchmark == "world_order":
            RowStore(folder).append(row.model_copy(update={"regime": "mixed", "score": row.score + 1}))
    got = collect(load(folder))
    assert [c.title for c in got.columns][3:] == ["Temporal order · mixed", "Temporal order · world"]
    assert got.lines[5].cells[3].scores == got.lines[5].cells[4].scores  # a control belongs to every regime


def test_a_regime_with_clips_of_its_own_keeps_its_scores_and_controls(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    for row in list(RowStore(folder)):
        if row.benchmark == "world_order" and row.control in (None, "random_init"):
            other = {"regime": "mixed", "benchmark_hash": "larger", "score": row.score + 1}
            RowStore(folder).append(row.model_copy(update=other))
    got = collect(load(folder))
    assert got.notes == []
    mixed, world = got.lines[5].cells[3], got.lines[5].cells[4]
    assert mixed.mean == pytest.approx(world.mean + 1) and mixed.effect.n == 3


def test_the_crossed_interval_is_wider_than_that_over_seeds_and_needs_the_marks(study, tmp_path):
    cell = next(line for line in collect(load(study)).variants if line.name == "ld").cells[3]
    assert cell.crossed and cell.effect and cell.effect.interval
    assert cell.crossed[0] < cell.effect.mean < cell.crossed[1]
    assert cell.crossed[1] - cell.crossed[0] >= cell.effect.interval[1] - cell.effect.interval[0] - 1e-9
    bare = shutil.copytree(study, tmp_path / "bare")
    shutil.rmtree(bare / "correct")
    assert all(cell.crossed is None for line in collect(load(bare)).variants for cell in line.cells)


@pytest.mark.parametrize("told", [{"suite": "fewshot"}, {"n_test": 7}])
def test_marks_that_count_clips_several_times_are_no_sample_of_clips(study, tmp_path, told: dict):
    folder = shutil.copytree(study, tmp_path / "s")
    known = json.loads((folder / "benchmarks.json").read_text())
    known["world_order"] |= told
    (folder / "benchmarks.json").write_text(json.dumps(known))
    ld = next(line for line in collect(load(folder)).variants if line.name == "ld")
    suite, plain = ld.cells[3], ld.cells[2]
    assert suite.effect is not None and plain.effect is not None and suite.effect.interval
    assert suite.test_interval is None and suite.crossed is None and not suite.effect.sample_tests
    assert plain.test_interval and plain.crossed and plain.effect.sample_tests


def test_a_score_that_is_no_share_of_clips_has_no_binomial_interval(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    lines = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    for line in lines:
        line["metric"] = "points"
    (folder / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    cells = [cell for line in collect(load(folder)).lines for cell in line.cells]
    assert any(cell.mean is not None for cell in cells) and all(cell.test_interval is None for cell in cells)


def test_examples_of_few_videos_have_the_interval_of_few(study, results, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    for row in rows:
        if row["benchmark"] == "world_order":
            row["parts"] = {"effective": 20.5}
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cell, before = collect(load(folder)).lines[1].cells[3], results.lines[1].cells[3]
    assert cell.mean == before.mean
    low, high = wilson(cell.mean / 100, 20.5)
    assert cell.test_interval == pytest.approx((100 * low, 100 * high))
    assert cell.test_interval[0] < before.test_interval[0] and cell.test_interval[1] > before.test_interval[1]
