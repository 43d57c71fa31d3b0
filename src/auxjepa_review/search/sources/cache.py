"""Keep answers of databases on disk: one file per request, with the date of the answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from auxjepa import files


@dataclass(frozen=True)
class CachedAnswer:
    """An answer in the cache."""

    body: bytes
    date: datetime


@dataclass(frozen=True)
class Cache:
    """A folder of answers. An answer older than ``max_age`` counts as absent; without ``max_age`` answers never
    expire."""

    folder: Path
    max_age: timedelta | None = None

    def path(self, url: str, params: Mapping[str, str]) -> Path:
        """Return the file of the answer to a request. Its name is the SHA-256 of address and parameters."""
        request = json.dumps([url, sorted(params.items())])
        return self.folder / f"{hashlib.sha256(request.encode()).hexdigest()[:32]}.answer"

    def get(self, url: str, params: Mapping[str, str], now: datetime) -> CachedAnswer | None:
        """Return the cached answer; None if there is none, it is too old, or the file is damaged.

        Args:
            url: address of the request.
            params: parameters of the request.
            now: present date and time.
        """
        try:
            head, _, body = self.path(url, params).read_bytes().partition(b"\n")
            facts = json.loads(head)
            date = datetime.fromisoformat(facts["date"])
            if facts["sha256"] != hashlib.sha256(body).hexdigest() or facts["params"] != dict(params):
                return None
            if self.max_age is not None and now - date > self.max_age:
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return CachedAnswer(body, date)

    def put(self, url: str, params: Mapping[str, str], body: bytes, date: datetime) -> Path:
        """Store an answer. The file begins with one line of JSON: the request, the date, and the body's SHA-256.

        Args:
            url: address of the request.
            params: parameters of the request.
            body: body of the answer.
            date: date and time of the answer.
        """
        facts = {
            "url": url,
            "params": dict(params),
            "date": date.isoformat(),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        return files.write_bytes(self.path(url, params), json.dumps(facts).encode() + b"\n" + body)
