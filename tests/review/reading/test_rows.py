"""Tables of claims in every layout, and the 69 rows of the five documents."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from auxjepa.evidence.ledger import claims
from auxjepa_review.reading.corpus import Corpus, read_corpus
from auxjepa_review.reading.repair import clean
from auxjepa_review.reading.rows import read_claim_rows


@pytest.fixture(scope="session")
def seeds(shared: Path) -> Corpus:
    return read_corpus([shared / "seeds"])


def test_the_69_rows_of_five_documents_are_those_that_a_person_read(seeds: Corpus) -> None:
    papers = claims.load().documents
    rows = {
        document.id[:3]: [(r.text, r.verified, r.confidence) for r in document.rows] for document in seeds.documents
    }
    assert rows == {name: [(r.text, r.verified, r.confidence) for r in paper.rows] for name, paper in papers.items()}
    assert sum(map(len, rows.values())) == 69


def test_a_damaged_document_gives_its_rows_without_other_documents(shared: Path) -> None:
    (file,) = (shared / "seeds").glob("001*")
    (alone,) = read_corpus([file]).documents
    assert [r.text for r in alone.rows] == [r.text for r in claims.load().documents["001"].rows]


def test_spans_are_places_of_the_repaired_text(seeds: Corpus) -> None:
    for document in seeds.documents:
        for number, row in enumerate(document.rows, 1):
            assert row.number == number
            assert document.pages[row.span.page - 1][row.span.start : row.span.end] == row.span.text
            assert " ".join(row.span.text.split()) == row.text


def test_rows_that_end_in_mid_sentence_are_cut(seeds: Corpus) -> None:
    cut = {document.id[:3]: [row.number for row in document.rows if row.cut] for document in seeds.documents}
    assert cut == {"000": [1, 3, 5, 10], "001": [], "002": [1, 3, 5, 11], "003": [8, 17], "004": [1, 3, 5, 10]}


def read_rows(*pages: str) -> list[tuple[str, bool | None, float | None]]:
    rows = read_claim_rows("a", pages)
    for row in rows:
        assert pages[row.span.page - 1][row.span.start : row.span.end] == row.span.text
    return [(row.text, row.verified, row.confidence) for row in rows]


TWO = [("It gains 5.92 points.", True, 0.35), ("It loses 10 of 14.", False, 0.1)]


@pytest.mark.parametrize(
    "text",
    [
        "Claim\tVerified\tConfidence\nIt gains 5.92 points.\t✓\t0.35\n"
        "It loses 10 of 14.\t×\t0.10\n\nReferences\nx ✓ 0.1\n",
        "Claim   Verified   Confidence\nIt gains 5.92 points.   yes   35%\n"
        "It loses 10 of 14.   no   10 %\n# Next\nx ✓ 0.1",
        "Statement\tConfidence\tVerified\nIt gains 5.92 points.\t0,35\ttrue\nIt loses 10 of 14.\t.1\tfalse\n",
        "Claim Verified Confidence\n\nIt gains\n5.92 points.\n\n✓ 0.35\n\n"
        "It loses\n10 of 14.\n\n× 0.1\n\n6 More Words\n\nx\n\n✓ 0.2\n",
        "Claim Verified Confidence\nIt gains\n5.92 points. ✓ 0.35\nIt loses\n10 of 14. × 0.1\n",
        "Claim Verified Confidence\nIt gains ✓ 0.35\n5.92 points.\nIt loses × 0.1\n10 of 14.\n",
        "Claim Verified Confidence\n\nIt\ngains ✓ 0.35\n5.92 points.\n\nIt\nloses × 0.1\n10 of 14.\n",
    ],
    ids=["tabs", "spaces", "order", "blocks", "below", "above", "middle"],
)
def test_layouts(text: str) -> None:
    assert read_rows(text) == TWO


def test_a_table_continues_on_the_next_page_with_a_repeated_header() -> None:
    header = "Claim\tVerified\tConfidence\n"
    assert read_rows(f"# X\n{header}It gains 5.92 points.\t✓\t0.35\n", f"{header}It loses 10 of 14.\t×\t0.1\n") == TWO


def test_a_verdict_may_be_open_and_a_column_missing() -> None:
    assert read_rows("Claim\tVerified\tConfidence\nIt moves.\t?\t0.5\n") == [("It moves.", None, 0.5)]
    assert read_rows("Claim\tVerified\nIt moves.\t✓\n") == [("It moves.", True, None)]
    assert read_rows("Claim\tConfidence\nIt moves.\t0.5\n") == [("It moves.", None, 0.5)]


def test_text_without_a_table_has_no_rows() -> None:
    assert read_rows("We claim that it is verified with confidence.\nx ✓ 0.1\n") == []
    assert read_rows("Claim\tVerified\tConfidence\n") == []
    assert read_rows("") == []


def test_a_row_without_a_full_stop_is_cut_only_if_other_rows_have_one() -> None:
    header = "Claim\tVerified\tConfidence\n"
    rows = read_claim_rows("a", [header + "It moves.\t✓\t0.5\nIt rests (so.)\t✓\t0.5\nIt mo\t✓\t0.5\n"])
    assert [row.cut for row in rows] == [False, False, True]
    assert not any(row.cut for row in read_claim_rows("a", [header + "It moves\t✓\t0.5\nIt rests\t✓\t0.5\n"]))


@pytest.mark.parametrize(
    "part", [" ", "\t", "x ", "✓ ", "0.1 ", "x\n", "✓ 0.1\n", "Claim Verified Confidence\n", "5 X\n"]
)
def test_time_grows_with_length_only(part: str) -> None:
    start = time.process_time()
    read_claim_rows("a", [clean("Claim Verified Confidence\n" + part * (40_000 // len(part)))])
    assert time.process_time() - start < 5
