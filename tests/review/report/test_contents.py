"""Sections of a report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from auxjepa_review import report
from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Document, Work
from auxjepa_review.report.blocks import Block, Bullets, Grid, Picture, Prose
from auxjepa_review.report.contents import place, reference, sections
from auxjepa_review.search.protocol import Protocol
from auxjepa_review.search.search import search_works

ORDER = ["abstract", "question", "method", "results", "limitations", "claims", "reviews", "references", "repeat"]


def blocks_of(outcome: Outcome, id: str) -> tuple[Block, ...]:
    return next(s.blocks for s in sections(outcome) if s.id == id)


def text_of(outcome: Outcome, id: str) -> str:
    return "\n".join(
        line
        for b in blocks_of(outcome, id)
        for line in ([b.text] if isinstance(b, Prose) else b.items if isinstance(b, Bullets) else [])
    )


def test_sections_come_in_the_order_of_such_reports(outcome: Outcome) -> None:
    assert [s.id for s in sections(outcome)] == ORDER and all(s.blocks for s in sections(outcome))


def test_the_method_shows_searches_flow_excluded_works_and_refused_files(outcome: Outcome) -> None:
    grids = [b for b in blocks_of(outcome, "method") if isinstance(b, Grid)]
    assert [g.caption for g in grids] == [
        "Searches, as they were sent", "Works left out (2)", "Files that were refused (1)",
    ]  # fmt: skip
    assert grids[2].body == (("empty.md", "empty"),)
    assert [b for b in blocks_of(outcome, "method") if isinstance(b, Picture)]


def test_limitations_are_those_of_this_review(outcome: Outcome) -> None:
    assert "Only the local corpus was read" in text_of(outcome, "limitations")
    date = datetime(2026, 11, 24, tzinfo=UTC)
    protocol = search_works("Does V-JEPA work?", online=True, sources=(), now=lambda: date).protocol
    record = {"source": "arxiv", "title": "arXiv", "query": "q", "date": date, "returned": 0, "error": "HTTP 500"}
    flow = protocol.flow.model_dump() | {"identified": {"arxiv": 0}}
    failed = Protocol.model_validate(protocol.model_dump() | {"searches": (record,), "flow": flow})
    lines = text_of(outcome.model_copy(update={"protocol": failed}), "limitations")
    assert "arXiv failed (HTTP 500): its works are missing." in lines and "Only the local corpus" not in lines
    assert text_of(outcome.model_copy(update={"notes": ("One seed.",)}), "limitations") == "One seed."


def test_references_have_authors_year_title_and_place() -> None:
    work = Work(title="T", authors=("A", "B", "C", "D"), year=2026, venue="V", arxiv="2605.1", doi="10.1/x")
    document = Document(id="x", work=work, pages=("y",))
    assert reference(document) == "[x] A, B, C et al. (2026). T. V. arXiv 2605.1."
    assert reference(document.model_copy(update={"work": Work(title="T", file=Path("in/x.md"))})) == "[x] T. x.md."
    assert place(Work(title="T", doi="10.1/x")) == "doi 10.1/x" and place(Work(title="T", url="http://a")) == "http://a"


def test_a_review_of_nothing_has_its_sections(empty: Outcome) -> None:
    assert [s.id for s in sections(empty)] == ["abstract", "question", "method", "results", "limitations", "repeat"]


def test_all_formats_are_written_and_the_outcome_can_be_read_again(outcome: Outcome, tmp_path: Path) -> None:
    import json

    assert report.build(outcome, tmp_path / "out") == tmp_path / "out" / "review.html"
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert names == {f"review.{e}" for e in ("html", "md", "tex", "bib", "json")} | {"protocol.json"}
    content = json.loads((tmp_path / "out" / "review.json").read_text())
    for record, document in zip(content["documents"], outcome.documents, strict=True):
        assert "pages" not in record  # they are in the corpus
        record["pages"] = document.pages
    assert Outcome.model_validate(content) == outcome
    assert Protocol.load(tmp_path / "out" / "protocol.json") == outcome.protocol


def test_a_review_of_nothing_is_written(empty: Outcome, tmp_path: Path) -> None:
    report.build(empty, tmp_path)
    assert not (tmp_path / "protocol.json").exists() and (tmp_path / "review.bib").read_text() == ""
    assert "The question stays open" in (tmp_path / "review.html").read_text()
