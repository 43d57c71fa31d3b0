from __future__ import annotations

import html
import json
import shutil

import numpy as np
import pytest
import yaml

from auxjepa.evidence.artifacts import finite
from auxjepa.evidence.folder import load
from auxjepa.evidence.grade import grade_study
from auxjepa.report import build
from auxjepa.report.results import collect
from auxjepa.rows import RowStore
from written_run import config_of, write_run


@pytest.fixture
def copy(study, tmp_path):
    return shutil.copytree(study, tmp_path / "copy")


def test_a_complete_folder_leaves_no_note(study):
    got = load(study)
    assert got.notes == []
    assert (got.reference, got.seeds, len(got.rows), len(got.runs)) == ("baseline", [0, 1, 2], 84, 15)
    assert got.samples is not None and got.samples.captions[2] == "a red square falls"
    steps, loss = got.runs[0].curves["loss"]
    assert steps == [float(s) for s in range(1, 61)] and loss[0] > loss[-1]
    assert len(got.runs[0].curves["rank/teacher"][0]) == 12


def test_an_empty_folder_says_what_is_missing(tmp_path):
    got = load(tmp_path)
    for name in ("rows.jsonl", "study.yaml", "protocols.json", "benchmarks.json", "samples.npz", "runs"):
        assert any(note.startswith(name) for note in got.notes), name


def test_no_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such study folder"):
        load(tmp_path / "nowhere")


def test_without_study_yaml_the_rows_tell_variants_seeds_and_reference(copy):
    (copy / "study.yaml").unlink()
    got = load(copy)
    assert (got.variants[0], got.reference, got.seeds) == ("baseline", "baseline", [0, 1, 2])
    assert "study.yaml: missing" in got.notes and any("baseline is taken" in n for n in got.notes)


def test_a_killed_study(copy):
    lines = (copy / "rows.jsonl").read_text().splitlines(keepends=True)
    (copy / "rows.jsonl").write_text("".join(lines[:30]) + lines[30][:40])
    run = sorted((copy / "runs").iterdir())[0]
    (run / "summary.json").unlink()
    other = sorted((copy / "runs").iterdir())[1]
    text = (other / "metrics.jsonl").read_text()
    (other / "metrics.jsonl").write_text(text[: len(text) // 2])
    got = load(copy)
    assert len(got.rows) == 30 and len(got.runs) == 14
    assert any("30 of 60 planned scores are missing" in n and "and 26 more" in n for n in got.notes)
    assert any("1 without a summary" in n for n in got.notes)
    assert any("controls not scored: random_init, raw_pixels, majority, chance" in n for n in got.notes)
    half = next(r for r in got.runs if r.hash == other.name)
    assert 25 <= len(half.curves["loss"][0]) <= 30


@pytest.mark.parametrize("name", ["study.yaml", "protocols.json", "benchmarks.json", "samples.npz"])
@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"{]", b"\xff\xfe\x00"])
def test_damaged_files_become_notes(copy, name: str, content: bytes):
    (copy / name).write_bytes(content)
    assert any(note.startswith(name) for note in load(copy).notes)


def test_samples_that_do_not_fit_are_refused(copy):
    np.savez(copy / "samples.npz", clips=np.zeros((1, 8, 32, 32, 3), np.uint8), hidden=np.zeros((1, 3, 4, 4), bool))
    got = load(copy)
    assert got.samples is None and any("don't fit" in n for n in got.notes)


def test_samples_that_would_run_code_are_refused(copy):
    np.savez(copy / "samples.npz", clips=np.array([print], object), hidden=np.zeros(1, bool))
    got = load(copy)
    assert got.samples is None and any("samples.npz: cannot be read" in n for n in got.notes)


def test_odd_phase_and_metrics_that_are_no_numbers(copy):
    (copy / "study.yaml").write_text("phase: final\nseeds: [0, one]\n")
    run = sorted((copy / "runs").iterdir())[0]
    (run / "metrics.jsonl").write_text(
        '{"step": 1, "loss": NaN}\n7\n{"loss": 2}\n' + json.dumps({"step": 2, "loss": 1.5})
    )
    got = load(copy)
    assert got.phase == "screen" and any("'final'" in n for n in got.notes)
    assert next(r for r in got.runs if r.hash == run.name).curves == {"loss": ([2.0], [1.5])}


def test_finite():
    assert [finite(v) for v in (1, 2.5, True, "3", None, float("inf"))] == [1.0, 2.5, None, None, None, None]
    assert [finite(v) for v in (10**400, -1e308, float("nan"), [1])] == [None] * 4


def test_scores_are_planned_for_each_regime_and_only_for_the_variants_it_is_trained_with(tmp_path, make_row):
    settings = {"variants": ["baseline", "ld"], "seeds": [0, 1], "benchmarks": ["world_order"], "reference": "baseline"}
    settings |= {"regimes": {"world": {}, "images": {}}, "only": {"images": ["baseline"]}}
    (tmp_path / "study.yaml").write_text(json.dumps(settings))
    store = RowStore(tmp_path)
    for variant, seed in (("baseline", 0), ("baseline", 1), ("ld", 0), ("ld", 1)):
        store.append(make_row(variant, seed, run=f"{variant}{seed}"))
    store.append(make_row("baseline", 0, run="other0", regime="images"))
    (note,) = [n for n in load(tmp_path).notes if "planned scores" in n]
    assert note == "1 of 6 planned scores are missing: baseline seed 1 on world_order (images)"
    store.append(make_row("baseline", 1, run="other1", regime="images"))
    assert not [n for n in load(tmp_path).notes if "planned scores" in n]


@pytest.mark.parametrize("only", [7, {"world": 3}, {"world": {"ld": 1}}, ["ld"]])
def test_variants_of_regimes_that_cannot_be_read_cost_no_report(copy, only):
    settings = yaml.safe_load((copy / "study.yaml").read_text())
    (copy / "study.yaml").write_text(yaml.safe_dump(settings | {"regimes": {"world": {}}, "only": only}))
    assert len(load(copy).rows) == 84


def test_damage_of_rows_and_marks_is_left_out_and_told(copy):
    text = (copy / "rows.jsonl").read_text().splitlines(keepends=True)
    twin = json.dumps(json.loads(text[0]) | {"score": 99.0}) + "\n"
    (copy / "rows.jsonl").write_text("\ufeff" + "".join([*text, twin, "{}\n"]))
    store = RowStore(copy)
    row = next(r for r in store if r.variant == "ld")
    marks = copy / "correct" / f"{row.id}.bin"
    marks.write_bytes(marks.read_bytes()[:-1])
    got = load(copy)
    assert len(got.rows) == 84 and got.rows[0].score != 99
    assert got.left_out == got.notes and len(got.left_out) == 3
    assert "line 86 (" in got.left_out[0] and "1 score contradicts an earlier one" in got.left_out[1]
    assert f"ld seed {row.seed} on {row.benchmark} (124 bytes instead of 125)" in got.left_out[2]
    assert got.correct(row) is None and got.correct(got.rows[0]) is not None
    assert collect(got).lines[1].cells[0].crossed is None, "marks that are padded move the interval over examples"
    grade = grade_study(got)
    assert grade.left_out == tuple(got.left_out)
    assert next(c for c in grade.criteria if c.name == "test examples kept").reason == "kept for 59 of 60 scores"
    build(copy)
    for name in ("report.html", "report.md"):
        page = html.unescape((copy / name).read_text()).replace("\\", "")
        assert all(line in page for line in got.left_out), name


def test_a_run_counts_as_finished_by_its_summary_and_its_checkpoints(copy):
    names = sorted(path.name for path in (copy / "runs").iterdir())
    (copy / "runs" / names[0] / "summary.json").write_text("")
    half = copy / "runs" / names[1]
    config = config_of(40)
    (half / "summary.json").unlink()
    write_run(half, config, (15,))
    (copy / "runs" / names[2] / "metrics.jsonl").write_text('{"step": 1, "loss": 1e308}\n{}\n{"step": 2}\n')
    got = load(copy)
    assert len(got.runs) == 13
    told = "\n".join(got.notes)
    assert f"runs: 2 not counted as finished: {names[0]} (summary.json: no JSON" in told
    assert f"{names[1]} (its last checkpoint is of step 15 of 40)" in told
    assert "runs: 8 scores are of runs that aren't finished" in told
    assert f"runs: 1 lines of metrics.jsonl can't be read ({names[2]})" in told
    assert f"runs: 1 numbers of metrics.jsonl aren't finite, or too large to draw ({names[2]})" in told


@pytest.mark.parametrize("name", ["registration.json", "similarity.json", "audit.json", "protocols.json"])
def test_json_nested_too_deeply_is_a_note(copy, name: str):
    (copy / name).write_bytes(b'{"a":' * 100_000)
    assert any(name in note for note in load(copy).notes)


def test_files_with_a_byte_order_mark_are_read(copy):
    for name in ("study.yaml", "protocols.json", "benchmarks.json", "rows.jsonl"):
        (copy / name).write_bytes(b"\xef\xbb\xbf" + (copy / name).read_bytes())
    for path in (copy / "runs").glob("*/*.json*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    got = load(copy)
    assert got.notes == [] and len(got.rows) == 84 and len(got.runs) == 15


def test_rows_that_are_no_file_are_a_note(copy):
    (copy / "rows.jsonl").unlink()
    (copy / "rows.jsonl").mkdir()
    assert "rows.jsonl: cannot be read (Is a directory)" in load(copy).left_out
