"""Split a sentence into clauses: which method is compared with which reference on which benchmark, with which
numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from auxjepa_review.claims import phrases
from auxjepa_review.claims.lexicon import normalise
from auxjepa_review.claims.phrases import PREPOSITIONS
from auxjepa_review.claims.tokens import Kind, Token

VERBS: frozenset[Kind] = frozenset({"up", "down", "neutral", "top", "bottom", "apart"})
DIRECTIONS: frozenset[Kind] = frozenset({"up", "down", "top", "bottom"})
FILLERS = frozenset({"it", "also", "even", "then", "thus", "thereby", "still", "only", "slightly", "the"})
METHOD_KINDS: frozenset[Kind] = frozenset({"variant", "name", "reference"})
WITH = frozenset({"with", "using", "under", "on"})
COMPONENTS = frozenset({"backbone", "backbones", "architecture", "encoder", "encoders", "trunk"})


@dataclass
class Clause:
    """A clause with the roles of its tokens. Subjects that are not in the lexicon are marked `loose`."""

    tokens: list[Token]
    text: str
    subjects: list[Token] = field(default_factory=list)
    references: list[Token] = field(default_factory=list)
    benchmarks: list[Token] = field(default_factory=list)
    among: tuple[str, ...] = ()
    inferred: list[str] = field(default_factory=list)

    def has(self, *kinds: Kind) -> bool:
        """Check whether the clause has a token of one of these kinds."""
        return any(t.kind in kinds for t in self.tokens)

    @property
    def quantities(self) -> list[Token]:
        """Tokens that hold a number, in order."""
        return [t for t in self.tokens if t.quantity is not None]

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the subjects, each once, in order. A group that is followed by its members counts as these
        members."""
        listed = [n for t in self.subjects if not t.group for n in t.names]
        groups = [t for t in self.subjects if t.group]
        if listed and any(set(listed) <= set(g.names) for g in groups):
            groups = []
        return tuple(dict.fromkeys([n for g in groups for n in g.names] + listed))


def split_clauses(tokens: Sequence[Token], sentence: str) -> list[Clause]:
    """Return the clauses of a sentence in order. A clause without a subject or benchmark takes those of the clause
    before.

    Args:
        tokens: tokens of the sentence.
        sentence: text of the sentence.
    """
    clauses = [_roles(part, sentence) for part in _parts(list(tokens))]
    for before, clause in pairwise(clauses):
        if not clause.subjects and not clause.has("methods"):
            clause.subjects = list(before.subjects)
        if not clause.references and not clause.has("others"):
            clause.references = list(before.references)
        clause.among = clause.among or before.among
        if not clause.benchmarks and (clause.quantities or clause.has(*DIRECTIONS)):
            clause.benchmarks = list(before.benchmarks)
    return clauses


def _parts(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for i, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        is_exception = token.text.lower() == "but" and any(t.text.lower().startswith("no") for t in parts[-1][-2:])
        if (
            depth <= 0
            and parts[-1]
            and not is_exception
            and (token.kind == "break" or _opens_clause(parts[-1], tokens[i:]))
        ):
            parts.append([])
            if token.text.lower().startswith("at the"):  # at the cost of
                token = replace(token, kind="down")
            elif token.kind in ("break", "and"):
                continue
        parts[-1].append(token)
    return [p for p in parts if any(t.kind != "word" for t in p)]


def _opens_clause(left: list[Token], right: list[Token]) -> bool:
    """Check whether a conjunction opens a clause: the left part is complete, and a verb or a new subject follows."""
    if right[0].kind != "and":
        return False
    is_complete = any(t.kind in VERBS for t in left) and any(
        t.kind in ("benchmark", "quantity", "name", "others") for t in left
    )
    if not is_complete:
        return False
    following = [t for t in right if t.kind != "and"]
    if (
        len(following) > 1
        and following[0].text.lower() in ("second", "third", "fourth", "fifth", "last")
        and following[1].text.lower() == "on"
    ):
        return True
    words = 0
    for n, token in enumerate(following):
        if token.kind in ("up", "down", "neutral") and token.kind != "neutral":
            return words <= 2 and not _is_noun(token, following[n + 1 :])
        if token.kind == "neutral":
            return words <= 1
        if token.kind in ("variant", "reference") or (token.kind == "name" and _acts(following[n:])):
            last = next((t for t in reversed(left) if t.kind not in ("word", "and", "metric", "close", "open")), None)
            return not (last and last.kind in METHOD_KINDS) or _acts(following[n:])
        if token.kind != "word" and token.kind not in ("pronoun", "unless", "methods"):
            return token.kind == "quantity" and token.quantity is not None and token.quantity.what == "count"
        words += token.kind == "word" and token.text.lower() not in FILLERS
        if words > 2:
            return False
    return False


def _is_noun(token: Token, following: list[Token]) -> bool:
    """Check whether a word of direction continues a list as a noun (``and a gain of``) and opens no clause (``and
    gains``)."""
    word = token.text.lower()
    if word in ("higher", "better", "worse", "lower", "above", "below", "weaker", "stronger"):
        return not any(t.kind == "quantity" for t in following[:3])
    return bool(following) and following[0].text.lower() in ("of", "in") and not word.endswith("ing")


def _acts(following: list[Token]) -> bool:
    """Check whether a verb or a number follows a name."""
    for token in following[1:5]:
        if token.kind in VERBS or token.kind == "quantity" or token.kind == "unless":
            return True
        if token.kind == "word" and token.text.lower() in PREPOSITIONS:
            return False
        if token.kind in ("benchmark", "regime", "break"):
            return False
    return False


def _roles(tokens: list[Token], sentence: str) -> Clause:
    clause = Clause(tokens, sentence[tokens[0].start : tokens[-1].end])
    is_comparing = has_verb = is_skipping = False
    previous = ""
    for i, token in enumerate(tokens):
        kind = token.kind
        if kind == "than":
            is_comparing = _compares(tokens[i + 1 :])
        elif kind in ("without", "ablate"):
            is_skipping = True
        elif (
            kind in METHOD_KINDS
            and re.search(r"\breplac(?:ing|ed?)$", previous)
            and re.match(r"by|with", _next(tokens, i))
        ):
            clause.references.append(token)
        elif token.beats:
            is_comparing, has_verb = True, True
        elif kind == "name" and _is_part(tokens, i):
            pass
        elif kind in METHOD_KINDS and not (kind == "name" and _is_place(tokens, i, previous, has_verb, is_comparing)):
            if is_skipping:
                clause.inferred += ["ablated"] if not clause.subjects else []
            elif kind == "variant" and token.group == "ablation":
                clause.among = token.names
            elif is_comparing or kind == "reference":
                clause.references.append(token)
            elif not has_verb or not clause.subjects or _is_listed(tokens, i):
                clause.subjects.append(token)
        elif kind == "benchmark" or kind == "name":
            clause.benchmarks.append(token)
        elif kind in VERBS:
            has_verb, is_comparing, is_skipping = True, is_comparing and kind not in ("up", "down", "neutral"), False
        if kind in ("and", "word", "open", "close", "quantity"):
            is_followed = any(t.kind in METHOD_KINDS for t in tokens[i + 1 : i + 3])
            is_listed = token.text == "," and is_followed and has_verb  # "Compared with LD, FWM gains" is no list
            if (
                kind in ("close", "quantity")
                or token.text.lower() in PREPOSITIONS
                or (token.text == "," and not is_listed)
            ):
                is_comparing = is_skipping = False
        if kind != "and":
            previous = token.text.lower()
    if _begins_with_condition(tokens, clause.subjects):
        clause.subjects.pop(0)
    if not clause.subjects:
        clause.subjects += phrases.find_subject(tokens, sentence, VERBS)
    if not clause.references and not clause.has("others"):
        clause.references += phrases.find_reference(tokens)
    if not clause.benchmarks:
        clause.benchmarks = [
            Token("benchmark", t.start, t.end, t.text, (normalise(t.text),))
            for t in tokens
            if t.kind == "metric" and _is_benchmark(t)
        ][:1]
    return clause


def _is_part(tokens: list[Token], i: int) -> bool:
    """Check whether an unknown name is a component and no method: ``with a ResNet-50 backbone``."""
    return _next(tokens, i) in COMPONENTS and any(t.text.lower() in WITH for t in tokens[max(i - 2, 0) : i])


def _begins_with_condition(tokens: list[Token], subjects: list[Token]) -> bool:
    """Check whether the first of two unknown names is a condition: ``With ResNet-50, GateNet gains``."""
    if len(subjects) < 2 or tokens[0].text.lower() not in WITH or any(t.kind != "name" for t in subjects[:2]):
        return False
    first, second = (tokens.index(t) for t in subjects[:2])
    verb = second + 1 < len(tokens) and (tokens[second + 1].kind in VERBS or tokens[second + 1].beats)
    return first <= 2 and second == first + 2 and tokens[first + 1].text == "," and verb


def _next(tokens: list[Token], i: int) -> str:
    return tokens[i + 1].text.lower() if i + 1 < len(tokens) else ""


def _is_benchmark(token: Token) -> bool:
    return not token.text.lower().startswith(("accurac", "score", "error"))


def _compares(following: list[Token]) -> bool:
    """Check whether a preposition compares: ``over the baseline`` does, ``over 5 points`` and ``over training`` do
    not."""
    for token in following[:5]:
        if token.kind in METHOD_KINDS:
            return True
        if token.kind in ("quantity", "benchmark", "open") or token.kind in VERBS:
            return False
    return False


def _is_place(tokens: list[Token], i: int, previous: str, has_verb: bool, is_comparing: bool) -> bool:
    """Check whether an unknown name is a benchmark: after ``on``, as the object of a verb, or next to a number in
    brackets."""
    if previous in ("on", "in", "for", "at"):
        return True
    if is_comparing or previous in ("with", "by", "using", "of", "from", "than"):
        return False
    if previous == "the" and i > 1:
        return _is_place(tokens, i - 1, tokens[i - 2].text.lower(), has_verb, is_comparing)
    last = next((t for t in reversed(tokens[:i]) if t.kind in ("benchmark", "variant", "name")), None)
    if has_verb and last is not None and tokens[i - 1].kind == "and" and last.kind == "benchmark":
        return True
    return has_verb


def _is_listed(tokens: list[Token], i: int) -> bool:
    """Check whether a name continues the subject, in brackets (``pixel prediction (AC, FAC)``) or after a comma or
    ``and``."""
    back = [t for t in tokens[:i] if t.kind != "word"]
    while back and (back[-1].kind in ("and", "open") or back[-1].kind in ("variant", "name")):
        if back[-1].kind in ("variant", "name"):
            return True
        back.pop()
    return False
