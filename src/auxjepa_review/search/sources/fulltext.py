"""Fetch the open full texts of online works, and read them like files of the corpus.

A download is not trusted: it comes from the public internet only, within a size and a time, and the child process that
reads the corpus parses it. A download can be a different text. It counts as the work's text only if it begins with the
words of its title, and a web page only if it is as long as a paper.
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
ALL_SECONDS = 600.0
"""Seconds for all full texts of a review, with reading."""
EACH_SECONDS = 60.0
"""Seconds for one full text to arrive."""
MIN_PAGE_WORDS = 1000
"""Smallest number of words of a web page that is the text of a work. Shorter pages are about the work."""
OPENING_CHARACTERS = 6000
"""Characters at the beginning of a text, without spaces and signs, in which the title must be."""
MIN_TITLE_SHARE = 0.6
"""Smallest share of the title's words that must be there, because titles change between a preprint and print."""

_ACCEPT = {"Accept": "application/pdf, text/html;q=0.8, */*;q=0.1"}


class FullTexts:
    """Fetches and reads full texts; an object for the argument `fetch` of `auxjepa_review.search.search.search_works`.

    Args:
        cache: folder of answers; a text that was read once is not fetched again.
        mailto: address for the operators; ``$AUXJEPA_MAILTO`` if None.
        sources: databases in use; one with an address on this machine may have texts there too.
        limits: bounds of one text.
        deadline: seconds for all texts.
        each: seconds for one text to arrive.
        client: HTTP client; a new one if None.
    """

    def __init__(
        self,
        *,
        cache: Path | None = None,
        mailto: str | None = None,
        sources: Sequence[Source] | None = None,
        limits: Limits = LIMITS,
        deadline: float | int = ALL_SECONDS,
        each: float | int = EACH_SECONDS,
        client: Client | None = None,
    ) -> None:
        databases = [kind() for kind in SOURCES.values()] if sources is None else sources
        self._arxiv = next((s for s in databases if isinstance(s, Arxiv)), None) or Arxiv()
        self._limits = limits
        self._used_names: set[str] = set()
        self._client = client or Client(
            mailto=mailto,
            cache=Cache(cache) if cache else None,
            deadline=deadline,
            each=each,
            tries=2,
            max_bytes=limits.bytes,
            anywhere=Public(own=tuple(source.base for source in databases)),
        )
        self._begun = False

    def __enter__(self) -> FullTexts:
        return self

    def __exit__(self, *problem: object) -> None:
        self._client.__exit__(*problem)

    def __call__(self, work: Work) -> Document | None:
        """Return the work as a document; None if no open text of it is known.

        Raises:
            SourceError: no address gave the text; one line gives the reasons.
        """
        reasons: list[str] = []
        for url, interval in self.addresses(work):
            if not self._begun and url.startswith(self._arxiv.base):
                self._client.delay(url, interval)  # the search may have sent a request just now
                self._begun = True
            try:
                answer = self._client.get(
                    url, {}, lambda body, url=url: self._read(body, url, work), interval=interval, headers=_ACCEPT
                )
            except SourceError as error:
                reasons.append(str(error))
                continue
            self._used_names.add(answer.content.id)
            return answer.content
        if reasons:
            raise SourceError("; ".join(dict.fromkeys(reasons)))
        return None

    def addresses(self, work: Work) -> list[tuple[str, float | int]]:
        """Return the possible addresses of a text, best first, each with the seconds between two requests to its
        host."""
        addresses: list[tuple[str, float | int]] = []
        number = work.arxiv or arxiv_id(work.fulltext)
        if number:
            addresses.append((f"{self._arxiv.base}/pdf/{quote(number)}", self._arxiv.interval(self._client)))
        if address(work.fulltext) and not (number and arxiv_id(work.fulltext) == number):
            addresses.append((work.fulltext, 1.0))
        return addresses

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
            _check_text(document, work, page=kind == "html")
        except (ValueError, UnreadableError) as error:
            raise SourceError(f"{urlsplit(url).netloc}: {error}") from None
        except OSError as error:
            raise SourceError(f"{urlsplit(url).netloc}: it cannot be stored for reading ({error.strerror})") from None
        return document

    def _name(self, work: Work) -> str:
        """Return the label of a work, with a number if another work has the same label."""
        name, number = label(work), 1
        while name in self._used_names:
            number += 1
            name = f"{label(work)} ({number})"
        return name


def _check_text(document: Document, work: Work, *, page: bool) -> None:
    """Check whether a document is the text of a work.

    Args:
        document: the text.
        work: record of the work.
        page: whether the text is a web page.

    Raises:
        UnreadableError: the page is short, or the text is another one.
    """
    length = len(document.text.split())
    if page and length < MIN_PAGE_WORDS:
        raise UnreadableError(f"a web page of {length} words: about the work, not its text")
    # Without spaces, words with hyphens or spaced letters match too.
    opening = plain_title(document.text[: 2 * OPENING_CHARACTERS]).replace(" ", "")[:OPENING_CHARACTERS]
    title_words = [word for word in re.findall(r"\w+", plain_title(work.title)) if len(word) > 3]
    matching = sum(word in opening for word in title_words)
    if title_words and matching < MIN_TITLE_SHARE * len(title_words):
        raise UnreadableError(f"another text: {matching} of {len(title_words)} words of the title are at its beginning")
