"""Search: the order of passages, harmless queries, and equal indexes on disk and in memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.evidence.ledger import claims
from auxjepa_review.reading.corpus import read_corpus
from auxjepa_review.records import ClaimRow, Document, Span, Work
from auxjepa_review.search.index import Index, tokens
from auxjepa_review.search.passages import passages

FIRST = """# On Motion

## 1 Results

FWM-HW-LD gains +5.92 points on ImageNet-100. It loses 0.30 points on Diving-48. A third sentence is here.
A fourth one too.

Kinematic variants lose 2.5–2.9 points (on D-48).

Method\tDiving-48\tSSv2
LD-JEPA\t31.10\t+5.02
AC-JEPA\t12.34\t-13.1

## References

Writer et al. A paper on rest, 2020.
"""
SECOND = "# On Rest\n\nNothing moves here. The encoder has 768 channels.\n"


def document(name: str, text: str) -> Document:
    return Document(id=name, work=Work(title=name), pages=(text,))


@pytest.fixture
def both() -> list[Document]:
    return [document("one", FIRST), document("two", SECOND)]


@pytest.fixture
def index(both: list[Document]) -> Iterator[Index]:
    with Index.build(both) as built:
        yield built


def first(index: Index, query: str) -> str:
    return index.search(query, 1)[0].span.text


def test_passages_are_sentences_and_rows_with_their_sections(both: list[Document]) -> None:
    result = passages(both[0])
    texts = [(p.section, " ".join(p.span.text.split())) for p in result]
    assert ("Results", "Kinematic variants lose 2.5–2.9 points (on D-48).") in [(s[-7:], t) for s, t in texts]
    assert "LD-JEPA 31.10 +5.02" in [t for _, t in texts]
    three = "FWM-HW-LD gains +5.92 points on ImageNet-100. It loses 0.30 points on Diving-48. A third sentence is here."
    assert three in [t for _, t in texts]
    for before, after in itertools.pairwise(result):
        assert before.span.end <= after.span.start
        assert FIRST[before.span.start : before.span.end] == before.span.text


def test_a_row_of_the_table_of_claims_is_one_passage() -> None:
    text = "## Claims\n\nClaim\tVerified\tConfidence\nIt gains 5.92.\t✓\t0.35\nIt loses 1.\t×\t0.1\n"
    rows = tuple(
        ClaimRow(
            number=n, span=Span(document="a", page=1, start=text.index(s), end=text.index(s) + len(s), text=s), text=s
        )
        for n, s in enumerate(("It gains 5.92.", "It loses 1."), 1)
    )
    result = passages(Document(id="a", work=Work(title="a"), pages=(text,), rows=rows))
    assert [p.span.text for p in result if p.span.text.startswith("It")] == ["It gains 5.92.", "It loses 1."]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("+5.92", "FWM-HW-LD"),
        ("5.92", "FWM-HW-LD"),
        ("FWM-HW-LD", "FWM-HW-LD"),
        ("hw ld", "FWM-HW-LD"),
        ("kinematics 2.9", "Kinematic"),
        ("5.02", "LD-JEPA"),
        ("−13.1", "AC-JEPA"),
        ("how many channels has an encoder?", "768"),
        ('"FWM-HW-LD" AND (NOT *', "FWM-HW-LD"),
    ],
)
def test_numbers_and_names_are_found(index: Index, query: str, words: str) -> None:
    assert words in first(index, query)


def test_tokens_keep_signs_and_names() -> None:
    assert tokens("FWM+LD: +5.92 pp, −10.14; 2.5–2.9 (>5) ImageNet-100.") == (
        [
            "fwm-ld",
            "fwm",
            "ld",
            "+5.92",
            "5.92",
            "pp",
            "-10.14",
            "10.14",
            "2.5",
            "2.9",
            "5",
            "imagenet-100",
            "imagenet",
            "100",
        ]
    )


def test_a_search_can_be_limited_to_documents(index: Index) -> None:
    assert {p.span.document for p in index.search("points encoder paper", 20)} == {"one", "two"}
    assert {p.span.document for p in index.search("points encoder paper", 20, ["two"])} == {"two"}
    assert index.search("points", 5, []) == []
    assert index.search("points", 0) == []


def test_better_passages_have_higher_scores(index: Index) -> None:
    scores = [p.score for p in index.search("points on Diving-48", 10)]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


@given(st.text(max_size=40))
def test_no_query_is_an_operator(query: str) -> None:
    with Index.build([document("one", FIRST)]) as built:
        for text in (query, query + '"', f"a OR {query} NEAR(", f"tokens:{query}*"):
            assert len(built.search(text, 3)) <= 3


@pytest.mark.parametrize(
    "query", ["", " ", "\0", "*", '""', "'; DROP TABLE passages; --", "a" * 100_000, "x y " * 50_000]
)
def test_queries_without_words_return_nothing(index: Index, query: str) -> None:
    assert index.search(query) == []
    assert first(index, "768").startswith("Nothing moves")


def test_an_index_on_disk_is_built_once_and_again_when_documents_change(tmp_path: Path, both: list[Document]) -> None:
    path = tmp_path / "deep" / "index.sqlite"
    with Index.build(both, path) as built, Index.build(both) as memory:
        assert built.search("points on Diving-48") == memory.search("points on Diving-48")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    with Index.build(both, path) as built:
        assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    with Index.build(
        [document("one", FIRST.replace("768", "384")), document("two", SECOND + "More zebras.\n")], path
    ) as built:
        assert "zebras" in first(built, "zebras")
    assert [p.name for p in path.parent.iterdir()] == ["index.sqlite"]


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, None])
def test_a_damaged_index_is_replaced(tmp_path: Path, both: list[Document], damage: bytes | None) -> None:
    path = tmp_path / "index.sqlite"
    Index.build(both, path).close()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    with Index.build(both, path) as built:
        assert first(built, "768").startswith("Nothing moves")


class Meaning:
    """An embedder with fixed vectors: one axis per topic."""

    key = "meaning-1"
    called = 0

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.called += 1
        topics = (("encoder", "network"), ("kinematic", "acceleration"), ("",))
        return np.stack(
            [
                np.eye(3, dtype=np.float32)[next(i for i, t in enumerate(topics) if any(w in x.lower() for w in t))]
                for x in texts
            ]
        )


def test_embeddings_find_passages_without_a_shared_word(tmp_path: Path, both: list[Document]) -> None:
    embed = Meaning()
    with Index.build(both, embed=embed) as built:
        assert "768" in first(built, "network")
        assert "Kinematic" in first(built, "acceleration")
        assert {p.span.document for p in built.search("acceleration", 50, ["two"])} == {"two"}
    with Index.build(both) as words:
        assert words.search("acceleration") == []
    path = tmp_path / "index.sqlite"
    Index.build(both, path, embed=embed).close()
    called = embed.called
    with Index.build(both, path, embed=embed) as built:
        assert embed.called == called
        assert "768" in first(built, "network")


def test_no_documents_have_no_passages() -> None:
    with Index.build([]) as built:
        assert len(built) == 0
        assert built.search("anything") == []
    with Index.build([], embed=Meaning()) as built:
        assert built.search("anything") == []


def test_rows_of_five_documents_find_themselves_and_each_other(shared: Path) -> None:
    corpus = read_corpus([shared / "seeds"])
    rows = {(document.id[:3], row.number): row for document in corpus.documents for row in document.rows}
    claim_ids: dict[tuple[str, int], set[str]] = {place: set() for place in rows}
    for claim in claims.load().claims:
        for source in claim.sources:
            if source.row is not None:
                claim_ids[source.document, source.row].add(claim.id)
    first_alike = first_own = others = pairs = 0
    with Index.build(corpus.documents) as index:
        for (name, number), row in rows.items():
            result = index.search(row.text, 10)
            starts = {(p.span.document[:3], p.span.start) for p in result}
            first_alike += " ".join(result[0].span.text.split()) == row.text
            first_own += index.search(row.text, 1, [row.span.document])[0].span == row.span
            for second in {d for d, _ in rows} - {name}:
                same = [
                    r.span
                    for (d, _), r in rows.items()
                    if d == second and claim_ids[d, r.number] & claim_ids[name, number]
                ]
                pairs += bool(same)
                others += any((span.document[:3], span.start) in starts for span in same)
    assert first_own == 69
    assert first_alike >= 68
    assert pairs == 248
    assert others >= 244
