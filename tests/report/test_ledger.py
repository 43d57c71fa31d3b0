"""The claims of the documents on a study's page."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.folder import load
from auxjepa.evidence.registration import Registration
from auxjepa.report import ledger
from written_study import register


def test_claims_are_judged_by_the_study(tmp_path: Path, write_study) -> None:
    folder = write_study(tmp_path, seeds=10, steps=2)
    assert isinstance(register(folder), Registration)
    entries = ledger.collect(load(folder))
    found = {row[0]: row for row in ledger.rows(entries)}
    assert len(found) == len(entries) and all(len(row) == len(ledger.HEAD) for row in found.values())
    assert found["ld_ssv2"][2] == "supported" and found["ld_ssv2"][3].startswith("world_order; +23.")
    assert found["fwm_ld_imagenet100"][2:4] == ["not testable", "the study lacks fwm_ld."]
    words = [row[2] for row in ledger.rows(entries)]
    assert words == sorted(words, key=["supported", "refuted", "inconclusive", "not testable"].index)
    assert "supported" in ledger.summary(entries) and ledger.summary(entries).startswith("Of 39 claims: ")


def test_a_screen_decides_none(study: Path) -> None:
    assert {row[2] for row in ledger.rows(ledger.collect(load(study)))} == {"not testable"}


def test_nothing_without_a_score(tmp_path: Path) -> None:
    assert ledger.collect(load(tmp_path)) == [] and ledger.summary([]) == ""
