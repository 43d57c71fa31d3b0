"""Statements: merging of equal claims, ids of the ledger, and disagreements of documents."""

from __future__ import annotations

import sys

import pytest

from auxjepa.evidence.ledger import claims as ledger
from auxjepa_review.claims import extract, merge
from auxjepa_review.claims.compare import UNRELATED, Comparison
from auxjepa_review.claims.merge import MAX_COMPARED
from auxjepa_review.records import ClaimRow, Document, Span, Statement, Work
from auxjepa_review.verify import verify


def document(name: str, text: str, verified: bool | None = None) -> Document:
    span = Span(document=name, page=1, start=0, end=len(text), text=text)
    rows = () if verified is None else (ClaimRow(number=1, span=span, text=text, verified=verified),)
    return Document(id=name, work=Work(title="Auxiliary Objectives for Video JEPA"), pages=(text,), rows=rows)


def merged(*documents: Document) -> dict[str, Statement]:
    return {s.claim.id: s for s in merge([m for d in documents for m in extract(d)])}


def test_equal_claims_in_different_words_are_merged_and_take_the_ledgers_form() -> None:
    statements = merged(
        document("a", "LD-JEPA achieves +5.02 pp on SSv2."),
        document("b", "On Something-Something v2, latent dynamics gain 5.02 points."),
    )
    (statement,) = statements.values()
    ledger_claim = next(c for c in ledger.load().claims if c.id == "ld_ssv2")
    assert statement.claim.id == "ld_ssv2" and statement.claim.statement == ledger_claim.statement
    assert [m.span.document for m in statement.mentions] == ["a", "b"]
    assert [s.document for s in statement.claim.sources] == ["a", "b"]
    assert statement.disagreements == ()


def test_ids_depend_on_the_content() -> None:
    first, second, third = (
        extract(document(name, f"LD-JEPA gains {n} points on SSv2."))[0].claim.id
        for name, n in (("a", "7.1"), ("b", "7.1"), ("c", "7.2"))
    )
    assert first == second != third


def test_numbers_and_signs_that_exclude_each_other() -> None:
    statements = merged(
        document("a", "LD-JEPA gains 5.02 points on SSv2."),
        document("b", "LD-JEPA gains 4.10 points on SSv2."),
        document("c", "LD-JEPA loses 5.02 points on SSv2."),
        document("d", "LD-JEPA gains 5.0 points on SSv2."),
        document("e", "LD-JEPA gains 5.02 points on Diving-48."),
    )
    lines = statements["ld_ssv2"].disagreements
    assert [line.split(":")[0] for line in lines] == ["b", "c"]  # 5.0 is 5.02 rounded, Diving-48 another benchmark
    assert lines[0].endswith("the numbers differ") and lines[1].endswith("the signs differ")
    on_diving = next(s for s in statements.values() if s.claim.benchmarks == ("diving48",))
    assert on_diving.disagreements == ()


def test_own_verdicts_that_differ() -> None:
    text = "LD-JEPA achieves a +5.02 percentage point gain on SSv2."
    statements = merged(document("a", text, verified=True), document("b", text, verified=False))
    assert statements["ld_ssv2"].disagreements == ("verified in a row 1; not verified in b row 1",)


def test_counts_orderings_and_sizes_that_exclude_each_other() -> None:
    statements = merged(
        document("a", "10 of 14 methods lose more than 5 points on ImageNet-100."),
        document("b", "11 of 15 methods lose more than 5 points on ImageNet-100."),
        document("c", "LD-JEPA has the largest gain on SSv2."),
        document("d", "FWM-HW-LD has the largest gain on SSv2."),
        document("e", "The encoder produces a 768-dimensional embedding."),
        document("f", "The encoder produces a 1024-dimensional embedding."),
    )
    for name, message in (
        ("imagenet100_losers", "10 of 14 against 11 of 15"),
        ("ld_ssv2_largest", "both best"),
        ("embedding_dim", "768 against 1024"),
    ):
        (line,) = statements[name].disagreements
        assert line.endswith(message)


def test_a_range_against_a_member_of_its_group() -> None:
    statements = merged(
        document("a", "Kinematic variants lose 2.5 to 2.9 points on Diving-48."),
        document("b", "Kinematic-Huber loses 1.1 points on Diving-48."),
    )
    assert [len(s.disagreements) for s in statements.values()] == [1, 1]


def test_a_missing_benchmark_is_filled_from_a_sentence_with_the_same_numbers() -> None:
    short = document(
        "a", "The +40–45 point improvement confirms kinematic regularization encodes strong temporal structure."
    )
    full = document(
        "b", "Kinematic regularization yields a +40–45 point improvement on Synthetic Motion Discrimination."
    )
    statements = merged(short, full)
    assert [m.span.document for m in statements["kinematic_smd"].mentions] == ["a", "b"]
    (note,) = [n for n in statements["kinematic_smd"].mentions[0].inferred if n.startswith("benchmark")]
    assert note == "benchmark: b says the same numbers of smd (ucf101)"
    alone = merged(short)
    assert "kinematic_smd" not in alone
    assert ("unstated",) in [s.claim.benchmarks for s in alone.values()]


def test_merging_is_stable() -> None:
    mentions = extract(document("a", "LD-JEPA gains 5.02 points on SSv2. FWM-HW-LD gains 3.21 points on SSv2."))
    assert merge(mentions) == merge(mentions)
    assert merge([]) == []


def other_subject(name: str, text: str) -> Document:
    return Document(id=name, work=Work(title="Another subject"), pages=(text,))


def test_our_method_differs_between_documents() -> None:
    text = "Our method improves ImageNet accuracy by {} points over the baseline."
    statements = merged(
        other_subject("a", text.format(2.1)), other_subject("b", text.format(5.0)), other_subject("c", text.format(2.1))
    )
    assert sorted(s.claim.variants[0] for s in statements.values()) == [f"proposed_method ({n})" for n in "abc"]
    assert all(not s.disagreements and len(s.mentions) == 1 for s in statements.values())
    within = merged(other_subject("a", f"{text.format(2.1)} {text.format(5.0)}"))
    assert [len(s.disagreements) for s in within.values()] == [1, 1]


def test_the_best_of_two_papers_may_be_two() -> None:
    alpha, beta = (f"{name} achieves the best accuracy on CIFAR-10." for name in ("AlphaNet", "BetaNet"))
    apart = merged(other_subject("a", alpha), other_subject("b", beta))
    assert [s.disagreements for s in apart.values()] == [(), ()]
    within = merged(other_subject("a", f"{alpha} {beta}"))
    assert [len(s.disagreements) for s in within.values()] == [1, 1]


def test_hundreds_of_numbers_on_one_topic_list_twenty_disagreements() -> None:
    n = 400
    text = "\n\n".join(f"BarlowMix gains {i / 100:.2f} points on CIFAR-10." for i in range(1, n + 1))
    statements = merged(other_subject("a", text))
    assert len(statements) == n
    assert {len(s.disagreements) for s in statements.values()} == {21}
    # Some numbers are equal within rounding, so slightly more than 20 are compared, and not 400.
    lines = [s.disagreements[-1] for s in statements.values()]
    assert all(line.startswith("and up to ") for line in lines)
    assert min(int(line.split()[3]) for line in lines) > n - 40


def test_comparisons_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def counted(*arguments: object) -> Comparison:
        nonlocal calls
        calls += 1
        return UNRELATED

    monkeypatch.setattr(sys.modules[merge.__module__], "compare_mentions", counted)
    texts = [f"BarlowMix gains {i / 10 + 1:.2f} points on CIFAR-10." for i in range(300)]
    mentions = [m for i, text in enumerate(texts) for m in extract(other_subject(f"d{i}", text))]
    statements = merge(mentions)
    assert calls <= len(statements) * MAX_COMPARED
    assert all("weren't compared" in s.disagreements[-1] for s in statements)


def test_a_document_with_too_many_claims_has_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[extract.__module__], "MAX_CLAIMS", 5)
    mentions = extract(other_subject("a", " ".join(f"BarlowMix gains {i}.5 points on CIFAR-10." for i in range(1, 9))))
    assert len(mentions) == 5
    assert mentions[-1].inferred[-1] == "limit: only the first 5 claims of a were read"
    (last,) = (f for f in verify(merge(mentions), results=None) if f.statement.claim.expected == 5.5)
    assert any(c.name == "limit" and "first 5 claims" in c.message for c in last.checks)
