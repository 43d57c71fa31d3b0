"""Equal conditions, by the ledger's checks or by the document's text."""

from __future__ import annotations

from auxjepa.evidence.ledger.entry import Check
from auxjepa_review.reviewers.protocol_fairness import CHECKS, review
from miniatures import dossiers


def test_problems_of_the_ledger_cost_their_share() -> None:
    checks = [Check(name=name, state="problem" if name == "trained" else "ok", message="why") for name in CHECKS]
    by_criterion = {m.criterion: m for m in review(dossiers.dossier("supported", "supported", checks=checks))}
    assert by_criterion["the compared networks were trained"].points == 0
    assert "(why)" in by_criterion["the compared networks were trained"].reason
    assert by_criterion["probes were equal"].points == by_criterion["probes were equal"].possible


def test_without_results_only_the_text_counts() -> None:
    text = "All variants have the same probe and paired seeds; a randomly initialised encoder is the control."
    by_criterion = {m.criterion: m.points > 0 for m in review(dossiers.dossier(of=dossiers.document(text, ())))}
    assert by_criterion == {
        "probes were equal": True,
        "variant and reference share seeds": True,
        "controls accompany the scores": True,
    }
