"""One work, found several times: by DOI, by arXiv id, by title; what was merged with what is told.

A title alone is no proof: years may differ by one (preprint and print) and the first author's surname must be the same,
where both are known; a title of fewer than four words needs both known. Two works with different arXiv ids, or with
different DOIs of publishers, are never taken for one because of their title.
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
    """Records of one work: positions in the list that was given, first found first."""

    members: list[int] = field(default_factory=list)
    by: dict[int, Sign] = field(default_factory=dict)


def groups(works: Sequence[Work]) -> list[Group]:
    """Which of the works are the same, in the order of their first records."""
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
        seen: dict[str, int] = {}
        for i, work in enumerate(works):
            if value := key(work):
                join(seen.setdefault(value, i), i)

    signs: dict[int, set[str]] = {}  # of every group: arXiv ids and publishers' DOIs
    for i, work in enumerate(works):
        signs.setdefault(root(i), set()).update(
            {f"arxiv {n}" for n in [_arxiv(work)] if n} | {d for d in [_doi(work)] if d}
        )
    titles: dict[str, list[int]] = {}
    for i, work in enumerate(works):
        titles.setdefault(plain_title(work.title), []).append(i)
    for title, alike in titles.items():
        for place, i in enumerate(alike if title else ()):
            for j in alike[max(0, place - 20) : place]:
                a, b = root(i), root(j)
                if a != b and _compatible(signs[a] | signs[b]) and _alike(works[i], works[j], len(title.split()) < 4):
                    join(i, j)
                    signs[min(a, b)] = signs[a] | signs[b]

    found: dict[int, Group] = {}
    for i in range(len(works)):
        found.setdefault(root(i), Group()).members.append(i)
    for group in found.values():
        for i in group.members[1:]:
            others = [works[j] for j in group.members if j != i]
            doi, number = _doi(works[i]), _arxiv(works[i])
            group.by[i] = (
                "doi"
                if doi and any(_doi(o) == doi for o in others)
                else "arxiv"
                if number and any(_arxiv(o) == number for o in others)
                else "title"
            )
    return list(found.values())


def merge(works: Sequence[Work]) -> Work:
    """One record of several: blanks are filled from the next, the longest abstract is taken, all sources are named."""
    first = works[0]
    filled = {
        name: next((v for w in works if (v := getattr(w, name)) not in (None, "", ())), getattr(first, name))
        for name in Work.model_fields
    }
    printed = [w.doi for w in works if w.doi and not _PREPRINT.match(w.doi)]
    return first.model_copy(
        update={
            **filled,
            "doi": printed[0] if printed else filled["doi"],
            "abstract": max((w.abstract for w in works), key=len),
            "source": ", ".join(dict.fromkeys(s for w in works for s in w.source.split(", "))),
        }
    )


def duplicates(works: Sequence[Work], found: Sequence[Group]) -> tuple[Duplicate, ...]:
    """Every record that was merged, into which one, and by which sign."""
    return tuple(
        Duplicate(kept=label(works[g.members[0]]), merged=label(works[i]), source=works[i].source, by=g.by[i])
        for g in found
        for i in g.members[1:]
    )


def label(work: Work) -> str:
    """What identifies a work: its arXiv id, its DOI, its file's name, its title."""
    if _arxiv(work):
        return f"arxiv:{_arxiv(work)}"
    return f"doi:{work.doi}" if work.doi else work.file.name if work.file else work.title


def plain_title(title: str) -> str:
    """A title without case, accents, signs and markup."""
    bare = unicodedata.normalize("NFKD", title.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in bare if not unicodedata.combining(c))))


def surname(author: str) -> str:
    """Of 'Ada Lovelace' and of 'Lovelace, Ada': lovelace."""
    name = author.partition(",")[0] if "," in author else author.rpartition(" ")[2]
    return plain_title(name)


def _doi(work: Work) -> str:
    return "" if _PREPRINT.match(work.doi) else work.doi.lower()


def _arxiv(work: Work) -> str:
    number = work.arxiv or (_PREPRINT.sub("", work.doi) if _PREPRINT.match(work.doi) else "")
    return re.sub(r"v\d+$", "", number.lower())


def _compatible(signs: set[str]) -> bool:
    """Whether one work can have all of these ids: at most one of arXiv's and one of publishers'."""
    numbers = sum(sign.startswith("arxiv ") for sign in signs)
    return numbers <= 1 and len(signs) - numbers <= 1


def _alike(a: Work, b: Work, short: bool) -> bool:
    """Whether nothing but their ids speaks against two works of one title being the same."""
    authors = bool(a.authors and b.authors)
    years = a.year is not None and b.year is not None
    if short and not (years and authors):
        return False
    if a.year is not None and b.year is not None and abs(a.year - b.year) > 1:
        return False
    return not authors or surname(a.authors[0]) == surname(b.authors[0])
