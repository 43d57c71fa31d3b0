"""Expand the notation of a set of shards to their addresses, with braces as in a shell, and label them for messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, product
from math import prod
from pathlib import Path
from urllib.parse import urlsplit

SCHEMES = ("file", "http", "https", "s3")
MOST = 1_000_000
"""Limit of the shards of a set. A notation with more shards is a mistake."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_JOINED = re.compile(r"::(?![0-9A-Fa-f:.%]{0,60}\])")  # not the colons of http://[::1]/
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(\d+))?")


def expand(source: str | Sequence[str]) -> list[str]:
    """Return the addresses of shards in order: absolute paths, ``http(s)://…`` or ``s3://…``.

    Args:
        source: ``DIR/{000..127}.tar``, ``{a,b}.tar``, several of them joined by ``::``, a folder of ``*.tar``, or a
            list of these.

    Raises:
        ValueError: if there is no shard, a brace isn't closed, an address occurs twice, or its scheme isn't supported.
    """
    if isinstance(source, str):
        source = _JOINED.split(source)
    urls = [url for part in source for text in _expand_braces(part.strip()) for url in _resolve(text)]
    if not urls:
        raise ValueError(f"{source!r} names no shard")
    first: dict[str, str] = {}
    for url in urls:
        # Two links to one file are the same shard.
        earlier = first.setdefault(str(Path(url).resolve()) if is_local(url) else url, url)
        if earlier is not url:
            alias = "" if earlier == url else f", also as {redact_url(earlier)}"
            raise ValueError(f"a shard is named twice: {redact_url(url)}{alias}")
    return urls


def is_local(url: str) -> bool:
    """Check whether an address of :func:`expand` is a path on this machine."""
    return "://" not in url


def redact_url(url: str) -> str:
    """Return an address for messages, without its password and its query, because a query may be a signature."""
    if is_local(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:  # for example an incomplete [::1
        return url.partition("?")[0].rpartition("@")[2]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def label_shards(urls: Sequence[str]) -> list[str]:
    """Return a short name of each shard: its file name, with as many parent folders as make all names different."""
    parts = [redact_url(url).split("/") for url in urls]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(filter(None, part[-depth:])) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{number:06d}-{part[-1]}" for number, part in enumerate(parts)]  # only their queries differ


def _resolve(url: str) -> Iterator[str]:
    """Yield the shards of one address: the address, or the ``*.tar`` files of a folder.

    Raises:
        ValueError: if the scheme isn't supported.
    """
    scheme = _SCHEME.match(url)
    if scheme and scheme[1].lower() not in SCHEMES:
        raise ValueError(
            f"{redact_url(url)}: shards are read from paths, {', '.join(SCHEMES)}; not from {scheme[1]}://"
        )
    if scheme and scheme[1].lower() != "file":
        yield scheme[1].lower() + url[len(scheme[1]) :]
        return
    if not url:
        return
    path = Path(url[7:] if scheme else url).expanduser().resolve()
    if path.is_dir():
        yield from (str(file) for file in sorted(path.glob("*.tar")) if not file.name.startswith("."))
    else:
        yield str(path)


def _expand_braces(text: str) -> list[str]:
    """Expand braces as a shell does: ``{a,b}``, ``{00..12}``, ``{0..9..3}``, also nested; a single ``{x}`` stays.

    Raises:
        ValueError: if a brace isn't closed, or there are too many shards.
    """
    parts: list[list[str]] = []
    start = 0
    while start < len(text):
        if text[start] != "{":
            end = text.find("{", start)
            parts.append([text[start : end if end >= 0 else len(text)]])
            start = end if end >= 0 else len(text)
            continue
        end = _closing_brace(text, start)
        parts.append(_list_choices(text[start + 1 : end]))
        start = end + 1
        if prod(map(len, parts)) > MOST:
            raise ValueError(f"{text} names more than {MOST:,} shards")
    return ["".join(choice) for choice in product(*parts)]


def _closing_brace(text: str, start: int) -> int:
    """Return the position of the brace that closes the brace at ``start``."""
    depth = 0
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError(f"{text}: a brace is opened and not closed")


def _list_choices(inner: str) -> list[str]:
    """Return the alternatives of the text between two braces."""
    numbers = _RANGE.fullmatch(inner)
    if numbers:
        first, last, step = int(numbers[1]), int(numbers[2]), int(numbers[3] or 1) or 1
        if abs(last - first) // step >= MOST:
            raise ValueError(f"{{{inner}}} names more than {MOST:,} shards")
        padded = any(len(text.lstrip("-")) > 1 and text.lstrip("-")[0] == "0" for text in numbers.group(1, 2))
        width = max(len(numbers[1]), len(numbers[2])) if padded else 0
        return [
            f"{n:0{width}d}"
            for n in range(first, last + (1 if last >= first else -1), step * (1 if last >= first else -1))
        ]
    depth, pieces = 0, [""]
    for letter in inner:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    if len(pieces) == 1:
        return [f"{{{text}}}" for text in _expand_braces(inner)]
    return list(chain.from_iterable(_expand_braces(piece) for piece in pieces))
