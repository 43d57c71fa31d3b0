"""``auxjepa review --online``: four databases and their full texts on loopback, some of them ill."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx2")
pytest.importorskip("pypdfium2")

import loopback
from auxjepa_review.records import Work
from auxjepa_review.search import search
from auxjepa_review.search.sources import SOURCES, fulltext
from auxjepa_review.search.sources.client import Client
from loopback import Clock, Reply, Request, Server, serve
from written_pdf import Set, column, objects, write_objects, write_pdf

from .conftest import Command

QUESTION = "Does Motion-Guided Masking, an auxiliary objective of Video-JEPA, improve Diving-48 accuracy?"
ABSTRACT = "Motion-Guided Masking for Video-JEPA, an auxiliary objective, is measured on Diving-48."
CLAIM = (
    "Motion-Guided Masking improves Diving-48 accuracy by 0.30 percentage points in the UCF-101 pretraining setting."
)
FOUND = Work(title="Motion-guided masking in Video-JEPA", arxiv="2605.20000", year=2026, abstract=ABSTRACT)
OTHER = Work(title="Auxiliary objectives of V-JEPA on Diving-48", doi="10.1000/other", year=2025, abstract=ABSTRACT)
ILL = {"openalex": Reply(status=500), "semantic_scholar": Reply(status=429), "crossref": Reply(b"<html>down</html>")}


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits pass at once."""
    clock = Clock()

    class Hurried(Client):
        def __init__(self, **more: Any) -> None:
            super().__init__(**more, clock=clock, sleep=clock.sleep)

    monkeypatch.setattr(search, "Client", Hurried)
    monkeypatch.setattr(fulltext, "Client", Hurried)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Server]]]:
    """``world(pdf=..., openalex=Reply(500))``: a server for each database, which the environment names."""
    with ExitStack() as stack:

        def start(pdf: bytes = b"", **ill: Reply) -> dict[str, Server]:
            servers: dict[str, Server] = {}

            def answer(name: str) -> Callable[[Request], Reply]:
                def reply(request: Request) -> Reply:
                    if request.path.endswith(".pdf") or "/pdf/" in request.path:
                        return Reply(pdf) if pdf else Reply(status=404)
                    works = [FOUND] if name == "arxiv" else []
                    if name == "openalex":
                        works = [OTHER.model_copy(update={"fulltext": f"{servers[name].url}/other.pdf"})]
                    return ill.get(name) or getattr(loopback, name)(works, request)

                return reply

            for name in SOURCES:
                servers[name] = stack.enter_context(serve(answer(name)))
                monkeypatch.setenv(f"AUXJEPA_{name.upper()}_URL", servers[name].url)
            return servers

        yield start


def paper(path: Path, title: str = FOUND.title) -> bytes:
    page = [Set(50, 780, title, 18), *column([CLAIM[:70], CLAIM[70:]], 50, 700)]
    return write_pdf(path / "paper.pdf", [page]).read_bytes()


def protocol(out: Path = Path("out")) -> dict[str, Any]:
    return json.loads((out / "protocol.json").read_text())


def test_ill_databases_are_lines_and_the_review_is_written(auxjepa: Command, world: Any) -> None:
    servers = world(**ILL)
    done = auxjepa("review", QUESTION, "--online", "--out", "out")
    assert done.code == 0, done.err
    for line in ("OpenAlex: 0 works; ", "HTTP 500", "HTTP 429", "a malformed answer", "arXiv: 1 works"):
        assert line in done.err, line
    errors = {s["source"]: s["error"] for s in protocol()["searches"]}
    assert errors["arxiv"] == "" and all(errors[name] for name in ILL) and len(errors) == 4
    assert len(servers["arxiv"].requests) == 1  # no full text was asked for
    page = Path("out/review.html").read_text()
    assert "abstract of arxiv:2605.20000" in page and "OpenAlex failed" in page
    (decision,) = protocol()["decisions"]
    assert decision["included"] and decision["basis"] == "abstract" and decision["note"] == ""


def test_all_databases_ill_is_a_review_of_nothing_and_says_so(auxjepa: Command, world: Any) -> None:
    world(**ILL, arxiv=Reply(b"not xml"))
    done = auxjepa("review", QUESTION, "--online", "--out", "out")
    assert done.code == 0, done.err
    assert "The question stays open" in done.out
    assert protocol()["flow"]["identified"] == dict.fromkeys(SOURCES, 0) and Path("out/review.tex").exists()


def test_full_texts_are_read_and_kept(auxjepa: Command, world: Any, tmp_path: Path) -> None:
    servers = world(pdf=paper(tmp_path))
    words = ("review", QUESTION, "--online", "--full-text", "--out", "out", "--cache", "kept")
    done = auxjepa(*words)
    assert done.code == 0, done.err
    decisions = {d["work"]: d for d in protocol()["decisions"]}
    read = decisions["arxiv:2605.20000"]
    assert (read["basis"], read["document"], read["note"]) == ("full text", "arxiv:2605.20000", "")
    assert "another text: " in decisions["doi:10.1000/other"]["note"]  # the same PDF isn't that work's
    assert decisions["doi:10.1000/other"]["basis"] == "abstract" and protocol()["flow"]["assessed"] == 1
    found = json.loads(Path("out/review.json").read_text())["findings"]
    assert "mgm_diving48" in [f["statement"]["claim"]["id"] for f in found]
    asked = [r.path for r in servers["arxiv"].requests]
    assert asked == ["/api/query", "/pdf/2605.20000"]
    assert auxjepa(*words).code == 0 and len(servers["arxiv"].requests) == 2  # the second time from the cache


def test_a_full_text_that_does_harm_or_is_gone_leaves_the_abstract(auxjepa: Command, world: Any) -> None:
    made, _ = objects([column(["one"], 50, 700)])
    made[2] = f"<< /Type /Pages /Count 10000 /Kids [{'10 0 R ' * 10000}] >>".encode()
    bomb = write_objects(Path("bomb.pdf"), made).read_bytes()
    for pdf, note in ((bomb, "has 10000 pages, at most 1000 are read"), (b"", "HTTP 404 Not Found")):
        world(pdf=pdf)
        done = auxjepa("review", QUESTION, "--online", "--full-text", "--sources", "arxiv", "--out", "out")
        assert done.code == 0, done.err
        (decision,) = protocol()["decisions"]
        assert note in decision["note"] and decision["basis"] == "abstract" and decision["included"]
        assert note in done.err and note in Path("out/review.md").read_text()


def test_full_texts_need_a_search(auxjepa: Command) -> None:
    done = auxjepa("review", QUESTION, "--corpus", ".", "--full-text")
    assert done.code == 2 and "give --online too" in done.err
