"""Full texts of online works: fetched where they are open to read, and read like a file of the corpus.

A download is a stranger's file: it comes from the public internet only, within a size and a time, and is parsed by the
child process that reads the corpus. What arrives may be anything, so a text counts as the work's only if the words of
its title stand at its beginning, and a web page only if it is as long as a paper.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit

from auxjepa_review.reading.corpus import HEAD_BYTES, read_file
from auxjepa_review.reading.formats import sniff
from auxjepa_review.reading.limits import MIB, Limits, UnreadableError
from auxjepa_review.records import Document, Work
from auxjepa_review.search.dedupe import label, plain_title
from auxjepa_review.search.sources import SOURCES, Arxiv, Source
from auxjepa_review.search.sources.cache import Cache
from auxjepa_review.search.sources.client import Client, SourceError
from auxjepa_review.search.sources.public import Public
from auxjepa_review.search.sources.source import address, arxiv_id

LIMITS = Limits(bytes=32 * MIB)
DEADLINE = 600.0
"""Seconds for all full texts of a review, reading included."""
EACH = 60.0
"""Seconds for one of them to arrive."""
WORDS = 1000
"""A web page of fewer words is a page about the work."""
OPENING = 6000
"""Characters at whose beginning a title is looked for, blanks and signs not counted."""
SHARE = 0.6
"""Of a title's words that stand there: titles change between a preprint and print."""

_ACCEPT = {"Accept": "application/pdf, text/html;q=0.8, */*;q=0.1"}


class FullTexts:
    """Fetches and reads full texts: `fetch` of `auxjepa_review.search.search.search`.

    Args:
        cache: folder of answers; a text that was read once isn't fetched again.
        mailto: address for the operators; ``$AUXJEPA_MAILTO`` when None.
        sources: databases in use; one whose address was set to this machine may have texts there too.
        limits: of one text.
        deadline, each: seconds for all of them, and for one to arrive.
        client: in place of one of its own.
    """

    def __init__(
        self,
        *,
        cache: Path | None = None,
        mailto: str | None = None,
        sources: Sequence[Source] | None = None,
        limits: Limits = LIMITS,
        deadline: float | int = DEADLINE,
        each: float | int = EACH,
        client: Client | None = None,
    ) -> None:
        known = [kind() for kind in SOURCES.values()] if sources is None else sources
        self._arxiv = next((s for s in known if isinstance(s, Arxiv)), None) or Arxiv()
        self._limits = limits
        self._given: set[str] = set()
        self._client = client or Client(
            mailto=mailto,
            cache=Cache(cache) if cache else None,
            deadline=deadline,
            each=each,
            tries=2,
            max_bytes=limits.bytes,
            anywhere=Public(own=tuple(source.base for source in known)),
        )
        self._begun = False

    def __enter__(self) -> FullTexts:
        return self

    def __exit__(self, *problem: object) -> None:
        self._client.__exit__(*problem)

    def __call__(self, work: Work) -> Document | None:
        """The work as a document; None where no open text of it is known.

        Raises:
            SourceError: why none of the addresses gave its text, in one line.
        """
        told: list[str] = []
        for url, interval in self.addresses(work):
            if not self._begun and url.startswith(self._arxiv.base):
                self._client.rest(url, interval)  # the search may have asked it just now
                self._begun = True
            try:
                answer = self._client.get(
                    url, {}, lambda body, url=url: self._read(body, url, work), interval=interval, headers=_ACCEPT
                )
            except SourceError as error:
                told.append(str(error))
                continue
            self._given.add(answer.content.id)
            return answer.content
        if told:
            raise SourceError("; ".join(dict.fromkeys(told)))
        return None

    def addresses(self, work: Work) -> list[tuple[str, float | int]]:
        """Where its text may be, best first, each with the seconds between two requests to its host."""
        found: list[tuple[str, float | int]] = []
        number = work.arxiv or arxiv_id(work.fulltext)
        if number:
            found.append((f"{self._arxiv.base}/pdf/{quote(number)}", self._arxiv.interval(self._client)))
        if address(work.fulltext) and not (number and arxiv_id(work.fulltext) == number):
            found.append((work.fulltext, 1.0))
        return found

    def _read(self, body: bytes, url: str, work: Work) -> Document:
        if not body:
            raise ValueError("empty")
        try:
            kind = sniff(body[:HEAD_BYTES], "")
            if kind not in ("pdf", "html"):
                raise UnreadableError("neither a PDF nor a web page")
            with TemporaryDirectory(prefix="auxjepa-") as folder:
                path = Path(folder) / f"text.{kind}"
                path.write_bytes(body)
                document = read_file(path, self._name(work), work, limits=self._limits)
            _belongs(document, work, page=kind == "html")
        except (ValueError, UnreadableError) as error:
            raise SourceError(f"{urlsplit(url).netloc}: {error}") from None
        except OSError as error:
            raise SourceError(f"{urlsplit(url).netloc}: no room to read it in ({error.strerror})") from None
        return document

    def _name(self, work: Work) -> str:
        """Its label; with a number where another work has the same (a title, and nothing else known)."""
        name, number = label(work), 1
        while name in self._given:
            number += 1
            name = f"{label(work)} ({number})"
        return name


def _belongs(document: Document, work: Work, *, page: bool) -> None:
    """Refuse what isn't the work's text.

    Raises:
        UnreadableError: a short page, or another text.
    """
    length = len(document.text.split())
    if page and length < WORDS:
        raise UnreadableError(f"a web page of {length} words: about the work, not its text")
    opening = plain_title(document.text[: 2 * OPENING]).replace(" ", "")[:OPENING]  # hyphens and spaced letters as well
    asked = [word for word in re.findall(r"\w+", plain_title(work.title)) if len(word) > 3]
    have = sum(word in opening for word in asked)
    if asked and have < SHARE * len(asked):
        raise UnreadableError(f"another text: {have} of {len(asked)} words of the title stand at its beginning")
