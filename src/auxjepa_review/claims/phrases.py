"""Recognise phrases as names if they are not in the lexicon: before a verb, or after ``outperforms``."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from auxjepa_review.claims import cues
from auxjepa_review.claims.lexicon import normalise
from auxjepa_review.claims.tokens import Kind, Token

PREPOSITIONS = frozenset({"on", "for", "in", "at", "to"})
PROPOSED_METHOD = "proposed_method"
"""Name of the authors' own method. Merging keeps the methods of different documents separate."""
MAX_WORDS = 4
"""Largest number of words of a phrase that counts as a name."""
_PROPOSED = re.compile(
    r"\b(?:our|the\s+proposed|the\s+new|this)\s+(?:\w+\s+)?"
    r"(?:method|model|approach|system|objective|framework|architecture)\b",
    re.I,
)
_LEADING_WORDS = re.compile(r"(?:(?:the|a|an|our|their|using|adding|with|training\s+with)\s+)*", re.I)
_ADVERBS = frozenset(
    {"also", "even", "further", "consistently", "slightly", "clearly", "significantly", "then", "only"}
)
_ENDS = PREPOSITIONS | {"by", "with", "when", "as"}


def find_subject(tokens: Sequence[Token], sentence: str, verbs: Collection[Kind]) -> list[Token]:
    """Return the words before the first verb if they can name a method; ``proposed_method`` for the authors' own.

    Args:
        tokens: tokens of the clause.
        sentence: text of the sentence.
        verbs: kinds of tokens that are verbs.
    """
    start, end = tokens[0].start, tokens[-1].end
    verb = next((t for t in tokens if t.kind in verbs), None)
    own_method = _PROPOSED.search(sentence, start, end)
    if own_method is not None and (verb is None or own_method.start() < verb.start):
        return [Token("name", own_method.start(), own_method.end(), own_method[0], (PROPOSED_METHOD,), loose=True)]
    if verb is None or any(t.kind in ("methods", "pronoun") for t in tokens):
        return []
    if any(t.kind not in ("word", "neutral") for t in tokens if t.end <= verb.start):
        return []
    words = re.findall(r"[A-Za-z][\w-]*", _LEADING_WORDS.sub("", sentence[start : verb.start].strip(), count=1))
    if words and words[-1].lower() in _ADVERBS:
        words.pop()
    if not _is_name(words) or {w.lower() for w in words} & PREPOSITIONS:
        return []
    name = " ".join(words)
    return [Token("name", start, verb.start, name, (normalise(name),), loose=True)]


def find_reference(tokens: Sequence[Token]) -> list[Token]:
    """Return the words after ``outperforms`` or ``than`` as the reference of the comparison."""
    start = next((i for i, t in enumerate(tokens) if t.beats or t.text.lower() == "than"), None)
    phrase: list[Token] = []
    for t in tokens[start + 1 :] if start is not None else ():
        if t.kind not in ("word", "top", "methods") or t.text.lower() in _ENDS or not t.text[0].isalpha():
            break
        phrase.append(t)
    words = [w for t in phrase for w in t.text.split() if w.lower() not in ("the", "a", "an", "its", "their")]
    if not _is_name(words) or {w.lower() for w in words} & {"of", "expected"}:
        return []
    name = " ".join(words)
    return [Token("reference", phrase[0].start, phrase[-1].end, name, (normalise(name),), loose=True)]


def _is_name(words: Sequence[str]) -> bool:
    return 1 <= len(words) <= MAX_WORDS and not {w.lower() for w in words} & set(cues.words().no_subjects["words"])
