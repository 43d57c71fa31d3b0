"""Clauses of a sentence, each with who is spoken of, against what, on what, and by how much."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from auxjepa_review.claims import phrases
from auxjepa_review.claims.lexicon import normalised
from auxjepa_review.claims.phrases import PREPOSITIONS
from auxjepa_review.claims.tokens import Kind, Token

VERBS: frozenset[Kind] = frozenset({"up", "down", "neutral", "top", "bottom", "apart"})
WAYS: frozenset[Kind] = frozenset({"up", "down", "top", "bottom"})
LIGHT = frozenset({"it", "also", "even", "then", "thus", "thereby", "still", "only", "slightly", "the"})
THINGS: frozenset[Kind] = frozenset({"variant", "name", "reference"})
WITH = frozenset({"with", "using", "under", "on"})
PARTS = frozenset({"backbone", "backbones", "architecture", "encoder", "encoders", "trunk"})


@dataclass
class Clause:
    """What a clause speaks of. ``loose`` subjects are phrases that no lexicon knows."""

    tokens: list[Token]
    text: str
    subjects: list[Token] = field(default_factory=list)
    references: list[Token] = field(default_factory=list)
    benchmarks: list[Token] = field(default_factory=list)
    among: tuple[str, ...] = ()
    inferred: list[str] = field(default_factory=list)

    def has(self, *kinds: Kind) -> bool:
        """Whether a token of one of these kinds is there."""
        return any(t.kind in kinds for t in self.tokens)

    @property
    def quantities(self) -> list[Token]:
        """Tokens with a number, in order."""
        return [t for t in self.tokens if t.quantity is not None]

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the subjects, once each, in order; a group that is followed by its list is the list."""
        listed = [n for t in self.subjects if not t.group for n in t.names]
        groups = [t for t in self.subjects if t.group]
        if listed and any(set(listed) <= set(g.names) for g in groups):
            groups = []
        return tuple(dict.fromkeys([n for g in groups for n in g.names] + listed))


def split(tokens: Sequence[Token], sentence: str) -> list[Clause]:
    """Clauses in order, with their roles; a clause without subject (or benchmark) takes the one before's."""
    clauses = [_roles(part, sentence) for part in _parts(list(tokens))]
    for before, clause in pairwise(clauses):
        if not clause.subjects and not clause.has("methods"):
            clause.subjects = list(before.subjects)
        if not clause.references and not clause.has("others"):
            clause.references = list(before.references)
        clause.among = clause.among or before.among
        if not clause.benchmarks and (clause.quantities or clause.has(*WAYS)):
            clause.benchmarks = list(before.benchmarks)
    return clauses


def _parts(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for i, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        excepting = token.text.lower() == "but" and any(t.text.lower().startswith("no") for t in parts[-1][-2:])
        if depth <= 0 and parts[-1] and not excepting and (token.kind == "break" or _opens(parts[-1], tokens[i:])):
            parts.append([])
            if token.text.lower().startswith("at the"):  # at the cost of
                token = replace(token, kind="down")
            elif token.kind in ("break", "and"):
                continue
        parts[-1].append(token)
    return [p for p in parts if any(t.kind != "word" for t in p)]


def _opens(left: list[Token], right: list[Token]) -> bool:
    """Whether a conjunction opens a clause: the left side has said something, and a verb or a new subject follows."""
    if right[0].kind != "and":
        return False
    said = any(t.kind in VERBS for t in left) and any(
        t.kind in ("benchmark", "quantity", "name", "others") for t in left
    )
    if not said:
        return False
    rest = [t for t in right if t.kind != "and"]
    if (
        len(rest) > 1
        and rest[0].text.lower() in ("second", "third", "fourth", "fifth", "last")
        and rest[1].text.lower() == "on"
    ):
        return True
    words = 0
    for n, token in enumerate(rest):
        if token.kind in ("up", "down", "neutral") and token.kind != "neutral":
            return words <= 2 and not _noun(token, rest[n + 1 :])
        if token.kind == "neutral":
            return words <= 1
        if token.kind in ("variant", "reference") or (token.kind == "name" and _acts(rest[n:])):
            last = next((t for t in reversed(left) if t.kind not in ("word", "and", "metric", "close", "open")), None)
            return not (last and last.kind in THINGS) or _acts(rest[n:])
        if token.kind != "word" and token.kind not in ("pronoun", "unless", "methods"):
            return token.kind == "quantity" and token.quantity is not None and token.quantity.what == "count"
        words += token.kind == "word" and token.text.lower() not in LIGHT
        if words > 2:
            return False
    return False


def _noun(token: Token, rest: list[Token]) -> bool:
    """``and a gain of`` and ``and higher`` go on with a list; ``and gains`` and ``and loses`` open a clause."""
    word = token.text.lower()
    if word in ("higher", "better", "worse", "lower", "above", "below", "weaker", "stronger"):
        return not any(t.kind == "quantity" for t in rest[:3])
    return bool(rest) and rest[0].text.lower() in ("of", "in") and not word.endswith("ing")


def _acts(rest: list[Token]) -> bool:
    """Whether a name is followed by a verb or a number."""
    for token in rest[1:5]:
        if token.kind in VERBS or token.kind == "quantity" or token.kind == "unless":
            return True
        if token.kind == "word" and token.text.lower() in PREPOSITIONS:
            return False
        if token.kind in ("benchmark", "regime", "break"):
            return False
    return False


def _roles(tokens: list[Token], sentence: str) -> Clause:
    clause = Clause(tokens, sentence[tokens[0].start : tokens[-1].end])
    comparing = acted = skipping = False
    previous = ""
    for i, token in enumerate(tokens):
        kind = token.kind
        if kind == "than":
            comparing = _compares(tokens[i + 1 :])
        elif kind in ("without", "ablate"):
            skipping = True
        elif kind in THINGS and re.search(r"\breplac(?:ing|ed?)$", previous) and re.match(r"by|with", _next(tokens, i)):
            clause.references.append(token)
        elif token.beats:
            comparing, acted = True, True
        elif kind == "name" and _is_part(tokens, i):
            pass
        elif kind in THINGS and not (kind == "name" and _is_place(tokens, i, previous, acted, comparing)):
            if skipping:
                clause.inferred += ["ablated"] if not clause.subjects else []
            elif kind == "variant" and token.group == "ablation":
                clause.among = token.names
            elif comparing or kind == "reference":
                clause.references.append(token)
            elif not acted or not clause.subjects or _listed(tokens, i):
                clause.subjects.append(token)
        elif kind == "benchmark" or kind == "name":
            clause.benchmarks.append(token)
        elif kind in VERBS:
            acted, comparing, skipping = True, comparing and kind not in ("up", "down", "neutral"), False
        if kind in ("and", "word", "open", "close", "quantity"):
            followed = any(t.kind in THINGS for t in tokens[i + 1 : i + 3])
            listed = token.text == "," and followed and acted  # "Compared with LD, FWM gains" isn't
            if (
                kind in ("close", "quantity")
                or token.text.lower() in PREPOSITIONS
                or (token.text == "," and not listed)
            ):
                comparing = skipping = False
        if kind != "and":
            previous = token.text.lower()
    if _led(tokens, clause.subjects):
        clause.subjects.pop(0)
    if not clause.subjects:
        clause.subjects += phrases.subject(tokens, sentence, VERBS)
    if not clause.references and not clause.has("others"):
        clause.references += phrases.reference(tokens)
    if not clause.benchmarks:
        clause.benchmarks = [
            Token("benchmark", t.start, t.end, t.text, (normalised(t.text),))
            for t in tokens
            if t.kind == "metric" and _named(t)
        ][:1]
    return clause


def _is_part(tokens: list[Token], i: int) -> bool:
    """Whether an unknown name is what a method was tried with: ``with a ResNet-50 backbone``."""
    return _next(tokens, i) in PARTS and any(t.text.lower() in WITH for t in tokens[max(i - 2, 0) : i])


def _led(tokens: list[Token], subjects: list[Token]) -> bool:
    """Whether the first of two unknown names is a condition: ``With ResNet-50, GateNet gains``."""
    if len(subjects) < 2 or tokens[0].text.lower() not in WITH or any(t.kind != "name" for t in subjects[:2]):
        return False
    first, second = (tokens.index(t) for t in subjects[:2])
    verb = second + 1 < len(tokens) and (tokens[second + 1].kind in VERBS or tokens[second + 1].beats)
    return first <= 2 and second == first + 2 and tokens[first + 1].text == "," and verb


def _next(tokens: list[Token], i: int) -> str:
    return tokens[i + 1].text.lower() if i + 1 < len(tokens) else ""


def _named(token: Token) -> bool:
    return not token.text.lower().startswith(("accurac", "score", "error"))


def _compares(rest: list[Token]) -> bool:
    """``over the baseline`` compares; ``over 5 points`` and ``over training`` don't."""
    for token in rest[:5]:
        if token.kind in THINGS:
            return True
        if token.kind in ("quantity", "benchmark", "open") or token.kind in VERBS:
            return False
    return False


def _is_place(tokens: list[Token], i: int, previous: str, acted: bool, comparing: bool) -> bool:
    """Whether an unknown name is a benchmark: after ``on``, or the object of a verb, or beside a number in brackets."""
    if previous in ("on", "in", "for", "at"):
        return True
    if comparing or previous in ("with", "by", "using", "of", "from", "than"):
        return False
    if previous == "the" and i > 1:
        return _is_place(tokens, i - 1, tokens[i - 2].text.lower(), acted, comparing)
    last = next((t for t in reversed(tokens[:i]) if t.kind in ("benchmark", "variant", "name")), None)
    if acted and last is not None and tokens[i - 1].kind == "and" and last.kind == "benchmark":
        return True
    return acted


def _listed(tokens: list[Token], i: int) -> bool:
    """In brackets right after a subject, as ``pixel prediction (AC, FAC)``; or joined to one by a comma or ``and``."""
    back = [t for t in tokens[:i] if t.kind != "word"]
    while back and (back[-1].kind in ("and", "open") or back[-1].kind in ("variant", "name")):
        if back[-1].kind in ("variant", "name"):
            return True
        back.pop()
    return False
