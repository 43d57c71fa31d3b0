"""Tables of claims in every layout, and the 69 rows of the five documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence import claims
from auxjepa.literature.corpus import Corpus, read_corpus


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
