"""Read the first page of a document: title, authors, date, DOI and arXiv id; and list the works that it cites."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from auxjepa_review.reading.formats import Raw
from auxjepa_review.records import Work

_YEAR = "january february march april may june july august september october november december"
MONTHS = _YEAR.split()
FRONT_CHARACTERS = 4000
"""Characters of the first page that are searched if no abstract ends the front matter."""

_ABSTRACT = re.compile(
    r"^[ \t]*(?:#{1,6} +)?(?:abstract\b|summary$|(?:1|I)\.? +introduction\b|introduction$|references$)",
    re.IGNORECASE | re.MULTILINE,
)
_STAMP = re.compile(r"\barXiv:\s?(\d{4}\.\d{4,5})(?:v\d+)?\s{1,3}\[[a-z-]{2,12}(?:\.[A-Z]{2})?\]")
"""The stamp that arXiv prints along the margin."""
_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/|\barxiv:\s?)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.IGNORECASE
)
_DOI = re.compile(r"\b(?:doi:\s?|doi\.org/|DOI\s)(10\.\d{4,9}/[^\s\"'<>\[\]{}|\\^`]{1,200})", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:#+ *)?\d{1,2}(?:\.\d{1,2})*\.? +[A-Z]")
_FILE_NAME = re.compile(r"(?:arxiv[-_.])?(\d{4}\.\d{4,5})(?:v\d+)?(?:[-_.].*)?", re.IGNORECASE)
_MONTH = "|".join((*MONTHS, *(month[:3] for month in MONTHS)))
_DATE = re.compile(
    rf"\b(?:(?P<m1>{_MONTH})\.? +(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?, +(?P<y1>(?:19|20)\d\d)"
    rf"|(?P<d2>\d{{1,2}}) +(?P<m2>{_MONTH})\.?,? +(?P<y2>(?:19|20)\d\d)"
    r"|(?P<y3>(?:19|20)\d\d)[-/](?P<n3>\d{1,2})[-/](?P<d3>\d{1,2}))\b",
    re.IGNORECASE,
)


def read_work(path: Path, raw: Raw, pages: tuple[str, ...]) -> Work:
    """Return the record of a document: from the fields of its format first, then from the text before the abstract.

    A text without a title, which begins with the abstract, has the name of its file.

    Args:
        path: the file.
        raw: content of the file.
        pages: repaired pages.
    """
    head = _head(pages[0])
    lines = [line.strip() for line in head.split("\n") if line.strip()]
    title = " ".join((raw.title or _title(head)).split()) or path.stem
    when = _find_date(raw.date) or _find_date(head)
    stamp = _STAMP.search(pages[0]) or _ARXIV.search(head)
    named = _FILE_NAME.fullmatch(path.stem)
    return Work(
        title=title,
        authors=tuple(raw.authors) or _authors(lines, title),
        year=when.year if when else _year(raw.date, head),
        date=when.isoformat() if when else "",
        doi=_bare_doi(raw.doi) or _first_doi(head),
        arxiv=_bare_arxiv_id(raw.arxiv) or (stamp[1] if stamp else "") or (named[1] if named else ""),
        file=path,
    )


def cited_works(pages: tuple[str, ...], links: list[str], work: Work) -> tuple[str, ...]:
    """Return the works that a document cites, as ``arxiv:ID`` and ``doi:ID`` in the order of their mention.

    Args:
        pages: repaired pages.
        links: addresses that the document links to.
        work: the document's own record, which is left out.
    """
    text = "\n".join((*pages, *links))
    positions = [(m.start(), f"arxiv:{m[1]}") for m in _ARXIV.finditer(text)]
    positions += [(m.start(), f"doi:{_trim(m[1])}") for m in _DOI.finditer(text)]
    own_ids = {f"arxiv:{work.arxiv}", f"doi:{work.doi}"}
    return tuple(dict.fromkeys(name for _, name in sorted(positions) if name not in own_ids))


def _head(page: str) -> str:
    match = _ABSTRACT.search(page)
    return page[: min(match.start(), FRONT_CHARACTERS)] if match else page[:FRONT_CHARACTERS]


def _title(head: str) -> str:
    """Return the first line, with the lines right after it until one has names or a date."""
    lines = head.strip().split("\n")[:4]
    if not lines[0] or len(lines[0]) > 300 or _NUMBERED.match(lines[0]):
        return ""
    title_lines = [re.sub(r"^#+ *", "", lines[0])]
    for line in lines[1:] if not lines[0].startswith("#") else []:
        if not line.strip() or _names(line) or _DATE.search(line) or re.search(r"[@\t]", line):
            break
        title_lines.append(line)
    return " ".join(title_lines)


def _authors(lines: list[str], title: str) -> tuple[str, ...]:
    """Return the names in the line after the title: capitalised words, no sentence, date or address."""
    after = [line for line in lines[:6] if re.sub(r"^#+ *", "", line) not in title and title not in line]
    return next((names for line in after[:2] if (names := _names(line))), ())


def _names(line: str) -> tuple[str, ...]:
    names = [" ".join(re.sub(r"[*†‡§¶\d]+", "", name).split()) for name in re.split(r",|;|\band\b|&", line)]
    names = [name for name in names if name]
    return tuple(names) if not _DATE.search(line) and all(map(_is_name, names)) else ()


def _is_name(name: str) -> bool:
    words = name.split()
    return (
        2 <= len(words) <= 5
        and all(word[:1].isupper() or word in ("de", "van", "von", "der", "di", "la") for word in words)
        and not re.search(r"[:@/?!]|\.$", name)
    )


def _find_date(text: str) -> date | None:
    for match in _DATE.finditer(text[:FRONT_CHARACTERS]):
        parts = match.groupdict()
        month = parts["m1"] or parts["m2"]
        number = int(parts["n3"]) if parts["n3"] else [m[:3] for m in MONTHS].index(month[:3].lower()) + 1
        try:
            return date(
                int(parts["y1"] or parts["y2"] or parts["y3"]), number, int(parts["d1"] or parts["d2"] or parts["d3"])
            )
        except ValueError:
            continue
    return None


def _year(field: str, head: str) -> int | None:
    match = re.search(r"\b((?:19|20)\d\d)\b", field) or re.search(rf"(?i)\b(?:{_MONTH})\.?,? +((?:19|20)\d\d)\b", head)
    return int(match[1]) if match else None


def _first_doi(text: str) -> str:
    match = _DOI.search(text)
    return _trim(match[1]) if match else ""


def _trim(doi: str) -> str:
    doi = doi.rstrip(".,;:")
    return (doi[:-1] if doi.endswith(")") and doi.count("(") < doi.count(")") else doi).lower()


def _bare_doi(doi: str) -> str:
    match = re.search(r"10\.\d{4,9}/\S+", doi)
    return match[0].lower() if match else ""


def _bare_arxiv_id(name: str) -> str:
    match = re.search(r"\d{4}\.\d{4,5}|(?<![a-z-])[a-z-]++(?:\.[A-Z]{2})?/\d{7}", name)
    return match[0] if match else ""
