"""``auxjepa probe --out FOLDER``: rows as in a study, several probes in one folder, and a report of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from auxjepa.rows import Row, RowStore


@pytest.fixture
def probe(auxjepa, trained: Path, labelled: Path):
    """``probe(*words)``: a quick probe of the run into the folder ``scores``; the rows that are there afterwards."""

    def run(*words: object, checkpoint: Path = trained) -> list[Row]:
        quick = ("--data", f"folder:{labelled}", "--head", "knn", "--out", "scores")
        done = auxjepa("probe", checkpoint, *quick, *words)
        assert done.code == 0, done.err
        return list(RowStore(Path("scores")))

    return run


def test_rows_are_those_of_a_study(probe, trained: Path, labelled: Path) -> None:
    rows = probe()
    assert [row.control for row in rows] == [None, "random_init", "majority", "chance"]
    first, store = rows[0], RowStore(Path("scores"))
    assert (first.variant, first.seed, first.run) == (
        "ld",
        0,
        json.loads((trained / "summary.json").read_text())["hash"],
    )
    assert first.n_classes == 3 and first.n_test == 3 and first.versions["torch"]
    for row in rows[:3]:
        marks = store.correct(row)
        assert marks is not None and row.score == pytest.approx(100 * marks.mean())
    assert not store.notes()
    benchmarks = json.loads(Path("scores/benchmarks.json").read_text())
    assert benchmarks[first.benchmark]["hash"] == first.benchmark_hash
    assert benchmarks[first.benchmark]["marks_each_clip"] is True
    protocols = json.loads(Path("scores/protocols.json").read_text())
    assert protocols[first.protocol]["hash"] == first.protocol_hash and first.benchmark == f"folder:{labelled} (knn)"
    (record,) = json.loads(Path("scores/scores.json").read_text())
    assert record["row"] == first.id and record["top1"] == first.score and record["notes"]


def test_the_file_and_the_folder_hold_the_same_record(probe, auxjepa, trained: Path, labelled: Path) -> None:
    probe()
    words = ("--data", f"folder:{labelled}", "--head", "knn", "--out", "scores.json")
    assert auxjepa("probe", trained, *words).code == 0
    assert json.loads(Path("scores.json").read_text()) == json.loads(Path("scores/scores.json").read_text())


def test_the_same_probe_adds_nothing_and_others_add_rows(probe) -> None:
    rows = probe()
    assert probe() == rows
    teacher = probe("--role", "teacher", "--no-controls")
    assert len(teacher) == len(rows) + 1 and teacher[-1].benchmark.endswith("(knn, teacher)")
    again = probe("--seed", "1", "--no-controls")
    assert again[-1].benchmark.endswith("(knn, probe seed 1)") and len(again) == len(teacher) + 1
    assert probe("--role", "random_init") == again, "the control was scored with the encoder"


def test_an_unfinished_run_has_a_name_of_its_own(probe, auxjepa, trained: Path) -> None:
    words = ("--config", trained / "config.yaml", "--optim.steps", "4", "--checkpoint.every", "2")
    assert auxjepa("pretrain", *words, "--checkpoint.keep", "all", "--out", "steps").code == 0
    rows = probe()
    more = probe(checkpoint=Path("steps/checkpoints/step-000002"))
    assert [row.variant for row in more[len(rows) :]] == ["ld@step-000002"], "controls are there already"
    assert more[len(rows)].run.endswith("@step-000002")


def test_another_run_of_the_same_name_is_refused_or_named(probe, auxjepa, trained: Path, labelled: Path) -> None:
    words = ("--config", trained / "config.yaml", "--optim.lr", "1e-4", "--out", "slow")
    assert auxjepa("pretrain", *words).code == 0
    rows = probe()
    command = ("probe", "slow", "--data", f"folder:{labelled}", "--head", "knn", "--out", "scores")
    done = auxjepa(*command)
    assert done.code == 2 and "or name this encoder with --name" in done.err.splitlines()[-1]
    assert list(RowStore(Path("scores"))) == rows
    assert auxjepa(*command, "--name", "ld slow").code == 0
    assert [row.variant for row in RowStore(Path("scores"))][len(rows) :] == ["ld slow"]


def test_a_report_is_made_of_the_folder(probe, auxjepa, trained: Path) -> None:
    words = ("--config", trained / "config.yaml", "--variant", "baseline", "--optim.steps", "2", "--out", "base")
    assert auxjepa("pretrain", *words).code == 0
    probe()
    probe(checkpoint=Path("base"))
    done = auxjepa("report", "scores")
    assert done.code == 0, done.err
    page = Path("scores/report.md").read_text()
    assert "baseline" in page and "ld" in page and "study.yaml: missing" in page


def test_a_study_is_left_alone(auxjepa, trained: Path, labelled: Path) -> None:
    Path("scores").mkdir()
    Path("scores/study.yaml").write_text("name: mine\n")
    done = auxjepa("probe", trained, "--data", f"folder:{labelled}", "--out", "scores")
    assert done.code == 2 and "scores holds a study" in done.err.splitlines()[-1]
    assert [path.name for path in Path("scores").iterdir()] == ["study.yaml"]


def test_changed_weights_are_said_and_the_first_score_stays(probe, auxjepa, trained: Path, labelled: Path) -> None:
    rows = probe("--no-controls")
    store = RowStore(Path("scores"))
    changed = rows[0].model_copy(update={"score": 100.0 if rows[0].score < 50 else 0.0})
    marks = np.full(3, changed.score == 100.0)
    shutil.rmtree("scores/correct")
    Path("scores/rows.jsonl").unlink()
    store.append(changed, marks)
    words = ("--data", f"folder:{labelled}", "--head", "knn", "--no-controls", "--out", "scores")
    done = auxjepa("probe", trained, *words)
    assert done.code == 0 and "the first score is kept" in done.err
    assert next(iter(store)).score == changed.score


def test_a_folder_of_videos_is_opened_once(probe, monkeypatch: pytest.MonkeyPatch) -> None:
    from auxjepa.benchmarks import folder

    opened: list[str] = []
    for name in ("open_manifest", "open_pool"):
        plain = getattr(folder, name)
        monkeypatch.setattr(folder, name, lambda *a, n=name, f=plain, **k: (opened.append(n), f(*a, **k))[1])
    probe()
    assert opened == ["open_manifest", "open_pool"]


@pytest.mark.parametrize("name", ["benchmarks.json", "protocols.json", "scores.json"])
def test_a_damaged_file_is_one_line(probe, auxjepa, trained: Path, labelled: Path, name: str) -> None:
    probe()
    Path("scores", name).write_text("{")
    words = ("--data", f"folder:{labelled}", "--head", "knn", "--out", "scores")
    done = auxjepa("probe", trained, *words)
    assert done.code == 2 and f"scores/{name}: cannot be read" in done.err.splitlines()[-1]
