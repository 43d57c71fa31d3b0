"""Names that no lexicon has and no capital marks: phrases before a verb or after ``outperforms``."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from auxjepa_review.claims import cues
from auxjepa_review.claims.lexicon import normalised
from auxjepa_review.claims.tokens import Kind, Token

PREPOSITIONS = frozenset({"on", "for", "in", "at", "to"})
OWN = "proposed_method"
"""The authors' own method, whatever they call it; merging keeps it apart from that of other documents."""
LONGEST = 4
"""Words of a phrase that is taken for a name."""
_OWN = re.compile(
    r"\b(?:our|the\s+proposed|the\s+new|this)\s+(?:\w+\s+)?"
    r"(?:method|model|approach|system|objective|framework|architecture)\b",
    re.I,
)
_LEAD = re.compile(r"(?:(?:the|a|an|our|their|using|adding|with|training\s+with)\s+)*", re.I)
_ADVERBS = frozenset(
    {"also", "even", "further", "consistently", "slightly", "clearly", "significantly", "then", "only"}
)
_ENDS = PREPOSITIONS | {"by", "with", "when", "as"}


def subject(tokens: Sequence[Token], sentence: str, verbs: Collection[Kind]) -> list[Token]:
    """The words before the first verb, where they can name a method; ``proposed_method`` for the authors' own."""
    start, end = tokens[0].start, tokens[-1].end
    verb = next((t for t in tokens if t.kind in verbs), None)
    own = _OWN.search(sentence, start, end)
    if own is not None and (verb is None or own.start() < verb.start):
        return [Token("name", own.start(), own.end(), own[0], (OWN,), loose=True)]
    if verb is None or any(t.kind in ("methods", "pronoun") for t in tokens):
        return []
    if any(t.kind not in ("word", "neutral") for t in tokens if t.end <= verb.start):
        return []
    words = re.findall(r"[A-Za-z][\w-]*", _LEAD.sub("", sentence[start : verb.start].strip(), count=1))
    if words and words[-1].lower() in _ADVERBS:
        words.pop()
    if not _name(words) or {w.lower() for w in words} & PREPOSITIONS:
        return []
    name = " ".join(words)
    return [Token("name", start, verb.start, name, (normalised(name),), loose=True)]


def reference(tokens: Sequence[Token]) -> list[Token]:
    """The words after ``outperforms`` or ``than`` as what is compared with."""
    at = next((i for i, t in enumerate(tokens) if t.beats or t.text.lower() == "than"), None)
    rest: list[Token] = []
    for t in tokens[at + 1 :] if at is not None else ():
        if t.kind not in ("word", "top", "methods") or t.text.lower() in _ENDS or not t.text[0].isalpha():
            break
        rest.append(t)
    words = [w for t in rest for w in t.text.split() if w.lower() not in ("the", "a", "an", "its", "their")]
    if not _name(words) or {w.lower() for w in words} & {"of", "expected"}:
        return []
    name = " ".join(words)
    return [Token("reference", rest[0].start, rest[-1].end, name, (normalised(name),), loose=True)]


def _name(words: Sequence[str]) -> bool:
    return 1 <= len(words) <= LONGEST and not {w.lower() for w in words} & set(cues.words().no_subjects["words"])
