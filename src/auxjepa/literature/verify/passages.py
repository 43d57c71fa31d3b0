"""Passages that speak for or against a claim, and whose word they are: who repeats a source isn't another source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from auxjepa.evidence.claims import Claim
from auxjepa.literature.records import Document, Mention, Passage, Span, Statement
from auxjepa.literature.verify.sentence import values

Relation = Literal["agrees", "differs", ""]
Place = tuple[str, int, int, int]
ARXIV = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5})(?:v\d+)?(?![\d.]*\d)")
DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+[^\s\"<>.,;)]")
SECOND_HAND = re.compile(
    r"does\s+not\s+constitute\s+original\s+research|literature\s+(?:synthesis|review)|systematic\s+(?:literature\s+)?(?:review|search)"
    r"|meta-?analysis|this\s+(?:survey|review)\b",
    re.IGNORECASE,
)
EXAMINED = re.compile(
    r"(?:this\s+(?:paper|report|review)\s+examines|a\s+review\s+of)\s*:?\s+([^.?]{20,200})[.?]", re.IGNORECASE
)
CONTAINED = 0.7  # share of a claim's words that a passage without claims of its own has to have to be about it
WORD = re.compile(r"[a-z][a-z0-9+-]{2,}|\d+(?:\.\d+)?")
STOP = frozenset({"the", "and", "that", "with", "for", "from", "while", "its", "are", "was", "were", "this", "these"})


@runtime_checkable
class Searcher(Protocol):
    """What ``auxjepa.literature.index.Index`` offers."""

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
    """Whether it calls itself a synthesis, and what it cites or examines."""
    text = re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", document.text)
    own = {document.work.arxiv, document.work.doi}
    cited = {m[1] for m in ARXIV.finditer(text)} | {m[0].lower() for m in DOI.finditer(text)}
    examined = EXAMINED.search(text)
    title = " ".join(examined[1].split()).casefold() if examined else ""
    return Origin(bool(SECOND_HAND.search(text)), frozenset((cited | own) - {""}), title)


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


def relation(claim: Claim, other: Claim) -> Relation:
    """Whether another claim says the same of the same thing, or something else of it; '' where it is about others."""
    if "question" in (claim.kind, other.kind):
        return ""
    if "structural" in (claim.kind, other.kind):
        return _structural(claim, other)
    about = (claim.regime in ("", other.regime) or not other.regime) and set(claim.benchmarks) & set(other.benchmarks)
    if not about or claim.reference != other.reference:
        return ""
    if claim.kind == other.kind == "count":
        return _counts(claim, other)
    if "count" in (claim.kind, other.kind) or not set(claim.variants) & set(other.variants):
        return ""
    if "ordering" in (claim.kind, other.kind) or "cluster" in (claim.kind, other.kind):
        same = claim.kind == other.kind and set(claim.variants) == set(other.variants)
        return "" if not same else "agrees" if claim.direction == other.direction else "differs"
    (low, high), (low2, high2) = _interval(claim), _interval(other)
    return "agrees" if low <= high2 and low2 <= high else "differs"


def _interval(claim: Claim) -> tuple[float, float]:
    slack = claim.tolerance + 1e-9
    if claim.kind == "difference" and claim.expected is not None:
        return float(claim.expected) - slack, float(claim.expected) + slack
    if claim.kind == "range" and claim.low is not None and claim.high is not None:
        return claim.low - slack, claim.high + slack
    return (claim.threshold, float("inf")) if claim.direction == "up" else (float("-inf"), -claim.threshold)


def _counts(claim: Claim, other: Claim) -> Relation:
    if (claim.direction, claim.threshold, set(claim.variants)) != (
        other.direction,
        other.threshold,
        set(other.variants),
    ):
        return ""
    return "agrees" if (claim.count, claim.low, claim.of) == (other.count, other.low, other.of) else "differs"


def _structural(claim: Claim, other: Claim) -> Relation:
    if claim.kind != other.kind or claim.fact != other.fact:
        return ""
    if not claim.fact:
        return "agrees" if plain(claim.statement) == plain(other.statement) else ""
    same = (claim.expected, claim.direction, claim.threshold) == (other.expected, other.direction, other.threshold)
    return "agrees" if same else "differs"


def wording(sentence: str, text: str) -> Relation:
    """The same of a passage that no claim was extracted from: its words, then its numbers."""
    words = {w for w in WORD.findall(sentence.casefold()) if w not in STOP and not w[0].isdigit()}
    numbers = {abs(v.number) for v in values(sentence)}
    there = set(WORD.findall(text.casefold()))
    if len(words) < 3 or len(words & there) < CONTAINED * len(words):
        return ""
    if not numbers:
        return "agrees"
    found = {abs(v.number) for v in values(text)}
    return "agrees" if numbers <= found else "differs" if found and not numbers & found else ""


def plain(text: str) -> str:
    """Letters and digits, for comparing sentences."""
    return re.sub(r"[^a-z0-9.]+", " ", text.casefold()).strip(" .")


class Said:
    """Every claim that was extracted anywhere, by what it could be about and by page: large corpora stay quick."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self.about: dict[str, list[Mention]] = {}
        self.pages: dict[tuple[str, int], list[Mention]] = {}
        for mention in mentions:
            self.pages.setdefault((mention.span.document, mention.span.page), []).append(mention)
            for key in _subjects(mention.claim):
                self.about.setdefault(key, []).append(mention)

    def like(self, claim: Claim) -> list[Mention]:
        """Mentions that :func:`relation` could say something of."""
        found = {id(m): m for key in _subjects(claim) for m in self.about.get(key, [])}
        return list(found.values())

    def within(self, passage: Passage) -> bool:
        """Whether a claim was extracted from a passage."""
        return any(_overlap(passage, m) for m in self.pages.get((passage.span.document, passage.span.page), []))


def _subjects(claim: Claim) -> list[str]:
    if claim.kind == "structural":
        return [f"fact {claim.fact or plain(claim.statement)}"]
    return list(dict.fromkeys(claim.benchmarks))


def find(statement: Statement, said: Said, index: Searcher | None, k: int) -> tuple[list[Passage], list[Passage]]:
    """Passages for and against a statement, best first: where it stands itself, and what says the same or otherwise.

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
            what = relation(claim, mention.claim)
        if not what or (what == "differs" and _place(mention.span) in own):
            continue
        score = max((hit.score for hit in hits if _overlap(hit, mention)), default=0.0)
        passage = Passage(span=mention.span, section=mention.section, score=score)
        (pro if what == "agrees" else con)[_place(mention.span)] = passage
    for hit in hits:
        if said.within(hit):
            continue
        what = wording(statement.mentions[0].span.text, hit.span.text)
        if what:
            (pro if what == "agrees" else con)[_place(hit.span)] = hit
    con = {place: passage for place, passage in con.items() if place not in pro}
    ranked = [sorted(side.values(), key=lambda p: (-p.score, p.span.document, p.span.start)) for side in (pro, con)]
    return ranked[0], ranked[1]


def _place(span: Span) -> Place:
    return span.document, span.page, span.start, span.end


def _overlap(hit: Passage, mention: Mention) -> bool:
    a, b = hit.span, mention.span
    return (a.document, a.page) == (b.document, b.page) and a.start < b.end and b.start < a.end
