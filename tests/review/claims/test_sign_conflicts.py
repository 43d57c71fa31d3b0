"""Verbs that contradict the sign of their number, and true sentences that look similar."""

from __future__ import annotations

import pytest

from auxjepa.evidence.ledger.claims import Claim
from auxjepa_review.claims import extract
from auxjepa_review.records import Document, Mention, Work

NEAR = "Auxiliary Objectives for Video JEPA"


def mentions(text: str, title: str = NEAR) -> list[Mention]:
    return extract(Document(id="d", work=Work(title=title), pages=(text,)))


def notes(text: str, title: str = NEAR) -> set[str]:
    return {n for m in mentions(text, title) for n in m.inferred if n.startswith("direction: ")}


def short(claim: Claim) -> tuple[object, ...]:
    return claim.kind, claim.benchmarks, claim.expected if claim.kind == "difference" else claim.direction


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("LD alone hurts SSv2 (+5.02) but hurts ImageNet.", "“hurts” says down, “+5.02” says up"),
        ("LD alone hurts SSv2 by +5.02 points.", "“hurts” says down, “+5.02 points” says up"),
        ("FWM alone boosts SSv2 (-1.39).", "“boosts” says up, “-1.39” says down"),
        (
            "LD-JEPA achieves a +5.02 percentage point loss on SSv2.",
            "“loss” says down, “+5.02 percentage point” says up",
        ),
        ("LD-JEPA gives a -1.73 point gain on Diving-48.", "“gain” says up, “-1.73 point” says down"),
        ("A gain of -1.73 points on Diving-48 is what LD-JEPA gives.", "“gain” says up, “-1.73 points” says down"),
        ("LD-JEPA lowers SSv2 accuracy from 8.39 to 13.41.", "“lowers” says down, “8.39 to 13.41” says up"),
        ("LD-JEPA underperforms the baseline on SSv2 by +5.02.", "“underperforms” says down, “+5.02” says up"),
    ],
)
def test_a_verb_and_a_sign_that_exclude_each_other_are_noted(text: str, note: str) -> None:
    assert notes(text) == {f"direction: {note}"}


def test_the_verb_makes_a_separate_claim() -> None:
    extracted = mentions("LD alone hurts SSv2 (+5.02) but hurts ImageNet and Diving-48.")
    assert [short(m.claim) for m in extracted] == [
        ("difference", ("ssv2",), 5.02),
        ("direction", ("ssv2",), "down"),
        ("direction", ("imagenet100", "diving48"), "down"),
    ]
    assert [any(n.startswith("direction: ") for n in m.inferred) for m in extracted] == [True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "LD alone boosts SSv2 (+5.02) but hurts ImageNet and Diving-48.",
        "FWM+LD underperforms the baseline on ImageNet by -10.14.",
        "LD-JEPA shows a degradation of -2.06 points on ImageNet.",
        "LD-JEPA shows a decline of 2.06 on ImageNet.",
        "LD-JEPA drops on ImageNet from 24.86 to 22.80.",
        "LD-JEPA drops from 24.86 on ImageNet to 22.80.",
        "LD-JEPA reduces the error on SSv2 by -5.02 points.",
        "LD-JEPA improves the error rate on SSv2 (-5.02).",
        "LD-JEPA improves validation loss on SSv2 (-0.3).",
        "FWM-HW-LD improves all metrics except Diving-48 (-0.30).",
        "FWM-HW-LD improves ImageNet and SSv2, with the exception of Diving-48 (-0.30).",
        "FWM-HW-LD improves ImageNet and SSv2 but not Diving-48 (-0.30).",
        "FWM-HW-LD improves most benchmarks (+5.92 on ImageNet, +3.21 on SSv2, -0.30 on Diving-48).",
        "FWM-HW-LD gains 3.21 points on SSv2 (-0.30 on Diving-48).",
        "FWM-HW-LD improves SSv2 (-0.30 on Diving-48).",
        "FWM-HW-LD improves SSv2 (Diving-48: -0.30).",
        "LD-JEPA hurts ImageNet and Diving-48, SSv2 +5.02.",
        "LD-JEPA hurts ImageNet and Diving-48, unlike SSv2 (+5.02).",
        "LD-JEPA trades ImageNet for SSv2 (+5.02).",
        "MGM improves Diving-48 by at most +0.30.",
        "The smallest loss on Diving-48 is that of FWM-HW-LD (+0.30).",
        "Hard weighting reduces the loss on ImageNet (+6.44) of AC-JEPA.",
        "LD-JEPA hurts SSv2 less than FWM (+5.02).",
        "LD-JEPA hurts SSv2 compared with FWM (+5.02).",
        "FWM is outperformed by the baseline on SSv2 (+1.39).",
        "Adding the dynamics loss on SSv2 (+5.02) to LD-JEPA took a day.",
        "A weaker kinematic loss gives +1.64 points on ImageNet.",
        "A lower masking ratio gives LD-JEPA +5.02 on SSv2.",
        "Without HW, FWM+LD hurts SSv2 (+5.02).",
        "LD-JEPA drops HW and gets +5.02 on SSv2.",
        "LD-JEPA does not hurt SSv2 (+5.02).",
        "LD-JEPA's loss on ImageNet (-2.06) is outweighed on SSv2 (+5.02).",
        "On average LD-JEPA improves SSv2 (-0.2).",
        "LD-JEPA recovers the -2.06 point loss on ImageNet.",
    ],
)
def test_true_sentences_without_a_conflict(text: str) -> None:
    assert notes(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "DropPath improves WikiText-103 (-1.2).",
        "Our model improves LibriSpeech WER by -0.4 points.",
        "SwiGLU improves perplexity on C4 (-0.8).",
        "BigNet improves FID on CelebA by -3.1.",
    ],
)
def test_less_may_be_better_on_unknown_benchmarks(text: str) -> None:
    assert notes(text, "Language models") == set()


def test_more_accuracy_is_better_on_unknown_benchmarks() -> None:
    assert notes("DropBlock hurts CIFAR-10 accuracy by +3.2 points.", "Detection")
