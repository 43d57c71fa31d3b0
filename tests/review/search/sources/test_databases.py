"""Queries and answers of every database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import loopback
from auxjepa_review.records import Work
from auxjepa_review.search.concepts import Terms, parse_question
from auxjepa_review.search.sources import SOURCES, Arxiv, Crossref, OpenAlex, SemanticScholar, Source
from auxjepa_review.search.sources.client import Client, SourceError
from auxjepa_review.search.sources.openalex import abstract
from auxjepa_review.search.sources.source import arxiv_id, doi, text
from loopback import Clock, Reply, Request, refused, serve

ROBUST = parse_question("How do auxiliary objectives in Video-JEPA change robustness on Kinetics-700?")
WORDS = parse_question('What of "lattice (QCD)" thermodynamics?')

WORKS = [
    Work(
        title=f"Latent dynamics for p<q video & r>s sound, part {i}",
        authors=("Ada Lovelace", "Émilie du Châtelet"),
        year=2000 + i % 27,
        doi=f"10.1000/part.{i}",
        arxiv=f"2605.{10000 + i}",
        venue="Transactions on Motion" if i % 2 else "",
        fulltext=f"https://open.example/{i}.pdf" if i % 2 else "",
        abstract=f"We study video, that is x < y & z, {i} times over. Video matters.",
    )
    for i in range(230)
]

SERVERS: dict[str, Callable[[list[Work], Request], Reply]] = {
    "arxiv": loopback.arxiv,
    "openalex": loopback.openalex,
    "semantic_scholar": loopback.semantic_scholar,
    "crossref": loopback.crossref,
}
each = pytest.mark.parametrize("name", SOURCES)


def client(clock: Clock, **more: Any) -> Client:
    return Client(clock=clock, sleep=clock.sleep, **{"deadline": 1e6, **more})


def hits(name: str, *replies: Any, limit: int = 120, query: Terms = ROBUST):
    clock = Clock()
    with serve(*replies) as server, client(clock) as http:
        source = SOURCES[name](server.url)
        return source.search(http, source.phrase(query), limit), server, clock


@each
def test_a_search_reads_works_page_by_page_at_the_documented_rate(name: str):
    result, server, clock = hits(name, lambda request: SERVERS[name](WORKS, request))
    assert not result.error and result.total == 230 and result.unreadable == 0
    assert len(result.works) == 120 and len(server.requests) == 2
    rate = SOURCES[name].rate * (3 if name == "semantic_scholar" else 1)  # without a key
    assert clock.slept == [pytest.approx(rate)]
    for work, true in zip(result.works, WORKS, strict=False):
        assert work.title.split() == true.title.split()
        assert work.authors == true.authors and work.year == true.year and work.doi == true.doi
        assert "x < y & z" in work.abstract and work.abstract.startswith("We study video") and work.source == name
        assert work.arxiv == ("" if name == "crossref" else true.arxiv)
        assert work.url.startswith("http")
        assert work.fulltext == (true.fulltext if name in ("openalex", "semantic_scholar") else "")


@each
def test_an_empty_result_is_no_error(name: str):
    result, server, _ = hits(name, lambda request: SERVERS[name]([], request))
    assert (result.works, result.total, result.error, len(server.requests)) == ([], 0, "", 1)


@each
@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (Reply(status=429, headers={"Retry-After": "2"}), r"HTTP 429 Too Many Requests \(tried 4 times\)"),
        (Reply(status=500), r"HTTP 500 Internal Server Error \(tried 4 times\)"),
        (Reply(b""), "a malformed answer"),
        (Reply(b"Rate exceeded."), "a malformed answer"),
        (Reply(b"<html><body>down for maintenance</body></html>"), "a malformed answer"),
        (Reply(b"[1, 2]"), "a malformed answer"),
        (Reply(b'{"results": 7, "total": "x", "message": []}'), "a malformed answer"),
        (Reply(b'{"meta": {"count": 5}, "results": [{"title'), "a malformed answer"),
        (Reply(status=302, headers={"Location": "http://192.0.2.1/login"}), "points elsewhere"),
        (Reply(status=403), "HTTP 403"),
    ],
)
def test_every_failure_is_one_line_in_the_hits(name: str, reply: Reply, line: str):
    result, _, clock = hits(name, reply)
    assert result.works == [] and result.total is None
    assert re.search(line, result.error) and "\n" not in result.error, result.error
    assert sum(clock.slept) <= 60


@each
def test_pages_before_a_failure_stay(name: str):
    result, _, _ = hits(name, lambda request: SERVERS[name](WORKS, request), Reply(status=404))
    assert len(result.works) == 100 and "HTTP 404" in result.error and result.total == 230


@each
def test_a_refused_connection_is_reported(name: str):
    clock = Clock()
    with client(clock) as http:
        result = SOURCES[name](refused()).search(http, "x", 10)
    assert "can't be reached" in result.error


@each
def test_records_that_cannot_be_read_are_counted_and_the_others_stay(name: str):
    def spoilt(request: Request) -> Reply:
        reply = SERVERS[name](WORKS[:3], request)
        if name == "arxiv":
            parts = reply.body.decode().split("<entry>")
            parts[2] = "<id>junk</id></entry>"
            return Reply("<entry>".join(parts).encode())
        content = json.loads(reply.body)
        records = content.get("results") or content.get("data") or content["message"]["items"]
        records[1] = {"title": None, "year": "x"} if name != "crossref" else 7
        return Reply(json.dumps(content).encode())

    result, _, _ = hits(name, spoilt, limit=100)
    assert [w.doi for w in result.works] == ["10.1000/part.0", "10.1000/part.2"] and result.unreadable == 1


@each
def test_fields_of_the_wrong_kind_are_left_blank(name: str):
    openalex = {"title": "T", "authorships": 3, "publication_year": "1999", "locations": 7, "doi": 5,
                "best_oa_location": {"pdf_url": "javascript:alert(1)"}}  # fmt: skip
    scholar = {"title": "T", "authors": None, "year": -5, "externalIds": None, "abstract": ["x"],
               "openAccessPdf": "http://x.org/a.pdf"}  # fmt: skip
    crossref = {"title": ["T"], "DOI": "10.1000/1", "author": "me", "issued": {"date-parts": [[None]]}}
    wrong: dict[str, Any] = {
        "openalex": {
            "meta": {"count": 1},
            "results": [openalex | {"abstract_inverted_index": {"a": "b", "c": [0, None]}}],
        },
        "semantic_scholar": {"total": 1, "data": [scholar]},
        "crossref": {"status": "ok", "message": {"total-results": 1, "items": [crossref]}},
    }
    if name in wrong:
        result, _, _ = hits(name, Reply(json.dumps(wrong[name]).encode()))
        assert not result.error
        work = result.works[0]
        assert (work.title, work.authors, work.year) == ("T", (), None) and work.abstract in ("", "c")
        assert work.fulltext == ""


def test_queries_have_the_same_content_in_every_language():
    assert Arxiv().phrase(ROBUST) == (
        '(all:"auxiliary objective" OR all:"Video JEPA" OR all:"auxiliary loss" OR all:"V JEPA" OR '
        'all:"auxiliary task") AND (all:"robustness" OR all:"Kinetics 700" OR all:"out of distribution" OR '
        'all:"Kinetics 400" OR all:"distribution shift" OR all:"Kinetics 600")'
    )
    assert OpenAlex().phrase(ROBUST).startswith('("auxiliary objective" OR "Video-JEPA" OR ')
    assert SemanticScholar().phrase(ROBUST) == "auxiliary objective Video JEPA robustness Kinetics 700 change"
    assert Crossref().phrase(ROBUST).startswith("auxiliary objective Video-JEPA robustness Kinetics-700")


@each
def test_signs_of_a_query_language_are_never_sent_by_a_question(name: str):
    phrase = SOURCES[name]().phrase(WORDS)
    assert "lattice" in phrase and "QCD" in phrase and not set(phrase) & set('"()[]')


def test_arxiv_refusals_and_bombs_are_reported():
    error = (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
        b"<o:totalResults>1</o:totalResults><entry><id>https://arxiv.org/api/errors#x</id><title>Error</title>"
        b"<summary>unbalanced parentheses</summary></entry></feed>"
    )
    result, server, _ = hits("arxiv", Reply(error))
    assert result.error == "arXiv refused the query: unbalanced parentheses" and len(server.requests) == 1
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(12))
    for bomb in (
        f"<!DOCTYPE feed [{laughs}]><feed>&l11;</feed>",
        '<!DOCTYPE feed [<!ENTITY f SYSTEM "file:///etc/passwd">]><feed>&f;</feed>',
        '<!DOCTYPE feed SYSTEM "http://127.0.0.1:1/x.dtd"><feed/>',
    ):
        result, _, _ = hits("arxiv", Reply(bomb.encode()))
        assert "XML with a document type or entities" in result.error


def test_crossref_refusals_are_reported():
    body = {
        "status": "failed",
        "message-type": "validation-failure",
        "message": [{"message": "Integer specified as 'x'"}],
    }
    with pytest.raises(SourceError, match="Crossref refused the query: Integer"):
        Crossref().read(json.dumps(body).encode())


def test_keys_go_into_headers_and_nowhere_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENALEX_API_KEY", "alpha")
    monkeypatch.setenv("S2_API_KEY", "beta")
    for name, header, value in (
        ("openalex", "Authorization", "Bearer alpha"),
        ("semantic_scholar", "x-api-key", "beta"),
        ("arxiv", "x-api-key", None),
        ("crossref", "Authorization", None),
    ):
        _, server, _ = hits(name, lambda request, name=name: SERVERS[name]([], request))
        assert server.requests[0].headers.get(header) == value
        assert "alpha" not in str(server.requests[0].params) and "beta" not in str(server.requests[0].params)


def test_rates_follow_key_and_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AUXJEPA_MAILTO", raising=False)
    nameless, named = Client(), Client(mailto="me@example.org")
    assert Arxiv().interval(nameless) == 3.0 and Crossref().interval(nameless) == 1.0
    assert Crossref().interval(named) == pytest.approx(1 / 3) and SemanticScholar().interval(named) == 3.0
    monkeypatch.setenv("S2_API_KEY", "beta")
    assert SemanticScholar().interval(named) == 1.0 and Source.interval(Arxiv(interval=0.0), named) == 0.0


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("http://arxiv.org/abs/2605.17165v12", "2605.17165"),
        ("https://arxiv.org/pdf/2605.17165v1.pdf", "2605.17165"),
        ("10.48550/arXiv.2605.17165", "2605.17165"),
        ("https://arxiv.org/abs/hep-th/9901001v3", "hep-th/9901001"),
        ("math.GT/0309136", "math.gt/0309136"),
        ("arXiv:1706.03762", "1706.03762"),
        ("10.1000/1706.03762", ""),
        ("http://evil.org/2605.17165x", ""),
        (None, ""),
    ],
)
def test_arxiv_ids(value: Any, number: str):
    assert arxiv_id(value) == number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://doi.org/10.1109/CVPR.2024.00001", "10.1109/cvpr.2024.00001"),
        ("doi:10.1000/x(1)", "10.1000/x(1"),
        ("10.1/x", ""),
        (3, ""),
    ],
)
def test_dois(value: Any, expected: str):
    assert doi(value) == expected


def test_text_loses_markup_and_control_characters_only():
    assert (
        text('a <i>b</i> <a href="x">p<q and r>s</a> &lt;c&gt;\n\x1b[31m d &amp; 1 < 2')
        == "a b p<q and r>s <c> [31m d & 1 < 2"
    )
    assert text(None) == text(["a"]) == "" and len(text("x" * 10**6)) == 20_000


def test_inverted_indexes():
    assert abstract({"b": [1, 3], "a": [0, 2]}) == "a b a b"
    assert abstract(None) == abstract([1]) == abstract({"a": 3}) == ""


@each
def test_the_environment_names_a_mirror(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(f"AUXJEPA_{name.upper()}_URL", "http://127.0.0.1:1/mirror/")
    assert SOURCES[name]().base == "http://127.0.0.1:1/mirror" and SOURCES[name]("http://a.org").base == "http://a.org"
    monkeypatch.setenv(f"AUXJEPA_{name.upper()}_URL", "")
    assert SOURCES[name]().base == SOURCES[name].address
