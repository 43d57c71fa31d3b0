"""What every database has in common: pages of works for a question's terms, and identifiers in one form."""

from __future__ import annotations

import html
import json
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from auxjepa_review.records import Work
from auxjepa_review.search.concepts import Terms
from auxjepa_review.search.sources.client import Client, SourceError

LONGEST = 20_000
"""Characters that are kept of an abstract; longer ones are no abstracts."""

_TAG = re.compile(r"""</?[A-Za-z][\w:.-]*(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*/?>""")


@dataclass(frozen=True)
class Page:
    """Works of one answer; ``total``: how many the database has for the query, where it says so."""

    works: tuple[Work, ...]
    total: int | None = None
    unreadable: int = 0

    @property
    def size(self) -> int:
        """Records of the answer, readable or not."""
        return len(self.works) + self.unreadable


@dataclass
class Hits:
    """What a search of one source brought. With an ``error`` the works are those of the pages before it."""

    works: list[Work] = field(default_factory=list)
    total: int | None = None
    unreadable: int = 0
    dates: list[datetime] = field(default_factory=list)
    cached: list[datetime] = field(default_factory=list)
    error: str = ""


class Source(ABC):
    """One database.

    Args:
        base: address in place of the database's own (a mirror, a test's server); else ``$AUXJEPA_<NAME>_URL``.
        interval: seconds between requests, in place of the documented rate.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    address: ClassVar[str]
    rate: ClassVar[float]
    most: ClassVar[int]  # records a page
    reach: ClassVar[int] = 10_000  # records that paging leads to

    def __init__(self, base: str = "", interval: float | int | None = None) -> None:
        self.base = (base or os.environ.get(f"AUXJEPA_{self.name.upper()}_URL") or self.address).rstrip("/")
        self._interval = interval

    @abstractmethod
    def phrase(self, terms: Terms) -> str:
        """The query as this database's language has it."""

    @abstractmethod
    def request(self, text: str, start: int, size: int) -> tuple[str, dict[str, str]]:
        """Path below the base, and parameters, of the page that begins at record ``start`` (from 0)."""

    @abstractmethod
    def read(self, body: bytes) -> Page:
        """The works of an answer.

        Raises:
            ValueError: malformed.
            SourceError: the database refused the query.
        """

    def headers(self) -> dict[str, str]:
        """Headers of its own: a key, where the environment has one."""
        return {}

    def interval(self, client: Client) -> float | int:
        """Seconds between two requests."""
        return self.rate if self._interval is None else self._interval

    def search(self, client: Client, text: str, limit: int) -> Hits:
        """Up to ``limit`` works for a query, page by page. Never raises SourceError: it is told in the hits."""
        hits, start = Hits(), 0
        while len(hits.works) < limit and start < min(self.reach, self.reach if hits.total is None else hits.total):
            size = min(self.most, limit)  # of all pages alike, so that a page means the same in every search
            path, params = self.request(text, start, size)
            try:
                answer = client.get(
                    f"{self.base}{path}", params, self.read, interval=self.interval(client), headers=self.headers()
                )
            except SourceError as error:
                hits.error = str(error)
                break
            page = answer.content
            (hits.cached if answer.cached else hits.dates).append(answer.date)
            hits.total = page.total if page.total is not None else hits.total
            hits.unreadable += page.unreadable
            hits.works += page.works
            start += size
            if page.size < size:
                break
        del hits.works[limit:]
        return hits


def load(body: bytes) -> Any:
    """JSON of an answer: an object.

    Raises:
        ValueError: it isn't one.
    """
    if not body.strip():
        raise ValueError("empty")
    content = json.loads(body)
    if not isinstance(content, dict):
        raise ValueError(f"a {type(content).__name__} where an object was expected")
    return content


def items(content: Mapping[str, Any], key: str) -> list[Any]:
    """The list at ``key``; empty where it is null.

    Raises:
        ValueError: there is none.
    """
    found = content.get(key)
    if found is None and key in content:
        return []
    if not isinstance(found, list):
        raise ValueError(f"no list {key!r}")
    return found


def text(value: Any) -> str:
    """A string of a record on one line, without markup; empty for anything else."""
    if not isinstance(value, str):
        return ""
    plain = html.unescape(_TAG.sub(" ", value[: 4 * LONGEST]))
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())[:LONGEST]


def number(value: Any) -> int | None:
    """A year or a count; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12 else None


def year(value: Any) -> int | None:
    """A year between 1500 and 2200; None for anything else."""
    found = number(value)
    return found if found is not None and 1500 <= found <= 2200 else None


def path(value: Any, *keys: str | int) -> Any:
    """The value at a path of keys and positions; None where it leads nowhere."""
    for key in keys:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and len(value) > key else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def doi(value: Any) -> str:
    """A DOI in lower case without its resolver; empty where it is none."""
    found = re.search(r"10\.\d{4,9}/\S+", value if isinstance(value, str) else "")
    return found[0].rstrip(".,;)").lower() if found else ""


def address(value: Any) -> str:
    """A web address; empty where it is none."""
    found = value.strip() if isinstance(value, str) else ""
    return found if re.fullmatch(r"https?://[^\s<>\"]{1,2000}", found) else ""


def arxiv_id(value: Any) -> str:
    """An arXiv id (``2605.17165``, ``hep-th/9901001``) without its version, from an id, an address or a DOI."""
    pattern = r"(?:^|arxiv[.:]|/abs/|/pdf/|/html/)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?$"
    found = re.search(pattern, value.strip() if isinstance(value, str) else "", re.IGNORECASE)
    return found[1].lower() if found else ""
