"""Passages that speak for or against a claim, and whose word they are: who repeats a source isn't another source."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from auxjepa.evidence.ledger.claims import Claim
from auxjepa_review.claims import compare, cues, numbers
from auxjepa_review.claims.compare import Relation
from auxjepa_review.records import Document, Mention, Passage, Span, Statement

Place = tuple[str, int, int, int]
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
"""A work that speaks of itself as one that repeats others."""
HEAD = 6000
"""Characters of the first page in which a work says what it is."""
EXAMINED = re.compile(
    r"(?:this\s+(?:paper|report|review)\s+examines|a\s+review\s+of)(?:\s*+:)?\s++([^.?]{20,200})[.?]", re.IGNORECASE
)
PER_DOCUMENT = 20
"""Claims on one benchmark and method that are looked at of one document, and of all."""
PER_TOPIC = 400
CONTAINED = 0.7  # share of a claim's words that a passage without claims of its own has to have to be about it
WORD = re.compile(r"[a-z][a-z0-9+-]{2,}|\d+(?:\.\d+)?")
WAYS = frozenset({"up", "down"})
STOP = frozenset({"the", "and", "that", "with", "for", "from", "while", "its", "are", "was", "were", "this", "these"})


@runtime_checkable
class Searcher(Protocol):
    """What ``auxjepa_review.search.index.Index`` offers."""

    def search(self, query: str, k: int = 10, documents: Sequence[str] | None = None) -> Sequence[Passage]:
        """The ``k`` best passages, best first."""
        ...


@dataclass(frozen=True)
class Origin:
    """Where a document has its knowledge from."""

    second_hand: bool
    identifiers: frozenset[str]
    examined: str

    def shared(self, other: Origin) -> list[str]:
        """Sources that both name."""
        both = [f"arXiv {i}" if ARXIV.fullmatch(i) else i for i in sorted(self.identifiers & other.identifiers)]
        return both or ([f"“{self.examined}”"] if self.examined and self.examined == other.examined else [])


def origin(document: Document) -> Origin:
    """Whether it calls itself a synthesis, in title, abstract or first page, and what it cites or examines."""
    work, text = document.work, _joined(document.text)
    cited = {m[1] for m in ARXIV.finditer(text)} | {m[0].lower() for m in DOI.finditer(text)}
    examined = EXAMINED.search(text)
    title = " ".join(examined[1].split()).casefold() if examined else ""
    heads = (_joined(work.abstract), _joined(document.pages[0])[:HEAD])
    second = bool(TITLED.search(work.title)) or any(SECOND_HAND.search(head) for head in heads)
    return Origin(second, frozenset((cited | {work.arxiv, work.doi}) - {""}), title)


def _joined(text: str) -> str:
    """Without hyphens that part a word at the end of a line."""
    return re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)


@dataclass(frozen=True)
class Sources:
    """Whose word the documents that say something are: groups of documents that rest on one source."""

    groups: tuple[tuple[str, ...], ...]
    second_hand: frozenset[str]
    primary: tuple[str, ...]
    unknown: frozenset[str] = frozenset()

    @property
    def primaries(self) -> list[str]:
        """Documents among them that are known not to be second-hand."""
        return [n for group in self.groups for n in group if n not in self.second_hand | self.unknown]

    @property
    def independent(self) -> int:
        """Groups with such a document."""
        return sum(any(name in self.primaries for name in group) for group in self.groups)


def sources(names: Sequence[str], origins: dict[str, Origin]) -> Sources:
    """Group documents: a second-hand one rests on what it shares with another."""
    left = list(dict.fromkeys(names))
    groups: list[list[str]] = []
    primary: set[str] = set()
    for name in left:
        joined = [g for g in groups if any(_rests(name, other, origins, primary) for other in g)]
        groups = [g for g in groups if g not in joined] + [[*(n for g in joined for n in g), name]]
    primary = {
        p for p in primary if not p.startswith("\N{LEFT DOUBLE QUOTATION MARK}")
    } or primary  # a title only alone
    hands = frozenset(n for n in left if n in origins and origins[n].second_hand)
    unknown = frozenset(name for name in left if name not in origins)
    return Sources(tuple(tuple(sorted(g)) for g in groups), hands, tuple(sorted(primary)), unknown)


def whose(passage: Passage, said: Sources, origins: dict[str, Origin]) -> Passage:
    """The passage with the source whose word it is: its document, or what a second-hand one rests on."""
    name = passage.span.document
    if name not in origins:
        return passage
    made = origins[name]
    rests = ", ".join(said.primary) or (f"“{made.examined}”" if made.examined else "")
    return passage.model_copy(update={"source": rests if made.second_hand else name})


def _rests(a: str, b: str, origins: dict[str, Origin], primary: set[str]) -> bool:
    if a not in origins or b not in origins:
        return False
    if not (origins[a].second_hand or origins[b].second_hand):
        return False
    shared = origins[a].shared(origins[b])
    primary.update(shared[:1])
    return bool(shared)


def wording(sentence: str, text: str) -> Relation:
    """The same of a passage that no claim was extracted from: its words, then its numbers of the same unit.

    It shows a passage and decides nothing. Nothing is said of a question, a negation, a hope or another direction.
    """
    words = {w for w in WORD.findall(sentence.casefold()) if w not in STOP and not w[0].isdigit()}
    there = set(WORD.findall(text.casefold()))
    if len(words) < 3 or len(words & there) < CONTAINED * len(words):
        return ""
    said = _cues(text)
    if "?" in text or said & {"maybe", "unless"} or (said & WAYS) - _cues(sentence):
        return ""
    wanted, found = _amounts(sentence), _amounts(text)
    if wanted <= found:
        return "agrees"
    units = {unit for unit, _ in wanted}
    found = {(unit, n) for unit, n in found if unit in units}
    return "differs" if found and not wanted & found else ""


def _cues(text: str) -> set[str]:
    """Kinds of cues in a text; superlatives and verbs that compare by their direction."""
    names = ((m.lastgroup or "").removeprefix("beats_") for m in cues.pattern().finditer(numbers.plain_text(text)))
    return {{"top": "up", "bottom": "down"}.get(name, name) for name in names}


def _amounts(text: str) -> set[tuple[str, float]]:
    """Numbers that can be results, with their unit; years, citations, levels without unit are none."""
    found: set[tuple[str, float]] = set()
    for q in numbers.find_quantities(numbers.plain_text(text)):
        if q.what in ("difference", "range") or q.unit:
            ends, unit = (q.low, q.high), q.unit or "points"
        elif q.what in ("count", "dimension"):
            ends, unit = (q.low, q.high), f"{q.what} {q.noun}"
        else:
            continue
        found |= {(f"{unit} from, to" if q.what == "levels" else unit, round(abs(n), 6)) for n in ends}
    return found


class Said:
    """Every claim that was extracted anywhere, by what it could be about and by page: large corpora stay quick."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self.about: dict[tuple[str, str], list[Mention]] = {}
        self.left: dict[tuple[str, str], int] = {}
        self.pages: dict[tuple[str, int], list[tuple[int, int]]] = {}
        many: dict[tuple[tuple[str, str], str], int] = {}
        for mention in mentions:
            span = mention.span
            self.pages.setdefault((span.document, span.page), []).append((span.start, span.end))
            for key in compare.topics(mention.claim):
                here = many[key, span.document] = many.get((key, span.document), 0) + 1
                found = self.about.setdefault(key, [])
                if here <= PER_DOCUMENT and len(found) < PER_TOPIC:
                    found.append(mention)
                else:
                    self.left[key] = self.left.get(key, 0) + 1
        self.pages = {page: _union(spans) for page, spans in self.pages.items()}

    def like(self, claim: Claim) -> list[Mention]:
        """Mentions that could agree or disagree: of each benchmark and method, some of every document."""
        found = {id(m): m for key in compare.topics(claim) for m in self.about.get(key, [])}
        return list(found.values())

    def unread(self, claim: Claim) -> int:
        """How many more of such mentions there are."""
        return max((self.left.get(key, 0) for key in compare.topics(claim)), default=0)

    def within(self, passage: Passage) -> bool:
        """Whether a claim was extracted from a passage."""
        span = passage.span
        spans = self.pages.get((span.document, span.page), [])
        last = bisect_left(spans, (span.end, 0)) - 1
        return last >= 0 and spans[last][1] > span.start


def _union(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places, sorted and none overlapping."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start < made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


@dataclass(frozen=True)
class Found:
    """Passages for and against, best first: ``pro`` and ``con`` by their claims, the others by their words alone."""

    pro: list[Passage]
    con: list[Passage]
    likewise: list[Passage]
    otherwise: list[Passage]


def find(statement: Statement, said: Said, index: Searcher | None, k: int) -> Found:
    """Passages for and against a statement: where it stands itself, and what says the same or otherwise.

    Args:
        said: what was extracted anywhere: a passage is judged by the claims that stand in it.
    """
    claim, own = statement.claim, {_place(m.span) for m in statement.mentions}
    query = f"{claim.statement} {statement.mentions[0].span.text}"
    hits = list(index.search(query, k)) if index is not None else []
    pro: dict[Place, Passage] = {}
    con: dict[Place, Passage] = {}
    for mention in (*statement.mentions, *said.like(claim)):
        if _place(mention.span) in own and mention.claim.id == claim.id:
            what: Relation = "agrees"
        else:
            what = compare.compare_mentions(claim, mention.claim, statement.mentions, (mention,)).relation
        if not what or (what == "differs" and _place(mention.span) in own):
            continue
        score = max((hit.score for hit in hits if _overlap(hit, mention)), default=0.0)
        passage = Passage(span=mention.span, section=mention.section, score=score)
        (pro if what == "agrees" else con)[_place(mention.span)] = passage
    worded: dict[Relation, list[Passage]] = {"agrees": [], "differs": []}
    for hit in hits:
        if not said.within(hit) and (what := wording(statement.mentions[0].span.text, hit.span.text)):
            worded[what].append(hit)
    con = {place: passage for place, passage in con.items() if place not in pro}
    return Found(_ranked(pro.values()), _ranked(con.values()), worded["agrees"], worded["differs"])


def _ranked(found: Iterable[Passage]) -> list[Passage]:
    return sorted(found, key=lambda p: (-p.score, p.span.document, p.span.start))


def _place(span: Span) -> Place:
    return span.document, span.page, span.start, span.end


def _overlap(hit: Passage, mention: Mention) -> bool:
    a, b = hit.span, mention.span
    return (a.document, a.page) == (b.document, b.page) and a.start < b.end and b.start < a.end
