"""Databases on loopback: the formats of arXiv, OpenAlex, Semantic Scholar and Crossref, and every kind of error."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from auxjepa_review.records import Work


@dataclass
class Reply:
    """One answer. ``drip``: seconds before every byte; ``cut``: promise more than is sent."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    cut: bool = False


@dataclass
class Request:
    """What was asked."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


class Server:
    """Answers with ``replies`` one after another (the last one again and again), or by a function of the request."""

    def __init__(self, *replies: Reply | Callable[[Request], Reply]) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                request = Request(parts.path, dict(parse_qsl(parts.query)), dict(self.headers))
                outer.requests.append(request)
                reply = outer.replies[min(len(outer.requests), len(outer.replies)) - 1]
                reply = reply if isinstance(reply, Reply) else reply(request)
                try:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(reply.body) + 100 * reply.cut))
                    self.end_headers()
                    for byte in [reply.body[i : i + 1] for i in range(len(reply.body))] if reply.drip else [reply.body]:
                        time.sleep(reply.drip)
                        self.wfile.write(byte)
                        self.wfile.flush()
                except OSError:
                    pass  # the client had enough

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def serve(*replies: Reply | Callable[[Request], Reply]) -> Iterator[Server]:
    """A server for the length of a with block."""
    server = Server(*replies)
    try:
        yield server
    finally:
        server.close()


def refused() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time, self.slept = 1000.0, []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def arxiv(works: list[Work], request: Request) -> Reply:
    """An Atom feed as export.arxiv.org writes it."""
    start, size = int(request.params["start"]), int(request.params["max_results"])
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{w.arxiv}v2</id>"
        f"<title>{escape(w.title[:20])}\n  {escape(w.title[20:])}</title>"
        f"<updated>{w.year}-06-01T00:00:00Z</updated><summary>  {escape(w.abstract)}\n</summary>"
        f"<published>{w.year}-05-17T17:59:59Z</published>"
        + "".join(f"<author><name>{escape(a)}</name></author>" for a in w.authors)
        + (f"<arxiv:doi>{w.doi}</arxiv:doi>" if w.doi else "")
        + "</entry>"
        for w in works[start : start + size]
    )
    return Reply(
        (
            "<?xml version='1.0' encoding='UTF-8'?>\n"
            '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" '
            'xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/abc</id><title>arXiv Query</title>'
            f"<opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>"
            f"<opensearch:totalResults>{len(works)}</opensearch:totalResults>"
            f"<opensearch:startIndex>{start}</opensearch:startIndex>{entries}</feed>"
        ).encode(),
        headers={"Content-Type": "application/atom+xml; charset=utf-8"},
    )


def openalex(works: list[Work], request: Request) -> Reply:
    """A page of works as api.openalex.org writes it."""
    size, page = int(request.params["per_page"]), int(request.params["page"])
    records = []
    for w in works[(page - 1) * size : page * size]:
        index: dict[str, list[int]] = {}
        for i, word in enumerate(w.abstract.split()):
            index.setdefault(word, []).append(i)
        place = {
            "landing_page_url": f"https://arxiv.org/abs/{w.arxiv}" if w.arxiv else f"https://doi.org/{w.doi}",
            "source": {"display_name": w.venue} if w.venue else None,
            "is_oa": bool(w.fulltext),
            "pdf_url": w.fulltext or None,
        }
        records.append(
            {
                "id": "https://openalex.org/W4400000000",
                "doi": f"https://doi.org/{w.doi}" if w.doi else None,
                "title": w.title,
                "publication_year": w.year,
                "language": w.language or None,
                "authorships": [{"author_position": "first", "author": {"display_name": a}} for a in w.authors],
                "primary_location": place,
                "best_oa_location": place if w.fulltext else None,
                "locations": [place],
                "abstract_inverted_index": index or None,
            }
        )
    meta = {"count": len(works), "db_response_time_ms": 12, "page": page, "per_page": size}
    return Reply(json.dumps({"meta": meta, "results": records, "group_by": []}).encode())


def semantic_scholar(works: list[Work], request: Request) -> Reply:
    """A page of papers as api.semanticscholar.org writes it; without ``data`` where nothing was found."""
    start, size = int(request.params["offset"]), int(request.params["limit"])
    records = [
        {
            "paperId": f"{i:040x}",
            "externalIds": {k: v for k, v in (("DOI", w.doi), ("ArXiv", w.arxiv), ("CorpusId", i)) if v},
            "url": f"https://www.semanticscholar.org/paper/{i:040x}",
            "openAccessPdf": {"url": w.fulltext, "status": "GREEN" if w.fulltext else "CLOSED"},
            "title": w.title,
            "abstract": w.abstract or None,
            "venue": w.venue,
            "year": w.year,
            "authors": [{"authorId": "1", "name": a} for a in w.authors],
        }
        for i, w in enumerate(works[start : start + size])
    ]
    content: dict[str, Any] = {"total": len(works), "offset": start}
    if start + size < len(works):
        content["next"] = start + size
    return Reply(json.dumps(content | ({"data": records} if works else {})).encode())


def crossref(works: list[Work], request: Request) -> Reply:
    """A list of works as api.crossref.org writes it: JATS abstracts, titles in lists."""
    start, size = int(request.params["offset"]), int(request.params["rows"])
    records = []
    for w in works[start : start + size]:
        record = {
            "DOI": w.doi.upper(),
            "title": [w.title],
            "author": [
                {"given": a.rpartition(" ")[0], "family": a.rpartition(" ")[2], "sequence": "first", "affiliation": []}
                for a in w.authors
            ],
            "issued": {"date-parts": [[w.year, 5]] if w.year else [[None]]},
            "container-title": [w.venue] if w.venue else [],
            "URL": f"https://doi.org/{w.doi}",
        }
        if w.abstract:
            record["abstract"] = f"<jats:title>Abstract</jats:title><jats:p>{escape(w.abstract)}</jats:p>"
        records.append(record)
    message = {"facets": {}, "total-results": len(works), "items": records, "items-per-page": size}
    return Reply(
        json.dumps(
            {"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message}
        ).encode()
    )
