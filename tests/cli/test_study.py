"""auxjepa study register on the command line (running studies is tested end to end)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auxjepa.cli import main
from auxjepa.cli.study import resolve

STUDY = """
name: mine
phase: confirm
variants: [baseline, ld]
seeds: [7, 8]
screened_seeds: [0]
benchmarks: [world_direction]
hypotheses:
  - {id: h, variant: ld, claim: above, reference: baseline, benchmark: world_direction, why: WHY}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(STUDY)
    return path


def test_registering_tells_the_hash_and_runs_nothing(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["study", "register", str(file), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    written = json.loads((out / "registration.json").read_text())
    assert f"1 hypothesis, 6 runs, sha256 {written['hash']}" in told
    assert sorted(p.name for p in out.iterdir()) == ["registration.json", "study.yaml"]
    assert main(["study", "register", str(file), "--out", str(out)]) == 0
    assert json.loads((out / "registration.json").read_text()) == written


def test_a_refused_command_leaves_the_folder_as_it_was(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["study", "register", str(file), "--out", str(out)])
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    file.write_text(STUDY.replace("WHY", "another reason"))
    assert main(["study", "register", str(file), "--out", str(out)]) == 2
    assert "hypotheses.h.why is WHY in the folder and another reason in the request" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("phase: confirm", "phase: screen"), "a screen decides no hypothesis"),
        (("screened_seeds: [0]", "screened_seeds: [7]"), "seed 7 was screened on"),
        (("claim: above", "claim: abov"), "did you mean 'above'"),
    ],
)
def test_what_cannot_be_registered_gets_one_line(
    file: Path, change: tuple[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(STUDY.replace(*change))
    assert main(["study", "register", str(file), "--out", str(file.parent / "out")]) == 2
    err = capsys.readouterr().err
    assert told in err and err.count("\n") == 1 and not (file.parent / "out").exists()


def test_a_mistyped_action_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "registr"]) == 2
    assert "did you mean 'register'" in capsys.readouterr().err


def test_status_tells_what_is_left_out_of_the_rows(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["study", "register", str(file), "--out", str(out)])
    (out / "rows.jsonl").write_text('{"score": NaN}\n{"schema')
    capsys.readouterr()
    assert main(["study", "status", str(out)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-2].startswith("rows.jsonl: 1 line is left out, which can't be read: line 1 (")
    assert told[-1] == "rows.jsonl: the last line was cut short, as by a kill; the same command scores it again"


def test_a_study_file_that_was_edited_or_damaged_is_one_line(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["study", "register", str(file), "--out", str(out)])
    written = (out / "study.yaml").read_text()
    (out / "study.yaml").write_text(written.replace("steps: 700", "steps: 790"))
    capsys.readouterr()
    assert main(["study", "status", str(out)]) == 2
    err = capsys.readouterr().err
    assert "study.yaml: edited or damaged after it was written" in err and err.count("\n") == 1
    assert main(["study", "register", str(file), "--out", str(out)]) == 2
    err = capsys.readouterr().err
    assert "base.optim.steps is 790 in the folder and 700 in the request" in err and "edited or damaged" in err
    (out / "study.yaml").write_text(written.replace("question: ''", "question: Why?"))
    assert main(["study", "status", str(out)]) == 0, "words are for readers and change no number"
    (out / "study.yaml").write_text(written.partition("\n")[2])
    assert main(["study", "status", str(out)]) == 0, "older versions noted no hash"


def test_registering_a_design_that_decides_nothing_warns(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["study", "register", str(file), "--out", str(out)]) == 0
    line, advice = capsys.readouterr().err.splitlines()
    assert "teacher.schedule power" in advice, "700 steps"
    assert line.startswith("warning: 2 seeds cannot decide 1 hypothesis")
    assert line.endswith("at least 6 seeds are needed")
    file.write_text(STUDY.replace("[7, 8]", "[1, 2, 3, 4, 5, 6]"))
    words = ["study", "register", str(file), "--out", str(tmp_path / "enough"), "--base.teacher.schedule", "power"]
    assert main(words) == 0
    assert capsys.readouterr().err == ""


def test_terms_of_all_variants_are_changed_by_flags(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed, _ = resolve([str(file), "--base.objectives.prediction.args.exponent", "2"])
    own = changed.configure(changed.reference, changed.base).objectives["prediction"]
    assert own.args == {"exponent": 2} and own.weight == 1
    assert main(["study", "plan", str(file), "--base.objectives.prediction.weight", "-1"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "base.objectives.prediction.weight" in line and "greater than or equal to 0" in line
