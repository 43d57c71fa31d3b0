"""``auxjepa probe`` on natural videos with labels from subfolders and from labels.csv."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auxjepa.benchmarks import BENCHMARKS
from auxjepa.config import read_yaml
from auxjepa.data.sets.prepare import prepare_set
from miniatures import msvd


def probe(auxjepa, *words: object):
    return auxjepa("probe", *words, "--out", "scores.json")


@pytest.mark.parametrize("role", ["student", "teacher", "random_init"])
def test_roles_are_scored_and_say_so(auxjepa, trained: Path, labelled: Path, role: str) -> None:
    done = probe(auxjepa, trained, "--data", f"folder:{labelled}", "--role", role, "--head", "linear")
    assert done.code == 0, done.err
    assert "33.3" in done.out and "(n = 3 videos, 3 clips)" in done.out
    assert "cut.mp4" in done.err and "text.mp4" in done.err
    (score,) = json.loads(Path("scores.json").read_text())
    assert score["role"] == role and len(score["correct"]) == 3  # one of the six videos of each of three classes
    assert score["top1"] == pytest.approx(100 * sum(score["correct"]) / 3)
    assert score["interval"][0] <= score["top1"] <= score["interval"][1]
    assert score["protocol"]["reading"]["role"] == ("teacher" if role == "teacher" else "student")
    assert [score["controls"][name] for name in ("majority", "chance")] == pytest.approx([100 / 3, 100 / 3])
    if role == "random_init":
        assert score["controls"]["random_init"] == score["top1"]


def test_scores_repeat_and_roles_differ(auxjepa, trained: Path, labelled: Path) -> None:
    scores = []
    for role in ("student", "student", "random_init"):
        words = ["--data", f"folder:{labelled}", "--role", role, "--head", "linear", "--clips", "36"]
        assert probe(auxjepa, trained, *words).code == 0
        scores.append(json.loads(Path("scores.json").read_text())[0])
    assert scores[0] == scores[1] and scores[0]["weights"] != scores[2]["weights"]
    assert len(scores[0]["correct"]) == 3, "clips of one video are right or wrong as one"


@pytest.mark.parametrize("head", ["attentive", "knn"])
def test_heads(auxjepa, trained: Path, labelled: Path, head: str) -> None:
    assert probe(auxjepa, trained, "--data", f"folder:{labelled}", "--head", head).code == 0
    (score,) = json.loads(Path("scores.json").read_text())
    assert score["protocol"]["head"] == head


def test_a_half_and_a_level_are_read_under_a_protocol_of_their_own(auxjepa, trained: Path, labelled: Path) -> None:
    words = ["--data", f"folder:{labelled}", "--head", "linear", "--channels", "dynamics", "--level", "0"]
    assert probe(auxjepa, trained, *words, "--no-controls").code == 0
    (score,) = json.loads(Path("scores.json").read_text())
    assert score["protocol"]["channels"] == "dynamics" and score["protocol"]["reading"]["level"] == 0
    assert list(score["controls"]) == ["chance"]


@pytest.fixture
def table(labelled: Path, tmp_path: Path) -> Path:
    """The same videos in one folder with labels.csv: kind (two values), part (numbers) and partial (not everywhere)."""
    flat = tmp_path / "flat"
    flat.mkdir()
    lines = ["path,kind,part,partial"]
    for video in sorted(labelled.glob("*/?.mp4")):
        name = f"{video.parent.name}-{video.name}"
        shutil.copy(video, flat / name)
        kind = "animated" if video.parent.name == "bigbuckbunny" else "filmed"
        lines.append(f"{name},{kind},{3 + 4 * (int(video.stem) % 2)},{'x' if video.stem == '0' else ''}")
    (flat / "labels.csv").write_text("\n".join(lines) + "\n")
    return flat


@pytest.mark.parametrize("column", ["kind", "part"])
def test_labels_from_a_table(auxjepa, trained: Path, table: Path, column: str) -> None:
    done = probe(auxjepa, trained, "--data", f"folder:{table}", "--label", column, "--head", "linear")
    assert done.code == 0, done.err
    (score,) = json.loads(Path("scores.json").read_text())
    assert score["controls"]["chance"] == 50.0


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("knid", "no label column 'knid' in labels.csv (known: kind, part, partial, folder)"),
        ("partial", "only one class (x): there is nothing to tell apart"),
        ("folder", "is in no subfolder, so it has no class"),
    ],
)
def test_labels_that_are_not_there(auxjepa, trained: Path, table: Path, column: str, words: str) -> None:
    done = probe(auxjepa, trained, "--data", f"folder:{table}", "--label", column)
    assert done.code == 2 and words in done.err.splitlines()[-1]


def test_without_an_ema_teacher_there_is_none_to_probe(auxjepa, trained: Path, labelled: Path) -> None:
    words = ["--config", trained / "config.yaml", "--teacher.no-enabled", "--optim.steps", "1", "--out", "alone"]
    assert auxjepa("pretrain", *words).code == 0
    done = probe(auxjepa, "alone", "--data", f"folder:{labelled}", "--role", "teacher")
    assert done.code == 1 and done.err.count("\n") == 1
    assert "this run has no teacher" in done.err and "only the student can be evaluated" in done.err
    assert probe(auxjepa, "alone", "--data", f"folder:{labelled}", "--head", "knn").code == 0


def test_contradictions_are_said(auxjepa, trained: Path, labelled: Path) -> None:
    done = auxjepa("probe", trained, "--data", f"folder:{labelled}", "--benchmark", "world_order")
    assert done.code == 2 and "not both" in done.err
    done = auxjepa("probe", trained, "--benchmark", "world_ordre")
    assert done.code == 2 and "did you mean 'world_order'?" in done.err
    assert "--clips is for --data" in auxjepa("probe", trained, "--clips", "3").err


def test_a_damaged_checkpoint_is_said(auxjepa, trained: Path, labelled: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy)
    weights = next(copy.glob("checkpoints/step-*/weights.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-5] ^= 1
    weights.write_bytes(content)
    done = probe(auxjepa, copy, "--data", f"folder:{labelled}")
    assert done.code == 1 and "not what state.json describes" in done.err


def test_retrieval_has_no_majority_class_and_its_own_chance(
    auxjepa, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    config = run / "config.yaml"
    old = str(read_yaml(config)["data"]["root"])
    prepare_set("msvd", msvd.build(tmp_path / "MSVD"), Path(old), workers=1, progress=False)
    one = BENCHMARKS["msvd_alignment"]
    quick = {**one.args, "alignment": {"text": "hashed", "epochs": 1, "dim": 8, "gallery": 100}}
    monkeypatch.setitem(BENCHMARKS, "msvd_alignment", one.model_copy(update={"args": quick}))
    done = probe(auxjepa, run, "--benchmark", "msvd_alignment")
    assert done.code == 0, done.err
    (score,) = json.loads(Path("scores.json").read_text())
    assert set(score["controls"]) == {"random_init", "chance"}
    assert score["controls"]["chance"] == score["parts"]["chance"] == 100, "both test clips have the same captions"


def test_a_head_that_was_chosen_is_named(auxjepa, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = BENCHMARKS["world_fewshot_5way_1shot"]
    small = {"train": 60, "validation": 500, "test": 400, "args": {**one.args, "episodes": 5, "queries": 2}}
    monkeypatch.setitem(BENCHMARKS, one.name, one.model_copy(update=small))
    done = probe(auxjepa, trained, "--benchmark", one.name, "--no-controls")
    assert done.code == 0, done.err
    (score,) = json.loads(Path("scores.json").read_text())
    assert f"head {score['selected']['head']}" in " ".join(done.out.split())


def test_an_unfinished_run_says_which_step_is_read(auxjepa, trained: Path, labelled: Path) -> None:
    shutil.copytree(trained, "half")
    Path("half/summary.json").write_bytes(b"")
    done = probe(auxjepa, "half", "--data", f"folder:{labelled}", "--no-controls")
    assert done.code == 0 and "half is not finished: summary.json: no JSON" in done.err
    assert "step 6 of 6 is read" in done.err
    (score,) = json.loads(Path("scores.json").read_text())
    assert score["checkpoint"] == {"step": 6, "of": 6}
