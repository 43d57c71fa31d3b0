"""HTTP client for all databases, with rates, retries, deadlines, bounded answers, and a cache with dates.

Requests are sent one after the other. Secrets are sent only in headers and only to their host. Only a client without
secrets follows redirections to other hosts, and only within the public internet.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from auxjepa.addresses import AddressError, redirected
from auxjepa.bounded import Body, DamagedError, TooLargeError
from auxjepa.config import ConfigError
from auxjepa_review.search.sources.cache import Cache
from auxjepa_review.search.sources.errors import SourceError
from auxjepa_review.search.sources.public import Pinned, Public
from auxjepa_review.search.sources.watch import Watch

T = TypeVar("T")

MAX_REDIRECTIONS = 3
"""Largest number of redirections of one request."""
RETRY_STATUS = frozenset({408, 429, 500, 502, 503, 504})
MAILTO = "AUXJEPA_MAILTO"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class _TemporaryError(SourceError):
    """A failure that may pass: try again after ``wait`` seconds if the server gave them, at most ``tries`` times."""

    def __init__(self, message: str, wait: float | None = None, tries: int = 99) -> None:
        super().__init__(message)
        self.wait, self.tries = wait, tries


@dataclass(frozen=True)
class Answer(Generic[T]):
    """Content of an answer, the date when the server gave it, and whether it came from the cache."""

    content: T
    date: datetime
    cached: bool


class Client:
    """Fetches and reads answers.

    Args:
        mailto: address for the operators of a database (in the User-Agent); ``$AUXJEPA_MAILTO`` if None.
        cache: cache of answers.
        timeout: seconds for which a server may be silent.
        deadline: seconds for all requests of this client together, with waiting.
        tries: largest number of times that one request is sent.
        max_bytes: largest size of one unpacked answer, bytes.
        each: largest number of seconds for one answer, and for the wait before another try.
        anywhere: rule for redirections to other hosts; no other host is allowed if None.
        clock: function that returns monotonic seconds.
        sleep: function that waits.
        now: function that returns the date and time.

    Raises:
        ConfigError: ``mailto`` is no address, or httpx2 is not installed (at the first request).
    """

    def __init__(
        self,
        *,
        mailto: str | None = None,
        cache: Cache | None = None,
        timeout: float | int = 20.0,
        deadline: float | int = 180.0,
        tries: int = 4,
        max_bytes: int = 16 << 20,
        each: float | int = math.inf,
        anywhere: Public | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        mailto = os.environ.get(MAILTO, "") if mailto is None else mailto
        if mailto and not _ADDRESS.fullmatch(mailto):
            raise ConfigError(f"mailto: {mailto!r} is no e-mail address (you@example.org)")
        self.mailto, self.cache, self.timeout, self.tries, self.max_bytes = mailto, cache, timeout, tries, max_bytes
        self._each, self._anywhere = each, anywhere
        self._clock, self._sleep, self._now = clock, sleep, now
        self._deadline, self._end = deadline, clock() + deadline
        self._free: dict[str, float] = {}  # host: time of the next allowed request
        self._http: Any = None
        self._watch = Watch()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        if self._http is not None:
            self._http.close()

    @property
    def agent(self) -> str:
        """The User-Agent of the requests."""
        try:
            package_version = version("auxjepa")
        except PackageNotFoundError:
            package_version = "0"
        return f"auxjepa/{package_version} (literature review{f'; mailto:{self.mailto}' if self.mailto else ''})"

    def delay(self, url: str, seconds: float | int) -> None:
        """Delay requests to a host, because another client may have sent one just now.

        Args:
            url: an address of the host.
            seconds: seconds until the next request.
        """
        self._free[urlsplit(url).netloc] = self._clock() + seconds

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        read: Callable[[bytes], T],
        *,
        interval: float | int = 1.0,
        headers: Mapping[str, str] | None = None,
    ) -> Answer[T]:
        """Fetch a page and read it. The cache keeps only answers that could be read.

        Args:
            url: address of the page.
            params: parameters of the request.
            read: reads the body. It raises ValueError if the answer is malformed, which is then requested again, and
                SourceError if the database refuses the query.
            interval: seconds between two requests to this host.
            headers: further headers, such as keys; they are not part of the cache.

        Raises:
            SourceError: there is no usable answer within the tries, the deadline and the size.
        """
        cached = self.cache.get(url, params, self._now()) if self.cache else None
        if cached is not None:
            try:
                return Answer(read(cached.body), cached.date, cached=True)
            except (ValueError, SourceError):
                pass  # another version of the reader stored it: fetch it again
        body, content = self._persist(lambda: self._once(url, params, read, interval, headers or {}))
        date = self._now()
        if self.cache:
            with suppress(OSError):  # if the disk is full, the answer is still valid
                self.cache.put(url, params, body, date)
        return Answer(content, date, cached=False)

    def _persist(self, once: Callable[[], tuple[bytes, T]]) -> tuple[bytes, T]:
        """Try again after failures that may pass. The wait is the server's, or doubles each time."""
        attempt = 1
        while True:
            try:
                return once()
            except _TemporaryError as problem:
                wait = min(2.0**attempt, 30.0) if problem.wait is None else problem.wait
                if attempt >= min(self.tries, problem.tries):
                    raise SourceError(f"{problem} (tried {attempt} times)") from None
                if wait > min(self._left(), self._each):
                    raise SourceError(f"{problem}; another try in {wait:.0f} s would miss the deadline") from None
            self._sleep(wait)
            attempt += 1

    def _once(
        self,
        url: str,
        params: Mapping[str, str],
        read: Callable[[bytes], T],
        interval: float | int,
        headers: Mapping[str, str],
    ) -> tuple[bytes, T]:
        body = self._fetch(url, params, interval, headers)
        return body, _read(read, body, urlsplit(url).netloc)

    def _left(self) -> float:
        return self._end - self._clock()

    def _fetch(self, url: str, params: Mapping[str, str], interval: float | int, headers: Mapping[str, str]) -> bytes:
        try:
            import httpx2  # an extra that is never imported offline
        except ImportError:
            raise ConfigError("online databases need httpx2: pip install 'auxjepa[review]'") from None
        host, query = urlsplit(url).netloc, dict(params) or None
        wait = self._free.get(host, 0.0) - self._clock() if host in self._free else 0.0
        if wait > 0:
            if wait > self._left():
                raise SourceError(f"{host}: the deadline of {self._deadline:g} s is over")
            self._sleep(wait)
        if self._left() <= 0:
            raise SourceError(f"{host}: the deadline of {self._deadline:g} s is over")
        if self._http is None:
            # With a rule, connections go to IP addresses. None is kept, because two hosts can share an address.
            limits = httpx2.Limits(max_keepalive_connections=0 if self._anywhere else 20)
            self._http = httpx2.Client(follow_redirects=False, limits=limits)
        all_headers = {"User-Agent": self.agent, "Accept-Encoding": "gzip", **headers}
        limit = max(min(self.timeout, self._left()), 0.05)
        try:
            with self._watch(min(self._each, self._left())):
                for _ in range(MAX_REDIRECTIONS + 1):
                    target = self._anywhere.pinned(url) if self._anywhere else Pinned(url, {}, {})
                    options = {"extensions": target.extensions | {"trace": self._watch.trace}, "timeout": limit}
                    with self._http.stream(
                        "GET", target.url, params=query, headers=all_headers | target.headers, **options
                    ) as answer:
                        if answer.is_redirect:
                            location = answer.headers.get("Location", "")
                            url, query = _redirected(url, location, self._anywhere is not None), None
                            continue
                        self._check(host, answer)
                        return self._body(host, answer)
            raise SourceError(f"{host}: goes in circles (more than {MAX_REDIRECTIONS} redirections)")
        except TimeoutError:
            raise self._slow(host) from None
        except httpx2.TimeoutException:
            raise _TemporaryError(f"{host}: no answer within {limit:.3g} s") from None
        except httpx2.ConnectError as error:
            raise _TemporaryError(f"{host}: can't be reached ({' '.join(str(error).split())})", tries=2) from None
        except httpx2.InvalidURL as error:
            raise SourceError(f"{host}: {error}") from None
        except httpx2.HTTPError as error:
            raise _TemporaryError(f"{host}: {' '.join(str(error).split()) or type(error).__name__}") from None
        finally:
            self._free[host] = self._clock() + interval

    def _check(self, host: str, answer: Any) -> None:
        status = answer.status_code
        if status == 200:
            return
        message = f"{host}: HTTP {status} {answer.reason_phrase}".rstrip()
        if status in RETRY_STATUS:
            raise _TemporaryError(message, _retry_after(answer.headers.get("Retry-After", ""), self._now()))
        raise SourceError(message)

    def _body(self, host: str, answer: Any) -> bytes:
        """Return the unpacked body. It is unpacked here so that a packed bomb cannot exceed ``max_bytes``."""
        parts, start = [], self._clock()
        try:
            body = Body(answer.headers.get("Content-Encoding", ""), self.max_bytes)
        except DamagedError as error:
            raise SourceError(f"{host}: {error}") from None
        try:
            for raw in answer.iter_raw():
                if self._clock() - start > self._each or self._left() <= 0:
                    raise self._slow(host)
                parts.append(body.take(raw))
            body.end()
        except TooLargeError as error:
            raise SourceError(f"{host}: {error}") from None
        except DamagedError as error:
            raise _TemporaryError(f"{host}: {error}") from None
        return b"".join(parts)

    def _slow(self, host: str) -> SourceError:
        over = self._left() <= 0 or self._each == math.inf
        why = f"the deadline of {self._deadline:g} s is over" if over else f"more than {self._each:g} s for one answer"
        return SourceError(f"{host}: too slow: {why}")


def _read(read: Callable[[bytes], T], body: bytes, host: str) -> T:
    try:
        return read(body)
    except (ValueError, RecursionError) as error:
        raise _TemporaryError(f"{host}: a malformed answer: {' '.join(str(error).split())[:160]}") from None


def _redirected(url: str, location: str, anywhere: bool) -> str:
    """Return the target of a redirection, which must be on the same host unless ``anywhere``."""
    old = urlsplit(url).netloc
    try:
        new = redirected(url, location)
        if anywhere or urlsplit(new).netloc == old:
            return new
    except AddressError:
        pass
    to = location[:120].rpartition("@")[2] or "nowhere"  # the password is left out
    raise SourceError(f"{old}: points elsewhere ({to}); not followed")


def _retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds to wait by a Retry-After header (seconds or a date); None without one."""
    if value.strip().isdecimal() and len(value) < 9:
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now.timestamp())
