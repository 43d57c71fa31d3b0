"""Merge records of one work by DOI, arXiv id and title, and record which records were merged.

An equal title is not sufficient. The years may differ by one (preprint and print), and the first authors must have the
same surname if both are available. A title of fewer than four words needs both. Two works with different arXiv ids, or
with different DOIs of publishers, are never merged because of their title.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from auxjepa.config import Typed
from auxjepa_review.records import Work

Sign = Literal["doi", "arxiv", "title"]

_PREPRINT = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)


class Duplicate(Typed):
    """A record that was merged into another one."""

    kept: str
    merged: str
    source: str = ""
    by: Sign


@dataclass
class Group:
    """Records of one work: positions in the input list, in its order."""

    members: list[int] = field(default_factory=list)
    by: dict[int, Sign] = field(default_factory=dict)


def group_works(works: Sequence[Work]) -> list[Group]:
    """Group the records of the same work, in the order of their first records."""
    parent = list(range(len(works)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(i: int, j: int) -> None:
        first, second = sorted((root(i), root(j)))
        parent[second] = first

    for key in (_doi, _arxiv):
        first_by_value: dict[str, int] = {}
        for i, work in enumerate(works):
            if value := key(work):
                join(first_by_value.setdefault(value, i), i)

    signs: dict[int, set[str]] = {}  # group: its arXiv ids and publishers' DOIs
    for i, work in enumerate(works):
        signs.setdefault(root(i), set()).update(
            {f"arxiv {n}" for n in [_arxiv(work)] if n} | {d for d in [_doi(work)] if d}
        )
    titles: dict[str, list[int]] = {}
    for i, work in enumerate(works):
        titles.setdefault(plain_title(work.title), []).append(i)
    for title, same_title in titles.items():
        for place, i in enumerate(same_title if title else ()):
            for j in same_title[max(0, place - 20) : place]:
                a, b = root(i), root(j)
                if (
                    a != b
                    and _compatible(signs[a] | signs[b])
                    and _can_be_same(works[i], works[j], len(title.split()) < 4)
                ):
                    join(i, j)
                    signs[min(a, b)] = signs[a] | signs[b]

    groups: dict[int, Group] = {}
    for i in range(len(works)):
        groups.setdefault(root(i), Group()).members.append(i)
    for group in groups.values():
        for i in group.members[1:]:
            other_works = [works[j] for j in group.members if j != i]
            doi, number = _doi(works[i]), _arxiv(works[i])
            group.by[i] = (
                "doi"
                if doi and any(_doi(o) == doi for o in other_works)
                else "arxiv"
                if number and any(_arxiv(o) == number for o in other_works)
                else "title"
            )
    return list(groups.values())


def merge(works: Sequence[Work]) -> Work:
    """Return one record of several: blanks filled from the next record, the longest abstract, and all sources."""
    first = works[0]
    filled = {
        name: next((v for w in works if (v := getattr(w, name)) not in (None, "", ())), getattr(first, name))
        for name in Work.model_fields
    }
    published_dois = [w.doi for w in works if w.doi and not _PREPRINT.match(w.doi)]
    return first.model_copy(
        update={
            **filled,
            "doi": published_dois[0] if published_dois else filled["doi"],
            "abstract": max((w.abstract for w in works), key=len),
            "source": ", ".join(dict.fromkeys(s for w in works for s in w.source.split(", "))),
        }
    )


def duplicates(works: Sequence[Work], grouped: Sequence[Group]) -> tuple[Duplicate, ...]:
    """Return every merged record with the record that it was merged into, and the property by which.

    Args:
        works: all records.
        grouped: groups of the records.
    """
    return tuple(
        Duplicate(kept=label(works[g.members[0]]), merged=label(works[i]), source=works[i].source, by=g.by[i])
        for g in grouped
        for i in g.members[1:]
    )


def label(work: Work) -> str:
    """Return the identifier of a work: its arXiv id, DOI, file name or title."""
    if _arxiv(work):
        return f"arxiv:{_arxiv(work)}"
    return f"doi:{work.doi}" if work.doi else work.file.name if work.file else work.title


def plain_title(title: str) -> str:
    """Return a title without case, accents, signs and markup."""
    bare = unicodedata.normalize("NFKD", title.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in bare if not unicodedata.combining(c))))


def surname(author: str) -> str:
    """Return the surname of an author in lower case, for 'Ada Lovelace' as for 'Lovelace, Ada'."""
    name = author.partition(",")[0] if "," in author else author.rpartition(" ")[2]
    return plain_title(name)


def _doi(work: Work) -> str:
    return "" if _PREPRINT.match(work.doi) else work.doi.lower()


def _arxiv(work: Work) -> str:
    number = work.arxiv or (_PREPRINT.sub("", work.doi) if _PREPRINT.match(work.doi) else "")
    return re.sub(r"v\d+$", "", number.lower())


def _compatible(signs: set[str]) -> bool:
    """Check whether one work can have all these ids: at most one of arXiv and one of publishers."""
    numbers = sum(sign.startswith("arxiv ") for sign in signs)
    return numbers <= 1 and len(signs) - numbers <= 1


def _can_be_same(a: Work, b: Work, short: bool) -> bool:
    """Check whether two works with one title can be the same: years and first authors agree.

    Args:
        a: the first work.
        b: the second work.
        short: whether the title is short, so that years and authors are required.
    """
    authors = bool(a.authors and b.authors)
    years = a.year is not None and b.year is not None
    if short and not (years and authors):
        return False
    if a.year is not None and b.year is not None and abs(a.year - b.year) > 1:
        return False
    return not authors or surname(a.authors[0]) == surname(b.authors[0])
