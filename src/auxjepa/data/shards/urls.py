"""From the notation of a set of shards to the list of their addresses: braces as in a shell, and names for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, product
from math import prod
from pathlib import Path
from urllib.parse import urlsplit

SCHEMES = ("file", "http", "https", "s3")
MOST = 1_000_000
"""Shards of a set at most; more are a slip of the pen."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_JOINED = re.compile(r"::(?![0-9A-Fa-f:.%]{0,60}\])")  # not the colons of http://[::1]/
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(\d+))?")


def expand(source: str | Sequence[str]) -> list[str]:
    """The shards' addresses, in the order written: absolute paths, ``http(s)://…`` or ``s3://…``.

    Args:
        source: ``DIR/{000..127}.tar``, ``{a,b}.tar``, several joined by ``::``, a folder of ``*.tar``, or a list of
            such.

    Raises:
        ValueError: when nothing is named, a brace isn't closed, an address comes twice, or its scheme isn't known.
    """
    if isinstance(source, str):
        source = _JOINED.split(source)
    urls = [url for one in source for brace in _braces(one.strip()) for url in _resolved(brace)]
    if not urls:
        raise ValueError(f"no shard is named by {source!r}")
    first: dict[str, str] = {}
    for url in urls:
        # Links are told apart by what they lead to.
        before = first.setdefault(str(Path(url).resolve()) if is_local(url) else url, url)
        if before is not url:
            other = "" if before == url else f", also as {shown(before)}"
            raise ValueError(f"a shard is named twice: {shown(url)}{other}")
    return urls


def is_local(url: str) -> bool:
    """Whether an address of :func:`expand` is a path of this machine."""
    return "://" not in url


def shown(url: str) -> str:
    """An address for messages: no password, and no query, which may be a signature."""
    if is_local(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unfinished [::1
        return url.partition("?")[0].rpartition("@")[2]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def labels_of(urls: Sequence[str]) -> list[str]:
    """A short name of each shard: the file's, with as many folders above as are needed to tell all apart."""
    parts = [shown(url).split("/") for url in urls]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(filter(None, part[-depth:])) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{number:06d}-{part[-1]}" for number, part in enumerate(parts)]  # they differ in their queries only


def _resolved(url: str) -> Iterator[str]:
    scheme = _SCHEME.match(url)
    if scheme and scheme[1].lower() not in SCHEMES:
        raise ValueError(f"{shown(url)}: shards are read from paths, {', '.join(SCHEMES)}; not from {scheme[1]}://")
    if scheme and scheme[1].lower() != "file":
        yield scheme[1].lower() + url[len(scheme[1]) :]
        return
    if not url:
        return
    path = Path(url[7:] if scheme else url).expanduser().resolve()
    if path.is_dir():
        yield from (str(one) for one in sorted(path.glob("*.tar")) if not one.name.startswith("."))
    else:
        yield str(path)


def _braces(text: str) -> list[str]:
    """Brace expansion as shells do it: ``{a,b}``, ``{00..12}``, ``{0..9..3}``, nested; a lone ``{x}`` stays."""
    parts: list[list[str]] = []
    place = 0
    while place < len(text):
        if text[place] != "{":
            end = text.find("{", place)
            parts.append([text[place : end if end >= 0 else len(text)]])
            place = end if end >= 0 else len(text)
            continue
        end = _closing(text, place)
        parts.append(_choices(text[place + 1 : end]))
        place = end + 1
        if prod(map(len, parts)) > MOST:
            raise ValueError(f"{text} names more than {MOST:,} shards")
    return ["".join(choice) for choice in product(*parts)]


def _closing(text: str, begin: int) -> int:
    depth = 0
    for place in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(f"{text}: a brace is opened and not closed")


def _choices(inner: str) -> list[str]:
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
        return [f"{{{one}}}" for one in _braces(inner)]
    return list(chain.from_iterable(_braces(piece) for piece in pieces))
