"""Statements about networks and code: sizes, and what a part is said to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auxjepa_review.claims.clauses import Clause
from auxjepa_review.claims.form import Form
from auxjepa_review.claims.lexicon import Fact

_HAS = re.compile(
    r"\b(?:produc|ha[sd]\b|have\b|us(?:es?|ed|ing)\b|output|giv|yield|contain|consist|compris|map|embed|emit|return|is\b|are\b|predict|"
    r"project|encod|with\b)",
    re.I,
)

_MODEL = re.compile(
    r"\b(?:models?|networks?|encoders?|decoders?|backbones?|predictors?|transformers?|ViTs?|embeddings?|features?)\b",
    re.I,
)
_DENIED = re.compile(r"\b(?:not|never|no|off|without)\b|n't\b", re.I)
SIZES = ("dimensions", "channels", "layers", "heads", "parameters")


def structural(clauses: Sequence[Clause], text: str, facts: Sequence[Fact], measured: bool) -> Iterator[Form]:
    """Facts of the lexicon that a sentence states, and sizes that no fact speaks of.

    Args:
        measured: whether the sentence has claims with numbers already; a fact that needs no number is still read.
    """
    sizes = [t.quantity for c in clauses for t in c.quantities if t.quantity and t.quantity.what == "dimension"]
    used = False
    for fact in facts:
        if not all(re.search(word, text, re.I) for word in fact.words):
            continue
        if not fact.number and _DENIED.search(text):
            continue
        number = next((q for q in sizes if q.noun == fact.number), None)
        if fact.number and number is None:
            continue
        used |= number is not None
        yield Form(
            kind="structural",
            variants=fact.variants,
            regime=fact.regime,
            direction=fact.direction,
            expected=number.low if number else fact.expected,
            fact=fact.fact,
            topic=fact.topic,
        )
    sizes = [q for q in sizes if q.noun in SIZES]
    if sizes and not used and not measured and _HAS.search(text) and (_MODEL.search(text) or clauses[0].variants):
        for q in sizes:
            who = clauses[0].variants if not all(t.loose for t in clauses[0].subjects) else ()
            yield Form(kind="structural", variants=who, expected=q.low, topic=f"{' '.join(who) or 'network'} {q.noun}")
