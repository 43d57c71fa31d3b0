"""Full texts of online works."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pypdfium2")

from auxjepa_review.reading.limits import Limits
from auxjepa_review.records import Document, Work
from auxjepa_review.search.sources import Arxiv
from auxjepa_review.search.sources.cache import Cache
from auxjepa_review.search.sources.client import Client, SourceError
from auxjepa_review.search.sources.fulltext import FullTexts
from auxjepa_review.search.sources.public import Public
from loopback import Clock, Reply, Request, Server, serve
from written_pdf import Set, column, objects, stream, write_objects, write_pdf

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORK = Work(title="Latent dynamics for masked video", arxiv="2605.10000", abstract="Short.", source="arxiv")
SMALL = Limits(bytes=1 << 20, memory=256 << 20, cpu_seconds=5, seconds=20)
LINES = ["Latent dynamics improves Diving-48 accuracy by 0.30 points.", "See arXiv:2605.17165v1."]


@pytest.fixture(scope="session")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    page = [Set(50, 780, "Latent Dynamics for Masked Video", 18), *column(LINES, 50, 700)]
    return write_pdf(
        tmp_path_factory.mktemp("pdf") / "a.pdf", [page, column(["The second page."], 50, 700)]
    ).read_bytes()


def page(words: int, title: str = WORK.title) -> bytes:
    return f"<html><head><title>x</title></head><body><h1>{title}</h1><p>{'word ' * words}</p></body></html>".encode()


def open_texts(server: Server, clock: Clock, folder: Path | None = None, limits: Limits = SMALL) -> FullTexts:
    client = Client(
        clock=clock, sleep=clock.sleep, now=lambda: NOON, deadline=600, tries=2, each=60, max_bytes=limits.bytes,
        anywhere=Public(own=(server.url,)), cache=Cache(folder) if folder else None,
    )  # fmt: skip
    return FullTexts(client=client, sources=[Arxiv(server.url)], limits=limits)


def fetch_text(*replies: Any, work: Work = WORK, **more: Any) -> tuple[Document | None, Server]:
    with serve(*replies) as server, open_texts(server, Clock(), **more) as fetch:
        return fetch(work), server


def reason_of(*replies: Any, work: Work = WORK, **more: Any) -> str:
    with pytest.raises(SourceError) as error:
        fetch_text(*replies, work=work, **more)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_pdf_of_arxiv_becomes_a_document_of_its_work(pdf: bytes):
    document, server = fetch_text(Reply(pdf, headers={"Content-Type": "text/plain"}))  # the header is ignored
    assert document is not None and document.id == "arxiv:2605.10000" and document.work == WORK
    assert len(document.pages) == 2 and LINES[0] in document.text and document.references == ("arxiv:2605.17165",)
    (request,) = server.requests
    assert request.path == "/pdf/2605.10000" and request.headers["Accept"].startswith("application/pdf")
    assert request.headers["User-Agent"].startswith("auxjepa/") and request.headers["Host"] in server.url


def test_arxiv_is_asked_once_in_three_seconds_counted_from_the_search(pdf: bytes):
    clock = Clock()
    with serve(Reply(pdf)) as server, open_texts(server, clock) as fetch:
        fetch(WORK)
        fetch(WORK.model_copy(update={"arxiv": "2605.10001"}))
    assert clock.slept == [3.0, 3.0]


def test_a_text_that_was_read_is_cached_with_its_date_and_others_are_not(pdf: bytes, tmp_path: Path):
    with serve(Reply(b"%PDF-1.7 broken"), Reply(pdf)) as server:
        with open_texts(server, Clock(), tmp_path) as fetch:
            with pytest.raises(SourceError, match="damaged"):
                fetch(WORK)
            assert not list(tmp_path.iterdir())
            first = fetch(WORK)
        with open_texts(server, Clock(), tmp_path) as fetch:
            again = fetch(WORK)
        assert len(server.requests) == 2 and again == first
        cached = Cache(tmp_path).get(f"{server.url}/pdf/2605.10000", {}, NOON)
        assert cached is not None and cached.date == NOON and cached.body == pdf


def test_the_next_address_is_tried_and_every_reason_reported(pdf: bytes):
    def answer(request: Request) -> Reply:
        return Reply(status=404) if request.path.startswith("/pdf/") else Reply(pdf)

    with serve(answer) as server, open_texts(server, Clock()) as fetch:
        work = WORK.model_copy(update={"fulltext": f"{server.url}/open.pdf"})
        document = fetch(work)
        assert document is not None and [r.path for r in server.requests] == ["/pdf/2605.10000", "/open.pdf"]
        gone = work.model_copy(update={"fulltext": "http://10.0.0.1/a.pdf"})
        with pytest.raises(SourceError, match=r"HTTP 404 Not Found; 10\.0\.0\.1: leads to a private address"):
            fetch(gone)


def test_a_work_without_an_open_address_is_none_and_sends_no_request():
    for work in (Work(title="T", doi="10.1000/x"), Work(title="T", fulltext="file:///etc/passwd")):
        document, server = fetch_text(Reply(b"x"), work=work)
        assert document is None and not server.requests


def test_an_open_address_at_arxiv_is_the_same_as_its_id():
    work = Work(title="T", fulltext="https://arxiv.org/pdf/2605.10000v2")
    assert [url for url, _ in FullTexts(sources=[Arxiv("http://a.org")]).addresses(work)] == [
        "http://a.org/pdf/2605.10000"
    ]


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (Reply(status=500), r"HTTP 500 Internal Server Error (tried 2 times)"),
        (Reply(status=429, headers={"Retry-After": "500"}), "another try in 500 s would"),
        (Reply(status=403), "HTTP 403"),
        (Reply(b""), "a malformed answer: empty (tried 2 times)"),
        (Reply(b"just words"), "neither a PDF nor a web page"),
        (Reply(b"PK\x03\x04zip"), "a zip archive"),
        (Reply(b"%PDF-1.7\n" + b"\0\xff" * 500), "damaged: PDFium can't open it"),
        (Reply(b"%PDF-1.7" + b" " * (1 << 20)), "an answer of more than 1,048,576 bytes"),
        (Reply(page(100)), "a web page of 106 words: about the work, not its text"),
        (Reply(page(2000, "Sign in to continue")), "another text: 0 of 4 words of the title"),
        (Reply(status=302, headers={"Location": "/again"}), "goes in circles"),
        (Reply(status=302, headers={"Location": "ftp://example.org/a.pdf"}), "points elsewhere"),
        (Reply(status=302, headers={"Location": "http://[::1"}), "127.0.0.1"),
        (Reply(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"}), "leads to a private"),
        (Reply(status=302), "points elsewhere (nowhere)"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_works_text_is_a_line(reply: Reply, line: str):
    assert line in reason_of(reply)


def test_a_long_web_page_is_read():
    document, _ = fetch_text(Reply(page(1500)))
    assert document is not None and len(document.text.split()) > 1500


def test_a_pdf_that_grows_beyond_memory_is_a_line(tmp_path: Path):
    parts, _ = objects([column(LINES, 50, 700)])
    parts[11] = stream(b" " * (320 << 20), deflate=True)
    bomb = write_objects(tmp_path / "a.pdf", parts).read_bytes()
    line = reason_of(Reply(bomb), limits=SMALL.model_copy(update={"bytes": 8 << 20}))
    assert "memory" in line or "died" in line


def test_a_slow_server_costs_a_bounded_time():
    with serve(Reply(b"%PDF" * 100, drip=0.05)) as server:
        client = Client(deadline=60, each=0.3, tries=2, anywhere=Public(own=(server.url,)))
        slow = pytest.raises(SourceError, match=r"too slow: more than 0\.3 s for one answer")
        with FullTexts(client=client, sources=[Arxiv(server.url, 0.0)]) as fetch, slow:
            fetch(WORK)


def test_works_of_one_title_and_no_ids_stay_apart(pdf: bytes):
    with serve(Reply(pdf)) as server, open_texts(server, Clock()) as fetch:
        both = [fetch(Work(title=WORK.title, fulltext=f"{server.url}/{n}.pdf")) for n in "ab"]
    assert [d.id for d in both if d] == [WORK.title, f"{WORK.title} (2)"]
