from __future__ import annotations

import html
import json
import shutil

import numpy as np
import pytest
import yaml

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.grade.grade import grade_study
from auxjepa.evidence.study_folder.artifacts import finite
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import build
from auxjepa.rows import RowStore
from written_run import config_of, write_run


@pytest.fixture
def copy(study, tmp_path):
    return shutil.copytree(study, tmp_path / "copy")


def test_a_complete_folder_leaves_no_note(study):
    loaded = load(study)
    assert loaded.notes == []
    assert (loaded.reference, loaded.seeds, len(loaded.rows), len(loaded.runs)) == ("baseline", [0, 1, 2], 84, 15)
    assert loaded.samples is not None and loaded.samples.captions[2] == "a red square falls"
    steps, loss = loaded.runs[0].curves["loss"]
    assert steps == [float(s) for s in range(1, 61)] and loss[0] > loss[-1]
    assert len(loaded.runs[0].curves["rank/teacher"][0]) == 12


def test_an_empty_folder_has_a_note_for_each_missing_file(tmp_path):
    loaded = load(tmp_path)
    for name in ("rows.jsonl", "study.yaml", "protocols.json", "benchmarks.json", "samples.npz", "runs"):
        assert any(note.startswith(name) for note in loaded.notes), name


def test_no_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such study folder"):
        load(tmp_path / "nowhere")


def test_without_study_yaml_the_rows_give_variants_seeds_and_reference(copy):
    (copy / "study.yaml").unlink()
    loaded = load(copy)
    assert (loaded.variants[0], loaded.reference, loaded.seeds) == ("baseline", "baseline", [0, 1, 2])
    note = "study.yaml: missing; variants, seeds, benchmarks and reference are taken from the rows"
    assert note in loaded.notes and any("no reference is named; baseline is used" in n for n in loaded.notes)


def test_a_killed_study(copy):
    lines = (copy / "rows.jsonl").read_text().splitlines(keepends=True)
    (copy / "rows.jsonl").write_text("".join(lines[:30]) + lines[30][:40])
    run = sorted((copy / "runs").iterdir())[0]
    (run / "summary.json").unlink()
    second = sorted((copy / "runs").iterdir())[1]
    text = (second / "metrics.jsonl").read_text()
    (second / "metrics.jsonl").write_text(text[: len(text) // 2])
    loaded = load(copy)
    assert len(loaded.rows) == 30 and len(loaded.runs) == 14
    assert any("30 of 60 planned scores are missing" in n and "and 26 more" in n for n in loaded.notes)
    assert any("1 without a summary" in n for n in loaded.notes)
    assert any("controls not scored: random_init, raw_pixels, majority, chance" in n for n in loaded.notes)
    half = next(r for r in loaded.runs if r.hash == second.name)
    assert 25 <= len(half.curves["loss"][0]) <= 30


@pytest.mark.parametrize("name", ["study.yaml", "protocols.json", "benchmarks.json", "samples.npz"])
@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"{]", b"\xff\xfe\x00"])
def test_damaged_files_become_notes(copy, name: str, content: bytes):
    (copy / name).write_bytes(content)
    assert any(note.startswith(name) for note in load(copy).notes)


def test_samples_that_do_not_fit_are_refused(copy):
    np.savez(copy / "samples.npz", clips=np.zeros((1, 8, 32, 32, 3), np.uint8), hidden=np.zeros((1, 3, 4, 4), bool))
    loaded = load(copy)
    assert loaded.samples is None and any("do not fit" in n for n in loaded.notes)


def test_samples_that_can_run_code_are_refused(copy):
    np.savez(copy / "samples.npz", clips=np.array([print], object), hidden=np.zeros(1, bool))
    loaded = load(copy)
    assert loaded.samples is None and any("samples.npz: cannot be read" in n for n in loaded.notes)


def test_an_unknown_phase_and_metrics_that_are_not_numbers(copy):
    (copy / "study.yaml").write_text("phase: final\nseeds: [0, one]\n")
    run = sorted((copy / "runs").iterdir())[0]
    (run / "metrics.jsonl").write_text(
        '{"step": 1, "loss": NaN}\n7\n{"loss": 2}\n' + json.dumps({"step": 2, "loss": 1.5})
    )
    loaded = load(copy)
    assert loaded.phase == "screen" and any("'final'" in n for n in loaded.notes)
    assert next(r for r in loaded.runs if r.hash == run.name).curves == {"loss": ([2.0], [1.5])}


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
    store.append(make_row("baseline", 0, run="images0", regime="images"))
    (note,) = [n for n in load(tmp_path).notes if "planned scores" in n]
    assert note == "1 of 6 planned scores are missing: baseline seed 1 on world_order (images)"
    store.append(make_row("baseline", 1, run="images1", regime="images"))
    assert not [n for n in load(tmp_path).notes if "planned scores" in n]


@pytest.mark.parametrize("only", [7, {"world": 3}, {"world": {"ld": 1}}, ["ld"]])
def test_an_unreadable_list_of_variants_by_regime_does_not_stop_the_report(copy, only):
    settings = yaml.safe_load((copy / "study.yaml").read_text())
    (copy / "study.yaml").write_text(yaml.safe_dump(settings | {"regimes": {"world": {}}, "only": only}))
    assert len(load(copy).rows) == 84


def test_damage_of_rows_and_marks_is_left_out_and_noted(copy):
    text = (copy / "rows.jsonl").read_text().splitlines(keepends=True)
    contradiction = json.dumps(json.loads(text[0]) | {"score": 99.0}) + "\n"
    (copy / "rows.jsonl").write_text("\ufeff" + "".join([*text, contradiction, "{}\n"]))
    store = RowStore(copy)
    row = next(r for r in store if r.variant == "ld")
    marks = copy / "correct" / f"{row.id}.bin"
    marks.write_bytes(marks.read_bytes()[:-1])
    loaded = load(copy)
    assert len(loaded.rows) == 84 and loaded.rows[0].score != 99
    assert loaded.left_out == loaded.notes and len(loaded.left_out) == 3
    assert "line 86 (" in loaded.left_out[0] and "1 score contradicts an earlier one" in loaded.left_out[1]
    assert f"ld seed {row.seed} on {row.benchmark} (124 bytes instead of 125)" in loaded.left_out[2]
    assert loaded.correct(row) is None and loaded.correct(loaded.rows[0]) is not None
    assert collect_results(loaded).lines[1].cells[0].crossed is None, "padded marks would move this interval"
    grade = grade_study(loaded)
    assert grade.left_out == tuple(loaded.left_out)
    assert next(c for c in grade.criteria if c.name == "test examples kept").reason == "kept for 59 of 60 scores"
    build(copy)
    for name in ("report.html", "report.md"):
        page = html.unescape((copy / name).read_text()).replace("\\", "")
        assert all(line in page for line in loaded.left_out), name


def test_a_run_counts_as_finished_by_its_summary_and_its_checkpoints(copy):
    names = sorted(path.name for path in (copy / "runs").iterdir())
    (copy / "runs" / names[0] / "summary.json").write_text("")
    half = copy / "runs" / names[1]
    config = config_of(40)
    (half / "summary.json").unlink()
    write_run(half, config, (15,))
    (copy / "runs" / names[2] / "metrics.jsonl").write_text('{"step": 1, "loss": 1e308}\n{}\n{"step": 2}\n')
    loaded = load(copy)
    assert len(loaded.runs) == 13
    notes = "\n".join(loaded.notes)
    assert f"runs: 2 not counted as finished: {names[0]} (summary.json: no JSON" in notes
    assert f"{names[1]} (its last checkpoint is of step 15 of 40)" in notes
    assert "runs: 8 scores are of unfinished runs, so their encoders may be half trained" in notes
    assert f"runs: 1 lines of metrics.jsonl cannot be read ({names[2]})" in notes
    assert f"runs: 1 numbers of metrics.jsonl are not finite, or are too large to draw ({names[2]})" in notes


def test_a_step_that_is_too_large_is_not_drawn(copy):
    run = sorted((copy / "runs").iterdir())[0]
    lines = [f'{{"step": 1{"0" * 400}, "loss": 1.0}}', '{"step": 2, "loss": 1.5, "resumed": true}']
    (run / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    loaded = load(copy)
    assert next(r for r in loaded.runs if r.hash == run.name).curves == {"loss": ([2.0], [1.5])}
    assert f"runs: 1 numbers of metrics.jsonl are not finite, or are too large to draw ({run.name})" in loaded.notes


@pytest.mark.parametrize("name", ["registration.json", "similarity.json", "audit.json", "protocols.json"])
def test_json_nested_too_deeply_is_a_note(copy, name: str):
    (copy / name).write_bytes(b'{"a":' * 100_000)
    assert any(name in note for note in load(copy).notes)


def test_files_with_a_byte_order_mark_are_read(copy):
    for name in ("study.yaml", "protocols.json", "benchmarks.json", "rows.jsonl"):
        (copy / name).write_bytes(b"\xef\xbb\xbf" + (copy / name).read_bytes())
    for path in (copy / "runs").glob("*/*.json*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    loaded = load(copy)
    assert loaded.notes == [] and len(loaded.rows) == 84 and len(loaded.runs) == 15


def test_rows_that_are_no_file_are_a_note(copy):
    (copy / "rows.jsonl").unlink()
    (copy / "rows.jsonl").mkdir()
    assert "rows.jsonl: cannot be read (Is a directory)" in load(copy).left_out
