"""The claims of the documents on the page of a study."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.decisions.registration import Registration
from auxjepa.evidence.ledger.ledger import verify_study
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import ledger_section
from written_study import register


def test_the_study_decides_claims(tmp_path: Path, write_study) -> None:
    folder = write_study(tmp_path, seeds=10, steps=2)
    assert isinstance(register(folder), Registration)
    entries = verify_study(load(folder))
    rows = {row[0]: row for row in ledger_section.rows(entries)}
    assert len(rows) == len(entries) and all(len(row) == len(ledger_section.HEAD) for row in rows.values())
    assert rows["ld_ssv2"][2] == "supported" and rows["ld_ssv2"][3].startswith("world_order; +23.")
    assert rows["fwm_ld_imagenet100"][2:4] == ["not testable", "the study lacks fwm_ld."]
    words = [row[2] for row in ledger_section.rows(entries)]
    assert words == sorted(words, key=["supported", "refuted", "inconclusive", "not testable"].index)
    assert "supported" in ledger_section.summary(entries) and ledger_section.summary(entries).startswith(
        "Of 39 claims: "
    )


def test_a_screen_decides_none(study: Path) -> None:
    assert {row[2] for row in ledger_section.rows(verify_study(load(study)))} == {"not testable"}


def test_without_a_score_there_is_no_entry(tmp_path: Path) -> None:
    assert verify_study(load(tmp_path)) == [] and ledger_section.summary([]) == ""
