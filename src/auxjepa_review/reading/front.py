"""What a document says of itself on its first page: title, authors, date, DOI, arXiv id; and which works it cites."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from auxjepa_review.reading.formats import Raw
from auxjepa_review.records import Work

_YEAR = "january february march april may june july august september october november december"
MONTHS = _YEAR.split()
FRONT = 4000
"""Characters of the first page that are looked through where no abstract ends the front matter."""

_ABSTRACT = re.compile(
    r"^[ \t]*(?:#{1,6} +)?(?:abstract\b|summary$|(?:1|I)\.? +introduction\b|introduction$|references$)",
    re.IGNORECASE | re.MULTILINE,
)
_STAMP = re.compile(r"\barXiv:\s?(\d{4}\.\d{4,5})(?:v\d+)?\s{1,3}\[[a-z-]{2,12}(?:\.[A-Z]{2})?\]")
"""What arXiv prints along the margin."""
_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/|\barxiv:\s?)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.IGNORECASE
)
_DOI = re.compile(r"\b(?:doi:\s?|doi\.org/|DOI\s)(10\.\d{4,9}/[^\s\"'<>\[\]{}|\\^`]{1,200})", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:#+ *)?\d{1,2}(?:\.\d{1,2})*\.? +[A-Z]")
_NAMED = re.compile(r"(?:arxiv[-_.])?(\d{4}\.\d{4,5})(?:v\d+)?(?:[-_.].*)?", re.IGNORECASE)
_MONTH = "|".join((*MONTHS, *(month[:3] for month in MONTHS)))
_DATE = re.compile(
    rf"\b(?:(?P<m1>{_MONTH})\.? +(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?, +(?P<y1>(?:19|20)\d\d)"
    rf"|(?P<d2>\d{{1,2}}) +(?P<m2>{_MONTH})\.?,? +(?P<y2>(?:19|20)\d\d)"
    r"|(?P<y3>(?:19|20)\d\d)[-/](?P<n3>\d{1,2})[-/](?P<d3>\d{1,2}))\b",
    re.IGNORECASE,
)


def work_of(path: Path, raw: Raw, pages: tuple[str, ...]) -> Work:
    """The work a file holds: by its format's own fields first, then by what stands before the abstract.

    A text without a title (it begins with the abstract) goes by its file's name.
    """
    head = _head(pages[0])
    lines = [line.strip() for line in head.split("\n") if line.strip()]
    title = " ".join((raw.title or _title(head)).split()) or path.stem
    when = _when(raw.date) or _when(head)
    stamp = _STAMP.search(pages[0]) or _ARXIV.search(head)
    named = _NAMED.fullmatch(path.stem)
    return Work(
        title=title,
        authors=tuple(raw.authors) or _authors(lines, title),
        year=when.year if when else _year(raw.date, head),
        date=when.isoformat() if when else "",
        doi=_bare(raw.doi) or _first_doi(head),
        arxiv=_bare_arxiv(raw.arxiv) or (stamp[1] if stamp else "") or (named[1] if named else ""),
        file=path,
    )


def cited(pages: tuple[str, ...], links: list[str], own: Work) -> tuple[str, ...]:
    """Works that a document cites, as ``arxiv:ID`` and ``doi:ID`` in the order of their mention, itself left out."""
    text = "\n".join((*pages, *links))
    found = [(m.start(), f"arxiv:{m[1]}") for m in _ARXIV.finditer(text)]
    found += [(m.start(), f"doi:{_trimmed(m[1])}") for m in _DOI.finditer(text)]
    self = {f"arxiv:{own.arxiv}", f"doi:{own.doi}"}
    return tuple(dict.fromkeys(name for _, name in sorted(found) if name not in self))


def _head(page: str) -> str:
    found = _ABSTRACT.search(page)
    return page[: min(found.start(), FRONT)] if found else page[:FRONT]


def _title(head: str) -> str:
    """The first line, with those right below it as long as they are neither names nor a date."""
    lines = head.strip().split("\n")[:4]
    if not lines[0] or len(lines[0]) > 300 or _NUMBERED.match(lines[0]):
        return ""
    taken = [re.sub(r"^#+ *", "", lines[0])]
    for line in lines[1:] if not lines[0].startswith("#") else []:
        if not line.strip() or _names(line) or _DATE.search(line) or re.search(r"[@\t]", line):
            break
        taken.append(line)
    return " ".join(taken)


def _authors(lines: list[str], title: str) -> tuple[str, ...]:
    """The line after the title, where it looks like names: capitals, no sentence, no date, no address."""
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


def _when(text: str) -> date | None:
    for found in _DATE.finditer(text[:FRONT]):
        given = found.groupdict()
        month = given["m1"] or given["m2"]
        number = int(given["n3"]) if given["n3"] else [m[:3] for m in MONTHS].index(month[:3].lower()) + 1
        try:
            return date(
                int(given["y1"] or given["y2"] or given["y3"]), number, int(given["d1"] or given["d2"] or given["d3"])
            )
        except ValueError:
            continue
    return None


def _year(field: str, head: str) -> int | None:
    found = re.search(r"\b((?:19|20)\d\d)\b", field) or re.search(rf"(?i)\b(?:{_MONTH})\.?,? +((?:19|20)\d\d)\b", head)
    return int(found[1]) if found else None


def _first_doi(text: str) -> str:
    found = _DOI.search(text)
    return _trimmed(found[1]) if found else ""


def _trimmed(doi: str) -> str:
    doi = doi.rstrip(".,;:")
    return (doi[:-1] if doi.endswith(")") and doi.count("(") < doi.count(")") else doi).lower()


def _bare(doi: str) -> str:
    found = re.search(r"10\.\d{4,9}/\S+", doi)
    return found[0].lower() if found else ""


def _bare_arxiv(name: str) -> str:
    found = re.search(r"\d{4}\.\d{4,5}|(?<![a-z-])[a-z-]++(?:\.[A-Z]{2})?/\d{7}", name)
    return found[0] if found else ""
