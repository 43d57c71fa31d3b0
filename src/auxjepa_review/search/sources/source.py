"""Common part of all databases: pages of works for a question, and identifiers in one form."""

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

MAX_ABSTRACT = 20_000
"""Largest number of characters of an abstract."""

_TAG = re.compile(r"""</?[A-Za-z][\w:.-]*(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*/?>""")


@dataclass(frozen=True)
class Page:
    """Works of one answer. ``total`` is the number of works that the database reports for the query."""

    works: tuple[Work, ...]
    total: int | None = None
    unreadable: int = 0

    @property
    def size(self) -> int:
        """Number of records of the answer, readable or not."""
        return len(self.works) + self.unreadable


@dataclass
class Hits:
    """Works that a search of one source returned. With an ``error`` they are those of the pages before it."""

    works: list[Work] = field(default_factory=list)
    total: int | None = None
    unreadable: int = 0
    dates: list[datetime] = field(default_factory=list)
    cached: list[datetime] = field(default_factory=list)
    error: str = ""


class Source(ABC):
    """One database.

    Args:
        base: address in place of the database's own, such as a mirror; ``$AUXJEPA_<NAME>_URL`` if empty.
        interval: seconds between requests in place of the documented rate.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    address: ClassVar[str]
    rate: ClassVar[float]
    most: ClassVar[int]  # largest number of records of a page
    reach: ClassVar[int] = 10_000  # largest number of records that paging reaches

    def __init__(self, base: str = "", interval: float | int | None = None) -> None:
        self.base = (base or os.environ.get(f"AUXJEPA_{self.name.upper()}_URL") or self.address).rstrip("/")
        self._interval = interval

    @abstractmethod
    def phrase(self, terms: Terms) -> str:
        """Return the query in the language of this database."""

    @abstractmethod
    def request(self, text: str, start: int, size: int) -> tuple[str, dict[str, str]]:
        """Return the path and the parameters of a page.

        Args:
            text: the query.
            start: first record of the page, from 0.
            size: records of the page.
        """

    @abstractmethod
    def read(self, body: bytes) -> Page:
        """Return the works of an answer.

        Raises:
            ValueError: the answer is malformed.
            SourceError: the database refused the query.
        """

    def headers(self) -> dict[str, str]:
        """Return the headers of this database, such as a key from the environment."""
        return {}

    def interval(self, client: Client) -> float | int:
        """Return the seconds between two requests."""
        return self.rate if self._interval is None else self._interval

    def search(self, client: Client, text: str, limit: int) -> Hits:
        """Return works for a query, page by page. A failure is recorded in the hits and not raised.

        Args:
            client: HTTP client.
            text: the query.
            limit: largest number of works.
        """
        hits, start = Hits(), 0
        while len(hits.works) < limit and start < min(self.reach, self.reach if hits.total is None else hits.total):
            size = min(self.most, limit)  # equal for all pages, so that a page number has one meaning in the cache
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
    """Return the JSON object of an answer.

    Raises:
        ValueError: the answer is no JSON object.
    """
    if not body.strip():
        raise ValueError("empty")
    content = json.loads(body)
    if not isinstance(content, dict):
        raise ValueError(f"a {type(content).__name__} where an object was expected")
    return content


def items(content: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list at a key; an empty list for null.

    Raises:
        ValueError: there is no list.
    """
    value = content.get(key)
    if value is None and key in content:
        return []
    if not isinstance(value, list):
        raise ValueError(f"no list {key!r}")
    return value


def text(value: Any) -> str:
    """Return a string of a record on one line, without markup; '' for any other value."""
    if not isinstance(value, str):
        return ""
    plain = html.unescape(_TAG.sub(" ", value[: 4 * MAX_ABSTRACT]))
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())[:MAX_ABSTRACT]


def number(value: Any) -> int | None:
    """Return a year or a count; None for any other value."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12 else None


def year(value: Any) -> int | None:
    """Return a year between 1500 and 2200; None for any other value."""
    value_as_number = number(value)
    return value_as_number if value_as_number is not None and 1500 <= value_as_number <= 2200 else None


def path(value: Any, *keys: str | int) -> Any:
    """Return the value at a path of keys and positions; None if there is none."""
    for key in keys:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and len(value) > key else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def doi(value: Any) -> str:
    """Return a DOI in lower case without its resolver; '' for any other value."""
    match = re.search(r"10\.\d{4,9}/\S+", value if isinstance(value, str) else "")
    return match[0].rstrip(".,;)").lower() if match else ""


def address(value: Any) -> str:
    """Return a web address; '' for any other value."""
    text_value = value.strip() if isinstance(value, str) else ""
    return text_value if re.fullmatch(r"https?://[^\s<>\"]{1,2000}", text_value) else ""


def arxiv_id(value: Any) -> str:
    """Return an arXiv id (``2605.17165``, ``hep-th/9901001``) without its version, from an id, an address or a DOI."""
    pattern = r"(?:^|arxiv[.:]|/abs/|/pdf/|/html/)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?$"
    match = re.search(pattern, value.strip() if isinstance(value, str) else "", re.IGNORECASE)
    return match[1].lower() if match else ""
