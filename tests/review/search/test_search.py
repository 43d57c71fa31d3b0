"""A whole search: corpus, databases, protocol, full texts and cache."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import loopback
from auxjepa.config import ConfigError
from auxjepa_review.records import Document, Work
from auxjepa_review.search import flow
from auxjepa_review.search.protocol import Protocol
from auxjepa_review.search.screen import Rules
from auxjepa_review.search.search import is_abstract, search_works
from auxjepa_review.search.sources import SOURCES, Source
from auxjepa_review.search.sources.cache import Cache
from auxjepa_review.search.sources.client import Client, SourceError
from loopback import Clock, Reply, Request, Server, refused, serve

QUESTION = "Do auxiliary objectives make Video-JEPA more robust? Robustness on Kinetics-700."
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ON_QUESTION = (
    "V-JEPA with an auxiliary loss is studied; robustness is measured on Kinetics-400 with corruption of the frames."
)

PREPRINT = Work(
    title="Auxiliary objectives for robust V-JEPA",
    authors=("Ada Lovelace",),
    year=2026,
    arxiv="2605.17165",
    abstract=ON_QUESTION,
)
PRINTED = PREPRINT.model_copy(update={"doi": "10.1109/x", "venue": "CVPR", "abstract": "", "arxiv": ""})
BREAD = Work(
    title="On bread and butter in town",
    authors=("B Aker",),
    year=2020,
    doi="10.1000/bread",
    arxiv="2001.00001",
    abstract="We bake bread with yeast.",
)
SERVERS = {
    "arxiv": loopback.arxiv,
    "openalex": loopback.openalex,
    "semantic_scholar": loopback.semantic_scholar,
    "crossref": loopback.crossref,
}


def paper(id: str, text: str, **more: Any) -> Document:
    return Document(id=id, work=Work(title=more.pop("title", f"The paper {id} of words"), **more), pages=(text,))


CORPUS = [
    paper("bread", "Bread and butter. " * 50),
    paper("good", ON_QUESTION * 3, title=PREPRINT.title, arxiv="2605.17165"),
]


def world(request: Request) -> Reply:
    """Answer for all databases, which differ in their paths."""
    name = {"/api/query": "arxiv", "/graph/v1/paper/search": "semantic_scholar"}.get(
        request.path, "openalex" if "per_page" in request.params else "crossref"
    )
    return SERVERS[name]({"arxiv": [PREPRINT, BREAD], "crossref": [PRINTED]}.get(name, [PREPRINT]), request)


def sources(server: Server) -> list[Source]:
    return [kind(server.url, 0.0) for kind in SOURCES.values()]


def online(server: Server, documents: list[Document] | None = None, **more: Any):
    clock = Clock()
    cache = more.pop("cache", None)
    http = Client(clock=clock, sleep=clock.sleep, now=lambda: NOON, cache=Cache(cache) if cache else None)
    return search_works(QUESTION, documents or [], online=True, sources=more.pop("sources", None) or sources(server),
                  client=http, now=lambda: NOON, **more)  # fmt: skip


def test_offline_is_the_default_and_opens_no_socket(monkeypatch: pytest.MonkeyPatch):
    def opened(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", opened)
    monkeypatch.setattr(socket, "getaddrinfo", opened)
    result = search_works(QUESTION, CORPUS, fetch=lambda _: opened())
    assert [d.id for d in result.documents] == ["good"] and not result.protocol.online
    assert [s.source for s in result.protocol.searches] == ["corpus"]


def test_offline_imports_neither_http_nor_torch():
    code = (
        "import sys; from auxjepa_review.search.search import search_works; search_works('Does V-JEPA work?');"
        "print([m for m in ('httpx2', 'httpx', 'defusedxml', 'torch', 'anyio') if m in sys.modules])"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"


def test_the_corpus_is_ranked_and_screened_with_reasons():
    result = search_works(QUESTION, CORPUS, now=lambda: NOON)
    assert [(d.document, d.included) for d in result.protocol.decisions] == [("good", True), ("bread", False)]
    assert result.works[0].arxiv == "2605.17165" and result.protocol.date == NOON
    assert result.protocol.flow.identified == {"corpus": 2} and result.protocol.flow.included == 1


def test_four_databases_and_a_corpus_become_one_list():
    with serve(world) as server:
        result = online(server, CORPUS)
    flow = result.protocol.flow
    assert flow.identified == {"corpus": 2, "arxiv": 2, "openalex": 1, "semantic_scholar": 1, "crossref": 1}
    assert (flow.duplicates, flow.screened, flow.included) == (4, 3, 1)
    assert [d.by for d in result.protocol.duplicates] == ["arxiv", "arxiv", "arxiv", "title"]
    work = result.works[0]
    assert work.source == "corpus, arxiv, openalex, semantic_scholar, crossref" and work.doi == "10.1109/x"
    assert result.documents[0].id == "good" and not any(is_abstract(d) for d in result.documents)
    assert all(s.date == NOON and not s.error for s in result.protocol.searches)


def test_works_without_text_become_documents_that_are_marked_as_abstracts():
    with serve(world) as server:
        result = online(server)
    assert [w.doi for w in result.works] == ["10.1109/x"]
    (document,) = result.documents
    assert is_abstract(document) and document.id == "abstract of arxiv:2605.17165" and document.pages == (ON_QUESTION,)
    assert result.protocol.flow.included_abstracts == 1 and result.protocol.included[0].basis == "abstract"
    assert "corpus" not in result.protocol.flow.identified


def test_a_source_that_fails_is_reported_and_the_search_continues():
    def failing(request: Request) -> Reply:
        return Reply(status=500) if request.path == "/works" else world(request)

    lines: list[str] = []
    with serve(failing) as server:
        dead = SOURCES["arxiv"](refused(), 0.0)
        result = online(server, sources=[dead, *sources(server)[1:]], progress=lines.append)
    errors = {s.source: s.error for s in result.protocol.searches}
    assert (
        "can't be reached" in errors["arxiv"] and "HTTP 500" in errors["openalex"] and "HTTP 500" in errors["crossref"]
    )
    assert errors["semantic_scholar"] == "" and len(result.works) == 1
    assert any("HTTP 500" in line for line in lines)
    assert result.protocol.flow.identified == {"arxiv": 0, "openalex": 0, "semantic_scholar": 1, "crossref": 0}


def test_a_killed_search_resumes_from_the_cache(tmp_path: Path):
    requested: list[str] = []

    def killed(line: str) -> None:
        if line.startswith("OpenAlex"):
            raise KeyboardInterrupt

    def listen(request: Request) -> Reply:
        requested.append(request.path)
        return world(request)

    with serve(listen) as server:
        with pytest.raises(KeyboardInterrupt):
            online(server, cache=tmp_path, progress=killed)
        assert len(requested) == 2
        result = online(server, cache=tmp_path)
        assert len(requested) == 4
        again = online(server, cache=tmp_path)
        assert len(requested) == 4
    assert [bool(s.cached) for s in result.protocol.searches] == [True, True, False, False]
    assert all(s.cached == NOON for s in again.protocol.searches)
    assert again.works == result.works and again.protocol.decisions == result.protocol.decisions


def test_full_texts_are_fetched_only_if_requested_and_only_after_screening():
    fetched: list[str] = []

    def fetch(work: Work) -> Document | None:
        fetched.append(work.arxiv)
        return Document(id=work.arxiv, work=work, pages=(ON_QUESTION * 2, "page two"))

    with serve(world) as server:
        result = online(server, fetch=fetch)
    assert fetched == ["2605.17165"]
    assert result.documents[0].pages[1] == "page two" and result.protocol.flow.assessed == 1
    assert result.protocol.flow.included_abstracts == 0


def test_a_missing_full_text_leaves_the_abstract_and_the_reason():
    def gone(work: Work) -> Document | None:
        raise SourceError(f"{work.arxiv}: HTTP 404")

    for fetch, note in ((gone, "2605.17165: HTTP 404"), (lambda _: None, "no open full text is known")):
        lines: list[str] = []
        with serve(world) as server:
            result = online(server, fetch=fetch, progress=lines.append)
        (included, excluded) = result.protocol.decisions
        assert included.included and included.basis == "abstract" and included.note == note and excluded.note == ""
        assert is_abstract(result.documents[0]) and result.protocol.flow.not_retrieved == 1
        assert f"(no full text: {note})" in flow.markdown(result.protocol)
        assert Protocol.model_validate_json(result.protocol.model_dump_json()) == result.protocol


def test_abstracts_of_one_title_and_no_ids_stay_apart():
    same_title = [PREPRINT.model_copy(update={"arxiv": "", "doi": "", "authors": (a,)}) for a in ("Ada Lo", "Bo Di")]
    with serve(lambda request: loopback.openalex(same_title, request)) as server:
        result = online(server, sources=[SOURCES["openalex"](server.url, 0.0)])
    assert [d.id for d in result.documents] == [f"abstract of {PREPRINT.title}", f"abstract of {PREPRINT.title} (2)"]


def test_rules_reach_the_decisions():
    with serve(world) as server:
        result = online(server, rules=Rules(include=("10.1000/bread",), exclude=("2605.17165",)))
    assert [w.doi for w in result.works] == ["10.1000/bread"] and result.protocol.rules.exclude == ("2605.17165",)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"question": " \n"}, "the question is empty"),
        ({"question": "what is it?"}, "'what is it\\?' has no word to search for"),
        ({"question": "!!! ???"}, "has no word to search for"),
        ({"sources": ["arxvi"], "online": True}, "no source is called 'arxvi'; did you mean 'arxiv'"),
        ({"limit": 0}, "limit 0"),
        ({"documents": [CORPUS[0], CORPUS[0]]}, "two documents are called 'bread'"),
        ({"online": True, "mailto": "nobody"}, "no e-mail address"),
    ],
)
def test_an_invalid_search_is_refused(arguments: dict[str, Any], line: str):
    with pytest.raises(ConfigError, match=line):
        search_works(**{"question": QUESTION, **arguments})


def test_a_cache_that_cannot_be_written_is_reported_before_any_request(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="the cache needs a folder"):
        search_works(QUESTION, online=True, cache=tmp_path / "file" / "cache", sources=[])


def test_an_empty_search_has_a_protocol_too():
    result = search_works(QUESTION)
    assert result.works == () and result.documents == () and result.protocol.flow.included == 0


def test_the_seeds_answer_their_own_questions(shared: Path):
    from auxjepa_review.reading.corpus import read_corpus

    corpus = read_corpus([shared / "seeds"])
    result = search_works("How do factorized latent dynamics in Video-JEPA compare to standard JEPA in multimodal "
                   "video-language alignment tasks under frame dropout conditions?", corpus.documents)  # fmt: skip
    first = result.protocol.decisions[0]
    assert "Frame Dropout" in first.title and first.included
    assert result.protocol.flow.screened + result.protocol.flow.duplicates == len(corpus.documents) == 5
