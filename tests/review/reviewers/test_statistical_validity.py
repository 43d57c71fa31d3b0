"""Reported seeds and tests, the ledger's checks, and confidences as probabilities."""

from __future__ import annotations

import pytest

from auxjepa.evidence.ledger.entry import Check
from auxjepa_review.records import Dossier
from auxjepa_review.reviewers.statistical_validity import review
from miniatures import dossiers


def marks(case: Dossier) -> dict[str, tuple[float, str]]:
    return {m.criterion: (m.points / m.possible, m.reason) for m in review(case)}


@pytest.mark.parametrize(
    ("criterion", "sentence"),
    [
        ("seeds are reported", "All means are over 5 paired seeds."),
        ("uncertainty is reported", "The gain is 2.5 [1.1, 3.9] points."),
        ("uncertainty is reported", "The gain is 2.5 ± 0.4 points."),
        ("tests are reported", "A sign-flip permutation test was used."),
        ("comparisons are corrected", "P values are corrected by Holm."),
        ("test size is reported", "It was scored on 2,000 test clips."),
    ],
)
def test_reported_items(criterion: str, sentence: str) -> None:
    silent = dossiers.document("Nothing.\n", ())
    assert marks(dossiers.dossier(of=silent))[criterion] == (0, "not reported")
    assert marks(dossiers.dossier(of=dossiers.document(sentence, ())))[criterion][0] == 1


def test_differences_within_noise_by_the_checks_of_the_ledger() -> None:
    checks = [Check(name="seeds", state="problem", message="1 seed"), Check(name="sampling", state="ok", message="")]
    share, reason = marks(dossiers.dossier("supported", "supported", checks=checks))["differences are beyond noise"]
    assert share == 0 and reason == "0 of 2 compared statements are beyond noise (problems: seeds 2)"
    fine = [Check(name="seeds", state="ok", message="")]
    assert marks(dossiers.dossier("supported", checks=fine))["differences are beyond noise"][0] == 1
    assert "differences are beyond noise" not in marks(dossiers.dossier("supported"))


def test_confidences_are_scored_as_probabilities() -> None:
    good = marks(dossiers.dossier("supported", "contradicted"))["confidences mean something"]
    bad = marks(dossiers.dossier("contradicted", "supported"))["confidences mean something"]
    assert good[0] > 0.85 and bad[0] == 0
    assert good[1] == "Brier score 0.03 on 2 decided rows; a constant 0.5 gives 0.25"
