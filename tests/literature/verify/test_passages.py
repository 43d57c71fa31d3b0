"""Which passages speak of the same, and whose word they are."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from auxjepa.evidence.claims import Claim, Source
from auxjepa.literature.claims import extract, merge
from auxjepa.literature.index import Index
from auxjepa.literature.records import Document, Finding, Mention, Statement, Work
from auxjepa.literature.verify import verify
from auxjepa.literature.verify.passages import origin, relation, sources, wording

GAIN = "FancyNet improves CIFAR-10 accuracy by 2.1 percentage points over the baseline."


def document(name: str, text: str, arxiv: str = "") -> Document:
    return Document(id=name, work=Work(title=name, arxiv=arxiv), pages=(text,))


def claim(**fields: object) -> Claim:
    rest = {"id": "x", "statement": "x", "sources": [Source(document="d")], "regime": "r", "variants": ["v"]}
    return Claim.model_validate({"kind": "difference", "benchmarks": ["b"], "expected": 2.0, **rest, **fields})


def found(documents: Sequence[Document], index: Index | None = None) -> dict[str, Finding]:
    statements = merge([m for d in documents for m in extract(d)])
    return {f.statement.claim.statement: f for f in verify(statements, index, results=None, documents=documents)}


@pytest.mark.parametrize(
    ("other", "wanted"),
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
def test_what_another_claim_says_of_the_same(other: dict, wanted: str) -> None:
    assert relation(claim(), claim(**other)) == wanted


def test_counts_orderings_and_facts_are_compared_among_themselves() -> None:
    count = {"kind": "count", "direction": "down", "count": 10, "of": 14, "variants": [], "expected": None}
    assert relation(claim(**count), claim(**count)) == "agrees"
    assert relation(claim(**count), claim(**{**count, "of": 15})) == "differs"
    order = {"kind": "ordering", "direction": "up", "expected": None}
    assert relation(claim(**order), claim(**{**order, "direction": "down"})) == "differs"
    fact = {"kind": "structural", "fact": "a.b", "expected": 768.0}
    assert relation(claim(**fact), claim(**{**fact, "expected": 1024.0})) == "differs"
    assert relation(claim(**fact), claim(**{**fact, "fact": "a.c"})) == ""


def test_passages_without_claims_are_compared_by_words_then_numbers() -> None:
    assert wording(GAIN, f"As others say, {GAIN}") == "agrees"
    assert wording(GAIN, "FancyNet improves CIFAR-10 accuracy by 0.4 percentage points over the baseline.") == "differs"
    assert wording(GAIN, "Tea is good.") == ""


def test_a_synthesis_rests_on_what_it_shares_and_a_paper_on_nothing() -> None:
    made = {
        "paper": origin(document("paper", GAIN, arxiv="2001.00001")),
        "review": origin(document("review", "A systematic litera-\nture review, arXiv:2001.00001v2.")),
        "survey": origin(document("survey", "This survey, with arXiv:2001.00001.")),
        "rival": origin(document("rival", "We build on arXiv:2001.00001.")),
    }
    said = sources(["review", "survey", "paper", "rival"], made)
    assert said.second_hand == {"review", "survey"}
    assert said.primary == ("arXiv 2001.00001",)
    assert said.groups == (("paper", "review", "rival", "survey"),)
    alone = sources(["paper", "rival"], made)
    assert (alone.independent, alone.primary) == (2, ())
    assert sources(["paper", "stranger"], {"paper": made["paper"]}).primaries == ["paper"]


def test_a_claim_needs_a_second_source() -> None:
    a, b = document("a", GAIN), document("b", f"We too find it: {GAIN}")
    (alone,) = found([a]).values()
    assert (alone.word, alone.probability) == ("not found", 0.5)
    (twice,) = found([a, b]).values()
    assert (twice.word, twice.probability > 0.6) == ("supported", True)
    assert {p.span.document for p in twice.supporting} == {"a", "b"}


def test_a_synthesis_is_held_against_its_source_and_adds_nothing_to_it() -> None:
    paper = document("paper", GAIN, arxiv="2001.00001")
    review = document("review", f"A systematic literature review. {GAIN} See arXiv:2001.00001.")
    (held,) = found([paper, review]).values()
    assert (held.word, held.reason) == ("supported", "Its source paper says so, and no other.")
    assert {p.span.document: p.source for p in held.supporting} == {"paper": "paper", "review": "arXiv 2001.00001"}
    other = document("other", f"A systematic literature review. {GAIN} See arXiv:2001.00001.")
    (repeated,) = found([review, other]).values()
    assert (repeated.word, repeated.probability) == ("not found", 0.5)


def test_another_source_that_says_otherwise() -> None:
    documents = [
        document("a", GAIN),
        document("c", "On CIFAR-10, FancyNet loses 3.0 percentage points to the baseline."),
    ]
    with Index.build(documents) as index:
        made = found(documents, index)
    assert {f.word for f in made.values()} == {"contradicted"}
    gain = next(f for f in made.values() if f.statement.mentions[0].span.document == "a")
    assert gain.opposing[0].span.document == "c" and gain.opposing[0].score > 0
    assert any(c.name == "opposed" and "3.0" in c.message for c in gain.checks)


def test_a_document_that_contradicts_itself_is_no_other_source() -> None:
    both = document("a", f"{GAIN} FancyNet loses 3.0 percentage points on CIFAR-10 against the baseline.")
    made = found([both])
    assert {f.word for f in made.values()} == {"not found"}
    assert all(any(c.name == "opposed" for c in f.checks) for f in made.values())


def test_a_thousand_statements_take_seconds() -> None:
    """Claims are looked up by what they are about: 1,000 statements on 200 benchmarks."""
    span = document("a", GAIN).span(1, 0, len(GAIN))
    statements = []
    for i in range(1000):
        made = claim(id=f"c{i}", benchmarks=[f"b{i % 200}"], variants=[f"v{i}"])
        statements.append(Statement(claim=made, mentions=(Mention(claim=made, span=span),)))
    start = time.process_time()
    assert len(verify(statements, results=None)) == 1000
    assert time.process_time() - start < 15  # 4 s with every type checked
