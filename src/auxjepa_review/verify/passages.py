"""Find passages for and against a claim, by the claims that they contain or by their words."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from auxjepa.evidence.ledger.claims import Claim
from auxjepa_review.claims import compare, cues, numbers
from auxjepa_review.claims.compare import Relation
from auxjepa_review.records import Mention, Passage, Span, Statement

Place = tuple[str, int, int, int]
PER_DOCUMENT = 20
"""Largest number of claims on one benchmark and method that are compared per document."""
PER_TOPIC = 400
CONTAINED = 0.7
"""Smallest share of a claim's words in a passage without claims that is about it."""
WORD = re.compile(r"[a-z][a-z0-9+-]{2,}|\d+(?:\.\d+)?")
WAYS = frozenset({"up", "down"})
STOP = frozenset({"the", "and", "that", "with", "for", "from", "while", "its", "are", "was", "were", "this", "these"})


@runtime_checkable
class Searcher(Protocol):
    """The part of ``auxjepa_review.search.index.Index`` that verification needs."""

    def search(self, query: str, k: int = 10, documents: Sequence[str] | None = None) -> Sequence[Passage]:
        """Return the ``k`` best passages, best first."""
        ...


def compare_wording(sentence: str, text: str) -> Relation:
    """Compare a sentence with a passage without extracted claims: by their words, and by their numbers of the same
    unit.

    The result shows a passage and decides nothing. It is '' for questions, negations, hopes and other directions.

    Args:
        sentence: a sentence that makes the claim.
        text: the passage.
    """
    words = {w for w in WORD.findall(sentence.casefold()) if w not in STOP and not w[0].isdigit()}
    there = set(WORD.findall(text.casefold()))
    if len(words) < 3 or len(words & there) < CONTAINED * len(words):
        return ""
    kinds = _cues(text)
    if "?" in text or kinds & {"maybe", "unless"} or (kinds & WAYS) - _cues(sentence):
        return ""
    expected, amounts = _amounts(sentence), _amounts(text)
    if expected <= amounts:
        return "agrees"
    units = {unit for unit, _ in expected}
    amounts = {(unit, n) for unit, n in amounts if unit in units}
    return "differs" if amounts and not expected & amounts else ""


def _cues(text: str) -> set[str]:
    """Return the kinds of cues in a text, with superlatives and comparing verbs as their direction."""
    names = ((m.lastgroup or "").removeprefix("beats_") for m in cues.pattern().finditer(numbers.plain_text(text)))
    return {{"top": "up", "bottom": "down"}.get(name, name) for name in names}


def _amounts(text: str) -> set[tuple[str, float]]:
    """Return the numbers that can be results, with their unit. Years, citations and levels without unit are left
    out."""
    amounts: set[tuple[str, float]] = set()
    for q in numbers.find_quantities(numbers.plain_text(text)):
        if q.what in ("difference", "range") or q.unit:
            ends, unit = (q.low, q.high), q.unit or "points"
        elif q.what in ("count", "dimension"):
            ends, unit = (q.low, q.high), f"{q.what} {q.noun}"
        else:
            continue
        amounts |= {(f"{unit} from, to" if q.what == "levels" else unit, round(abs(n), 6)) for n in ends}
    return amounts


class ClaimIndex:
    """Index of all extracted claims by topic and page, so that large corpora stay fast.

    Args:
        mentions: all extracted claims.
    """

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self.by_topic: dict[tuple[str, str], list[Mention]] = {}
        self.uncompared: dict[tuple[str, str], int] = {}
        self.pages: dict[tuple[str, int], list[tuple[int, int]]] = {}
        counts: dict[tuple[tuple[str, str], str], int] = {}
        for mention in mentions:
            span = mention.span
            self.pages.setdefault((span.document, span.page), []).append((span.start, span.end))
            for key in compare.topics(mention.claim):
                count = counts[key, span.document] = counts.get((key, span.document), 0) + 1
                mentions_on_topic = self.by_topic.setdefault(key, [])
                if count <= PER_DOCUMENT and len(mentions_on_topic) < PER_TOPIC:
                    mentions_on_topic.append(mention)
                else:
                    self.uncompared[key] = self.uncompared.get(key, 0) + 1
        self.pages = {page: _merge_spans(spans) for page, spans in self.pages.items()}

    def similar(self, claim: Claim) -> list[Mention]:
        """Return the mentions that can agree or disagree with a claim: for each of its topics, some of every
        document."""
        similar = {id(m): m for key in compare.topics(claim) for m in self.by_topic.get(key, [])}
        return list(similar.values())

    def count_uncompared(self, claim: Claim) -> int:
        """Return the number of further such mentions, which are not compared."""
        return max((self.uncompared.get(key, 0) for key in compare.topics(claim)), default=0)

    def has_claim(self, passage: Passage) -> bool:
        """Check whether a claim was extracted from a passage."""
        span = passage.span
        spans = self.pages.get((span.document, span.page), [])
        last = bisect_left(spans, (span.end, 0)) - 1
        return last >= 0 and spans[last][1] > span.start


def _merge_spans(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places sorted and without overlap."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@dataclass(frozen=True)
class PassageEvidence:
    """Passages for and against a claim, best first: ``pro`` and ``con`` by their claims, the others by their words
    only."""

    pro: list[Passage]
    con: list[Passage]
    likewise: list[Passage]
    otherwise: list[Passage]


def find_passages(statement: Statement, claim_index: ClaimIndex, index: Searcher | None, k: int) -> PassageEvidence:
    """Return the passages for and against a statement: its own places, and passages that agree or disagree.

    Args:
        statement: the statement.
        claim_index: index of all extracted claims, which judge a passage.
        index: full-text index; only extracted claims are compared if None.
        k: number of passages to search for.
    """
    claim, own_places = statement.claim, {_place(m.span) for m in statement.mentions}
    query = f"{claim.statement} {statement.mentions[0].span.text}"
    hits = list(index.search(query, k)) if index is not None else []
    pro: dict[Place, Passage] = {}
    con: dict[Place, Passage] = {}
    for mention in (*statement.mentions, *claim_index.similar(claim)):
        if _place(mention.span) in own_places and mention.claim.id == claim.id:
            relation: Relation = "agrees"
        else:
            relation = compare.compare_mentions(claim, mention.claim, statement.mentions, (mention,)).relation
        if not relation or (relation == "differs" and _place(mention.span) in own_places):
            continue
        score = max((hit.score for hit in hits if _overlap(hit, mention)), default=0.0)
        passage = Passage(span=mention.span, section=mention.section, score=score)
        (pro if relation == "agrees" else con)[_place(mention.span)] = passage
    worded: dict[Relation, list[Passage]] = {"agrees": [], "differs": []}
    for hit in hits:
        if not claim_index.has_claim(hit) and (
            relation := compare_wording(statement.mentions[0].span.text, hit.span.text)
        ):
            worded[relation].append(hit)
    con = {place: passage for place, passage in con.items() if place not in pro}
    return PassageEvidence(
        _sort_by_score(pro.values()), _sort_by_score(con.values()), worded["agrees"], worded["differs"]
    )


def _sort_by_score(passages: Iterable[Passage]) -> list[Passage]:
    return sorted(passages, key=lambda p: (-p.score, p.span.document, p.span.start))


def _place(span: Span) -> Place:
    return span.document, span.page, span.start, span.end


def _overlap(hit: Passage, mention: Mention) -> bool:
    a, b = hit.span, mention.span
    return (a.document, a.page) == (b.document, b.page) and a.start < b.end and b.start < a.end
