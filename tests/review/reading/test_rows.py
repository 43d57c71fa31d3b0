"""Tables of claims in every layout, and the 69 rows of the five documents."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from auxjepa.evidence.ledger import claims
from auxjepa_review.reading.corpus import Corpus, read_corpus
from auxjepa_review.reading.repair import clean
from auxjepa_review.reading.rows import read_claim_rows


@pytest.fixture(scope="module")
def seeds(shared: Path) -> Corpus:
    return read_corpus([shared / "seeds"])


def test_the_69_rows_of_five_documents_come_out_as_they_were_read_by_eye(seeds: Corpus) -> None:
    known = claims.load().documents
    found = {one.id[:3]: [(r.text, r.verified, r.confidence) for r in one.rows] for one in seeds.documents}
    assert found == {name: [(r.text, r.verified, r.confidence) for r in paper.rows] for name, paper in known.items()}
    assert sum(map(len, found.values())) == 69


def test_a_damaged_document_gives_its_rows_without_the_company_of_others(shared: Path) -> None:
    (file,) = (shared / "seeds").glob("001*")
    (alone,) = read_corpus([file]).documents
    assert [r.text for r in alone.rows] == [r.text for r in claims.load().documents["001"].rows]


def test_spans_are_places_of_the_mended_text(seeds: Corpus) -> None:
    for document in seeds.documents:
        for number, row in enumerate(document.rows, 1):
            assert row.number == number
            assert document.pages[row.span.page - 1][row.span.start : row.span.end] == row.span.text
            assert " ".join(row.span.text.split()) == row.text


def test_rows_that_end_in_mid_sentence_are_cut(seeds: Corpus) -> None:
    cut = {one.id[:3]: [row.number for row in one.rows if row.cut] for one in seeds.documents}
    assert cut == {"000": [1, 3, 5, 10], "001": [], "002": [1, 3, 5, 11], "003": [8, 17], "004": [1, 3, 5, 10]}


def found(*pages: str) -> list[tuple[str, bool | None, float | None]]:
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
    assert found(text) == TWO


def test_a_table_goes_on_over_pages_with_its_header_repeated() -> None:
    header = "Claim\tVerified\tConfidence\n"
    assert found(f"# X\n{header}It gains 5.92 points.\t✓\t0.35\n", f"{header}It loses 10 of 14.\t×\t0.1\n") == TWO


def test_a_verdict_may_be_open_and_a_column_missing() -> None:
    assert found("Claim\tVerified\tConfidence\nIt moves.\t?\t0.5\n") == [("It moves.", None, 0.5)]
    assert found("Claim\tVerified\nIt moves.\t✓\n") == [("It moves.", True, None)]
    assert found("Claim\tConfidence\nIt moves.\t0.5\n") == [("It moves.", None, 0.5)]


def test_text_without_a_table_has_no_rows() -> None:
    assert found("We claim that it is verified with confidence.\nx ✓ 0.1\n") == []
    assert found("Claim\tVerified\tConfidence\n") == []
    assert found("") == []


def test_only_where_others_end_with_a_full_stop_is_a_row_without_one_cut() -> None:
    header = "Claim\tVerified\tConfidence\n"
    whole = read_claim_rows("a", [header + "It moves.\t✓\t0.5\nIt rests (so.)\t✓\t0.5\nIt mo\t✓\t0.5\n"])
    assert [row.cut for row in whole] == [False, False, True]
    assert not any(row.cut for row in read_claim_rows("a", [header + "It moves\t✓\t0.5\nIt rests\t✓\t0.5\n"]))


@pytest.mark.parametrize(
    "part", [" ", "\t", "x ", "✓ ", "0.1 ", "x\n", "✓ 0.1\n", "Claim Verified Confidence\n", "5 X\n"]
)
def test_time_grows_with_length_only(part: str) -> None:
    start = time.process_time()
    read_claim_rows("a", [clean("Claim Verified Confidence\n" + part * (40_000 // len(part)))])
    assert time.process_time() - start < 5
