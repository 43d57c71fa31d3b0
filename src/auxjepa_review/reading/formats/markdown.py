"""Markdown: front matter, tables, links and emphasis; everything else is text already."""

from __future__ import annotations

import re

from auxjepa_review.reading.formats import Raw
from auxjepa_review.reading.formats.text import decode

_FRONT = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,500})\]\(<?([^()\s<>]{1,2000}(?:\([^()\s]{0,200}\))?)>?(?:\s+\"[^\"\n]{0,500}\")?\)"
)
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]{1,2000}?)(?<=\S)\1(?![\w*])|(?<![\w_])(_{1,2})(?=\S)([^_\n]{1,2000}?)(?<=\S)\3(?![\w_])"
)
_SETEXT = re.compile(r"^([^\s#>|-][^\n|]{0,300})\n(=+|-{3,})[ \t]*$", re.MULTILINE)


def read(data: bytes) -> Raw:
    """One page; ``title``, ``author(s)``, ``date``, ``doi`` and ``arxiv`` of a front matter of ``key: value`` lines.

    The front matter isn't given to a YAML parser: its aliases grow without bound.
    """
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n")
    front, text = _front(text)
    first, *others = text.split("<!--")
    text = first + "".join(other.partition("-->")[2] for other in others)
    links = [found[2] for found in _LINK.finditer(text)]
    text = _LINK.sub(lambda found: found[1], text)
    text = _SETEXT.sub(lambda found: f"{'#' if found[2][0] == '=' else '##'} {found[1].rstrip()}", text)
    text = _EMPHASIS.sub(lambda found: found[2] or found[4], text)
    text = "\n".join(_cells(line) for line in text.split("\n") if not _is_rule(line))
    return Raw(pages=[text] if text.strip() else [], links=links, **front)


def _front(text: str) -> tuple[dict, str]:
    found = _FRONT.match(text)
    if found is None:
        return {}, text
    values: dict[str, list[str]] = {}
    key = ""
    for line in found[1].split("\n"):
        item = re.match(r"\s+-\s+(.*)|\s*-\s+(.*)", line)
        named = re.match(r"([A-Za-z_]+):\s*(.*)", line)
        if named:
            key = named[1].lower().removesuffix("s")
            values[key] = [named[2]] if named[2] else []
        elif item and key:
            values[key].append(item[1] or item[2])
    single = {name: _plain(values[name][0]) for name in ("title", "date", "doi", "arxiv") if values.get(name)}
    authors = values.get("author", [])
    if len(authors) == 1:
        authors = authors[0].strip("[] ").split(",")
    return {**single, "authors": [_plain(one.removeprefix("name:")) for one in authors]}, text[found.end() :]


def _plain(value: str) -> str:
    return value.strip().strip("\"'").strip()


def _is_rule(line: str) -> bool:
    """Whether it parts a table's header from its body."""
    return "|" in line and "-" in line and set(line) <= set(" \t|:-")


def _cells(line: str) -> str:
    """A row of a pipe table with tabs for its pipes."""
    stripped = line.strip()
    if stripped.count("|") < 2 or "\t" in stripped:
        return line
    cells = re.split(r"(?<!\\)\|", stripped.removeprefix("|").removesuffix("|"))
    return "\t".join(" ".join(cell.replace("\\|", "|").split()) for cell in cells)
