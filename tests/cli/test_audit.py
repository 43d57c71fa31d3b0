"""`auxjepa audit` through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auxjepa.audit import Audit
from auxjepa.cli import main

SMALL = ["--data.frames", "8", "--data.size", "32", "--data.clips", "8", "--optim.batch", "4", "--batches", "1"]


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return ["--data.root", str(tmp_path_factory.mktemp("data"))]


def test_released_variant_in_text_and_json(tmp_path: Path, root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "audit.json"
    assert main(["audit", "fwm_hw_ld_released", "--json", str(file), *SMALL, *root]) == 0
    text = capsys.readouterr().out
    assert [line.split()[1] for line in text.splitlines() if line.startswith("FINDING")] == ["1", "3", "4", "8"]
    assert "\x1b" not in text and "latent_dynamics reaches no trainable parameter" in text
    for heading in ("cos. to prediction", "block 11", "level 3", "sites visible throughout"):
        assert heading in text
    audit = Audit.model_validate(json.loads(file.read_text()))
    assert [f.number for f in audit.findings] == [1, 3, 4, 8] and audit.variant == "fwm_hw_ld_released"
    assert {t.name for t in audit.terms} >= {"prediction", "context", "latent_dynamics"}


def test_described_variant_is_clean_and_strict_minds_findings(
    root: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "baseline", "--strict", *SMALL, *root]) == 0
    assert "no finding" in capsys.readouterr().out
    assert main(["audit", "baseline", "--base", "released", "--strict", *SMALL, *root]) == 1
    said = capsys.readouterr()
    assert "FINDING 8" in said.out and said.err.strip().endswith("1 finding(s)")


def test_flags_of_a_run_are_laid_over_the_base(root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--objectives.context.weight", "0", "--teacher.enabled", "false", "--evaluates", "teacher"]
    assert main(["audit", "baseline", *flags, *SMALL, *root]) == 0
    text = capsys.readouterr().out
    assert [line.split()[1] for line in text.splitlines() if line.startswith("FINDING")] == ["2", "8"]


def test_a_trained_run_and_a_study(tmp_path: Path, root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "study" / "runs" / "abc"
    small = ["--data.clips", "8", "--optim.batch", "4", "--optim.steps", "2"]
    assert main(["pretrain", "--variant", "ld", "--out", str(run), *small, *root]) == 0
    assert main(["audit", "--checkpoint", str(run), "--batches", "1"]) == 0
    text = capsys.readouterr().out
    assert "audit of ld" in text and "step 2" in text and "no finding" in text
    assert main(["audit", "hw", "--checkpoint", str(run), "--batches", "1"]) == 0
    assert "audit of hw" in capsys.readouterr().out
    assert main(["audit", "--study", str(tmp_path / "study"), "--batches", "1"]) == 0
    assert json.loads((run / "audit.json").read_text())["variant"] == "ld"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["fwm_hw_ld_relased"], "did you mean 'fwm_hw_ld_released'"),
        ([], "name a variant"),
        (["baseline", "--batchs", "2"], "unknown field 'batchs'"),
        (["baseline", "--batches", "0"], "batches"),
        (["--study", "nowhere"], "no finished run here"),
        (["ld", "--study", "nowhere"], "--study audits the runs as they are"),
        (["--checkpoint", "nowhere"], "no checkpoint here"),
    ],
)
def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str], argv: list[str], said: str) -> None:
    assert main(["audit", *argv]) in (1, 2)
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
