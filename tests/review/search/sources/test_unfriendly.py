"""Every database, and full texts, with hostile servers: endless answers, packed bombs, slow bodies, and
redirections."""

from __future__ import annotations

import gzip
import re

import pytest

from auxjepa_review.records import Work
from auxjepa_review.search.concepts import parse_question
from auxjepa_review.search.sources import SOURCES, Arxiv
from auxjepa_review.search.sources.client import Client, SourceError
from auxjepa_review.search.sources.fulltext import FullTexts
from auxjepa_review.search.sources.public import Public
from raw_server import Speak, answers, drips, endless, redirects, speaking

HEAD = "HTTP/1.1 200 OK\nConnection: close"
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"
BOMB = gzip.compress(bytes(100_000_000))
HOSTILE: dict[str, tuple[Speak, str]] = {
    "endless": (endless(HEAD, HEAD), "an answer of more than 1,000,000 bytes"),
    "endless in chunks": (endless(f"{HEAD}\nTransfer-Encoding: chunked", HEAD, CHUNK), "more than 1,000,000 bytes"),
    "packed": (answers(f"{HEAD}\nContent-Encoding: gzip\nContent-Length: {len(BOMB)}", BOMB), "more than 1,000,000"),
    "announced": (answers(f"{HEAD}\nContent-Length: 999999999999999"), "peer closed|incomplete|deadline"),
    "a body that drips": (endless(HEAD, HEAD, b"x", 0.02), "too slow: the deadline of 1.5 s is over"),
    "a head that drips": (drips("HTTP/1.1 200 OK", 0.02), "too slow: the deadline of 1.5 s is over"),
    "never its turn": (endless("HTTP/1.1 100 Continue", HEAD, b"HTTP/1.1 100 Continue\r\n\r\n", 0.001), "too slow"),
    "elsewhere": (redirects("http://169.254.169.254/latest/meta-data"), "points elsewhere .*not followed"),
    "a file": (redirects("file:///etc/passwd"), "points elsewhere .*not followed"),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_database_costs_a_line(name: str, how: str) -> None:
    speak, line = HOSTILE[how]
    with speaking(speak) as server, Client(timeout=5.0, deadline=1.5, max_bytes=1_000_000, tries=1) as http:
        source = SOURCES[name](server.url, interval=0.0)
        hits = source.search(http, source.phrase(parse_question("Does motion help?")), 10)
    assert hits.works == [] and "\n" not in hits.error
    assert re.search(line, hits.error), hits.error


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_full_text_costs_a_line(how: str) -> None:
    speak, line = HOSTILE[how]
    line = line.replace("points elsewhere", "(points elsewhere|leads to a private address)")
    with speaking(speak) as server:
        rule = Public(own=(server.url,))
        client = Client(timeout=5.0, deadline=1.5, each=60.0, max_bytes=1_000_000, tries=1, anywhere=rule)
        with (
            FullTexts(client=client, sources=[Arxiv(server.url, 0.0)]) as fetch,
            pytest.raises(SourceError, match=line) as error,
        ):
            fetch(Work(title="A title of a work", fulltext=f"{server.url}/text.pdf"))
    assert "\n" not in str(error.value)
