"""Conditions and metrics: claims that differ in them are not compared. Falling metrics have their signs."""

from __future__ import annotations

import pytest

from auxjepa_review.claims import extract, merge
from auxjepa_review.claims.settings import are_comparable, differ, inherit
from auxjepa_review.records import Document, Mention, Statement, Work


def mentions(*texts: str) -> list[Mention]:
    documents = [Document(id=f"d{i}", work=Work(title="Another subject"), pages=(t,)) for i, t in enumerate(texts)]
    return [m for d in documents for m in extract(d)]


def merged(*texts: str) -> list[Statement]:
    return merge(mentions(*texts))


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("BarlowMix gains 3.0 points on CIFAR-10.", ()),
        ("With linear probing BarlowMix gains 3.0 points on CIFAR-10.", ("linear probing",)),
        ("BarlowMix gains 3.0 points on CIFAR-10 using linear probing.", ("linear probing",)),
        ("With 1% of the labels, BarlowMix gains 9.0 points on ImageNet.", ("1% of labels",)),
        ("BarlowMix gains 2.1 points top-5 on ImageNet.", ("metric: top-5",)),
        ("BarlowMix improves top-1 accuracy on ImageNet by 2.1 points.", ("metric: accuracy",)),
        ("With a ResNet-50 backbone, GateNet gains 2.1 points on ImageNet.", ("resnet-50 backbone",)),
        ("Compared with the baseline, GateNet gains 2.1 points on ImageNet.", ()),
        ("GateNet wins with a margin of 2.1 points on ImageNet.", ()),
    ],
)
def test_conditions_and_metrics_of_a_clause(text: str, setting: tuple[str, ...]) -> None:
    extracted = mentions(text)
    assert extracted and {m.setting for m in extracted} == {setting}


def test_a_backbone_is_no_method() -> None:
    for text in (
        "With a ResNet-50 backbone, GateNet gains 2.1 points on ImageNet.",
        "With ResNet-50, GateNet gains 2.1 points on ImageNet.",
    ):
        (mention,) = mentions(text)
        assert mention.claim.variants == ("gatenet",)


@pytest.mark.parametrize(
    "text",
    [
        "With linear probing BarlowMix gains 3.0 points on CIFAR-10. "
        "With fine-tuning BarlowMix gains 0.5 points on CIFAR-10.",
        "BarlowMix gains 2.1 points top-1 on ImageNet. BarlowMix gains 0.9 points top-5 on ImageNet.",
        "With 1% of the labels, BarlowMix gains 9.0 points on ImageNet. "
        "With 10% of the labels, BarlowMix gains 4.0 points on ImageNet.",
        "With a ResNet-50 backbone, GateNet gains 2.1 points on ImageNet. "
        "With a ViT-B backbone, GateNet gains 0.4 points on ImageNet.",
        "BarlowMix improves accuracy on CIFAR-10 by 2.1 points. BarlowMix improves F1 on CIFAR-10 by 0.4 points.",
    ],
)
def test_other_conditions_or_metrics_are_no_contradiction(text: str) -> None:
    statements = merged(text)
    assert len(statements) == 2
    assert [s.disagreements for s in statements] == [(), ()]


def test_equal_conditions_contradict() -> None:
    statements = merged(
        "With linear probing BarlowMix gains 3.0 points on CIFAR-10.",
        "BarlowMix gains 0.5 points on CIFAR-10 with linear probing.",
    )
    assert [len(s.disagreements) for s in statements] == [1, 1]


def test_settings_are_compared_part_by_part() -> None:
    assert (
        are_comparable((), ()) and are_comparable(("metric: f1",), ()) and are_comparable(("x", "metric: f1"), ("x",))
    )
    assert not are_comparable(("x",), ()) and not are_comparable(("metric: f1",), ("metric: accuracy",))
    assert not differ(("x",), ()) and differ(("x",), ("y",)) and differ(("metric: f1",), ("metric: accuracy",))
    assert inherit(("metric: f1",), ("x", "metric: accuracy")) == ("x", "metric: f1")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("GateNet reduces perplexity on WikiText-103 by 3.1 points over LSTM.", 1),
        ("GateNet improves perplexity on WikiText-103 by 3.1 points over LSTM.", 1),
        ("GateNet increases perplexity on WikiText-103 by 3.1 points over LSTM.", -1),
        ("GateNet reduces FID on CIFAR-10 by 3.1 points.", 1),
        ("GateNet lowers WER on LibriSpeech by 3.1 points.", 1),
        ("GateNet reduces RMSE on CIFAR-10 by 3.1 points.", 1),
        ("GateNet reduces the loss on CIFAR-10 by 3.1 points.", 1),
        ("GateNet reduces latency on CIFAR-10 by 3.1 points.", 1),
        ("GateNet worsens FID on CIFAR-10 by 3.1 points.", -1),
        ("GateNet improves the error rate on CIFAR-10 by 3.1 points.", 1),
        ("GateNet raises CIFAR-10 accuracy by 3.1 points at the same latency.", 1),
        ("GateNet raises CIFAR-10 by 3.1 points without memory overhead.", 1),
        ("GateNet reduces accuracy on CIFAR-10 by 3.1 points.", -1),
        ("MAE increases CIFAR-10 accuracy by 3.1 points.", 1),
        ("GateNet improves FID on CIFAR-10 from 20.2 to 17.1.", 1),
    ],
)
def test_less_of_a_falling_metric_is_a_gain(text: str, sign: int) -> None:
    numbers = [m.claim.expected for m in mentions(text) if m.claim.kind == "difference"]
    assert numbers == [pytest.approx(3.1 * sign)]


def test_a_percentage_that_may_be_relative_opposes_signs_only() -> None:
    points = "BarlowMix improves CIFAR-10 accuracy by 6.2 points."
    assert [s.disagreements for s in merged("BarlowMix improves CIFAR-10 accuracy by 10%.", points)] == [(), ()]
    statements = merged("BarlowMix reduces CIFAR-10 accuracy by 10%.", points)
    assert [len(s.disagreements) for s in statements] == [1, 1]


def test_equal_numbers_of_other_conditions_are_two_statements() -> None:
    statements = merged(
        "With linear probing BarlowMix gains 3.0 points on CIFAR-10.",
        "With fine-tuning BarlowMix gains 3.0 points on CIFAR-10.",
        "BarlowMix gains 3.0 points on CIFAR-10 with fine-tuning.",
    )
    assert [[m.span.document for m in s.mentions] for s in statements] == [["d0"], ["d1", "d2"]]
    assert statements[1].claim.id == f"{statements[0].claim.id}-2"
    assert statements[1].claim.statement.endswith("(fine-tuning)")
