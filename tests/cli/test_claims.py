"""`auxjepa claims` through the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import yaml

from auxjepa.audit import structure
from auxjepa.cli import main
from auxjepa.evidence.ledger.claims import load
from auxjepa.rows import Row, RowStore


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["claims", *argv]) == 0
    return capsys.readouterr().out


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Three variants, two seeds, one benchmark; a screen."""
    folder = tmp_path / "mine"
    for seed in range(2):
        for variant, score in (("baseline", 40.0), ("ld", 35.0), ("fwm", 44.0)):
            row = Row(
                run=f"{variant}{seed}",
                variant=variant,
                regime="world",
                seed=seed,
                score=score + seed,
                benchmark="world_appearance",
                benchmark_hash="b",
                protocol="p",
                protocol_hash="h",
                n_test=100,
                n_classes=20,
            )
            RowStore(folder).append(row)
    content = {
        "name": "mine",
        "variants": ["baseline", "ld", "fwm"],
        "seeds": [0, 1],
        "benchmarks": ["world_appearance"],
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(content | {"phase": "screen", "reference": "baseline"}))
    return folder


def test_list_has_every_claim_and_what_documents_say(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "list").splitlines()
    ids = [claim.id for claim in load().claims]
    assert [line.split()[0] for line in lines[1 : 1 + len(ids)]] == ids
    assert lines[-1].startswith("documents contradict each other on mgm_ssv2, kinematic_diving48")
    assert any("4 true, 1 false" in line for line in lines) and "\x1b" not in "".join(lines)


def test_a_list_can_be_narrowed_and_read_by_machines(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = printed(capsys, "list", "--match", "10 of 14", "--json-lines").splitlines()
    claim = json.loads(line)
    assert (claim["id"], claim["count"], claim["of"], len(claim["sources"])) == ("imagenet100_losers", 10, 14, 5)


def test_verify_published_in_text_json_and_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--json-file", str(tmp_path / "new" / "l.json"), "--csv-file", str(tmp_path / "l.csv")]
    text = printed(capsys, "verify", "--results", "published", *files)
    assert "1 supported, 1 refuted, 0 flagged, 0 inconclusive, 37 not testable" in text and "\x1b" not in text
    for said in ("165 against 171 of 1970", "11 of 15 lose", "exactly 165 of 1970", "3.60 points of seed noise"):
        assert said in text
    line = next(line for line in text.splitlines() if line.startswith("kinematic_diving48"))
    assert line.split()[1:4] == ["not", "testable", "fails"] and "4 true, 1 false" in line
    content = json.loads((tmp_path / "new" / "l.json").read_text())
    assert content["summary"]["refuted"] == 1 and len(content["entries"]) == len(load().claims)
    assert {anomaly["rule"] for anomaly in content["anomalies"]} >= {"identical_counts", "cluster", "tiny_test"}
    with (tmp_path / "l.csv").open() as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert rows["imagenet100_losers"]["verdict"] == "refuted" and rows["ld_ssv2"]["documents"] == "8 true, 2 false"


def test_verify_a_study_is_told_apart(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "verify", "--results", str(study))
    lines = {line.split()[0]: line for line in text.splitlines() if line}
    assert "in the world study, not the published setting" in lines["fwm_imagenet100"]
    assert "confirm it on new seeds (2 paired seeds here)" in lines["fwm_imagenet100"]
    assert "+4.0 points" in lines["fwm_imagenet100"]
    assert "not testable  holds" in lines["fwm_imagenet100"]
    assert "the study lacks world_order (for ssv2)" in lines["ld_ssv2"]
    assert "What the table gives away" not in text


def test_execute_hands_facts_to_the_ledger(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(structure, "facts", lambda on_fact: {"base.embedding_dim": 512.0})
    text = printed(capsys, "verify", "--match", "embedding_dim", "--execute")
    assert "refuted" in text and "base.embedding_dim is 512, not 768" in text
    assert "not executed, add --execute" in printed(capsys, "verify", "--match", "embedding_dim")


def test_choosing_claims_changes_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    whole = [line.split() for line in printed(capsys, "verify").splitlines() if line.startswith("fwm_imagenet100")]
    (one,) = [line.split() for line in printed(capsys, "verify", "--match", "fwm_im").splitlines() if "1337" in line]
    assert [one] == whole and "11" in one


def test_usage_without_an_action(capsys: pytest.CaptureFixture[str]) -> None:
    assert "auxjepa claims verify --results published|DIR" in printed(capsys)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["verfy"], "did you mean 'verify'"),
        (["verify", "--results", "publishd"], "did you mean 'published'"),
        (["verify", "--regime", "world"], "--regime chooses among the regimes of a study"),
        (["list", "--match", "imagenet100_loser s"], "did you mean 'imagenet100_losers'"),
        (["list", "--mach", "x"], "unknown field 'mach'"),
    ],
)
def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str], argv: list[str], said: str) -> None:
    assert main(["claims", *argv]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_a_study_without_scores_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "verify", "--results", str(tmp_path)]) == 2
    assert capsys.readouterr().err.strip().endswith("no score yet")


def test_a_study_that_can_test_no_claim_gets_one_line(
    tmp_path: Path, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (study / "rows.jsonl").read_text()
    (study / "rows.jsonl").write_text(lines.replace("world_appearance", "my_actions"))
    (study / "study.yaml").unlink()
    files = ["--json-file", str(tmp_path / "l.json")]
    text = printed(capsys, "verify", "--results", str(study), *files)
    assert text.startswith(f"{study}: None of the 44 claims") and text.count("\n") == 1
    assert len(json.loads((tmp_path / "l.json").read_text())["entries"]) == 44, "files have every claim"
    for more in (["--full"], ["--match", "ld_ssv2"]):
        assert "the study lacks world_order" in printed(capsys, "verify", "--results", str(study), *more)
