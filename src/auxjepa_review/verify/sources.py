"""Determine the sources of documents: a second-hand document rests on the works that it repeats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auxjepa_review.records import Document, Passage

ARXIV = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5})(?:v\d++)?(?![\d.]*\d)")
DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+[^\s\"<>.,;)]")
_REVIEW = (
    r"(?:systematic\s+|literature\s+|critical\s+|scoping\s+)*(?:literature\s+synthesis|review|survey|meta-?analysis|"
    r"literature\s+search)"
)
TITLED = re.compile(
    r"\b(?:survey|meta-?analysis|literature\s+synthesis|(?:systematic|literature|scoping|critical)\s+review)\b|:\s+a\s+review\b|"
    r"^a?\s*review\s+of\b",
    re.IGNORECASE,
)
SECOND_HAND = re.compile(
    r"does\s+not\s+constitute\s+original\s+research|\bmachine-generated\s+literature\s+synthesis"
    r"|\bthis\s+(?:survey|review|meta-?analysis)\b(?!\s+of\s+(?:our|the)\s+(?:code|method))"
    rf"|\bthis\s+(?:paper|report|article|work|study)\s+(?:is|presents|provides|gives|offers|reports)\s+an?\s+(?:[\w-]+\s+)?{_REVIEW}\b"
    rf"|\bwe\s+(?:present|provide|conduct(?:ed)?|perform(?:ed)?|report|carr(?:y|ied)\s+out)\s+an?\s+{_REVIEW}\b"
    r"|\bwe\s+(?:review|survey)\s+(?:the\s+)?(?:literature|recent|existing|published)\b"
    rf"|(?:^|[.\f\n]\s{{0,20}})an?\s+(?:[\w-]+\s+)?{_REVIEW}\s*(?:[.,;:]|of\b)|(?:^|[.\f\n]\s{{0,20}})systematic\s+literature\s+search\s+across\b",
    re.IGNORECASE,
)
"""Matches the self-description of a work that repeats other works."""
HEAD = 6000
"""Characters of the first page that can contain the self-description."""
EXAMINED = re.compile(
    r"(?:this\s+(?:paper|report|review)\s+examines|a\s+review\s+of)(?:\s*+:)?\s++([^.?]{20,200})[.?]", re.IGNORECASE
)


@dataclass(frozen=True)
class Origin:
    """Sources of a document: whether it is second-hand, and the works that it cites or examines."""

    second_hand: bool
    identifiers: frozenset[str]
    examined: str

    def shared(self, origin: Origin) -> list[str]:
        """Return the sources that both documents name."""
        both = [f"arXiv {i}" if ARXIV.fullmatch(i) else i for i in sorted(self.identifiers & origin.identifiers)]
        return both or ([f"“{self.examined}”"] if self.examined and self.examined == origin.examined else [])


def find_origin(document: Document) -> Origin:
    """Return the sources of a document. Title, abstract and first page show whether it is a synthesis."""
    work, text = document.work, _without_hyphens(document.text)
    cited = {m[1] for m in ARXIV.finditer(text)} | {m[0].lower() for m in DOI.finditer(text)}
    examined = EXAMINED.search(text)
    title = " ".join(examined[1].split()).casefold() if examined else ""
    heads = (_without_hyphens(work.abstract), _without_hyphens(document.pages[0])[:HEAD])
    second = bool(TITLED.search(work.title)) or any(SECOND_HAND.search(head) for head in heads)
    return Origin(second, frozenset((cited | {work.arxiv, work.doi}) - {""}), title)


def _without_hyphens(text: str) -> str:
    """Return a text without hyphens that separate a word at a line end."""
    return re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)


@dataclass(frozen=True)
class Sources:
    """Sources of the documents that make a claim: groups of documents that rest on one source."""

    groups: tuple[tuple[str, ...], ...]
    second_hand: frozenset[str]
    primary: tuple[str, ...]
    unknown: frozenset[str] = frozenset()

    @property
    def primaries(self) -> list[str]:
        """Documents that are known not to be second-hand."""
        return [n for group in self.groups for n in group if n not in self.second_hand | self.unknown]

    @property
    def independent(self) -> int:
        """Number of groups with such a document."""
        return sum(any(name in self.primaries for name in group) for group in self.groups)


def group_sources(names: Sequence[str], origins: dict[str, Origin]) -> Sources:
    """Group documents by source. A second-hand document rests on what it shares with another one.

    Args:
        names: ids of documents.
        origins: sources of each document.
    """
    distinct = list(dict.fromkeys(names))
    groups: list[list[str]] = []
    primary: set[str] = set()
    for name in distinct:
        joined = [g for g in groups if any(_rests(name, member, origins, primary) for member in g)]
        groups = [g for g in groups if g not in joined] + [[*(n for g in joined for n in g), name]]
    # A quoted title counts only if there is no identifier.
    primary = {p for p in primary if not p.startswith("\N{LEFT DOUBLE QUOTATION MARK}")} or primary
    second_hand = frozenset(n for n in distinct if n in origins and origins[n].second_hand)
    unknown = frozenset(name for name in distinct if name not in origins)
    return Sources(tuple(tuple(sorted(g)) for g in groups), second_hand, tuple(sorted(primary)), unknown)


def with_source(passage: Passage, claim_sources: Sources, origins: dict[str, Origin]) -> Passage:
    """Return the passage with its source: its document, or the source of a second-hand document.

    Args:
        passage: the passage.
        claim_sources: sources of the claim.
        origins: sources of each document.
    """
    name = passage.span.document
    if name not in origins:
        return passage
    document_origin = origins[name]
    rests = ", ".join(claim_sources.primary) or (f"“{document_origin.examined}”" if document_origin.examined else "")
    return passage.model_copy(update={"source": rests if document_origin.second_hand else name})


def _rests(a: str, b: str, origins: dict[str, Origin], primary: set[str]) -> bool:
    if a not in origins or b not in origins:
        return False
    if not (origins[a].second_hand or origins[b].second_hand):
        return False
    shared = origins[a].shared(origins[b])
    primary.update(shared[:1])
    return bool(shared)
