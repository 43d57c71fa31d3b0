"""The claims of the documents on the page of a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from auxjepa.evidence.decisions.registration import Registration
from auxjepa.evidence.decisions.verdicts import Word
from auxjepa.evidence.ledger.entry import describe_untested
from auxjepa.evidence.ledger.ledger import verify_study
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import build, ledger_section
from auxjepa.rows import Row, RowStore
from written_study import register


def test_the_study_decides_claims(tmp_path: Path, write_study) -> None:
    folder = write_study(tmp_path, seeds=10, steps=2)
    assert isinstance(register(folder), Registration)
    entries = verify_study(load(folder))
    rows = {row[0]: row for row in ledger_section.rows(entries)}
    assert len(rows) == len(entries) and all(len(row) == len(ledger_section.HEAD) for row in rows.values())
    assert rows["ld_ssv2"][2] == "flagged" and rows["ld_ssv2"][3].startswith("world_order; +23.")
    assert rows["fwm_ld_imagenet100"][2:4] == ["not testable", "the study lacks fwm_ld."]
    words = [row[2] for row in ledger_section.rows(entries)]
    assert words == sorted(words, key=list(get_args(Word)).index)
    assert ledger_section.summary(entries).startswith("Of 39 claims: 1 flagged")
    assert "this comparison is not a registered hypothesis" in rows["fwm_hurts"][3]


def test_a_study_without_two_seeds_decides_neither_hypotheses_nor_claims(tmp_path: Path, write_study) -> None:
    folder = write_study(tmp_path, seeds=10, steps=2)
    register(folder)
    lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    (folder / "rows.jsonl").write_text("".join(line for line in lines if json.loads(line)["seed"] < 8))
    study = load(folder)
    assert {outcome.verdict.word for outcome in study.outcomes} == {"not testable"}
    assert ledger_section.summary(verify_study(study)) == "Of 39 claims: 39 not testable."


def test_a_screen_decides_none(study: Path) -> None:
    assert {row[2] for row in ledger_section.rows(verify_study(load(study)))} == {"not testable"}


def test_without_a_score_there_is_no_entry(tmp_path: Path) -> None:
    assert verify_study(load(tmp_path)) == [] and ledger_section.summary([]) == ""


def test_a_study_that_can_test_no_claim_has_one_line(tmp_path: Path) -> None:
    write_own(tmp_path)
    entries = verify_study(load(tmp_path))
    assert len(entries) == 44 and ledger_section.rows(entries) == []
    line = ledger_section.summary(entries)
    assert line.startswith("None of the 44 claims and questions about the published study can be tested here")
    build(tmp_path)
    page, text = (tmp_path / "report.html").read_text(), (tmp_path / "report.md").read_text()
    assert line in text and line in page and "not testable</td>" not in page and "mgm\\_diving48" not in text
    assert 'id="table-of-claim"' not in page and 'href="#claims"' in page


def test_a_screen_that_compares_claims_keeps_its_ledger(study: Path) -> None:
    entries = verify_study(load(study))
    assert describe_untested(entries) == "" and any(entry.is_compared for entry in entries)
    assert describe_untested([]) == ""


def write_own(folder: Path) -> None:
    """Write rows of a benchmark that no claim is about."""
    for seed in range(2):
        for variant, score in (("baseline", 40.0), ("mine", 45.0)):
            row = Row(
                run=f"{variant}{seed}",
                variant=variant,
                regime="web",
                seed=seed,
                benchmark="actions",
                benchmark_hash="b",
                protocol="p",
                protocol_hash="h",
                score=score + seed,
                n_test=100,
                n_classes=20,
            )
            RowStore(folder).append(row)
