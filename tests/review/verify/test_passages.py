"""Passages for and against a claim."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from auxjepa.evidence.ledger.claims import Claim, Source
from auxjepa_review.claims import extract, merge
from auxjepa_review.claims.compare import compare
from auxjepa_review.records import Document, Finding, Mention, Statement, Work
from auxjepa_review.search.index import Index
from auxjepa_review.verify import verify
from auxjepa_review.verify.passages import ClaimIndex, compare_wording

GAIN = "FancyNet improves CIFAR-10 accuracy by 2.1 percentage points over the baseline."
PLAIN = "BarlowMix improves accuracy on CIFAR-10."


def document(name: str, text: str, arxiv: str = "") -> Document:
    return Document(id=name, work=Work(title=name, arxiv=arxiv), pages=(text,))


def claim(**fields: object) -> Claim:
    defaults = {"id": "x", "statement": "x", "sources": [Source(document="d")], "regime": "r", "variants": ["v"]}
    return Claim.model_validate({"kind": "difference", "benchmarks": ["b"], "expected": 2.0, **defaults, **fields})


def findings_of(documents: Sequence[Document], index: Index | None = None) -> dict[str, Finding]:
    statements = merge([m for d in documents for m in extract(d)])
    return {f.statement.claim.statement: f for f in verify(statements, index, results=None, documents=documents)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "agrees"),
        ({"expected": 2.004}, "agrees"),
        ({"expected": -2.0}, "differs"),
        ({"kind": "range", "low": 1.5, "high": 2.5, "expected": None}, "agrees"),
        ({"kind": "range", "low": 3, "high": 4, "expected": None}, "differs"),
        ({"kind": "direction", "direction": "up", "expected": None}, "agrees"),
        ({"kind": "direction", "direction": "down", "expected": None}, "differs"),
        ({"variants": ["w"]}, ""),
        ({"benchmarks": ["c"]}, ""),
        ({"regime": "s"}, ""),
        ({"regime": ""}, "agrees"),
        ({"reference": "other"}, ""),
        ({"kind": "count", "direction": "up", "count": 2, "expected": None}, ""),
    ],
)
def test_relations_of_two_claims(changes: dict, expected: str) -> None:
    assert compare(claim(), claim(**changes)).relation == expected


def test_counts_orderings_and_facts_are_compared_among_themselves() -> None:
    count = {"kind": "count", "direction": "down", "count": 10, "of": 14, "variants": [], "expected": None}
    assert compare(claim(**count), claim(**count)).relation == "agrees"
    assert compare(claim(**count), claim(**{**count, "of": 15})).relation == "differs"
    order = {"kind": "ordering", "direction": "up", "expected": None}
    assert compare(claim(**order), claim(**{**order, "direction": "down"})).relation == "differs"
    fact = {"kind": "structural", "fact": "a.b", "expected": 768.0}
    assert compare(claim(**fact), claim(**{**fact, "expected": 1024.0})).relation == "differs"
    assert compare(claim(**fact), claim(**{**fact, "fact": "a.c"})).relation == ""


def test_passages_without_claims_are_compared_by_words_then_numbers() -> None:
    assert compare_wording(GAIN, f"As others say, {GAIN}") == "agrees"
    assert (
        compare_wording(GAIN, "FancyNet improves CIFAR-10 accuracy by 0.4 percentage points over the baseline.")
        == "differs"
    )
    assert compare_wording(GAIN, "Tea is good.") == ""


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        (PLAIN, "BarlowMix does not improve accuracy on CIFAR-10."),
        (PLAIN, "Does BarlowMix improves accuracy on CIFAR-10?"),
        (PLAIN, "We ask whether BarlowMix improves accuracy on CIFAR-10."),
        (PLAIN, "BarlowMix may improve accuracy on CIFAR-10."),
        (PLAIN, "BarlowMix lowers accuracy on CIFAR-10."),
        (GAIN, "In 2021 FancyNet improves CIFAR-10 accuracy by some percentage points over the baseline."),
        (GAIN, "Table 3: FancyNet improves CIFAR-10 accuracy by percentage points over the baseline [7]."),
        (GAIN, "FancyNet improves CIFAR-10 accuracy over the baseline with percentage points, batch size 256."),
    ],
)
def test_wording_ignores_negations_questions_hopes_and_unrelated_numbers(sentence: str, text: str) -> None:
    assert compare_wording(sentence, text) == ""


@pytest.mark.parametrize(
    "second",
    [
        "BarlowMix does not improve accuracy on CIFAR-10.",
        "Does BarlowMix improve accuracy on CIFAR-10? We ask whether BarlowMix may improves accuracy on CIFAR-10.",
    ],
)
def test_words_alone_decide_nothing(second: str) -> None:
    documents = [document("a", PLAIN), document("b", second)]
    with Index.build(documents) as index:
        (finding,) = findings_of(documents, index).values()
    assert (finding.word, finding.probability) == ("not found", 0.5)
    assert not finding.opposing


def test_a_passage_of_the_same_words_is_shown() -> None:
    documents = [
        document("a", GAIN),
        document("b", "FancyNet's accuracy over the baseline: 2.1 percentage points (CIFAR-10)."),
    ]
    with Index.build(documents) as index:
        (finding,) = findings_of(documents, index).values()
    assert finding.word == "not found"
    assert {p.span.document for p in finding.supporting} == {"a", "b"}


def test_a_year_opposes_nothing() -> None:
    documents = [
        document("a", "GateNet improves ImageNet accuracy by 2.1 points over ResNet."),
        document("b", "In 2021, a workshop asked if GateNet improves ImageNet accuracy over ResNet."),
    ]
    with Index.build(documents) as index:
        (finding,) = findings_of(documents, index).values()
    assert (finding.word, finding.opposing) == ("not found", ())


def test_a_claim_needs_a_second_source() -> None:
    a, b = document("a", GAIN), document("b", f"We too find it: {GAIN}")
    (alone,) = findings_of([a]).values()
    assert (alone.word, alone.probability) == ("not found", 0.5)
    (twice,) = findings_of([a, b]).values()
    assert (twice.word, twice.probability > 0.6) == ("supported", True)
    assert {p.span.document for p in twice.supporting} == {"a", "b"}


def test_a_synthesis_is_compared_with_its_source_and_is_no_further_source() -> None:
    paper = document("paper", GAIN, arxiv="2001.00001")
    review = document("review", f"A systematic literature review. {GAIN} See arXiv:2001.00001.")
    (finding,) = findings_of([paper, review]).values()
    assert (finding.word, finding.reason) == ("supported", "Its source paper says so, and no other.")
    assert {p.span.document: p.source for p in finding.supporting} == {"paper": "paper", "review": "arXiv 2001.00001"}
    second = document("other", f"A systematic literature review. {GAIN} See arXiv:2001.00001.")
    (repeated,) = findings_of([review, second]).values()
    assert (repeated.word, repeated.probability) == ("not found", 0.5)


def test_another_source_that_disagrees() -> None:
    documents = [
        document("a", GAIN),
        document("c", "On CIFAR-10, FancyNet loses 3.0 percentage points to the baseline."),
    ]
    with Index.build(documents) as index:
        by_statement = findings_of(documents, index)
    # Each side has one source.
    assert {(f.word, f.probability) for f in by_statement.values()} == {("not testable", 0.5)}
    assert {f.reason for f in by_statement.values()} == {"Disputed: 1 independent source so, 1 otherwise."}
    gain = next(f for f in by_statement.values() if f.statement.mentions[0].span.document == "a")
    assert gain.opposing[0].span.document == "c" and gain.opposing[0].score > 0
    assert any(c.name == "opposed" and "3.0" in c.message for c in gain.checks)


def test_the_majority_of_independent_sources_decides() -> None:
    loss = "On CIFAR-10, FancyNet loses 3.0 percentage points to the baseline."
    by_number = {
        f.statement.claim.expected: f
        for f in findings_of([document("a", GAIN), document("b", GAIN), document("c", loss)]).values()
    }
    assert {n: f.word for n, f in by_number.items()} == {2.1: "supported", -3.0: "contradicted"}
    assert by_number[2.1].reason == "Disputed: 2 independent sources so, 1 otherwise."
    assert 0.5 < by_number[2.1].probability < 0.73 and by_number[-3.0].probability == pytest.approx(
        1 - by_number[2.1].probability
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GateNet improves ImageNet accuracy by 10%.", "GateNet improves ImageNet accuracy by 6.2 points."),
        ("GateNet gains 3.0 points on ImageNet with linear probing.", "GateNet gains 0.5 points on ImageNet."),
        ("GateNet improves ImageNet top-1 by 3.0 points.", "GateNet improves ImageNet top-5 by 0.5 points."),
        ("AlphaNet achieves the best accuracy on CIFAR-10.", "BetaNet achieves the best accuracy on CIFAR-10."),
        ("Our method gains 2.1 points on ImageNet.", "Our method gains 5.0 points on ImageNet."),
    ],
)
def test_what_cannot_be_compared_opposes_nothing(first: str, second: str) -> None:
    results = list(findings_of([document("a", first), document("b", second)]).values())
    assert len(results) == 2
    assert all(f.word == "not found" and not f.opposing for f in results)


def test_only_some_of_many_claims_of_one_document_are_compared() -> None:
    text = "\n\n".join(f"BarlowMix gains {i / 100:.2f} points on CIFAR-10." for i in range(1, 101))
    claim_index = ClaimIndex(extract(document("a", text)))
    (key,) = claim_index.by_topic
    assert len(claim_index.by_topic[key]) == 20 and claim_index.uncompared[key] == 80
    results = findings_of([document("a", text)])
    assert any("80 more claims" in c.message for c in next(iter(results.values())).checks if c.name == "limit")


def test_a_document_that_contradicts_itself_is_no_other_source() -> None:
    both = document("a", f"{GAIN} FancyNet loses 3.0 percentage points on CIFAR-10 against the baseline.")
    results = findings_of([both])
    assert {f.word for f in results.values()} == {"not found"}
    assert all(any(c.name == "opposed" for c in f.checks) for f in results.values())


def test_a_thousand_statements_take_seconds() -> None:
    """Claims are looked up by topic: 1,000 statements on 200 benchmarks."""
    span = document("a", GAIN).span(1, 0, len(GAIN))
    statements = []
    for i in range(1000):
        repeated = claim(id=f"c{i}", benchmarks=[f"b{i % 200}"], variants=[f"v{i}"])
        statements.append(Statement(claim=repeated, mentions=(Mention(claim=repeated, span=span),)))
    start = time.process_time()
    assert len(verify(statements, results=None)) == 1000
    assert time.process_time() - start < 15  # 4 s with every type checked
