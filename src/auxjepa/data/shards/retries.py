"""Repeat requests to servers that may succeed later, and explain in one line why a request failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from auxjepa.addresses import AddressError, NoHostError
from auxjepa.bounded import DamagedError, TooLargeError
from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.urls import redact_url

T = TypeVar("T")

TRIES = 4
BACKOFF = 0.5
"""Seconds before the second try. The pause doubles before each further try."""
SILENCE = 30.0
"""Seconds without a byte after which a connection is closed."""
PATIENCE = 300.0
"""Seconds for one complete request."""


def retry(url: str, call: Callable[[], T]) -> T:
    """Return the result of a call. A call that fails for a passing reason is repeated after growing pauses.

    Args:
        url: address of the shard, for the message.
        call: function that sends a request.

    Raises:
        ShardError: if the last try fails.
    """
    for tries in range(1, TRIES + 1):
        try:
            return call()
        except ShardError:
            raise
        except Exception as error:  # each library has its own hierarchy of errors
            why, is_final = _explain(error)
            if is_final or tries == TRIES:
                suffix = "" if is_final else f" ({TRIES} tries)"
                raise ShardError(redact_url(url), why + suffix) from error
            time.sleep(BACKOFF * 2 ** (tries - 1))
    raise AssertionError


def _explain(error: BaseException) -> tuple[str, bool]:
    """Return the reason of an error, for a message, and whether another try is useless."""
    refused = _find_cause(error, AddressError)
    if refused is not None:
        return str(refused), not isinstance(refused, NoHostError)
    if isinstance(error, TooLargeError | DamagedError):
        return str(error), isinstance(error, TooLargeError)
    answer = getattr(error, "response", None)  # errors of botocore have a response
    status = getattr(error, "status", None)
    if isinstance(answer, dict):
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", status)
    if status is None and isinstance(error, OSError) and error.__cause__ is not None:
        return _explain(error.__cause__)  # fsspec reports every failed HEAD and GET as a missing file
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return "there is no such shard (404)", True
    if isinstance(error, PermissionError) or status in (401, 403):
        return f"access is denied ({status or 403}): are credentials set, and may they read it?", True
    if type(error).__name__ == "NoCredentialsError":
        return "no S3 credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or FSSPEC_S3_ANON=true", True
    if isinstance(status, int):
        return f"the server answers {status}", 400 <= status < 500 and status not in (408, 425, 429)
    if isinstance(error, TimeoutError):
        return f"the server is silent or too slow (limits: {SILENCE:g} s without a byte, {PATIENCE:g} s in all)", False
    text = " ".join(str(error).split())
    return f"cannot be read: {text or type(error).__name__}", not _is_passing(error)


def _find_cause(error: BaseException, kind: type[T]) -> T | None:
    """Return the error of a kind among an error and its causes; None if there is none."""
    current: BaseException | None = error
    for _ in range(8):
        if current is None or isinstance(current, kind):
            return current
        current = current.__cause__ or current.__context__
    return None


def _is_passing(error: BaseException) -> bool:
    """Check whether an error comes from the network and may disappear."""
    packages = {base.__module__.partition(".")[0] for base in type(error).__mro__}
    return isinstance(error, OSError) or bool(packages & {"aiohttp", "botocore", "aiobotocore", "fsspec"})
